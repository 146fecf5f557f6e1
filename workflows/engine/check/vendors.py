"""Extensions of other vendors (BPMN 2.0.2 §8.3.3): what is harmless is listed, what would change the run is refused.

A tool need not understand an extension, but ignoring one that decides who works, what runs or which data pass would
be running something else than what was drawn. Unknown namespaces are listed once a file.
"""

from __future__ import annotations

from workflows.engine.check.report import Report
from workflows.engine.dialects.vendors import VENDORS
from workflows.engine.model import BPMN, ZC, Arrow, Document, Node, Root, Sketch

# Not vendors of behaviour: the drawing and the schema.
_QUIET = frozenset(
    {
        BPMN,
        ZC,
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/2001/XMLSchema",
        "http://www.w3.org/XML/1998/namespace",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://bpmn.io/schema/bpmn",
        "http://camunda.org/schema/modeler/1.0",
        "http://www.bpsim.org/schemas/1.0",
        "http://www.jboss.org/drools/flow/gpd",
        "http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0",
    }
)


# Where our own attributes and extension elements may stand.
_OWN = {
    "process": {"clause", "title", "deadline", "classification", "recuse", "copy", "unit"},
    "node": {
        "owner",
        "form",
        "deadline",
        "clause",
        "sign",
        "decision",
        "operation",
        "result",
        "topic",
        "priority",
        "recuse",
    },
    "loop": {"collection", "item", "output", "outputItem"},
    "event": {"deadline", "clause"},
    "element": {"in", "out", "input"},
    "child": {"unit"},  # of calls and of multi-instance sub-processes
    "person": {"copy"},  # of steps that a person does
    "start": {"unit", "catchUp"},  # of start events of a process
}


_BY_PERSONS = frozenset({"userTask", "manualTask", "task"})


def check_own(report: Report, file: str, subject: Sketch | Node) -> None:
    """Warn of ``zc:`` names without a meaning: a misspelt owner or limit must not go unseen."""
    named = [("process" if isinstance(subject, Sketch) else "node", name) for name in subject.zc]
    if isinstance(subject, Node):
        named += subject.own
    for place, name in named:
        more = _more_of(subject) if isinstance(subject, Node) and place == "node" else set()
        if name not in _OWN[place] | more:
            report.add("own-extension-unknown", file, subject, name=name, construct=f"zc:{name}")


def _more_of(node: Node) -> set[str]:
    """Return what only some nodes may carry."""
    if node.tag in _BY_PERSONS:
        return _OWN["person"]
    if node.tag == "startEvent" and not node.scope:
        return _OWN["start"]
    has_children = node.tag == "callActivity" or (node.tag == "subProcess" and node.loop is not None)
    return _OWN["child"] if has_children else set()


def check_vendors(report: Report, document: Document) -> None:
    """List the namespaces of a file that nobody here knows."""
    for uri in document.namespaces:
        if uri not in _QUIET and uri not in VENDORS:
            report.add("unknown-namespace", document.file, document, namespace=uri, construct="namespace")


def check_foreign(report: Report, file: str, subject: Sketch | Node | Arrow | Root, *, fallback: str = "") -> None:
    """Report what the translation of a dialect has said of one element."""
    for remark in subject.remarks:
        names = ", ".join(dict.fromkeys(remark.names))
        report.add(
            remark.code,
            file,
            subject,
            fallback=fallback,
            names=names,
            namespace=remark.vendor,
            detail=remark.detail,
            construct=f"{remark.vendor}:{names}" if remark.vendor else "",
        )

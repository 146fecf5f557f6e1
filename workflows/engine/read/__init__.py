"""Read: bytes → XML that can do no harm → the neutral model. Every fault is a ``Finding``, never an exception."""

from __future__ import annotations

from workflows.engine.limits import Limits
from workflows.engine.model import BPMN, Document
from workflows.engine.read.document import read_document
from workflows.engine.types import FileContent, Finding, Severity
from workflows.engine.xml import XmlFault, local_name, namespace, parse_xml

__all__ = ["read_file"]

_OLDER = (
    "http://schema.omg.org/spec/BPMN/2.0",
    "http://www.bpmi.org",
    "http://www.wfmc.org",
    "http://www.omg.org/bpmn20",
)


def read_file(file: FileContent, limits: Limits) -> tuple[Document | None, list[Finding]]:
    """Read one BPMN file; no document when it is none, with the finding that says why."""
    try:
        root = parse_xml(file.content, limits=limits)
    except XmlFault as fault:
        return None, [fault.as_finding(file.path)]
    if namespace(root) != BPMN or local_name(root) != "definitions":
        return None, [_not_bpmn(file, namespace(root), local_name(root), root.get("id") or "")]
    return read_document(root, file.path), []


def _not_bpmn(file: FileContent, uri: str, name: str, element_id: str) -> Finding:
    hint = "Export the diagram as BPMN 2.0 XML."
    if uri.startswith(_OLDER):
        hint = "This is an older or another format; export the diagram as BPMN 2.0 XML."
    return Finding(
        Severity.ERROR,
        "not-bpmn",
        f"Expected the root bpmn:definitions of BPMN 2.0, but it is {name!r} of {uri or 'no namespace'!r}.",
        hint,
        file=file.path,
        element_id=element_id,
        construct=name,
        params={"root": name, "namespace": uri},
    )

"""Read: bytes → XML that can do no harm → the neutral model. Every fault is a ``Finding``, never an exception."""

from __future__ import annotations

from workflows.engine.check.catalogue import MESSAGES
from workflows.engine.limits import Limits
from workflows.engine.model import BPMN, Document
from workflows.engine.read.document import read_document
from workflows.engine.read.tags import NODES
from workflows.engine.types import FileContent, Finding, Severity
from workflows.engine.xml import XmlFault, local_name, namespace, parse_xml

__all__ = ["read_file"]

# Flow elements: whatever is more than these is decoration, and bounded by the number of XML elements.
_COUNTED = NODES | {"sequenceFlow", "process"}
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
    count = sum(1 for element in root.iter() if namespace(element) == BPMN and local_name(element) in _COUNTED)
    if count > limits.max_elements:
        return None, [_too_many(file, count, limits.max_elements, root.get("id") or "")]
    return read_document(root, file.path), []


def _too_many(file: FileContent, count: int, limit: int, element_id: str) -> Finding:
    severity, message, hint = MESSAGES["too-many-elements"]
    params = {"element": element_id, "construct": "definitions", "count": count, "limit": limit}
    return Finding(
        severity,
        "too-many-elements",
        message.format(**params),
        hint,
        file=file.path,
        element_id=element_id,
        construct="definitions",
        params=params,
    )


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

"""Diagrams in the words of other tools: the namespaces, and a process around one element."""

from __future__ import annotations

from tests.engine.scene import compiled, definitions, node, process
from workflows.engine import Compilation

NAMESPACES = {
    "activiti": "http://activiti.org/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "drools": "http://www.jboss.org/drools",
    "tns": "http://www.jboss.org/drools",
}


def extended(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def in_dialects(content: bytes) -> bytes:
    """Declare the namespaces of all dialects."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return content.replace(b"<bpmn:definitions ", f"<bpmn:definitions {declared} ".encode(), 1)


def upload(drawn: str, arrows: str = "s > A\n A > e", *others: str) -> Compilation:
    return compiled(in_dialects(definitions(process(drawn, arrows), *others)))


def with_element(tag: str, inner: str = "", attributes: str = "") -> Compilation:
    """Upload a process with one element ``A`` between start and end."""
    drawn = node(tag, "A", inner).replace(f'<bpmn:{tag} id="A"', f'<bpmn:{tag} id="A" {attributes}', 1)
    return upload(drawn)


def told(compilation: Compilation) -> list[tuple[str, str]]:
    """List (code, element) of all findings."""
    return [(finding.code, finding.element_id) for finding in compilation.findings]

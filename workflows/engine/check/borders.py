"""Events on the border of an activity and at the start of an event sub-process (BPMN 2.0.2 §10.5.4, §10.5.2)."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.graph import Graph, host_of
from workflows.engine.check.report import Report
from workflows.engine.model import Document, Node

_ACTIVITIES = frozenset(
    {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask"}
    | {"subProcess", "transaction", "adHocSubProcess", "callActivity"}
)


class BorderCheck:
    """Checks where such events hang, and that no two of one place catch the same."""

    def __init__(self, report: Report, document: Document, graph: Graph) -> None:
        self.report = report
        self.document = document
        self.graph = graph
        self.first_to_catch: dict[tuple[str, str, str], str] = {}

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.document.file, node, **params)

    def check(self, node: Node) -> None:
        """Check a boundary event."""
        host = self.graph.nodes.get(host_of(node))
        if host is None or host.scope != node.scope:
            self._add("boundary-host-missing", node)
            return
        if host.tag not in _ACTIVITIES or host.flag("triggeredByEvent"):
            self._add("boundary-host-not-activity", node)
            return
        kinds = {event.kind for event in node.events}
        if not self.graph.out.get(node.id) and "compensate" not in kinds:
            self._add("boundary-without-outgoing", node)
        if "error" in kinds and not node.flag("cancelActivity", default=True):
            self._add("error-boundary-must-interrupt", node)
        self._check_rivals(node, host.id, "boundary-ambiguous")
        if kinds <= {"error", "escalation"} and kinds and self._never_happens(host, kinds):
            self._add("boundary-never-happens", node, host=host.name or host.id)

    def check_handler(self, node: Node) -> None:
        """Check the start event of an event sub-process."""
        kinds = {event.kind for event in node.events}
        if "error" in kinds and not node.flag("isInterrupting", default=True):
            self._add("error-start-must-interrupt", node)
        handler = self.graph.nodes[node.scope]
        self._check_rivals(node, f"{handler.scope}#", "handler-ambiguous")

    def _check_rivals(self, node: Node, place: str, code: str) -> None:
        """Two events of one place that catch the same error or escalation: which one is meant cannot be told."""
        for event in node.events:
            if event.kind not in ("error", "escalation"):
                continue
            root = self.document.roots.get(event.ref)
            caught = (place, event.kind, root.code if root is not None else "")
            if self.first_to_catch.setdefault(caught, node.path) != node.path:
                self._add(code, node)

    def _never_happens(self, host: Node, kinds: set[str]) -> bool:
        if host.tag in ("callActivity", "serviceTask", "subProcess", "transaction", "adHocSubProcess"):
            return host.tag == "serviceTask" and "escalation" in kinds
        return True

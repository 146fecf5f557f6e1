"""Which event may stand where (BPMN 2.0.2 §10.5, Tables 10.84–10.93), and whether it says what it must."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.graph import Graph, host_of
from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_functions
from workflows.engine.model import Document, EventDefinition, Node
from workflows.engine.texts import TextFault, compile_timer

_NOT_YET = {
    "signal": "signal-event-not-supported",
    "conditional": "conditional-event-not-supported",
    "link": "link-event-not-supported",
    "compensate": "compensation-event-not-supported",
    "cancel": "cancel-event-not-supported",
}
# position -> (run here, legal but not run here); anything else is illegal there
_POSITIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "startEvent": (frozenset({"message", "timer"}), frozenset({"signal", "conditional"})),
    "intermediateCatchEvent": (frozenset({"message", "timer"}), frozenset({"signal", "conditional", "link"})),
    "intermediateThrowEvent": (frozenset({"message", "escalation"}), frozenset({"signal", "link", "compensate"})),
    "boundaryEvent": (
        frozenset({"message", "timer", "error", "escalation"}),
        frozenset({"signal", "conditional", "compensate", "cancel"}),
    ),
    "endEvent": (
        frozenset({"message", "error", "escalation", "terminate"}),
        frozenset({"signal", "compensate", "cancel"}),
    ),
}
_WAITING = ("intermediateCatchEvent", "boundaryEvent")
_ACTIVITIES = frozenset(
    {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask"}
    | {"subProcess", "transaction", "adHocSubProcess", "callActivity"}
)


class EventCheck:
    """Checks the events of one process."""

    def __init__(self, report: Report, document: Document, graph: Graph) -> None:
        self.report = report
        self.document = document
        self.graph = graph
        self.first_to_catch: dict[tuple[str, str, str], str] = {}

    def check(self, node: Node) -> None:
        """Check one event."""
        if node.tag == "boundaryEvent":
            self._check_border(node)
        if node.tag == "startEvent" and node.scope:
            self._check_inner_start(node)
            return
        if len(node.events) > 1:
            parallel = node.flag("parallelMultiple")
            self._add("parallel-multiple-event-not-supported" if parallel else "multiple-event-not-supported", node)
            return
        if not node.events:
            if node.tag in _WAITING:
                self._add("event-definition-missing", node)
            return
        self._check_definition(node, node.events[0])

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.document.file, node, **params)

    def _check_inner_start(self, node: Node) -> None:
        scope = self.graph.nodes.get(node.scope)
        if node.events and not (scope is not None and scope.flag("triggeredByEvent")):
            self._add("start-event-not-none", node)

    def _check_definition(self, node: Node, definition: EventDefinition) -> None:
        if not definition.known:
            self._add("event-definition-unknown", node, reference=definition.ref)
            return
        runs, legal = _POSITIONS[node.tag]
        if definition.kind in legal:
            self._add(_NOT_YET[definition.kind], node)
        elif definition.kind not in runs:
            self._add("event-not-allowed-here", node, kind=definition.kind, position=node.tag)
        elif definition.kind == "timer":
            self._check_timer(node, definition)
        elif definition.kind in ("message", "error", "escalation"):
            self._check_reference(node, definition)

    def _check_timer(self, node: Node, definition: EventDefinition) -> None:
        if definition.timers == 0 or (definition.timer is not None and not definition.timer.body):
            self._add("timer-missing", node)
            return
        if definition.timers > 1:
            self._add("timer-ambiguous", node)
            return
        if node.tag == "startEvent" and definition.timer_kind == "timeDuration":
            self._add("start-timer-duration", node)
            return
        try:
            timer = compile_timer(definition)
            if timer.expression is not None:
                check_functions(self.report, self.document.file, node, timer.expression)
        except TextFault as fault:
            if fault.code == "timer-cron-not-supported":
                self._add(fault.code, node)
            else:
                code = fault.code if fault.code == "expression-language-not-supported" else "timer-invalid"
                self._add(code, node, reason=fault.reason)

    def _check_reference(self, node: Node, definition: EventDefinition) -> None:
        kind = definition.kind
        if not definition.ref:
            # a boundary event without reference, or with one that has no code, catches any (Table 10.90)
            if kind == "message" or node.tag != "boundaryEvent":
                self._add(f"{kind}-missing", node)
            return
        root = self.document.roots.get(definition.ref)
        if root is None or root.tag != kind:
            self._add(f"{kind}-unknown", node, reference=definition.ref)
        elif kind == "message" and not root.name:
            self._add("message-name-missing", node, reference=definition.ref)
        elif kind != "message" and not root.code and node.tag != "boundaryEvent":
            self._add(f"{kind}-code-missing", node, reference=definition.ref)

    def _check_border(self, node: Node) -> None:
        host = self.graph.nodes.get(host_of(node))
        if host is None or host.scope != node.scope:
            self._add("boundary-host-missing", node)
            return
        if host.tag not in _ACTIVITIES:
            self._add("boundary-host-not-activity", node)
            return
        kinds = {event.kind for event in node.events}
        if not self.graph.out.get(node.id) and "compensate" not in kinds:
            self._add("boundary-without-outgoing", node)
        if kinds == {"error"} and not node.flag("cancelActivity", default=True):
            self._add("error-boundary-must-interrupt", node)
        self._check_rivals(node)
        if kinds <= {"error", "escalation"} and kinds and self._never_happens(host, kinds):
            self._add("boundary-never-happens", node, host=host.name or host.id)

    def _check_rivals(self, node: Node) -> None:
        """Two events on one border that catch the same error or escalation: which one is meant cannot be told."""
        caught = self._caught(node)
        if caught is None:
            return
        first = self.first_to_catch.setdefault((host_of(node), *caught), node.path)
        if first != node.path:
            self._add("boundary-ambiguous", node)

    def _caught(self, node: Node) -> tuple[str, str] | None:
        if len(node.events) != 1 or node.events[0].kind not in ("error", "escalation"):
            return None
        root = self.document.roots.get(node.events[0].ref)
        return node.events[0].kind, root.code if root is not None else ""

    def _never_happens(self, host: Node, kinds: set[str]) -> bool:
        if host.tag in ("callActivity", "serviceTask", "subProcess", "transaction", "adHocSubProcess"):
            return host.tag == "serviceTask" and "escalation" in kinds
        return True

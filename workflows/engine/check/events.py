"""Which event may stand where (BPMN 2.0.2 §10.5, Tables 10.84–10.93), and whether it says what it must."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.borders import BorderCheck
from workflows.engine.check.compensation import CompensationCheck
from workflows.engine.check.graph import Graph
from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_functions, check_text
from workflows.engine.model import Document, EventDefinition, Node
from workflows.engine.texts import TextFault, compile_timer

_OUTSIDE = frozenset({"message", "timer", "signal", "conditional"})  # what comes from outside the flow of the case
_POSITIONS: dict[str, frozenset[str]] = {
    "startEvent": _OUTSIDE,
    "handler": _OUTSIDE | {"error", "escalation", "compensate"},  # the start event of an event sub-process
    "intermediateCatchEvent": _OUTSIDE | {"link"},
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "boundaryEvent": _OUTSIDE | {"error", "escalation", "compensate", "cancel"},
    "endEvent": frozenset({"message", "signal", "error", "escalation", "terminate", "compensate", "cancel"}),
}
_WAITING = ("intermediateCatchEvent", "boundaryEvent")
_NAMED = ("message", "signal")
# An error or an escalation may do without a code: then only a catcher of any code catches it.
_CODED = ("error", "escalation")
_ENDING = frozenset({"error", "terminate", "cancel"})


class EventCheck:
    """Checks the events of one process."""

    def __init__(self, report: Report, document: Document, graph: Graph) -> None:
        self.report = report
        self.document = document
        self.graph = graph
        self.borders = BorderCheck(report, document, graph)
        self.undoing = CompensationCheck(report, document, graph)

    def check(self, node: Node) -> None:
        """Check one event."""
        if node.tag == "boundaryEvent":
            self.borders.check(node)
        position = node.tag
        if node.tag == "startEvent" and node.scope:
            if not self._is_handler(node.scope):
                if node.events:
                    self._add("start-event-not-none", node)
                return
            position = "handler"
            self.borders.check_handler(node)
        if not node.events and node.tag in _WAITING:
            self._add("event-definition-missing", node)
        for definition in node.events:
            self._check_definition(node, definition, position)
        if len(node.events) > 1:
            self._check_combination(node)

    def _is_handler(self, scope: str) -> bool:
        holder = self.graph.nodes.get(scope)
        return holder is not None and holder.flag("triggeredByEvent")

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.document.file, node, **params)

    def _check_definition(self, node: Node, definition: EventDefinition, position: str) -> None:
        kind = definition.kind
        if not definition.known:
            self._add("event-definition-unknown", node, reference=definition.ref)
        elif kind not in _POSITIONS[position]:
            self._add("event-not-allowed-here", node, kind=kind, position=node.tag)
        elif kind == "timer":
            self._check_timer(node, definition)
        elif kind == "conditional":
            self._check_condition(node, definition)
        elif kind == "link":
            self._check_link(node, definition)
        elif kind in ("compensate", "cancel"):
            self.undoing.check(node, definition)
        elif kind in (*_NAMED, *_CODED):
            self._check_reference(node, definition)

    def _check_combination(self, node: Node) -> None:
        """Only what can come together may stand together; one ending of a scope is enough."""
        kinds = [definition.kind for definition in node.events]
        waits = node.tag in ("startEvent", *_WAITING)
        alone = {"link", "compensate", "cancel"} if waits else {"link"}
        if waits and node.flag("parallelMultiple"):
            alone |= {"error", "escalation"}
        if alone & set(kinds) or (not waits and len([kind for kind in kinds if kind in _ENDING]) > 1):
            self._add("event-combination-invalid", node, kinds=", ".join(sorted(set(kinds))))

    # ------------------------------------------------------------------ one definition

    def _check_timer(self, node: Node, definition: EventDefinition) -> None:
        if definition.timers == 0 or (definition.timer is not None and not definition.timer.body):
            self._add("timer-missing", node)
            return
        if definition.timers > 1:
            self._add("timer-ambiguous", node)
            return
        if node.tag == "startEvent" and not node.scope and definition.timer_kind == "timeDuration":
            self._add("start-timer-duration", node)
        try:
            timer = compile_timer(definition)
            if timer.expression is not None:
                check_functions(self.report, self.document.file, node, timer.expression)
        except TextFault as fault:
            code = fault.code if fault.code == "expression-language-not-supported" else "timer-invalid"
            self._add(code, node, reason=fault.reason)

    def _check_condition(self, node: Node, definition: EventDefinition) -> None:
        if definition.condition is None or not definition.condition.body:
            self._add("event-condition-missing", node)
            return
        check_text(self.report, self.document.file, node, definition.condition)
        if node.tag == "startEvent" and not node.scope:
            self._add("start-condition-by-clock", node)

    def _check_link(self, node: Node, definition: EventDefinition) -> None:
        """Check a link: what throws goes on at the one event of its name and level that catches (§10.5.4)."""
        throws = node.tag == "intermediateThrowEvent"
        targets = self.graph.links.get((node.scope, definition.name), [])
        if not definition.name:
            self._add("link-name-missing", node)
        elif throws and not targets:
            self._add("link-target-missing", node, name=definition.name)
        elif not throws and len(targets) > 1:
            self._add("link-target-ambiguous", node, name=definition.name)
        if (self.graph.out if throws else self.graph.into).get(node.id):
            self._add("link-with-flow", node)

    def _check_reference(self, node: Node, definition: EventDefinition) -> None:
        kind = definition.kind
        catches = node.tag in ("startEvent", *_WAITING)
        if not definition.ref:
            # what catches an error or escalation without reference, or without its code, catches any (Table 10.90)
            if kind in _NAMED or not catches:
                self._add(f"{kind}-missing", node)
            return
        root = self.document.roots.get(definition.ref)
        if root is None or root.tag != kind:
            self._add(f"{kind}-unknown", node, reference=definition.ref)
        elif kind in _NAMED and not root.name:
            self._add(f"{kind}-name-missing", node, reference=definition.ref)
        elif kind in _CODED and not root.code and not catches:
            self._add(f"{kind}-code-missing", node, reference=definition.ref)

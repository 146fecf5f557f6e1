"""Sequence flows, gateways, beginnings and ends (BPMN 2.0.2 §8.4.13, §10.5.2, §10.5.3, §10.6)."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.graph import Graph
from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_text
from workflows.engine.model import Arrow, Document, Node

_CHOOSING = ("exclusiveGateway", "inclusiveGateway", "complexGateway")


class FlowCheck:
    """Checks the flows and the gateways of one process."""

    def __init__(self, report: Report, document: Document, graph: Graph) -> None:
        self.report = report
        self.document = document
        self.graph = graph

    def _add(self, code: str, subject: Node | Arrow, **params: Any) -> None:
        fallback = ""
        if isinstance(subject, Arrow):
            fallback = subject.source if subject.source in self.graph.nodes else subject.target
            fallback = fallback if fallback in self.graph.nodes else self.graph.sketch.anchor
        self.report.add(code, self.document.file, subject, fallback=fallback, **params)

    # ------------------------------------------------------------------ flows

    def check_flow(self, arrow: Arrow) -> None:
        """Check the ends and the condition of one flow."""
        source, target = self.graph.nodes.get(arrow.source), self.graph.nodes.get(arrow.target)
        if source is None or target is None:
            self._add("flow-end-unknown", arrow, reference=arrow.source if source is None else arrow.target)
            return
        if source.scope != target.scope:
            self._add("flow-crosses-scope", arrow)
        if target.tag == "startEvent":
            self._add("flow-into-start-event", arrow)
        if target.tag == "boundaryEvent":
            self._add("flow-into-boundary-event", arrow)
        if source.tag == "endEvent":
            self._add("flow-out-of-end-event", arrow)
        if arrow.condition is not None:
            self._check_condition(arrow, source)

    def _check_condition(self, arrow: Arrow, source: Node) -> None:
        assert arrow.condition is not None  # noqa: S101 - the caller looked
        if source.tag in _CHOOSING or not source.tag.endswith(("Gateway", "Event")):
            if arrow.given and default_of(source) == arrow.id:
                self._add("condition-on-default-flow", arrow)
            else:
                check_text(self.report, self.document.file, arrow, arrow.condition, fallback=source.id)
        else:
            self._add("condition-not-allowed", arrow)

    # ------------------------------------------------------------------ nodes

    def check_node(self, node: Node) -> None:
        """Check what leaves and enters one node."""
        arrows = self.graph.out.get(node.id, [])
        default = default_of(node)
        if default and default not in {arrow.id for arrow in arrows if arrow.given}:
            self._add("default-flow-invalid", node, reference=default)
        if node.tag in _CHOOSING and len(arrows) > 1:
            self._check_choice(node, arrows, default)
        elif node.tag == "eventBasedGateway":
            self._check_event_gateway(node, arrows)
        if node.tag == "complexGateway":
            self._check_activation(node)

    def _check_choice(self, node: Node, arrows: list[Arrow], default: str) -> None:
        """Flows without condition: of an inclusive gateway always taken, of an exclusive one the default (§10.6.2)."""
        bare = [arrow for arrow in arrows if arrow.condition is None and not (arrow.given and arrow.id == default)]
        is_clear = node.tag != "exclusiveGateway" or (len(bare) == 1 and not default)
        code = "gateway-condition-assumed" if is_clear else "gateway-condition-missing"
        for arrow in bare:
            self._add(code, arrow, gateway=node.name or node.id)

    def _check_activation(self, node: Node) -> None:
        condition = node.texts.get("activationCondition")
        if condition is not None and condition.body:
            check_text(self.report, self.document.file, node, condition)
        elif len(self.graph.into.get(node.id, ())) > 1:
            self._add("activation-condition-missing", node)

    def _check_event_gateway(self, node: Node, arrows: list[Arrow]) -> None:
        if node.flag("instantiate") and (self.graph.into.get(node.id) or node.scope):
            self._add("instantiating-gateway-with-flow", node)
        if node.attributes.get("eventGatewayType", "Exclusive") != "Exclusive" and not node.flag("instantiate"):
            self._add("parallel-event-gateway-not-supported", node)
        if len(arrows) <= 1:
            self._add("event-gateway-too-few", node)
        for arrow in arrows:
            target = self.graph.nodes.get(arrow.target)
            if target is None:
                continue
            if target.tag not in ("intermediateCatchEvent", "receiveTask"):
                self._add("event-gateway-target", target)
            elif self.graph.borders.get(target.id):
                self._add("event-gateway-target-with-border", target)
            elif len(self.graph.into.get(target.id, ())) > 1:
                self._add("event-gateway-target-shared", target)

    # ------------------------------------------------------------------ scopes

    def check_scope(self, scope: str) -> None:
        """Check where a process or sub-process begins and ends."""
        inside = self.graph.inside(scope)
        holder = self.graph.nodes[scope] if scope else self.graph.sketch
        starts = [node for node in inside if node.tag == "startEvent"]
        ends = [node for node in inside if node.tag == "endEvent"]
        instantiated = any(node.flag("instantiate") for node in inside)
        if isinstance(holder, Node) and holder.tag == "adHocSubProcess":
            for node in (*starts, *ends):
                self._add("ad-hoc-with-start-or-end", node)
            if not self.graph.beginnings(scope):
                self._add("nothing-to-start", holder)
            return
        if isinstance(holder, Node) and holder.flag("triggeredByEvent"):
            self._check_handler(holder, starts)
        if ends and not starts and not instantiated:
            self.report.add("start-event-missing", self.document.file, holder)
        elif inside and not starts and not instantiated and not self.graph.beginnings(scope):
            self.report.add("nothing-to-start", self.document.file, holder)
        if len([node for node in starts if not node.events]) > 1:
            code = "several-none-start-events" if isinstance(holder, Node) else "start-to-be-chosen"
            self.report.add(code, self.document.file, holder)
        for node in inside:
            self._check_dead_end(node, has_end=bool(ends))

    def _check_dead_end(self, node: Node, *, has_end: bool) -> None:
        if self.graph.out.get(node.id) or node.tag in ("endEvent", "boundaryEvent") or not node.id:
            return
        if node.tag == "startEvent":
            self._add("start-event-without-flow", node)
        elif has_end and not _is_beside(node) and not _is_throwing_link(node):
            self._add("no-outgoing-flow", node)

    def _check_handler(self, holder: Node, starts: list[Node]) -> None:
        """Check that an event sub-process has one start event with a trigger, and no flow (§10.3.5)."""
        if len(starts) != 1 or not starts[0].events:
            self._add("event-subprocess-start", holder)
        if self.graph.out.get(holder.id) or self.graph.into.get(holder.id):
            self._add("event-subprocess-with-flow", holder)
        if holder.loop is not None:
            self._add("event-subprocess-with-loop", holder)


def _is_beside(node: Node) -> bool:
    return node.flag("isForCompensation") or node.flag("triggeredByEvent")


def _is_throwing_link(node: Node) -> bool:
    return node.tag == "intermediateThrowEvent" and any(event.kind == "link" for event in node.events)


def default_of(node: Node) -> str:
    """Name the default flow of a node."""
    return node.attributes.get("default", "").strip().rpartition(":")[2]

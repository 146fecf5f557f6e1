"""Compensation and transactions: handlers that are there, activities that can be seen (BPMN 2.0.2 §10.7, §10.3.5)."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.graph import Graph, handlers_of, host_of
from workflows.engine.check.report import Report
from workflows.engine.model import Document, EventDefinition, Node

_THROWING = ("intermediateThrowEvent", "endEvent")


class CompensationCheck:
    """Checks the events of compensation and cancellation of one process."""

    def __init__(self, report: Report, document: Document, graph: Graph) -> None:
        self.report = report
        self.document = document
        self.graph = graph

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.document.file, node, **params)

    def check(self, node: Node, definition: EventDefinition) -> None:
        """Check one event."""
        if definition.kind == "cancel":
            self._check_cancel(node)
        elif node.tag == "boundaryEvent":
            handlers = handlers_of(node, self.graph.sketch.associations, self.graph.nodes)
            if len(handlers) != 1:
                self._add("compensation-handler-missing", node, count=len(handlers))
            if self.graph.out.get(node.id):
                self._add("compensation-handler-with-flow", node)
        elif node.tag in _THROWING and definition.activity:
            target = self.graph.nodes.get(definition.activity)
            if target is None or target.scope not in self._levels(node):
                self._add("compensation-activity-unknown", node, reference=definition.activity)
        elif node.tag == "startEvent" and not self.graph.nodes[node.scope].scope:
            self._add("compensation-never-happens", node)

    def _levels(self, node: Node) -> set[str]:
        """List the levels whose activities an event may name: its own, and those around event sub-processes."""
        scope = node.scope
        levels = {scope}
        while scope and self.graph.nodes[scope].flag("triggeredByEvent"):
            scope = self.graph.nodes[scope].scope
            levels.add(scope)
        return levels

    def check_handler(self, node: Node) -> None:
        """Check an activity for compensation: it stands outside the normal flow (§10.7.1)."""
        if self.graph.out.get(node.id) or self.graph.into.get(node.id):
            self._add("compensation-handler-with-flow", node)
        ends = {end for pair in self.graph.sketch.associations if node.id in pair for end in pair}
        if not any(end in self.graph.nodes and self.graph.nodes[end].tag == "boundaryEvent" for end in ends):
            self._add("compensation-handler-unused", node)

    def _check_cancel(self, node: Node) -> None:
        if node.tag == "boundaryEvent":
            host = self.graph.nodes.get(host_of(node))
            if host is None or host.tag != "transaction":
                self._add("cancel-outside-transaction", node)
            return
        scope = node.scope
        while scope and self.graph.nodes[scope].tag != "transaction":
            scope = self.graph.nodes[scope].scope
        if not scope:
            self._add("cancel-outside-transaction", node)
            return
        borders = self.graph.borders.get(scope, [])
        if not any(event.kind == "cancel" for border in borders for event in border.events):
            name = self.graph.nodes[scope].name or scope
            self._add("cancel-boundary-missing", node, transaction=name)

"""Loops and multi-instance activities: what each must say to be run (BPMN 2.0.2 §10.3.8)."""

from __future__ import annotations

from typing import Any

from workflows.engine.check.report import Report
from workflows.engine.check.texts import check_text
from workflows.engine.limits import Limits
from workflows.engine.model import BEHAVIORS, VARIABLE, Document, Loop, Node, Told

_MOST_DIGITS = 9
_THROWN = ("message", "signal", "escalation")


class LoopCheck:
    """Checks the loop of one activity."""

    def __init__(self, report: Report, document: Document, limits: Limits) -> None:
        self.report = report
        self.file = document.file
        self.roots = document.roots
        self.limits = limits

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.file, node, **params)

    def check(self, node: Node, loop: Loop) -> None:
        """Check a loop of either kind."""
        texts = (loop.condition, loop.cardinality, loop.collection, loop.completion, loop.output_item)
        for text in texts:
            if text is not None and text.language != VARIABLE:
                check_text(self.report, self.file, node, text)
        for part in loop.parts:
            self._add("part-not-supported", node, construct=part)
        if loop.kind == "standard":
            self._check_standard(node, loop)
        else:
            self._check_multiple(node, loop)

    def _check_standard(self, node: Node, loop: Loop) -> None:
        """Demand what a run needs: a loop whose condition is left out cannot be formally executed (Table 10.28)."""
        if loop.maximum and not (loop.maximum.isdecimal() and len(loop.maximum) <= _MOST_DIGITS):
            self._add(
                "attribute-invalid", node, name="loopMaximum", value=loop.maximum, expected="a whole number from 0"
            )
        if loop.condition is None and not loop.maximum:
            self._add("loop-condition-missing", node)

    def _check_multiple(self, node: Node, loop: Loop) -> None:
        self._check_behavior(node, loop)
        if loop.cardinality is None and loop.collection is None:
            self._add("multi-instance-count-missing", node)
        if loop.cardinality is not None and loop.collection is not None:
            self._add("multi-instance-count-ambiguous", node)
        if bool(loop.output) != (loop.output_item is not None):
            self._add("multi-instance-output-incomplete", node)
        self._check_size(node, loop)

    def _check_behavior(self, node: Node, loop: Loop) -> None:
        """Judge the events that are thrown while instances complete; only those that are named can be caught."""
        named = [told for told in loop.thrown if self._is_named(told)]
        is_quiet = loop.behavior == "All"
        if loop.behavior not in BEHAVIORS or len(named) < len(loop.thrown) or not (is_quiet or named):
            self._add("multi-instance-behavior-not-supported", node)
        for told in loop.thrown:
            if told.condition is not None:
                check_text(self.report, self.file, node, told.condition)

    def _is_named(self, told: Told) -> bool:
        root = self.roots.get(told.event.ref)
        if root is None or root.tag != told.event.kind or (told.when == "condition" and told.condition is None):
            return False
        return bool(root.code if root.tag == "escalation" else root.name) and root.tag in _THROWN

    def _check_size(self, node: Node, loop: Loop) -> None:
        body = loop.cardinality.body.strip() if loop.cardinality is not None else ""
        limit = self.limits.max_child_cases if node.tag == "callActivity" else self.limits.max_instances
        if body.isdecimal() and int(body) > limit:
            self._add("multi-instance-too-large", node, count=int(body), limit=limit)

"""The duty profile: what accountable work needs beyond what BPMN demands. The application says what it knows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from workflows.engine.check.report import Report
from workflows.engine.model import Node, Sketch
from workflows.engine.reasons import Reason

Resolve = Callable[[str], Reason | None]


@dataclass(frozen=True, slots=True)
class ProfileChecks:
    """How the application resolves what a diagram names. Each answers why it cannot, None when it can.

    ``process`` tells whether a process outside the bundle can be called. ``form_fields`` names the variables that a
    form writes (None: no such form); it must answer the same whenever the bundle is compiled, because it decides
    which multi-instance bodies become cases of their own. ``functions`` are the names that ``Context.functions`` will
    hold; None leaves calls unjudged.
    """

    functions: Collection[str] | None = None
    owner: Resolve | None = None
    form: Resolve | None = None
    deadline: Resolve | None = None
    operation: Resolve | None = None
    process: Callable[[str], bool] | None = None
    form_fields: Callable[[str], Collection[str] | None] | None = None


class DutyCheck:
    """Checks owner, deadline, clause and form of every human task."""

    def __init__(self, report: Report, file: str, checks: ProfileChecks) -> None:
        self.report = report
        self.file = file
        self.checks = checks

    def check_process(self, sketch: Sketch) -> None:
        """Check the process itself."""
        if not sketch.zc.get("clause"):
            self.report.add("clause-missing", self.file, sketch)
        if sketch.zc.get("deadline"):
            self._resolve(sketch, "deadline", self.checks.deadline)
        if sketch.zc.get("copy"):
            self._resolve(sketch, "copy", self.checks.owner)

    def check_node(self, node: Node) -> None:
        """Check one node. What is left undone or unheard in the standard profile is an error here."""
        for remark in node.remarks:
            if remark.code == "message-unnamed":
                self.report.add("message-missing", self.file, node)
            elif remark.code == "vendor-listener-not-run":
                names = ", ".join(remark.names)
                self.report.add("vendor-extension-not-supported", self.file, node, names=names, namespace=remark.vendor)
        if node.tag in ("userTask", "manualTask", "task"):
            self._require(node, "owner", self.checks.owner)
            self._require(node, "deadline", self.checks.deadline)
            self._require(node, "clause", None)
            self._check_person(node)
        if node.tag == "serviceTask":
            if node.zc.get("operation"):
                self._resolve(node, "operation", self.checks.operation)
            else:
                self.report.add("service-operation-missing", self.file, node)
        if node.tag == "businessRuleTask" and not node.zc.get("decision"):
            self.report.add("decision-missing", self.file, node)
        for event in node.events:
            if event.deadline and self.checks.deadline is not None:
                reason = self.checks.deadline(event.deadline)
                if reason:
                    self.report.add("deadline-unknown", self.file, node, value=event.deadline, reason=reason)

    def _check_person(self, node: Node) -> None:
        if node.tag == "userTask":
            self._require(node, "form", self.checks.form)
        if node.zc.get("copy"):
            self._resolve(node, "copy", self.checks.owner)

    def _require(self, node: Node, name: str, resolve: Resolve | None) -> None:
        if not node.zc.get(name, "").strip():
            self.report.add(f"{name}-missing", self.file, node)
        elif resolve is not None:
            self._resolve(node, name, resolve)

    def _resolve(self, subject: Node | Sketch, name: str, resolve: Resolve | None) -> None:
        value = subject.zc[name].strip()
        reason = resolve(value) if resolve is not None else None
        if reason:
            self.report.add(f"{name}-unknown", self.file, subject, value=value, reason=reason)

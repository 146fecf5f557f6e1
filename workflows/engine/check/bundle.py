"""Goes through all files of a bundle and puts every check to every element."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workflows.engine.check.activities import ActivityCheck
from workflows.engine.check.correlations import check_correlations
from workflows.engine.check.duty import DutyCheck, ProfileChecks
from workflows.engine.check.events import EventCheck
from workflows.engine.check.flows import FlowCheck
from workflows.engine.check.graph import Graph
from workflows.engine.check.isolation import Isolation, is_multiple_body
from workflows.engine.check.report import Report
from workflows.engine.check.vendors import check_foreign, check_own, check_vendors
from workflows.engine.check.waits import check_waits
from workflows.engine.limits import Limits
from workflows.engine.model import Arrow, Document, Node, Root, Sketch
from workflows.engine.read.tags import SCOPES
from workflows.engine.reasons import Reason
from workflows.engine.types import Profile

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

_PROCESS_PARTS = {
    "resourceRole": "resource-role-kept",
    "performer": "resource-role-kept",
    "humanPerformer": "resource-role-kept",
    "potentialOwner": "resource-role-kept",
}


# An id is an xsd:ID; of what that forbids, these would be read as something else in keys and references.
_UNFIT_ID = re.compile(r"[\s:/|#<>&\"']")


# What a scope path adds to each id: two colons, a slash, the round and the attempt.
_COUNTERS_LENGTH = 11


class BundleCheck:
    """Everything that the checks of one bundle share."""

    def __init__(
        self,
        documents: Sequence[Document],
        decisions: Mapping[str, Decision],
        *,
        profile: Profile,
        limits: Limits,
        checks: ProfileChecks,
    ) -> None:
        self.report = Report(None if checks.functions is None else frozenset(checks.functions))
        self.documents = documents
        self.decisions = decisions
        self.profile = profile
        self.limits = limits
        self.checks = checks
        drawn = [sketch for document in documents for sketch in document.sketches if sketch.id]
        self.sketches = {sketch.id: sketch for sketch in sorted(drawn, key=is_executable)}

    def run(self) -> Report:
        """Check every document."""
        for document in self.documents:
            self._check_document(document)
        self._check_process_ids()
        return self.report

    # ------------------------------------------------------------------ files

    def _check_document(self, document: Document) -> None:
        self._check_ids(document)
        check_vendors(self.report, document)
        for root in document.roots.values():
            check_foreign(self.report, document.file, root, fallback=document.id)
        check_correlations(self.report, document)
        for sketch in self._running(document):
            self._check_sketch(document, sketch)

    def _check_ids(self, document: Document) -> None:
        for sketch in document.sketches:
            if not sketch.given and is_executable(sketch):
                self.report.add("process-id-made-up", document.file, sketch, line=sketch.line, key=sketch.id)
            named: list[Sketch | Node | Arrow] = [
                sketch,
                *sketch.nodes,
                *(each for each in sketch.arrows if each.given),
            ]
            for item in named:
                if _UNFIT_ID.search(item.id) or len(item.id) > self.limits.max_id_length:
                    limit = self.limits.max_id_length
                    self.report.add("id-invalid", document.file, item, limit=limit)
        for element_id, tag in document.shared:
            self.report.add("id-in-two-processes", document.file, Root(tag, element_id), construct=tag)
        for element_id, tag in document.duplicates:
            self.report.add("duplicate-id", document.file, Root(tag, element_id), construct=tag)

    def _running(self, document: Document) -> list[Sketch]:
        """Choose the processes that are meant to run, and say which are left out."""
        if not document.sketches:
            self.report.add("process-missing", document.file, document)
            return []
        executable = [sketch for sketch in document.sketches if is_executable(sketch)]
        if not executable:
            self.report.add("no-executable-process", document.file, document.sketches[0])
        for sketch in document.sketches:
            if not is_executable(sketch):
                self.report.add("process-not-executable", document.file, sketch)
                self._check_boolean(document, sketch)
        drawn = [sketch for sketch in executable if sketch.nodes]
        for sketch in executable:
            if drawn and not sketch.nodes:
                self.report.add("process-left-empty", document.file, sketch)
        return drawn or executable

    def _check_boolean(self, document: Document, sketch: Sketch) -> None:
        if sketch.executable not in ("false", "0"):
            self.report.add(
                "attribute-invalid",
                document.file,
                sketch,
                name="isExecutable",
                value=sketch.executable,
                expected=Reason("true-or-false", "true or false"),
            )

    def _check_process_ids(self) -> None:
        seen: set[str] = set()
        for document in self.documents:
            mine = {sketch.id for sketch in document.sketches if sketch.id and is_executable(sketch)}
            for sketch in document.sketches:
                if sketch.id in mine & seen:
                    self.report.add("process-duplicate", document.file, sketch)
            seen |= mine

    # ------------------------------------------------------------------ processes

    def _check_sketch(self, document: Document, sketch: Sketch) -> None:
        if not sketch.nodes:
            self.report.add("process-empty", document.file, sketch)
            return
        if _lies_in_itself(sketch):
            return  # an id that is used twice, which was told: nothing can be said of what lies where
        graph = Graph(sketch)
        flows = FlowCheck(self.report, document, graph)
        events = EventCheck(self.report, document, graph)
        isolation = Isolation(sketch, self.decisions, self.checks.form_fields)
        activities = ActivityCheck(self.report, document, self.limits, self.decisions, self._unfit_to_be_called)
        check_foreign(self.report, document.file, sketch)
        check_own(self.report, document.file, sketch)
        self._check_parts(document, sketch)
        for node in sketch.nodes:
            check_foreign(self.report, document.file, node)
            check_own(self.report, document.file, node)
            activities.check(node)
            if node.tag.endswith("Event") and node.tag != "implicitThrowEvent":
                events.check(node)
            if node.flag("isForCompensation"):
                events.undoing.check_handler(node)
            flows.check_node(node)
            self._check_body(document, isolation, node)
        for arrow in sketch.arrows:
            flows.check_flow(arrow)
            check_foreign(self.report, document.file, arrow, fallback=arrow.source)
        for scope in graph.scopes():
            flows.check_scope(scope)
        check_waits(self.report, sketch, self.checks.form_fields)
        self._check_shape(document, graph)
        self._check_nesting(document, graph)
        if self.profile == Profile.DUTY:
            self._check_duty(document, sketch)

    def _check_parts(self, document: Document, sketch: Sketch) -> None:
        for name, anchor in sketch.parts:
            if name in ("ioSpecification", "correlationSubscription"):
                continue  # the first names what a caller hands in and gets back: variables of the case
            subject = Root(name, anchor)
            code = _PROCESS_PARTS.get(name, "element-not-supported")
            self.report.add(code, document.file, subject, construct=name)

    def _unfit_to_be_called(self, process_id: str) -> str:
        """Tell by its code what keeps a process from being called; empty when nothing does."""
        sketch = self.sketches.get(process_id)
        if sketch is None or not sketch.nodes or not is_executable(sketch):
            if self.checks.process is not None and self.checks.process(process_id):
                return ""
            left_out = sketch is not None and not is_executable(sketch)
            return "called-process-not-executable" if left_out else "called-process-not-found"
        starts = [node for node in sketch.nodes if node.tag == "startEvent" and not node.scope]
        startable = not starts or any(not node.events for node in starts)
        return "" if startable else "called-process-without-start"

    def _check_body(self, document: Document, isolation: Isolation, node: Node) -> None:
        if not is_multiple_body(node) or node.loop is None or node.loop.collection is None:
            return
        reason = isolation.why_not(node)
        if reason:
            self.report.add(
                "multi-instance-not-isolated", document.file, node, reason=reason, limit=self.limits.max_instances
            )

    def _check_shape(self, document: Document, graph: Graph) -> None:
        for node in graph.unreachable():
            self.report.add("unreachable-node", document.file, node)
        for join, choice in graph.deadlocks():
            self.report.add("structural-deadlock", document.file, join, gateway=choice.name or choice.id)

    def _check_nesting(self, document: Document, graph: Graph) -> None:
        depth, length = {"": 0}, {"": 0}
        for node in graph.sketch.nodes:  # a scope comes before what is inside it
            depth[node.id] = depth.get(node.scope, 0) + 1
            steps = (node.tag in SCOPES) + (node.loop is not None)
            length[node.id] = length.get(node.scope, 0) + steps * (len(node.id) + _COUNTERS_LENGTH)
            if node.tag in SCOPES and depth[node.id] == self.limits.max_nesting + 1:
                self.report.add("nested-too-deep", document.file, node, limit=self.limits.max_nesting)
            elif length[node.id] > self.limits.max_scope_path and steps:
                self.report.add("scope-path-too-long", document.file, node, limit=self.limits.max_scope_path)

    def _check_duty(self, document: Document, sketch: Sketch) -> None:
        duty = DutyCheck(self.report, document.file, self.checks)
        duty.check_process(sketch)
        for node in sketch.nodes:
            duty.check_node(node)


def is_executable(sketch: Sketch) -> bool:
    """Tell whether a process is meant to run: the attribute is optional and has no default (Table 10.1)."""
    return sketch.executable in ("true", "1", "")


def _lies_in_itself(sketch: Sketch) -> bool:
    """Tell whether ids that repeat make a scope lie inside itself."""
    scopes = {node.id: node.scope for node in sketch.nodes}
    for start in scopes:
        seen, scope = set[str](), start
        while scope and scope not in seen:
            seen.add(scope)
            scope = scopes.get(scope, "")
        if scope:
            return True
    return False

"""Activities: which kinds run here, and what each must say (BPMN 2.0.2 §10.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.check.data import check_data
from workflows.engine.check.loops import LoopCheck
from workflows.engine.check.report import Report
from workflows.engine.check.scripts import check_script
from workflows.engine.check.texts import check_text
from workflows.engine.limits import Limits
from workflows.engine.model import EXTERNAL, Document, Node
from workflows.engine.read.parts import local_id
from workflows.engine.reasons import Reason
from workflows.engine.run.transfers import EVERYTHING

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision

_TAGS = {
    "choreographyTask": "choreography-not-supported",
    "subChoreography": "choreography-not-supported",
    "callChoreography": "choreography-not-supported",
    "implicitThrowEvent": "implicit-throw-event-not-supported",
}
_PARTS = {
    "potentialOwner": "resource-role-kept",
    "humanPerformer": "resource-role-kept",
    "performer": "resource-role-kept",
    "resourceRole": "resource-role-kept",
}
# Children that draw or describe.
_HARMLESS_PARTS = frozenset({"dataInputAssociation", "dataOutputAssociation", "rendering", "auditing", "monitoring"})
_BOOLEANS = (
    "cancelActivity",
    "isInterrupting",
    "parallelMultiple",
    "isForCompensation",
    "triggeredByEvent",
    "cancelRemainingInstances",
    "instantiate",
    "isSequential",
)


_MOST_TOKENS = 100


class ActivityCheck:
    """Checks the activities of one process."""

    def __init__(
        self,
        report: Report,
        document: Document,
        limits: Limits,
        decisions: Mapping[str, Decision],
        unfit: Callable[[str], str],
    ) -> None:
        self.report = report
        self.document = document
        self.limits = limits
        self.decisions = decisions
        self.unfit = unfit  # the code of what keeps a process from being called, empty when nothing does

    def _add(self, code: str, node: Node, **params: Any) -> None:
        self.report.add(code, self.document.file, node, **params)

    def check(self, node: Node) -> None:
        """Check one node, whatever it is."""
        if node.tag in _TAGS:
            self._add(_TAGS[node.tag], node)
        self._check_attributes(node)
        self._check_parts(node)
        self._check_transfers(node)
        check_data(self.report, self.document.file, node)
        if node.loop is not None:
            LoopCheck(self.report, self.document, self.limits).check(node, node.loop)
        match node.tag:
            case "serviceTask" if not node.zc.get("operation"):
                self._add("service-task-passes", node)
            case "serviceTask" if node.zc["operation"] == EXTERNAL and not node.zc.get("topic", "").strip():
                self._add("external-topic-missing", node)
            case "businessRuleTask":
                self._check_decision(node)
            case "callActivity":
                self._check_call(node)
            case "scriptTask":
                check_script(self.report, self.document.file, node)
            case "sendTask" | "receiveTask":
                self._check_message(node)
            case "adHocSubProcess":
                self._check_ad_hoc(node)
            case "transaction" if node.flag("triggeredByEvent"):
                self._add("attribute-invalid", node, name="triggeredByEvent", value="true", expected="false")

    def _check_attributes(self, node: Node) -> None:
        for name in _BOOLEANS:
            value = node.attributes.get(name, "false").strip()
            if value not in ("true", "false", "1", "0"):
                self._add(
                    "attribute-invalid", node, name=name, value=value, expected=Reason("true-or-false", "true or false")
                )
        for name in ("startQuantity", "completionQuantity"):
            value = node.attributes.get(name, "1").strip()
            if not value.isdecimal() or len(value) > len(str(_MOST_TOKENS)) or not 0 < int(value) <= _MOST_TOKENS:
                self._add("attribute-invalid", node, name=name, value=value, expected=f"from 1 to {_MOST_TOKENS}")

    def _check_parts(self, node: Node) -> None:
        reported: set[str] = set()
        for name in node.parts:
            code = _PARTS.get(name)
            if code is None and name not in _HARMLESS_PARTS:
                code = "part-not-supported"
            if code is not None and code not in reported:
                reported.add(code)
                self._add(code, node, construct=name)

    def _check_transfers(self, node: Node) -> None:
        if node.child_unit is not None:
            check_text(self.report, self.document.file, node, node.child_unit)
        for item in node.transfers:
            given = bool(item.source) + (item.expression is not None) + (item.tree is not None)
            if not item.target or given != (item.target != EVERYTHING):
                self._add("transfer-invalid", node)
            for text in item.texts():
                check_text(self.report, self.document.file, node, text)
        if node.computed is not None:
            check_text(self.report, self.document.file, node, node.computed)

    # ------------------------------------------------------------------ what is called

    def _check_decision(self, node: Node) -> None:
        wanted = node.zc.get("decision", "").strip()
        if not wanted:
            self._add("rule-task-passes", node)
        elif wanted not in self.decisions:
            self._add("decision-not-found", node, decision=wanted)

    def _check_ad_hoc(self, node: Node) -> None:
        ordering = node.attributes.get("ordering", "Parallel").strip()
        if ordering not in ("Parallel", "Sequential"):
            self._add("attribute-invalid", node, name="ordering", value=ordering, expected="Parallel or Sequential")
        if node.flag("triggeredByEvent"):
            self._add("attribute-invalid", node, name="triggeredByEvent", value="true", expected="false")
        condition = node.texts.get("completionCondition")
        if condition is None or not condition.body:
            self._add("ad-hoc-without-condition", node)
        else:
            check_text(self.report, self.document.file, node, condition)

    def _check_message(self, node: Node) -> None:
        """Check the message of a send task, which may be left out (Table 10.9)."""
        reference = local_id(node.attributes.get("messageRef"))
        root = self.document.roots.get(reference)
        if not reference:
            self._add("send-task-passes", node)
        elif root is None or root.tag != "message":
            self._add("message-unknown", node, reference=reference)
        elif not root.name:
            self._add("message-name-missing", node, reference=reference)

    def _check_call(self, node: Node) -> None:
        text = node.attributes.get("calledElement", "").strip()
        if not text:
            self._add("called-element-missing", node)
            return
        if any(mark in text for mark in "${}#= "):
            self._add("called-element-expression-not-supported", node)
            return
        wanted = text.rpartition(":")[2]
        code = self.unfit(wanted)
        if code:
            self._add(code, node, called=wanted)

"""Read the decision tables of a DMN file; every thing that we do not run is a finding that names its element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from workflows.engine.decisions.tables import Decision, HitPolicy, Input, Output, Rule
from workflows.engine.decisions.type_names import canonical, is_known
from workflows.engine.expressions import Expression, ExpressionSyntaxError, compile_expression
from workflows.engine.limits import Limits
from workflows.engine.types import FileContent, Finding, Severity
from workflows.engine.xml import XmlFault, local_name, namespace, parse_xml

_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)
_REFUSED_TOP = {
    "businessKnowledgeModel": "dmn-business-knowledge-model",
    "decisionService": "dmn-decision-service",
    "import": "dmn-import",
}
_REFUSED_REQUIREMENTS = {"requiredDecision": "dmn-required-decision", "requiredKnowledge": "dmn-required-knowledge"}
_LOGIC = frozenset(
    {
        "literalExpression",
        "invocation",
        "context",
        "list",
        "relation",
        "functionDefinition",
        "conditional",
        "filter",
        "for",
        "some",
        "every",
    }
)
_AGGREGATIONS = frozenset({"SUM", "COUNT", "MIN", "MAX"})
_CAMUNDA_VARIABLE = ("{http://camunda.org/schema/1.0/dmn}inputVariable", "{http://camunda.org/schema/dmn}inputVariable")


def read_decisions(
    file: FileContent, *, limits: Limits | None = None
) -> tuple[tuple[Decision, ...], tuple[Finding, ...]]:
    """Read ``file``: the decisions without an error, and all findings."""
    bounds = limits or Limits()
    try:
        root = parse_xml(file.content, limits=bounds)
    except XmlFault as fault:
        return (), (fault.as_finding(file.path),)
    reader = _Reader(file.path, bounds)
    return tuple(reader.read(root)), tuple(reader.findings)


@dataclass(slots=True)
class _Reader:
    file: str
    limits: Limits
    findings: list[Finding] = field(default_factory=list)

    def read(self, root: etree._Element) -> list[Decision]:
        if local_name(root) != "definitions" or namespace(root) not in _NAMESPACES:
            self.error(root, "dmn-namespace", f"Expected DMN definitions, but got <{local_name(root)}>.")
            return []
        for child in root:
            if code := _REFUSED_TOP.get(local_name(child)):
                self.error(child, code, f"A {local_name(child)} is not run.")
        decisions = [decision for element in _children(root, "decision") if (decision := self._decision(element))]
        if not list(_children(root, "decision")):
            self.error(root, "dmn-no-decision", "The file holds no decision.")
        return self._without_twins(decisions)

    def error(self, element: etree._Element, code: str, message: str, **params: Any) -> None:
        self._find(Severity.ERROR, element, code, message, params)

    def warn(self, element: etree._Element, code: str, message: str, **params: Any) -> None:
        self._find(Severity.WARNING, element, code, message, params)

    def _find(
        self, severity: Severity, element: etree._Element, code: str, message: str, params: dict[str, Any]
    ) -> None:
        named = _with_id(element)
        finding = Finding(
            severity,
            code,
            message,
            file=self.file,
            element_id=_text(named.get("id")),
            element_name=_text(named.get("name") or named.get("label")),
            construct=local_name(element),
            path=f"line {element.sourceline}",
            params=params,
        )
        self.findings.append(finding)

    def _without_twins(self, decisions: list[Decision]) -> list[Decision]:
        seen: dict[str, Decision] = {}
        for decision in decisions:
            if decision.id in seen:
                finding = Finding(
                    Severity.ERROR,
                    "dmn-duplicate-id",
                    f"Two decisions have the id {decision.id!r}.",
                    file=self.file,
                    element_id=decision.id,
                    element_name=decision.name,
                    construct="decision",
                )
                self.findings.append(finding)
            seen.setdefault(decision.id, decision)
        return list(seen.values())

    def _decision(self, element: etree._Element) -> Decision | None:
        errors = self._errors()
        if not element.get("id"):
            self.error(element, "dmn-missing-id", "A decision needs an id.")
        for requirement in element.iter():
            if code := _REFUSED_REQUIREMENTS.get(local_name(requirement)):
                target = _text(requirement.get("href")).lstrip("#")
                self.error(requirement, code, f"A decision that needs {target!r} first is not run.", target=target)
        for child in element:
            if local_name(child) in _LOGIC:
                message = f"A decision by {local_name(child)} is not run; only decision tables are."
                self.error(child, "dmn-decision-logic", message)
        table = next(_children(element, "decisionTable"), None)
        if table is None:
            if self._errors() == errors:
                self.error(element, "dmn-no-table", "The decision has no decision table.")
            return None
        decision = self._table(element, table)
        return decision if self._errors() == errors else None

    def _errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    def _table(self, element: etree._Element, table: etree._Element) -> Decision | None:
        inputs = [column for child in _children(table, "input") if (column := self._input(child))]
        outputs = [self._output(child, index) for index, child in enumerate(_children(table, "output"), 1)]
        policy, aggregation = self._hit_policy(table, len(outputs))
        self._check_outputs(table, outputs)
        rules = [self._rule(rule, table, index) for index, rule in enumerate(_children(table, "rule"), 1)]
        if policy is None:
            return None
        name = _text(element.get("name") or element.get("id"))
        return Decision(
            _text(element.get("id")), name, policy, aggregation, tuple(inputs), tuple(outputs), tuple(rules)
        )

    def _hit_policy(self, table: etree._Element, outputs: int) -> tuple[HitPolicy | None, str]:
        written = _text(table.get("hitPolicy") or "UNIQUE")
        aggregation = _text(table.get("aggregation"))
        if written not in HitPolicy.__members__:
            self.error(table, "dmn-hit-policy", f"The hit policy {written!r} is not run.", hit_policy=written)
            return None, ""
        policy = HitPolicy(written)
        if aggregation and policy is not HitPolicy.COLLECT:
            self.error(table, "dmn-aggregation", f"The aggregation {aggregation!r} belongs to COLLECT only.")
        elif aggregation and (aggregation not in _AGGREGATIONS or outputs != 1):
            message = f"The aggregation {aggregation!r} needs one output and is one of SUM, COUNT, MIN, MAX."
            self.error(table, "dmn-aggregation", message)
        return policy, aggregation

    def _check_outputs(self, table: etree._Element, outputs: list[Output]) -> None:
        names = [output.name for output in outputs]
        if not outputs:
            self.error(table, "dmn-no-output", "A decision table needs an output.")
        if len(outputs) > 1 and (not all(names) or len(set(names)) < len(names)):
            self.error(table, "dmn-output-names", "Several outputs need names, each its own.")

    def _input(self, element: etree._Element) -> Input | None:
        source = next(_children(element, "inputExpression"), None)
        expression = self._expression(source) if source is not None else None
        if expression is None:
            if source is None or not _expression_text(source).strip():
                self.error(element, "dmn-input-expression", "An input needs an expression.")
            return None
        variable = next((_text(element.get(name)) for name in _CAMUNDA_VARIABLE if element.get(name)), "")
        return Input(
            _text(element.get("id") or element.get("label")),
            _text(element.get("label")) or expression.text.strip(),
            expression,
            self._type(source),
            self._allowed(element, "inputValues"),
            variable,
        )

    def _output(self, element: etree._Element, index: int) -> Output:
        default = next(_children(element, "defaultOutputEntry"), None)
        name = _text(element.get("name"))
        return Output(
            _text(element.get("id")) or name or str(index),
            name,
            self._type(element),
            self._allowed(element, "outputValues"),
            self._result_cell(default) if default is not None else None,
        )

    def _type(self, element: etree._Element | None) -> str:
        if element is None:
            return ""
        name = canonical(_text(element.get("typeRef")))
        if not is_known(name):
            self.warn(element, "dmn-type-not-checked", f"Values are not checked against the type {name!r}.", type=name)
        return name

    def _allowed(self, element: etree._Element, tag: str) -> Expression | None:
        values = next(_children(element, tag), None)
        if values is None or not _expression_text(values).strip():
            return None
        return self._expression(values, unary=True)

    def _rule(self, element: etree._Element, table: etree._Element, index: int) -> Rule:
        columns = sum(1 for _ in _children(table, "input")), sum(1 for _ in _children(table, "output"))
        tests = [self._expression(cell, unary=True) for cell in _children(element, "inputEntry")]
        results = [self._result_cell(cell) for cell in _children(element, "outputEntry")]
        if (len(tests), len(results)) != columns:
            message = f"Expected {columns[0]} inputs and {columns[1]} outputs, but got {len(tests)} and {len(results)}."
            self.error(element, "dmn-rule-width", message, rule=index)
        rule_id = _text(element.get("id")) or f"{_text(_with_id(element).get('id'))}[{index}]"
        known_tests = tuple(test for test in tests if test is not None)
        return Rule(rule_id, known_tests, tuple(result for result in results if result is not None))

    def _result_cell(self, element: etree._Element) -> Expression | None:
        if not _expression_text(element).strip():
            return compile_expression("null")
        return self._expression(element)

    def _expression(self, element: etree._Element, *, unary: bool = False) -> Expression | None:
        text = _expression_text(element)
        if not unary and not text.strip():
            return None
        try:
            return compile_expression(
                text, language=_language(element), unary=unary, max_length=self.limits.max_expression_length
            )
        except ExpressionSyntaxError as error:
            params = {"expression": text[:200], "position": error.position}
            self.error(element, error.code, error.message, **params)
            return None


def _children(element: etree._Element, tag: str) -> Iterator[Any]:
    """Give the DMN children named ``tag``; a vendor's element of the same name is none."""
    return (child for child in element if local_name(child) == tag and namespace(child) in _NAMESPACES)


def _expression_text(element: etree._Element) -> str:
    return "".join(_text(child.text) for child in _children(element, "text"))


def _language(element: etree._Element) -> str | None:
    """Find the nearest ``expressionLanguage``; a cell's overrides its table's overrides the file's."""
    while element is not None:
        if element.get("expressionLanguage"):
            return _text(element.get("expressionLanguage"))
        element = element.getparent()  # type: ignore[assignment]
    return None


def _with_id(element: etree._Element) -> etree._Element:
    """Give the element, or the nearest one around it that has an id: findings name what the reader can look up."""
    candidate: etree._Element | None = element
    while candidate is not None:
        if candidate.get("id"):
            return candidate
        candidate = candidate.getparent()
    return element


def _text(value: object) -> str:
    return str(value) if value is not None else ""

"""Read a decision table from its element; every fault is a finding that names the element."""

from __future__ import annotations

from lxml import etree

from workflows.engine.decisions.report import Report, child, children, expression_text, text_of, with_id
from workflows.engine.decisions.tables import BY_OUTPUT, HitPolicy, Input, Output, Rule, Table
from workflows.engine.decisions.types import Types
from workflows.engine.expressions import Expression, compile_expression

_AGGREGATIONS = frozenset({"SUM", "COUNT", "MIN", "MAX"})
_CAMUNDA_VARIABLE = ("{http://camunda.org/schema/1.0/dmn}inputVariable", "{http://camunda.org/schema/dmn}inputVariable")


def read_table(report: Report, element: etree._Element, types: Types, owner: str) -> Table | None:
    """Read a table of the decision ``owner``; None when it has a fault."""
    errors = report.errors
    inputs = [column for found in children(element, "input") if (column := _input(report, found, types))]
    outputs = [_output(report, found, index, types) for index, found in enumerate(children(element, "output"), 1)]
    policy, aggregation = _hit_policy(report, element, outputs)
    _check_outputs(report, element, outputs)
    columns = sum(1 for _ in children(element, "input")), len(outputs)
    rules = [_rule(report, rule, columns, index) for index, rule in enumerate(children(element, "rule"), 1)]
    if policy is None or report.errors > errors:
        return None
    return Table(owner, policy, aggregation, tuple(inputs), tuple(outputs), tuple(rules), types)


def _hit_policy(report: Report, table: etree._Element, outputs: list[Output]) -> tuple[HitPolicy | None, str]:
    written = text_of(table.get("hitPolicy") or "UNIQUE")
    aggregation = text_of(table.get("aggregation"))
    if written not in [str(policy) for policy in HitPolicy]:
        report.add("dmn-hit-policy", table, hit_policy=written)
        return None, ""
    policy = HitPolicy(written)
    misplaced = policy is not HitPolicy.COLLECT or aggregation not in _AGGREGATIONS or len(outputs) != 1
    if aggregation and misplaced:
        report.add("dmn-aggregation", table, aggregation=aggregation)
    if policy in BY_OUTPUT and outputs and not any(output.allowed for output in outputs):
        report.add("dmn-priority-without-values", table, hit_policy=written)
    return policy, aggregation


def _check_outputs(report: Report, table: etree._Element, outputs: list[Output]) -> None:
    names = [output.name for output in outputs]
    if not outputs:
        report.add("dmn-no-output", table)
    if len(outputs) > 1 and (not all(names) or len(set(names)) < len(names)):
        report.add("dmn-output-names", table)


def _input(report: Report, element: etree._Element, types: Types) -> Input | None:
    source = child(element, "inputExpression")
    expression = report.expression(source) if source is not None else None
    if expression is None:
        if source is None or not expression_text(source).strip():
            report.add("dmn-input-expression", element)
        return None
    variable = next((text_of(element.get(name)) for name in _CAMUNDA_VARIABLE if element.get(name)), "")
    return Input(
        text_of(element.get("id") or element.get("label")),
        text_of(element.get("label")) or expression.text.strip(),
        expression,
        read_type(report, source, types),
        _allowed(report, element, "inputValues"),
        variable,
    )


def _output(report: Report, element: etree._Element, index: int, types: Types) -> Output:
    default = child(element, "defaultOutputEntry")
    name = text_of(element.get("name"))
    reference = read_type(report, element, types)
    return Output(
        text_of(element.get("id")) or name or str(index),
        name,
        reference,
        _allowed(report, element, "outputValues") or types.allowed(reference),
        _result_cell(report, default) if default is not None else None,
    )


def read_type(report: Report, element: etree._Element | None, types: Types) -> str:
    """Read ``typeRef``, an attribute since DMN 1.2 and an element in some older files."""
    if element is None:
        return ""
    older = child(element, "typeRef")
    reference = text_of(element.get("typeRef")) or (text_of(older.text).strip() if older is not None else "")
    if not types.knows(reference):
        report.add("dmn-type-not-checked", element, type=reference)
    return reference


def _allowed(report: Report, element: etree._Element, tag: str) -> Expression | None:
    values = child(element, tag)
    if values is None or not expression_text(values).strip():
        return None
    return report.expression(values, unary=True)


def _rule(report: Report, element: etree._Element, columns: tuple[int, int], index: int) -> Rule:
    inputs, outputs = columns
    tests = [report.expression(cell, unary=True) for cell in children(element, "inputEntry")]
    results = [_result_cell(report, cell) for cell in children(element, "outputEntry")]
    if (len(tests), len(results)) != (inputs, outputs):
        found = {"tests": len(tests), "results": len(results), "inputs": inputs, "outputs": outputs}
        report.add("dmn-rule-width", element, rule=index, **found)
    rule_id = text_of(element.get("id")) or f"{text_of(with_id(element).get('id'))}[{index}]"
    known_tests = tuple(test for test in tests if test is not None)
    return Rule(rule_id, known_tests, tuple(result for result in results if result is not None))


def _result_cell(report: Report, element: etree._Element) -> Expression | None:
    if not expression_text(element).strip():
        return compile_expression("null")
    return report.expression(element)

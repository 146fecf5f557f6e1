"""Files made to hurt: a finding or an answer, soon, and no recursion of Python's."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.decisions.conftest import NAMESPACE
from workflows.engine.decisions import read_decisions
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import FileContent

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ONE = "<literalExpression><text>1</text></literalExpression>"
ROW = f"<rule>{'<inputEntry><text>&gt; 5</text></inputEntry>' * 4}<outputEntry><text>1</text></outputEntry></rule>"
INPUT = "<input><inputExpression><text>x</text></inputExpression></input>"
TABLE = f'<decisionTable hitPolicy="COLLECT">{INPUT * 4}<output name="o"/>{ROW * 900}</decisionTable>'


def boxed(tag: str, depth: int) -> str:
    opening, closing = f"<{tag}>", f"</{tag}>"
    if tag == "context":
        opening, closing = '<context><contextEntry><variable name="a"/>', "</contextEntry></context>"
    return f'<decision id="d" name="d">{opening * depth}{ONE}{closing * depth}</decision>'


def layer(number: int, width: int) -> str:
    """Draw decisions that each require all of the layer below: paths grow as a power, elements do not."""
    needed = [f"l{number - 1}n{each}" for each in range(width)] if number else []
    requirements = "".join(
        f'<informationRequirement><requiredDecision href="#{name}"/></informationRequirement>' for name in needed
    )
    logic = f"<literalExpression><text>{' + '.join(needed) or '1'}</text></literalExpression>"
    return "".join(
        f'<decision id="l{number}n{each}" name="l{number}n{each}">{requirements}{logic}</decision>'
        for each in range(width)
    )


def types(count: int) -> str:
    drawn = "".join(
        f'<itemDefinition name="t{n}">'
        + "".join(f'<itemComponent name="c{k}"><typeRef>t{n + 1}</typeRef></itemComponent>' for k in range(8))
        + "</itemDefinition>"
        for n in range(count)
    )
    return drawn + '<decision id="d" name="d"><variable name="d" typeRef="t0"/>' + ONE.replace("1", "x") + "</decision>"


@pytest.mark.parametrize(
    "body",
    [
        boxed("list", 45),
        boxed("list", 500),
        boxed("context", 20),
        boxed("context", 500),
        "".join(layer(number, 6) for number in range(30)),
        "".join(f'<inputData id="i{n}" name="name number {n}"/>' for n in range(1500)) + boxed("list", 1),
        f'<decision id="d" name="d">{TABLE}</decision>',
        types(20),
        '<decision id="d" name="d">' + ONE.replace("1", "for i in 1..10000, j in 1..10000 return i") + "</decision>",
        '<decision id="d" name="d">' + ONE.replace("1", "9 ** 9 ** 9") + "</decision>",
    ],
    ids=["lists", "deep lists", "contexts", "deep contexts", "layers", "names", "rules", "types", "loops", "power"],
)
def test_a_file_made_to_hurt_is_answered_or_refused_soon(body):
    started = time.process_time()
    content = f'<definitions xmlns="{NAMESPACE}" id="x">{body}</definitions>'.encode()
    scope: dict[str, Any] = {"x": {"c0": {"c1": {"c2": {}}}}}

    decisions, findings = read_decisions(FileContent("t.dmn", content))
    assert decisions or findings
    for decision in decisions[-1:]:
        try:
            decision.evaluate(scope, now=NOW)
            failed = ""
        except ExpressionError as error:
            failed = error.code
        assert failed in ("", "expression-too-costly", "expression-result-too-large", "decision-result-type")

    assert time.process_time() - started < 5

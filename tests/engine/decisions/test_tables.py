"""What a decision table answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from workflows.engine.decisions import DecisionError, HitPolicy, read_decisions
from workflows.engine.expressions import Budget, ExpressionError
from workflows.engine.types import FileContent

GRADES = [("< 60", '"差"'), ("[60..80)", '"中"'), (">= 80", '"好"')]


@pytest.mark.parametrize(
    ("score", "expected"), [(59, "差"), (60, "中"), (Decimal("79.9"), "中"), (80, "好"), (None, None), ("60", None)]
)
def test_a_unique_table_answers_its_one_rule(table, now, score, expected):
    decision = table(inputs=["score"], outputs=["grade"], rules=GRADES)

    assert decision.hit_policy is HitPolicy.UNIQUE
    assert decision.evaluate({"score": score}, now=now) == expected


def test_two_matches_of_a_unique_table_are_an_error_naming_the_rules(table, now):
    decision = table(inputs=["x"], outputs=["y"], rules=[("> 1", "1"), ("> 2", "2")])

    assert decision.evaluate({"x": 2}, now=now) == 1
    with pytest.raises(DecisionError) as caught:
        decision.evaluate({"x": 3}, now=now)

    assert caught.value.code == "decision-not-unique"
    assert caught.value.element_id == "r2"
    assert "r1, r2" in caught.value.message


def test_a_first_table_answers_the_first_match_and_looks_no_further(table, now):
    rules = [("> 5", '"a"'), ("> 1", '"b"'), ("unknown(?)", '"c"')]
    decision = table(inputs=["x"], outputs=["y"], rules=rules, policy="FIRST")

    assert decision.evaluate({"x": 9}, now=now) == "a"
    assert decision.evaluate({"x": 2}, now=now) == "b"
    with pytest.raises(ExpressionError):
        decision.evaluate({"x": 0}, now=now)


def test_an_any_table_needs_rules_that_agree(table, now):
    rules = [("> 1", '"a"'), ("> 2", '"a"'), ("> 3", '"b"')]
    decision = table(inputs=["x"], outputs=["y"], rules=rules, policy="ANY")

    assert decision.evaluate({"x": 3}, now=now) == "a"
    with pytest.raises(DecisionError) as caught:
        decision.evaluate({"x": 4}, now=now)

    assert (caught.value.code, caught.value.element_id) == ("decision-rules-disagree", "r3")


@pytest.mark.parametrize(
    ("aggregation", "x", "expected"),
    [
        (None, 3, [10, 20]),
        (None, 0, []),
        ("SUM", 3, 30),
        ("COUNT", 3, 2),
        ("MIN", 3, 10),
        ("MAX", 3, 20),
        ("COUNT", 0, 0),
        ("SUM", 0, None),
        ("MAX", 0, None),
    ],
)
def test_a_collect_table_answers_all_matches_or_what_they_add_up_to(table, now, aggregation, x, expected):
    rules = [("> 1", "10"), ("> 2", "20"), ("> 3", "30")]
    decision = table(inputs=["x"], outputs=["y"], rules=rules, policy="COLLECT", aggregation=aggregation)

    assert decision.evaluate({"x": x}, now=now) == expected


def test_an_aggregation_of_what_cannot_be_added_is_an_error(table, now):
    rules = [("-", "10"), ("-", '"a"')]
    decision = table(inputs=["x"], outputs=["y"], rules=rules, policy="COLLECT", aggregation="SUM")

    with pytest.raises(DecisionError) as caught:
        decision.evaluate({"x": 1}, now=now)

    assert caught.value.code == "decision-aggregation-failed"


def test_several_outputs_make_a_context_by_name(table, now):
    decision = table(inputs=["x"], outputs=["colour", "days"], rules=[("1", '"红"', "x * 5"), ("2", '"黄"', "")])

    assert decision.evaluate({"x": 1}, now=now) == {"colour": "红", "days": 5}
    assert decision.evaluate({"x": 2}, now=now) == {"colour": "黄", "days": None}


def test_defaults_answer_when_no_rule_does(table, now):
    parts = {
        "inputs": ["x"],
        "outputs": ["y"],
        "rules": [("1", '"a"')],
        "output_extra": '<defaultOutputEntry><text>"none of " + string(x)</text></defaultOutputEntry>',
    }

    assert table(**parts).evaluate({"x": 2}, now=now) == "none of 2"
    assert table(**parts, policy="FIRST").evaluate({"x": 1}, now=now) == "a"
    assert table(**parts, policy="COLLECT").evaluate({"x": 2}, now=now) == ["none of 2"]


def test_inputs_are_expressions_and_cells_may_read_variables(table, now):
    decision = table(
        inputs=["amount * rate", "单位.级别"],
        outputs=["y"],
        rules=[("> limit", "1, 2", '"上报"'), ("<= limit", "-", '"自行"')],
    )
    scope = {"amount": Decimal("100.5"), "rate": 2, "单位": {"级别": 2}, "limit": 200}

    assert decision.evaluate(scope, now=now) == "上报"
    assert decision.evaluate({**scope, "rate": 1}, now=now) == "自行"
    assert decision.names == {"amount", "rate", "单位", "limit"}


def test_cells_may_call_functions_of_the_application(table, now):
    decision = table(inputs=["x"], outputs=["due"], rules=[("known(?)", "next(x)")])
    functions = {"known": lambda value: value > 0, "next": lambda n: date(2026, 10, int(n))}

    assert decision.evaluate({"x": 8}, now=now, functions=functions) == date(2026, 10, 8)
    assert decision.functions == {"known", "next"}
    with pytest.raises(DecisionError) as caught:
        decision.evaluate({"x": 8}, now=now)
    assert (caught.value.code, caught.value.element_id) == ("unknown-function", "r1")


def test_values_outside_the_allowed_ones_are_errors(table, now):
    inputs = table(
        inputs=["x"],
        outputs=["y"],
        rules=[("-", "1")],
        input_extra='<inputValues><text>"a","b"</text></inputValues>',
    )
    outputs = table(
        inputs=["x"],
        outputs=["y"],
        rules=[("-", "x")],
        output_extra='<outputValues><text>"a","b"</text></outputValues>',
    )

    assert inputs.evaluate({"x": "a"}, now=now) == 1
    assert inputs.evaluate({"x": None}, now=now) == 1
    for decision, code in [(inputs, "decision-input-not-allowed"), (outputs, "decision-output-not-allowed")]:
        with pytest.raises(DecisionError) as caught:
            decision.evaluate({"x": "z"}, now=now)
        assert caught.value.code == code


TYPED = """
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d">
<decision id="c" name="c"><decisionTable id="t">
<input id="i"><inputExpression typeRef="{input}"><text>x</text></inputExpression></input>
<output id="o" name="y" typeRef="{output}"/>
<rule id="r"><inputEntry><text>-</text></inputEntry><outputEntry><text>x</text></outputEntry></rule>
</decisionTable></decision></definitions>
"""


@pytest.mark.parametrize(
    ("types", "value", "code"),
    [
        (("number", "number"), 1, None),
        (("feel:number", "feel:number"), 1, None),
        (("integer", "long"), 1, None),
        (("integer", "Any"), Decimal("1.5"), "decision-input-type"),
        (("string", "Any"), 1, "decision-input-type"),
        (("Any", "string"), 1, "decision-output-type"),
        (("boolean", "boolean"), True, None),
        (("number", "number"), True, "decision-input-type"),
        (("date", "date"), date(2026, 10, 1), None),
        (("date", "date"), "2026-10-01", "decision-input-type"),
        (("number", "string"), None, None),
    ],
)
def test_types_of_inputs_and_outputs_are_checked(now, types, value, code):
    content = TYPED.format(input=types[0], output=types[1]).encode()
    (decision,), findings = read_decisions(FileContent("t.dmn", content))

    assert not findings
    if code is None:
        assert decision.evaluate({"x": value}, now=now) == value
    else:
        with pytest.raises(DecisionError) as caught:
            decision.evaluate({"x": value}, now=now)
        assert caught.value.code == code


def test_all_cells_share_one_budget(table, now):
    decision = table(inputs=["x"], outputs=["y"], rules=[("count(for i in 1..90 return i) = 1", "1")] * 50)

    with pytest.raises(ExpressionError) as caught:
        decision.evaluate({"x": 1}, now=now, budget=Budget(steps=2_000))

    assert caught.value.code == "expression-too-costly"


def test_a_table_without_rules_or_inputs_still_answers(table, now):
    assert table(inputs=["x"], outputs=["y"], rules=[]).evaluate({"x": 1}, now=now) is None
    assert table(inputs=[], outputs=["y"], rules=[("7",)]).evaluate({}, now=now) == 7


def test_a_large_table_is_answered_within_the_default_budget(table, now):
    rules = [(f"{number}", f"{number * 2}") for number in range(2_000)]

    assert table(inputs=["x"], outputs=["y"], rules=rules).evaluate({"x": 1_999}, now=now) == 3_998

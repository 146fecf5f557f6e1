"""Conditions decide: true or false, or an error that says why it was neither."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from workflows.engine.expressions import Budget, ExpressionError, ExpressionSyntaxError, begin_run, compile_expression


def test_a_condition_is_true_or_false(now):
    condition = compile_expression('金额 > 1000 and 级别 in ("市", "县")')

    assert condition.test({"金额": 1500, "级别": "市"}, now=now) is True
    assert condition.test({"金额": 1500, "级别": "乡"}, now=now) is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "is a number"),
        ("null", "is null"),
        ('x > "1"', "no order between a string and a number"),
        ('x = "1"', "a number cannot be compared with a string"),
        ("c.part = 1 and c.other", "and was given null"),
        ("c.missing", "There is no entry missing"),
    ],
)
def test_a_condition_that_is_neither_says_why(now, text, reason):
    with pytest.raises(ExpressionError, match=reason) as caught:
        compile_expression(text).test({"x": 1, "c": {"part": 1, "other": None}}, now=now)

    assert caught.value.code == "not-boolean"


def test_the_clock_must_know_its_zone():
    with pytest.raises(ValueError, match="aware"):
        compile_expression("1").evaluate({}, now=datetime(2026, 10, 1))  # noqa: DTZ001 - the fault under test


def test_the_zone_of_the_people_may_be_another():
    late = datetime(2026, 10, 1, 17, 0, tzinfo=UTC)

    assert compile_expression("today()").evaluate({}, now=late, zone=UTC) == date(2026, 10, 1)
    assert compile_expression("today()").evaluate({}, now=late) == date(2026, 10, 2)


def test_several_expressions_share_one_budget(now):
    run = begin_run(now=now, budget=Budget(steps=20))
    expression = compile_expression("1 + 2 + 3")

    assert [expression.evaluate_in(run, {}) for _ in range(2)] == [6, 6]
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate_in(run, {})

    assert caught.value.code == "expression-too-costly"


@pytest.mark.parametrize(
    "language", [None, "", "feel", "http://www.w3.org/1999/XPath", "https://www.omg.org/spec/DMN/FEEL/"]
)
def test_feel_and_the_default_that_every_modeler_writes_are_read(now, language):
    assert compile_expression("1 + 1", language=language).evaluate({}, now=now) == 2


@pytest.mark.parametrize("language", ["groovy", "javascript", "http://www.javascript.com/java", "jsonpath"])
def test_other_languages_are_refused_by_name(language):
    with pytest.raises(ExpressionSyntaxError, match=language) as caught:
        compile_expression("1 + 1", language=language)

    assert caught.value.code == "expression-language-not-supported"


def test_an_error_tells_the_place(now):
    with pytest.raises(ExpressionSyntaxError) as read:
        compile_expression("1 + * 2")
    with pytest.raises(ExpressionError) as evaluated:
        compile_expression("1 + unknown").evaluate({}, now=now)

    assert read.value.position == 4
    assert evaluated.value.position == 4


def test_evaluating_changes_nothing_that_was_handed_in(now):
    scope = {"xs": [3, 1, 2], "c": {"a": [1]}}

    for text in ("append(xs, 4)", "sort(xs)", 'context put(c, "a", 2)', "reverse(xs)", "c.a"):
        compile_expression(text).evaluate(scope, now=now)
    result = compile_expression("c").evaluate(scope, now=now)
    result["a"].append(9)

    assert scope == {"xs": [3, 1, 2], "c": {"a": [1]}}


def test_the_names_are_told_also_when_they_are_those_of_functions():
    expression = compile_expression("count > limit")

    assert expression.names == {"limit"}
    assert expression.possible_names == {"count", "limit"}

"""Every function given what it does not expect: null or an error with a code, never a crash."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.engine.expressions import Budget, ExpressionError, compile_expression
from workflows.engine.expressions.registry import BUILTINS
from workflows.engine.types import DueDate
from workflows.engine.values import ValueFault, YearsMonths, dumps

NOW = datetime(2026, 10, 1, tzinfo=UTC)
VALUES = {
    "none": None,
    "yes": True,
    "zero": 0,
    "one": 1,
    "minus": -3,
    "half": Decimal("0.5"),
    "huge": Decimal("9E+6000"),
    "tiny": Decimal("1E-6000"),
    "endless": 10**399,
    "empty": "",
    "word": "foobar",
    "pattern": "(a|b",
    "day_text": "2026-10-01",
    "day": date(2026, 10, 1),
    "last_day": date(9999, 12, 31),
    "clock": time(10, 30),
    "zoned_clock": time(10, 30, tzinfo=UTC),
    "moment": NOW,
    "local": datetime(1, 1, 1, 0, 0),  # noqa: DTZ001 - a local time is one of the kinds
    "days": timedelta(days=1, hours=2),
    "longest": timedelta(days=3_000_000),
    "months": YearsMonths(14),
    "nothing": [],
    "numbers": [3, 1, 2],
    "mixed": [1, "a", None, [2], {"a": 1}],
    "hollow": [None],
    "durations": [timedelta(days=1), timedelta(days=2)],
    "entries": [{"key": "a", "value": 1}],
    "context": {"a": {"b": 1}},
    "due": DueDate(NOW),
}
ARGUMENTS = st.sampled_from([*VALUES, "[1..5]", "(1..5)", "function(a) a", "function(a, b) a", "count"])
CALLED = sorted(set(BUILTINS) - {"@"})
OPERATORS = ("+", "-", "*", "/", "%", "**", "=", "!=", "<", "<=", ">", ">=", "in", "and", "or")
PARTS = (
    *("year", "month", "day", "weekday", "hour", "minute", "second", "time offset", "timezone", "days", "hours"),
    *("minutes", "seconds", "years", "months", "start", "end", "start included", "end included", "at", "rule", "a"),
)


def outcome(text: str) -> str:
    """Give the value in JSON, or the code of the error."""
    try:
        value = compile_expression(text).evaluate(VALUES, now=NOW, budget=Budget(steps=20_000))
    except ExpressionError as error:
        return error.code
    return dumps(value)


@pytest.mark.parametrize("name", CALLED)
@settings(max_examples=40, deadline=None)
@given(arguments=st.lists(ARGUMENTS, max_size=4))
def test_any_arguments_of_any_function_give_a_value_or_a_code(name, arguments):
    assert outcome(f"{name}({', '.join(arguments)})")


@settings(max_examples=600, deadline=None)
@given(ARGUMENTS, st.sampled_from(OPERATORS), ARGUMENTS)
def test_any_operator_between_any_kinds_gives_a_value_or_a_code(left, sign, right):
    assert outcome(f"({left}) {sign} ({right})")


@pytest.mark.parametrize("name", CALLED)
def test_one_argument_of_any_kind_gives_a_value_or_a_code(name):
    assert all(outcome(f"{name}({value})") for value in VALUES)


@pytest.mark.parametrize("value", [*sorted(VALUES), "[1..5]"])
def test_a_part_of_any_kind_gives_a_value_or_a_code(value):
    assert all(outcome(f"({value}).{part}") for part in PARTS)


@pytest.mark.parametrize(
    "text",
    [
        "-none",
        "-word",
        "-days",
        "-months",
        "not(word)",
        "word[1][item = 1]",
        "none between 1 and word",
        "for i in word..day return i",
        "for i in 0.5..3 return i",
        "some i in word satisfies i",
        "if word then 1 else 2",
        "[word..one]",
        "[none..one] = none",
        "one in [none..one]",
        "day in [word..day]",
        "moment in [local..moment]",
        "mixed.a",
        "mixed[item = 1]",
        "numbers[0.5]",
        "numbers[99999999999999999999999999]",
        "numbers[huge]",
        "numbers[-4]",
        "endless + endless",
        "endless ** 2",
        "huge * huge",
        "tiny * tiny",
        "tiny / huge",
        "days * huge",
        "days / zero",
        "months * half",
        "months / months",
        "last_day + months",
        "local - longest",
        "moment - longest",
        "clock - zoned_clock",
        "due = due",
        "due < due",
        "string([1..5]) + string(due)",
        "string({a: [none, clock]})",
    ],
)
def test_wrong_kinds_in_the_language_itself_give_a_value_or_a_code(text):
    assert outcome(text)


def test_a_duration_of_thousands_of_digits_is_refused_by_name():
    with pytest.raises(ValueFault) as refused:
        YearsMonths(10**5000)

    assert refused.value.code == "duration-out-of-range"

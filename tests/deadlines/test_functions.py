from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from workflows.deadlines.count import SHANGHAI
from workflows.deadlines.functions import functions
from workflows.engine.expressions import compile_expression
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.types import DueDate

NOW = datetime(2026, 12, 30, 2, tzinfo=UTC)


@pytest.fixture
def call(calendar, rules):
    return functions(calendar, NOW, rules, {})


def china(year, month, day, hour=0):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def test_working_days_run_from_now_or_from_a_given_day(call):
    assert call["workdays"](Decimal(5)) == DueDate(china(2027, 1, 8), None, provisional=True)
    assert call["workdays"](5, date(2026, 11, 9)) == DueDate(china(2026, 11, 17), None, provisional=False)
    assert call["workdays"](5, datetime(2026, 11, 9, 23, 30)) == call["workdays"](5, date(2026, 11, 9))  # noqa: DTZ001
    assert call["workdays"](5, DueDate(china(2026, 11, 9, 12))) == call["workdays"](5, date(2026, 11, 9))
    assert call["workdays"](0, date(2026, 11, 9)).at == china(2026, 11, 10)


def test_calendar_days_roll_off_a_free_day(call):
    assert call["days"](1, date(2026, 11, 20)).at == china(2026, 11, 24)


def test_a_rule_is_named_in_its_due_date_and_takes_the_regions_parameters(calendar, rules, call):
    from_rule = call["deadline"]("reports.pass_up")

    assert from_rule == DueDate(china(2027, 1, 8), "reports.pass_up", provisional=True)
    key = next(key for key, rule in rules.items() if rule.parameter and rule.amount not in (None, 1))
    changed = functions(calendar, NOW, rules, {rules[key].parameter: 1})
    assert changed["deadline"](key, date(2026, 11, 9)).at < call["deadline"](key, date(2026, 11, 9)).at


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("end_of_month", china(2027, 1, 1)),
        ("end_of_quarter", china(2027, 1, 1)),
        ("end_of_half_year", china(2027, 1, 1)),
        ("end_of_year", china(2027, 1, 1)),
    ],
)
def test_the_end_of_a_period_is_midnight_after_its_last_day(call, name, at):
    assert call[name]() == DueDate(at, None, provisional=False)


def test_days_are_plain_dates(call):
    assert call["is_workday"](date(2026, 9, 20)) is True
    assert call["is_workday"](china(2026, 10, 1, 12)) is False
    assert call["next_workday"](date(2026, 9, 30)) == date(2026, 10, 8)
    assert call["next_workday"]() == date(2026, 12, 31)
    assert call["add_workdays"](date(2026, 10, 8), Decimal(-1)) == date(2026, 9, 30)
    assert call["add_months"](date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert call["workdays_between"](date(2026, 9, 30), date(2026, 10, 9)) == 2
    assert call["workdays_between"](date(2026, 10, 9), date(2026, 9, 30)) == -2
    assert call["festival"]("春节", Decimal(2027)) == date(2027, 2, 6)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("workdays(5)", DueDate(china(2027, 1, 8), None, provisional=True)),
        ('deadline("reports.pass_up")', DueDate(china(2027, 1, 8), "reports.pass_up", provisional=True)),
        ("end_of_year()", DueDate(china(2027, 1, 1), None, provisional=False)),
        ('add_workdays(date("2026-09-30"), 1)', date(2026, 10, 8)),
        ('workdays_between(date("2026-09-30"), date("2026-10-09")) > 1', True),
    ],
)
def test_diagrams_call_them_in_expressions(call, text, value):
    assert compile_expression(text).evaluate({}, now=NOW, functions=call) == value


def test_a_fault_of_time_keeps_its_code_in_an_expression(call):
    with pytest.raises(ExpressionError) as caught:
        compile_expression('deadline("none")').evaluate({}, now=NOW, functions=call)

    assert caught.value.code == "rule-unknown"


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("workdays", (Decimal("1.5"),), "not-a-whole-number"),
        ("workdays", ("5",), "not-a-whole-number"),
        ("workdays", (True,), "not-a-whole-number"),
        ("workdays", (-1,), "amount-out-of-range"),
        ("workdays", (10**9,), "amount-out-of-range"),
        ("workdays", (5, "2026-11-09"), "not-a-date"),
        ("workdays", (5, date(1999, 1, 1)), "calendar-before-first-year"),
        ("days", (36_600,), "calendar-beyond-range"),
        ("deadline", ("no such rule",), "rule-unknown"),
        ("deadline", (["reports.pass_up"],), "rule-unknown"),
        ("is_workday", (None,), "not-a-date"),
        ("add_workdays", (date(2026, 1, 1), 10**6), "amount-out-of-range"),
        ("add_months", (date(2026, 1, 1), 10**6), "amount-out-of-range"),
        ("festival", ("无", 2027), "festival-unknown"),
        ("festival", ("春节", 2200), "calendar-beyond-range"),
        ("next_workday", (date(2100, 12, 31),), "calendar-beyond-range"),
        ("workdays_between", (date(2026, 1, 1), date(9999, 1, 1)), "calendar-beyond-range"),
        ("add_months", (date(9999, 12, 1), 5), "calendar-beyond-range"),
        ("add_months", (date(1, 1, 1), -5), "calendar-before-first-year"),
    ],
)
def test_what_cannot_be_computed_is_an_error_with_a_code(call, name, arguments, code):
    with pytest.raises(ExpressionError) as caught:
        call[name](*arguments)

    assert caught.value.code == code

"""Functions of time that diagrams may call: `workdays(5)`, `deadline("rule")`, `end_of_year()` and the like.

Pure: the clock, calendar, rules and parameters are bound in. Instants come back as the engine's `DueDate`, days as
dates. Whatever cannot be computed raises `ExpressionError` with the stable code of the `DeadlineError` behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from workflows.deadlines import count as counting
from workflows.deadlines.calendar import ONE_DAY, Calendar
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Anchor, AnchorKind, Confidence, Unit
from workflows.deadlines.rules import AD_HOC, Deadline, DeadlineRule, ExtensionRule, compute
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.types import DueDate


def functions(
    calendar: Calendar,
    now: datetime,
    rules: Mapping[str, DeadlineRule],
    parameters: Mapping[str, Any],
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions by the name that expressions use."""
    bound = _Functions(calendar, now, rules, parameters)
    named: dict[str, Callable[..., Any]] = {
        "workdays": bound.workdays,
        "days": bound.days,
        "deadline": bound.deadline,
        "end_of_month": lambda: bound.end_of(AnchorKind.END_OF_MONTH),
        "end_of_quarter": lambda: bound.end_of(AnchorKind.END_OF_QUARTER),
        "end_of_half_year": lambda: bound.end_of(AnchorKind.END_OF_HALF_YEAR),
        "end_of_year": lambda: bound.end_of(AnchorKind.END_OF_YEAR),
        "is_workday": bound.is_workday,
        "next_workday": bound.next_workday,
        "add_workdays": bound.add_workdays,
        "add_months": bound.add_months,
        "workdays_between": bound.workdays_between,
        "festival": bound.festival,
    }
    return {name: _as_expression(function) for name, function in named.items()}


def _as_expression(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the stable code of a fault of time when it becomes a fault of the expression."""

    @wraps(function)
    def call(*arguments: object) -> Any:
        try:
            return function(*arguments)
        except DeadlineError as error:
            raise ExpressionError(error.code, str(error)) from error

    return call


def ad_hoc_rule(amount: int, unit: Unit) -> DeadlineRule:
    """Return the rule of a limit that a diagram counts itself: the editor's, extendable, never shown as law."""
    return DeadlineRule(AD_HOC, 1, "", "", Confidence.EDITOR, amount=amount, unit=unit, extension=ExtensionRule())


@dataclass(frozen=True, slots=True)
class _Functions:
    calendar: Calendar
    now: datetime
    rules: Mapping[str, DeadlineRule]
    parameters: Mapping[str, Any]

    def workdays(self, amount: object, start: object = None) -> DueDate:
        """Due ``amount`` working days after ``start`` (default: now)."""
        rule = ad_hoc_rule(_whole(amount), Unit.WORKDAY)
        return _due(compute(rule, self._instant(start), self.calendar), None)

    def days(self, amount: object, start: object = None) -> DueDate:
        """Due ``amount`` calendar days after ``start`` (default: now), rolled off a free day."""
        rule = ad_hoc_rule(_whole(amount), Unit.DAY)
        return _due(compute(rule, self._instant(start), self.calendar), None)

    def deadline(self, key: object, start: object = None) -> DueDate:
        """Due as the rule ``key`` says."""
        rule = self.rules.get(key) if isinstance(key, str) else None
        if rule is None:
            raise DeadlineError("rule-unknown", f"Expected the key of a deadline rule, but got {key!r}.", key=str(key))
        limit = compute(rule, self._instant(start), self.calendar, parameters=self.parameters)
        return _due(limit, rule.key)

    def end_of(self, kind: AnchorKind) -> DueDate:
        rule = DeadlineRule(AD_HOC, 1, "", "", Confidence.EDITOR, anchor=Anchor(kind))
        return _due(compute(rule, self.now, self.calendar), None)

    def is_workday(self, day: object) -> bool:
        return self.calendar.is_workday(_day(day)).workday

    def next_workday(self, day: object = None) -> date:
        """Return the first working day after ``day`` (default: today)."""
        start = counting.local_day(self.now) if day is None else _day(day)
        return self.calendar.workday_on_or_after(start + ONE_DAY)

    def add_workdays(self, day: object, amount: object) -> date:
        """Return the working day ``amount`` after ``day``; before it when negative."""
        number = _whole(amount)
        counting.check_amount(abs(number), Unit.WORKDAY)
        return self.calendar.step_workdays(_day(day), number)

    def add_months(self, day: object, amount: object) -> date:
        """Return the same day number ``amount`` months later, else that month's last day."""
        number = _whole(amount)
        counting.check_amount(abs(number), Unit.MONTH)
        start = _day(day)
        self.calendar.check_year(start.year)
        return counting.add_months(start, number)

    def workdays_between(self, first: object, last: object) -> int:
        """Count the working days after ``first`` up to ``last``; negative when ``last`` is earlier."""
        start, end = _day(first), _day(last)
        if end < start:
            return -self.calendar.count_workdays(end + ONE_DAY, start)
        return self.calendar.count_workdays(start + ONE_DAY, end)

    def festival(self, name: object, year: object) -> date:
        """Return the day of a statutory festival, such as 春节."""
        return self.calendar.festival(str(name), _whole(year))

    def _instant(self, start: object) -> datetime:
        if start is None:
            return self.now
        if isinstance(start, DueDate):
            return start.at
        if isinstance(start, datetime):
            return start if start.tzinfo is not None else start.replace(tzinfo=counting.SHANGHAI)
        return counting.start_of_day(_day(start))


def _due(limit: Deadline, rule: str | None) -> DueDate:
    return DueDate(limit.due_at, rule, limit.provisional)


def _whole(value: object) -> int:
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise DeadlineError("not-a-whole-number", f"Expected a whole number, but got {value!r}.", value=str(value))


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return counting.local_day(value) if value.tzinfo is not None else value.date()
    if isinstance(value, date):
        return value
    raise DeadlineError("not-a-date", f"Expected a date, but got {value!r}.", value=str(value))

"""Counting: from one day, by an amount and a unit, over stops, to the last day, with every day accounted for."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.deadlines.calendar import ONE_DAY, Calendar
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Anchor, AnchorKind, ClockStop, Run, RunReason, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAX_AMOUNTS = {Unit.HOUR: 24 * 3660, Unit.DAY: 36_600, Unit.WORKDAY: 10_000, Unit.MONTH: 1_200, Unit.YEAR: 100}
_MONTHS = 12
_PERIOD_MONTHS = {
    AnchorKind.END_OF_MONTH: 1,
    AnchorKind.END_OF_QUARTER: 3,
    AnchorKind.END_OF_HALF_YEAR: 6,
    AnchorKind.END_OF_YEAR: 12,
}

IsStopped = Callable[[date], bool]


def local_day(at: datetime) -> date:
    """Return the day in China on which an instant lies; a naive instant is refused."""
    if at.tzinfo is None:
        raise DeadlineError("naive-instant", f"Expected an instant with a time zone, but got {at.isoformat()}.")
    return at.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """Return 0:00 of ``day`` in China, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return 24:00 of ``day`` in China, in UTC: the first instant that is too late."""
    return start_of_day(day + ONE_DAY)


def add_months(day: date, months: int) -> date:
    """Return the same day number ``months`` later, or that month's last day when it has no such day."""
    index = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(index, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_period(day: date, months: int) -> date:
    """Return the last day of the month, quarter, half-year or year (1, 3, 6, 12 months) in which ``day`` lies."""
    last = (day.month - 1) // months * months + months
    return date(day.year, last, monthrange(day.year, last)[1])


def anchor_day(anchor: Anchor, day: date) -> date:
    """Return the fixed point that a limit beginning on ``day`` runs to."""
    if anchor.kind is not AnchorKind.MONTH_DAY:
        return end_of_period(add_months(day.replace(day=1), _MONTHS * (anchor.years or 0)), _PERIOD_MONTHS[anchor.kind])
    if anchor.years is not None:
        return _month_day(day.year + anchor.years, anchor)
    this_year = _month_day(day.year, anchor)
    return this_year if this_year > day else _month_day(day.year + 1, anchor)


def _month_day(year: int, anchor: Anchor) -> date:
    return date(year, anchor.month, min(anchor.day, monthrange(year, anchor.month)[1]))


def check_amount(amount: int, unit: Unit, *, low: int = 0) -> None:
    """Raise `DeadlineError` for a negative or absurd amount."""
    if not low <= amount <= MAX_AMOUNTS[unit]:
        message = f"Expected {low} to {MAX_AMOUNTS[unit]} ({unit}), but got {amount}."
        raise DeadlineError("amount-out-of-range", message, amount=amount, unit=unit.value)


def stopped_days(stops: Sequence[ClockStop]) -> IsStopped:
    """Return the test whether the clock stood still on a day: after the stop's first day, up to its last."""
    spans = [(local_day(stop.from_at), local_day(stop.to_at)) for stop in stops]
    return lambda day: any(first < day <= last for first, last in spans)


def count(
    day: date, amount: int, unit: Unit, calendar: Calendar, is_stopped: IsStopped
) -> tuple[date, tuple[Run, ...]]:
    """Count ``amount`` units (not hours) on from ``day``, itself excluded; return the last day and all runs."""
    if unit is Unit.WORKDAY:
        return _count_days(day, amount, lambda each: _judge_workday(calendar, each), is_stopped)
    if unit is not Unit.DAY:
        months = amount * (_MONTHS if unit is Unit.YEAR else 1)
        amount = (add_months(day, months) - day).days
    return _count_days(day, amount, _judge_calendar_day, is_stopped)


def _count_days(
    day: date, amount: int, judge: Callable[[date], Run], is_stopped: IsStopped
) -> tuple[date, tuple[Run, ...]]:
    runs: list[Run] = []
    while amount:
        day += ONE_DAY
        run = Run(day, day, 1, counted=False, reason=RunReason.CLOCK_STOPPED) if is_stopped(day) else judge(day)
        amount -= run.counted
        _append(runs, run)
    return day, tuple(runs)


def _judge_calendar_day(day: date) -> Run:
    return Run(day, day, 1, counted=True, reason=RunReason.CALENDAR_DAY)


def _judge_workday(calendar: Calendar, day: date) -> Run:
    kind = calendar.is_workday(day)
    reason = RunReason(kind.reason.value)
    return Run(day, day, 1, counted=kind.workday, reason=reason, name=kind.name, provisional=kind.provisional)


def _append(runs: list[Run], run: Run) -> None:
    """Add a day, drawing it into the last run when nothing but the date differs."""
    last = runs[-1] if runs else None
    if last is not None and _kind(run) == _kind(last):
        runs[-1] = Run(last.first, run.last, last.days + 1, *_kind(last))
    else:
        runs.append(run)


def _kind(run: Run) -> tuple[bool, RunReason, str, bool]:
    """Return all but the dates."""
    return run.counted, run.reason, run.name, run.provisional


def passed_over(days: Iterable[date], calendar: Calendar) -> tuple[Run, ...]:
    """Return the runs of free days passed over when a last day rolls."""
    runs: list[Run] = []
    for day in sorted(days):
        _append(runs, _judge_workday(calendar, day))
    return tuple(runs)


def add_hours(at: datetime, hours: int, stops: Sequence[ClockStop]) -> datetime:
    """Return the instant ``hours`` of running clock after ``at``."""
    remaining = timedelta(hours=hours)
    for stop in sorted(stops, key=lambda each: (each.from_at, each.to_at)):
        if stop.to_at <= at:
            continue
        if stop.from_at >= at + remaining:
            break
        remaining -= max(stop.from_at - at, timedelta())
        at = stop.to_at
    return (at + remaining).astimezone(UTC)

"""Functions on dates, times and durations (DMN 1.5, 10.3.4.1 and 10.3.4.8)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Builtin, is_number, told
from workflows.engine.iso8601 import (
    ValueFault,
    YearsMonths,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MICROSECONDS = 1_000_000
Moment = TypeVar("Moment", date, time)


def _date(run: Run, first: Any, month: Any = None, day: Any = None) -> date | None:
    if isinstance(first, datetime):
        return first.date()
    if isinstance(first, date):
        return first
    if isinstance(first, str) and month is None:
        return parse_date_time(first).date() if "T" in first else parse_date(first)
    if not all(is_number(part) and part == int(part) for part in (first, month, day)):
        run.null("operand-kind", operator="date", got=told(first))
        return None
    return _built(lambda: date(int(first), int(month), int(day)))


def _time(run: Run, first: Any, minute: Any = None, second: Any = None, offset: Any = None) -> time | None:
    if isinstance(first, datetime):
        return first.timetz()
    if isinstance(first, date):
        return time(0, tzinfo=UTC)
    if isinstance(first, time):
        return first
    if isinstance(first, str) and minute is None:
        return parse_date_time(first).timetz() if "T" in first.lstrip("T") else parse_time(first.removeprefix("T"))
    if not all(is_number(part) for part in (first, minute, second)) or not isinstance(offset, timedelta | None):
        run.null("operand-kind", operator="time", got=told(first))
        return None
    whole, micro = divmod(int(Decimal(second) * _MICROSECONDS), _MICROSECONDS)
    return _built(lambda: time(int(first), int(minute), whole, micro, timezone(offset) if offset is not None else None))


def _date_and_time(run: Run, first: Any, second: Any = None) -> datetime | None:
    if isinstance(first, str) and second is None:
        return parse_date_time(first) if "T" in first else datetime.combine(parse_date(first), time(0))
    if isinstance(first, datetime) and second is None:
        return first
    if isinstance(first, date) and isinstance(second, time):
        return datetime.combine(first, second)
    if isinstance(first, datetime) and isinstance(second, str):
        return _in_zone(first, second)
    if isinstance(first, date) and second is None:
        return datetime.combine(first, time(0))
    run.null("operands-unfit", operator="date and time", left=told(first), right=told(second))
    return None


def _in_zone(moment: datetime, name: str) -> datetime:
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueFault("zone-unknown", f"There is no time zone {name[:40]!r}.") from error
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _built(make: Callable[[], Moment]) -> Moment:
    try:
        return make()
    except ValueError as error:
        raise ValueFault("date-out-of-range", str(error)) from error


def _duration(run: Run, source: Any) -> timedelta | YearsMonths | None:
    if isinstance(source, timedelta | YearsMonths):
        return source
    if isinstance(source, str):
        return parse_duration(source)
    run.null("operand-kind", operator="duration", got=told(source))
    return None


def _months_between(run: Run, start: Any, end: Any) -> YearsMonths | None:
    if not isinstance(start, date) or not isinstance(end, date):
        run.null("operands-unfit", operator="years and months duration", left=told(start), right=told(end))
        return None
    if _day_of(end) < _day_of(start):
        earlier = _months_between(run, end, start)
        return YearsMonths(-earlier.months) if earlier is not None else None
    months = (end.year - start.year) * 12 + end.month - start.month
    return YearsMonths(months - 1 if end.day < start.day else months)


def _day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _at(run: Run, text: Any) -> Any:
    """Read a literal ``@"..."`` by its shape."""
    if text.lstrip("-").startswith("P"):
        return _duration(run, text)
    if "T" in text.split("@")[0][1:]:
        return parse_date_time(text)
    return parse_time(text) if ":" in text else parse_date(text)


def _now(run: Run) -> datetime:
    return run.now.astimezone(run.zone)


def _today(run: Run) -> date:
    return run.now.astimezone(run.zone).date()


def _of_day(name: str, answer: Callable[[date], Any]) -> Builtin:
    def apply(run: Run, value: Any) -> Any:
        if not isinstance(value, date):
            run.null("operand-kind", operator=name, got=told(value))
            return None
        return answer(value)

    return Builtin(name, (("date",),), apply)


def _last_day(value: date) -> date:
    return _day_of(value).replace(day=monthrange(value.year, value.month)[1])


FUNCTIONS = (
    Builtin("date", (("from",), ("year", "month", "day")), _date),
    Builtin("time", (("from",), ("hour", "minute", "second", "offset?")), _time),
    Builtin("date and time", (("from",), ("date", "time"), ("date", "timezone")), _date_and_time),
    Builtin("duration", (("from",),), _duration),
    Builtin("years and months duration", (("from", "to"),), _months_between),
    Builtin("@", (("from",),), _at),
    Builtin("now", ((),), _now),
    Builtin("today", ((),), _today),
    _of_day("day of year", lambda value: value.timetuple().tm_yday),
    _of_day("day of week", lambda value: _DAYS[value.weekday()]),
    _of_day("month of year", lambda value: _MONTHS[value.month - 1]),
    _of_day("week of year", lambda value: value.isocalendar().week),
    _of_day("last day of month", _last_day),
)

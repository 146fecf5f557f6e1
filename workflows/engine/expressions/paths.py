"""What stands behind a dot: an entry of a context, a part of a date or a range. Never a Python attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Range, adopt, kind, told
from workflows.engine.iso8601 import YearsMonths
from workflows.engine.types import DueDate


def attribute(value: Any, name: str, run: Run) -> Any:
    """Follow ``.name`` from ``value``: null where there is none; of a list, the list of its items' parts."""
    if isinstance(value, Mapping):
        if name in value:
            return adopt(value[name], run)
        run.null("entry-missing", key=name)
        return None
    if isinstance(value, list):
        run.items(len(value))
        return [_of_item(item, name, run) for item in value]
    part = _PARTS.get(kind(value), {}).get(name)
    if part is None:
        run.null("part-missing", got=told(value), name=name)
        return None
    return part(value)


def _of_item(item: Any, name: str, run: Run) -> Any:
    # A list in a list is followed one level only: deeper nesting would have to be counted.
    return None if isinstance(item, list) else attribute(adopt(item, run), name, run)


def _offset(value: time | datetime) -> timedelta | None:
    return value.utcoffset()


def _zone_name(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _clock(value: timedelta) -> int:
    """Count the whole seconds of a duration within its last day, with its sign."""
    seconds = abs(value // timedelta(microseconds=1)) // 1_000_000 % 86_400
    return -seconds if value < timedelta(0) else seconds


def _days(value: timedelta) -> int:
    days = abs(value) // timedelta(days=1)
    return -days if value < timedelta(0) else days


def _unit(seconds: int, unit: int, limit: int) -> int:
    parts = abs(seconds) // unit % limit
    return -parts if seconds < 0 else parts


def _years(value: YearsMonths) -> int:
    return -(-value.months // 12) if value.months < 0 else value.months // 12


def _months(value: YearsMonths) -> int:
    return -(-value.months % 12) if value.months < 0 else value.months % 12


_DATE_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": date.isoweekday,
}
_TIME_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": _offset,
    "timezone": _zone_name,
}
_DUE_PARTS: Mapping[str, Callable[[DueDate], Any]] = {
    "at": lambda value: value.at,
    "rule": lambda value: value.rule,
    "provisional": lambda value: value.provisional,
}
_RANGE_PARTS: Mapping[str, Callable[[Range], Any]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_included,
    "end included": lambda value: value.high_included,
}
_PARTS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "date": _DATE_PARTS,
    "time": _TIME_PARTS,
    "date and time": {**_DATE_PARTS, **_TIME_PARTS},
    "days and time duration": {
        "days": _days,
        "hours": lambda value: _unit(_clock(value), 3_600, 24),
        "minutes": lambda value: _unit(_clock(value), 60, 60),
        "seconds": lambda value: _unit(_clock(value), 1, 60),
    },
    "years and months duration": {"years": _years, "months": _months},
    "range": _RANGE_PARTS,
    "due date": _DUE_PARTS,
}

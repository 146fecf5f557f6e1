"""Explain this date: how a deadline was counted, as plain data that people read and a checker recounts.

An explanation is complete: rule, amount, start, stops and extensions stand in it, so the same date can be computed
again under another calendar (`revision.recompute`) and recounted from it by code of its own (`recount`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    MONTH = "month"
    YEAR = "year"


class Roll(StrEnum):
    """What happens when the last day is free. ``NONE`` is for custody and retention, which a holiday never moves."""

    NEXT = "next"
    PREVIOUS = "previous"
    NONE = "none"


class Confidence(StrEnum):
    """How sure the rule's text is: read (A), quoted with its article (B), to be verified (C, 待核), or not law."""

    A = "A"
    B = "B"
    C = "C"
    EDITOR = "编者补"


class AnchorKind(StrEnum):
    END_OF_MONTH = "end_of_month"
    END_OF_QUARTER = "end_of_quarter"
    END_OF_HALF_YEAR = "end_of_half_year"
    END_OF_YEAR = "end_of_year"
    MONTH_DAY = "month_day"


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount of time, such as the 3 working days before the last day in which a limit is near."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Anchor:
    """A fixed point instead of a length: the end of the running period, or a month and day.

    ``years`` counts from the start's year; None (month and day only) means the first such day after the start.
    """

    kind: AnchorKind
    month: int = 0
    day: int = 0
    years: int | None = None


@dataclass(frozen=True, slots=True)
class ClockStop:
    """A recorded stop (中止/补正) that has ended. The day it began still counts, the day it ended does not."""

    from_at: datetime
    to_at: datetime
    ground: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, by an amount or until a day (then ``until``); it continues from the last day so far."""

    amount: int = 0
    unit: Unit = Unit.WORKDAY
    until: date | None = None
    ground: str = ""
    approver: str = ""


class RunReason(StrEnum):
    """Why a run of days counts or not: the calendar's reasons, and those of counting itself."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    CALENDAR_DAY = "calendar_day"
    CLOCK_STOPPED = "clock_stopped"


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive days that were all counted, or all skipped, for one reason."""

    first: date
    last: date
    days: int
    counted: bool
    reason: RunReason
    name: str = ""
    provisional: bool = False


class SegmentKind(StrEnum):
    ANCHOR = "anchor"
    LIMIT = "limit"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of counting. ``from_day`` is excluded, ``to_day`` is its last day.

    Month and year stretches name no single days: ``runs`` then holds only the days added for clock stops. Hour
    stretches have instants and no runs.
    """

    kind: SegmentKind
    amount: int | None
    unit: Unit | None
    from_day: date | None = None
    to_day: date | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    anchor: Anchor | None = None
    ground: str = ""
    approver: str = ""
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a date rests on, and how it was counted."""

    rule_key: str
    rule_version: int
    title: str
    source: str
    article: str
    confidence: Confidence
    start_event: str
    parameter: str | None  # the region's parameter that replaced the rule's amount, if one did
    calendar_version: str
    calendar_region: str | None
    started_at: datetime
    start_day: date
    stops: tuple[ClockStop, ...]
    segments: tuple[Segment, ...]
    nominal_day: date | None  # the last day before rolling; None for limits in hours
    roll: Roll
    rolled: tuple[Run, ...]  # free days passed over at the end
    last_day: date | None
    near: Threshold | None
    near_at: datetime
    due_at: datetime
    provisional: bool

    def to_data(self) -> dict[str, Any]:
        """Return the explanation as JSON-ready data: dates and instants as ISO text."""
        data: dict[str, Any] = _plain(self)
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Explanation:
        """Read back what `to_data` wrote."""
        explanation: Explanation = _build(cls, data)
        return explanation


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return value


def _build(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _build(next(part for part in get_args(kind) if part is not type(None)), value)
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})  # type: ignore[operator]
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    return kind(value)

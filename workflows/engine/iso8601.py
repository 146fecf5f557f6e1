"""Dates, times, durations and repeating intervals as ISO 8601 and XML Schema write them: strict, with range limits.

Nothing is guessed: lower case, blanks, a bare ``P``, a fraction anywhere but at the end or a value beyond the
calendar is a ``ValueFault``, because a limit read half-right is worse than one refused at upload.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_MONTHS = 12 * 9_999
MAX_DAYS = 3_652_059
MAX_REPETITIONS = 1_000_000
_MAX_TEXT = 100
_LAST_YEAR = 9_999
_MINUTES_PER_HOUR = 60
_FARTHEST_OFFSET = 14 * 60

Moment = TypeVar("Moment", date, datetime)


class ValueFault(ValueError):  # noqa: N818 - a fault of the input, not of the program
    """A text or a value that is not what it should be. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A calendar duration counted in months: ``P1Y2M``. Its length in days depends on where it is laid."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_MONTHS:
            # the number itself may have too many digits to be written
            raise ValueFault("duration-out-of-range", f"Expected at most {MAX_MONTHS} months, but there are more.")

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (parts or "0M")


Duration = timedelta | YearsMonths


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval ``Rn/…``. ``repetitions`` None means for ever; ``end`` closes it, ``start`` anchors it.

    ``rest`` are the days and hours beside the months of ``duration``, where a text mixes them.
    """

    repetitions: int | None
    duration: Duration
    start: datetime | None = None
    end: datetime | None = None
    rest: timedelta | None = None


_DURATION = re.compile(
    r"(?P<sign>-?)P(?=.)"
    r"(?:(?P<Y>[0-9]{1,9})Y)?(?:(?P<M>[0-9]{1,9})M)?"
    r"(?:(?P<W>[0-9]{1,9}(?:[.,][0-9]{1,9})?)W)?(?:(?P<D>[0-9]{1,9}(?:[.,][0-9]{1,9})?)D)?"
    r"(?:T(?=.)(?:(?P<h>[0-9]{1,12}(?:[.,][0-9]{1,9})?)H)?(?:(?P<m>[0-9]{1,12}(?:[.,][0-9]{1,9})?)M)?"
    r"(?:(?P<s>[0-9]{1,12}(?:[.,][0-9]{1,9})?)S)?)?"
)
_SECONDS = {"W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?P<second>:([0-9]{2})(?:[.]([0-9]{1,9}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}|@[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2})?"
)


def parse_duration(text: str) -> Duration:
    """Read ``P1Y2M`` as ``YearsMonths`` and ``P3DT4H``, ``P2W`` or ``PT0.5S`` as ``timedelta``.

    Years or months together with days or hours have no single meaning here and are refused (``duration-mixed``),
    unless one of the two sides is zero.
    """
    found = _DURATION.fullmatch(_short(text, "duration"))
    if found is None or not any(found.group(unit) for unit in "YMWDhms"):
        raise ValueFault("duration-malformed", f"Expected an ISO 8601 duration such as P3D or PT2H, but got {text!r}.")
    sign = -1 if found.group("sign") else 1
    months = int(found.group("Y") or 0) * 12 + int(found.group("M") or 0)
    seconds = _seconds(found, text)
    if months and seconds:
        raise ValueFault("duration-mixed", f"{text!r} mixes months with days or hours; use one or the other.")
    if seconds or not (found.group("Y") or found.group("M")):
        return duration_of_seconds(sign * seconds)
    if months > MAX_MONTHS:
        raise ValueFault("duration-out-of-range", f"{text!r} is longer than {MAX_MONTHS // 12} years.")
    return YearsMonths(sign * months)


def duration_of_seconds(seconds: Decimal) -> timedelta:
    """Make a ``timedelta``, rounded to microseconds, or raise ``ValueFault`` beyond the calendar."""
    if not seconds.is_finite() or abs(seconds) > MAX_DAYS * 86_400:
        raise ValueFault("duration-out-of-range", f"Expected a duration of at most {MAX_DAYS} days.")
    return timedelta(microseconds=int((seconds * 1_000_000).quantize(Decimal(1), ROUND_HALF_EVEN)))


def _seconds(found: re.Match[str], text: str) -> Decimal:
    given = [(unit, found.group(unit).replace(",", ".")) for unit in "WDhms" if found.group(unit)]
    if any("." in number for _, number in given[:-1]):
        raise ValueFault("duration-malformed", f"Only the last number of a duration may have a fraction: {text!r}.")
    return sum((Decimal(number) * _SECONDS[unit] for unit, number in given), Decimal(0))


def format_duration(value: Duration) -> str:
    """Write the canonical text: ``P1DT2H``, ``PT0.5S``, ``P1Y``; zero is ``PT0S`` or ``P0M``."""
    if isinstance(value, YearsMonths):
        return str(value)
    seconds_left, micro = divmod(abs(value // timedelta(microseconds=1)), 1_000_000)
    days, seconds_left = divmod(seconds_left, 86_400)
    hours, seconds_left = divmod(seconds_left, 3_600)
    minutes, seconds = divmod(seconds_left, 60)
    fraction = f".{micro:06d}".rstrip("0") if micro else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or micro else ""
    body = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta(0) else "") + "P" + (body or "T0S")


def parse_date(text: str) -> date:
    """Read ``2026-10-01``."""
    found = _DATE.fullmatch(_short(text, "date"))
    if found is None:
        raise ValueFault("date-malformed", f"Expected a date such as 2026-10-01, but got {text!r}.")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise ValueFault("date-out-of-range", f"There is no day {text!r} in the calendar.") from error


def parse_time(text: str) -> time:
    """Read ``10:30:00``, with ``Z``, ``+08:00`` or ``@Asia/Shanghai`` behind it, or raise ``ValueFault``."""
    found = _TIME.fullmatch(_short(text, "time"))
    if found is None or not found.group("second"):
        raise ValueFault("time-malformed", f"Expected a time such as 10:30:00, but got {text!r}.")
    return _time_of(found, text)


def parse_date_time(text: str) -> datetime:
    """Read ``2026-10-01T10:30:00+08:00``; naive when no zone stands there, seconds may be missing (ISO 8601).

    ``T24:00:00`` is the midnight that ends the day, as limits in Chinese law are written.
    """
    day_text, separator, time_text = _short(text, "date and time").partition("T")
    found = _TIME.fullmatch(time_text)
    if not separator or found is None or not _DATE.fullmatch(day_text):
        message = f"Expected a date and time such as 2026-10-01T10:30:00Z, but got {text!r}."
        raise ValueFault("date-time-malformed", message)
    day = parse_date(day_text)
    if time_text.startswith("24:00") and not re.search(r"[1-9]", (found.group("second") or "")):
        midnight = time(0, tzinfo=_zone_of(found.group("zone"), text))
        return add_duration(datetime.combine(day, midnight), timedelta(days=1))
    return datetime.combine(day, _time_of(found, text))


def _time_of(found: re.Match[str], text: str) -> time:
    hour, minute, second = int(found.group(1)), int(found.group(2)), int(found.group(4) or 0)
    micro = int((found.group(5) or "").ljust(6, "0")[:6])
    zone = _zone_of(found.group("zone"), text)
    try:
        return time(hour, minute, second, micro, tzinfo=zone)
    except ValueError as error:
        raise ValueFault("time-out-of-range", f"There is no time {text!r} on the clock.") from error


def _zone_of(name: str | None, text: str) -> tzinfo | None:
    if not name:
        return None
    if name == "Z":
        return UTC
    if name.startswith("@"):
        return _named_zone(name[1:])
    minutes = int(name[1:3]) * _MINUTES_PER_HOUR + int(name[4:6])
    if int(name[4:6]) >= _MINUTES_PER_HOUR or minutes > _FARTHEST_OFFSET:
        raise ValueFault("zone-out-of-range", f"There is no UTC offset as in {text!r}.")
    if minutes == 0:
        return UTC
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))


def _named_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueFault("zone-unknown", f"There is no time zone {name!r}.") from error


def parse_cycle(text: str) -> Cycle:
    """Read ``R3/PT10H``, ``R/start/duration``, ``Rn/duration/end`` or ``Rn/start/end``. Cron texts are refused."""
    head, *parts = _short(text, "repeating interval").split("/")
    found = re.fullmatch(r"R([0-9]{0,9})", head)
    if found is None or len(parts) not in (1, 2):
        code = "cycle-cron" if len(text.split()) in (5, 6, 7) else "cycle-malformed"
        raise ValueFault(code, f"Expected a repeating interval such as R3/PT10H, but got {text!r}.")
    repetitions = int(found.group(1)) if found.group(1) else None
    if repetitions is not None and repetitions > MAX_REPETITIONS:
        raise ValueFault("cycle-out-of-range", f"Expected at most {MAX_REPETITIONS} repetitions, but got {text!r}.")
    cycle = _bounded_cycle(repetitions, parts)
    if cycle.duration in (timedelta(0), YearsMonths(0)) or format_duration(cycle.duration).startswith("-"):
        raise ValueFault("cycle-not-positive", f"The duration of a repeating interval must be positive: {text!r}.")
    return cycle


def _bounded_cycle(repetitions: int | None, parts: list[str]) -> Cycle:
    if len(parts) == 1:
        return Cycle(repetitions, parse_duration(parts[0]))
    first, second = parts
    if first.startswith(("P", "-P")):
        return Cycle(repetitions, parse_duration(first), end=parse_date_time(second))
    start = parse_date_time(first)
    if second.startswith(("P", "-P")):
        return Cycle(repetitions, parse_duration(second), start=start)
    end = parse_date_time(second)
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValueFault("cycle-malformed", "Start and end must both have a zone, or neither.")
    return Cycle(repetitions, end - start, start=start)


def add_duration(moment: Moment, duration: Duration) -> Moment:
    """Lay ``duration`` at ``moment``: months keep the day number, else take the month's last day."""
    try:
        if isinstance(duration, timedelta):
            return moment + duration
        year, month = divmod(moment.year * 12 + moment.month - 1 + duration.months, 12)
        day = min(moment.day, monthrange(year, month + 1)[1]) if 1 <= year <= _LAST_YEAR else 0
        return moment.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError) as error:
        raise ValueFault("date-out-of-range", "The date leaves the calendar (years 1 to 9999).") from error


def _short(text: str, what: str) -> str:
    if len(text) > _MAX_TEXT:
        raise ValueFault(f"{what.partition(' ')[0]}-malformed", f"Expected a {what}, but got {len(text)} characters.")
    return text

"""Cron texts as Camunda, Flowable, jBPM (Quartz) and Zeebe (Spring) write them in ``timeCycle``.

Five fields are Unix's: minute hour day month weekday. Six begin with the second, seven end with the year (Quartz).
Quartz counts weekdays from Sunday = 1, Spring and Unix from Sunday = 0; where a file does not tell which is meant,
weekdays must be names. Times are those of people (Asia/Shanghai).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workflows.engine.expressions import PEOPLE_ZONE
from workflows.engine.values import ValueFault

_UNIX, _SPRING, _QUARTZ = 5, 6, 7
_DAYS = 31
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(r"(?:(\*|\?)|([A-Z]+|\d{1,4})(?:-([A-Z]+|\d{1,4}))?)(?:/(\d{1,4}))?")
_LAST_DAY = re.compile(r"L(?:-(\d{1,2}))?")
_NEAREST = re.compile(r"(\d{1,2}|L)W")
_NTH = re.compile(r"([A-Z]{3}|\d)#([1-5])")
_LAST_WEEKDAY = re.compile(r"([A-Z]{3}|\d)L")
# The dates of a calendar repeat after 400 years; a text that finds nothing in 40 names a day that hardly exists.
_FARTHEST = 366 * 40
_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * SUN",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron text, read. ``days`` and ``weekdays`` None leave the day to the other of the two."""

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int] | None
    days: tuple[str, ...] | None
    weekdays: tuple[str, ...] | None
    either: bool  # Unix: with both given, one is enough

    def after(self, moment: datetime) -> datetime | None:
        """Find the first firing later than ``moment``; None when there is none within forty years."""
        local = moment.astimezone(PEOPLE_ZONE)
        day = local.date()
        for _ in range(_FARTHEST):
            if self._fits(day):
                found = self._time_after(day, local)
                if found is not None:
                    return found.astimezone(UTC)
            if day == date.max:
                return None
            day += timedelta(days=1)
        return None

    def _time_after(self, day: date, local: datetime) -> datetime | None:
        is_today = day == local.date()
        for hour in self.hours:
            if is_today and hour < local.hour:
                continue
            for minute in self.minutes:
                if is_today and hour == local.hour and minute < local.minute:
                    continue
                for second in self.seconds:
                    found = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=PEOPLE_ZONE)
                    if found > local:
                        return found
        return None

    def _fits(self, day: date) -> bool:
        if day.month not in self.months or (self.years is not None and day.year not in self.years):
            return False
        by_day = self.days is None or any(_is_day(part, day) for part in self.days)
        by_week = self.weekdays is None or any(_is_weekday(part, day) for part in self.weekdays)
        if self.either and self.days is not None and self.weekdays is not None:
            return by_day or by_week
        return by_day and by_week


def looks_like_cron(text: str) -> bool:
    """Tell whether a text can only be meant as cron."""
    fields = text.split()
    if text.strip().lower() in _MACROS:
        return True
    return len(fields) in (_UNIX, _SPRING, _QUARTZ) and all(re.fullmatch(r"[\dA-Za-z*/,?#-]+", each) for each in fields)


def parse_cron(text: str, dialect: str = "") -> Cron:
    """Read a cron text or raise ``ValueFault``; ``dialect`` is ``quartz``, ``spring`` or empty for unknown."""
    macro = _MACROS.get(text.strip().lower())
    fields = (macro or text).upper().split()
    if len(fields) not in (_UNIX, _SPRING, _QUARTZ):
        raise _malformed(text)
    is_unix = len(fields) == _UNIX
    if is_unix:
        fields = ["0", *fields]
    style = "spring" if is_unix or macro else "quartz" if len(fields) == _QUARTZ else dialect
    second, minute, hour, day, month, weekday, *year = fields
    return Cron(
        text=text,
        seconds=_numbers(second, 0, 59, text),
        minutes=_numbers(minute, 0, 59, text),
        hours=_numbers(hour, 0, 23, text),
        months=frozenset(_numbers(month, 1, 12, text, _MONTHS, 1)),
        years=frozenset(_numbers(year[0], 1970, 2199, text)) if year and year[0] != "*" else None,
        days=_days(day, text),
        weekdays=_weekdays(weekday, text, style),
        either=is_unix,
    )


def _numbers(
    field: str, low: int, high: int, text: str, names: tuple[str, ...] = (), first: int = 0
) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        matched = _PART.fullmatch(part)
        if matched is None:
            raise _malformed(text)
        every, start, end, step = matched.groups()
        begin = low if every else _number(start, names, first, text)
        stop = high if every or (step and not end) else _number(end, names, first, text) if end else begin
        if not low <= begin <= high or not low <= stop <= high or step == "0":
            raise _malformed(text)
        # a range may run over the end: FRI-MON, 22-2
        span = list(range(begin, stop + 1)) if begin <= stop else [*range(begin, high + 1), *range(low, stop + 1)]
        found.update(span[:: int(step or 1)] if step is None or int(step) > 0 else span)
    return tuple(sorted(found))


def _number(text: str, names: tuple[str, ...], first: int, whole: str) -> int:
    if text.isdecimal():
        return int(text)
    if text not in names:
        raise _malformed(whole)
    return names.index(text) + first


def _days(field: str, text: str) -> tuple[str, ...] | None:
    if field in ("*", "?"):
        return None
    parts: list[str] = []
    for part in field.split(","):
        nearest = _NEAREST.fullmatch(part)
        if _LAST_DAY.fullmatch(part) or (nearest and (nearest[1] == "L" or 1 <= int(nearest[1]) <= _DAYS)):
            parts.append(part)
        else:
            parts += [str(number) for number in _numbers(part, 1, _DAYS, text)]
    return tuple(parts)


def _weekdays(field: str, text: str, style: str) -> tuple[str, ...] | None:
    if field in ("*", "?"):
        return None
    parts: list[str] = []
    for part in field.split(","):
        if not style and re.search(r"\d", part.partition("/")[0].partition("#")[0]):
            message = f"{text!r} numbers its weekdays, and files differ in what 1 is; write SUN, MON and so on."
            raise ValueFault("cron-ambiguous", message)
        nth, last = _NTH.fullmatch(part), _LAST_WEEKDAY.fullmatch(part)
        if nth is not None:
            parts.append(f"{_weekday(nth[1], style, text)}#{nth[2]}")
        elif last is not None:
            parts.append(f"{_weekday(last[1], style, text)}L")
        elif part == "L":
            parts.append("6")
        else:
            parts += [str(number) for number in _plain_weekdays(part, style, text)]
    return tuple(parts)


def _plain_weekdays(part: str, style: str, text: str) -> set[int]:
    """List weekdays from Sunday = 0."""
    if style == "quartz":
        return {number - 1 for number in _numbers(part, 1, 7, text, _WEEKDAYS, 1)}
    return {number % 7 for number in _numbers(part, 0, 7 if re.search("7", part) else 6, text, _WEEKDAYS, 0)}


def _weekday(name: str, style: str, text: str) -> int:
    found = _plain_weekdays(name, style, text)
    return next(iter(found))


def _is_day(part: str, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    last = _LAST_DAY.fullmatch(part)
    if last is not None:
        return day.day == length - int(last[1] or 0)
    if part.endswith("W"):
        wanted = length if part == "LW" else int(part[:-1])
        return wanted <= length and day.day == _nearest_weekday(day.year, day.month, wanted, length)
    return day.day == int(part)


def _nearest_weekday(year: int, month: int, wanted: int, length: int) -> int:
    """Find the day from Monday to Friday that lies nearest in the same month."""
    weekday = date(year, month, wanted).isoweekday()
    if weekday == 6:  # noqa: PLR2004 - Saturday
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:  # noqa: PLR2004 - Sunday
        return wanted + 1 if wanted < length else wanted - 2
    return wanted


def _is_weekday(part: str, day: date) -> bool:
    weekday = day.isoweekday() % 7
    if part.endswith("L"):
        return weekday == int(part[:-1]) and day.day + 7 > monthrange(day.year, day.month)[1]
    number, _, nth = part.partition("#")
    return weekday == int(number) and (not nth or (day.day - 1) // 7 + 1 == int(nth))


def _malformed(text: str) -> ValueFault:
    return ValueFault(
        "cron-malformed", f"{text[:100]!r} is no cron text: seconds, minutes, hours, days, months, weekdays."
    )

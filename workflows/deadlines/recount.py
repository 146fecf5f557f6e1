"""Recount a date from its explanation and a bare list of days: a second opinion.

Shares no code with counting: it reads only the explanation's plain data and which days were worked, does its own
arithmetic (a fixed +08:00, dateutil's months, sets of days), and also checks every claim the explanation makes on the
way. If rule and recount ever disagree, one of them is wrong, and the caller must not show the date as explained.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from dateutil.relativedelta import relativedelta

_CHINA = timezone(timedelta(hours=8))
_PERIODS = {"end_of_month": 1, "end_of_quarter": 3, "end_of_half_year": 6, "end_of_year": 12}


@dataclass(frozen=True, slots=True)
class Recount:
    """The date as recounted, and every claim of the explanation that did not hold. ``due_at`` None: could not."""

    due_at: datetime | None
    near_at: datetime | None
    faults: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.faults


@dataclass(slots=True)
class _Tally:
    data: Mapping[str, Any]
    worked: Mapping[date, bool]
    stopped: frozenset[date]
    faults: list[str] = field(default_factory=list)

    def expect(self, claim: str, claimed: object, counted: object) -> None:
        if claimed != counted:
            self.faults.append(f"{claim}: explained {claimed}, counted {counted}")


def recount(explanation: Mapping[str, Any], worked: Mapping[date, bool]) -> Recount:
    """Recount ``explanation`` (as `Explanation.to_data` wrote it) with ``worked``, which says what days are worked."""
    tally = _Tally(explanation, worked, _stopped(explanation["stops"]))
    try:
        due_at, near_at = _count(tally)
    except KeyError as missing:
        return Recount(None, None, (*tally.faults, f"day not in the list: {missing}"))
    tally.expect("due_at", datetime.fromisoformat(explanation["due_at"]), due_at)
    tally.expect("near_at", datetime.fromisoformat(explanation["near_at"]), near_at)
    return Recount(due_at, near_at, tuple(tally.faults))


def _stopped(stops: list[Mapping[str, Any]]) -> frozenset[date]:
    days: set[date] = set()
    for stop in stops:
        first, last = _day(stop["from_at"]), _day(stop["to_at"])
        days |= {first + timedelta(n) for n in range(1, (last - first).days + 1)}
    return frozenset(days)


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(_CHINA).date()


def _midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_CHINA) + timedelta(days=1)


def _count(tally: _Tally) -> tuple[datetime, datetime]:
    data = tally.data
    moment = datetime.fromisoformat(data["started_at"])
    day, exact = _day(data["started_at"]), True
    tally.expect("start_day", data["start_day"], str(day))
    for number, segment in enumerate(data["segments"]):
        if segment["unit"] == "hour":
            begin = moment if exact else _midnight_after(day)
            moment, exact = _hours(begin, segment["amount"], data["stops"]), True
            day = moment.astimezone(_CHINA).date()
            tally.expect(f"segment {number} to_at", datetime.fromisoformat(segment["to_at"]), moment)
        else:
            tally.expect(f"segment {number} from_day", segment["from_day"], str(day))
            day, exact = _stretch(tally, segment, day), False
            tally.expect(f"segment {number} to_day", segment["to_day"], str(day))
    if exact:
        tally.expect("last_day", data["last_day"], None)
        return moment.astimezone(UTC), _near(tally, moment, day)
    last = _roll(tally, day)
    due = _midnight_after(last)
    return due.astimezone(UTC), _near(tally, due, last)


def _stretch(tally: _Tally, segment: Mapping[str, Any], day: date) -> date:
    if segment["anchor"] is not None:
        return _anchor(segment["anchor"], day)
    if segment["amount"] is None:  # extended until a named day: there is nothing to count
        return date.fromisoformat(segment["to_day"])
    if segment["unit"] == "workday":
        running = sorted(each for each, is_worked in tally.worked.items() if is_worked and each > day)
        counted = [each for each in running if each not in tally.stopped]
        wanted = segment["amount"]
        if len(counted) < wanted:
            raise KeyError(max(tally.worked, default=day) + timedelta(days=1))
    else:
        wanted = _calendar_days(segment, day)
        counted = []
        candidate = day
        while len(counted) < wanted:
            candidate += timedelta(days=1)
            if candidate not in tally.stopped:
                counted.append(candidate)
    counted = counted[:wanted]
    _check_runs(tally, segment, day, frozenset(counted))
    return counted[-1] if counted else day


def _calendar_days(segment: Mapping[str, Any], day: date) -> int:
    amount: int = segment["amount"]
    if segment["unit"] == "day":
        return amount
    step = relativedelta(months=amount) if segment["unit"] == "month" else relativedelta(years=amount)
    return (day + step - day).days


def _check_runs(tally: _Tally, segment: Mapping[str, Any], day: date, counted: frozenset[date]) -> None:
    """Check that the runs account for each day after ``day`` once, and count exactly the days that count."""
    explained: set[date] = set()
    for run in segment["runs"]:
        first, last = date.fromisoformat(run["first"]), date.fromisoformat(run["last"])
        tally.expect(f"run begins after {day}", str(first), str(day + timedelta(days=1)))
        span = {first + timedelta(n) for n in range((last - first).days + 1)}
        tally.expect(f"days of run {first}", run["days"], len(span))
        if run["reason"] == "clock_stopped":
            tally.expect(f"days never stopped from {first}", set(), span - tally.stopped)
        if run["counted"]:
            explained |= span
        day = last
    tally.expect("counted days", sorted(map(str, explained)), sorted(map(str, counted)))


def _anchor(anchor: Mapping[str, Any], day: date) -> date:
    if anchor["kind"] in _PERIODS:
        months = _PERIODS[anchor["kind"]]
        year = day.year + (anchor["years"] or 0)
        month = -(-day.month // months) * months
        return date(year, month, monthrange(year, month)[1])
    years = [day.year, day.year + 1] if anchor["years"] is None else [day.year + anchor["years"]]
    found = [date(year, anchor["month"], 1) + relativedelta(day=anchor["day"]) for year in years]
    return next((each for each in found if each > day), found[-1])


def _hours(begin: datetime, hours: int, stops: list[Mapping[str, Any]]) -> datetime:
    """Lengthen the stretch by the stopped time within it until no more stopped time comes in."""
    spans = [(datetime.fromisoformat(stop["from_at"]), datetime.fromisoformat(stop["to_at"])) for stop in stops]
    for first, last in sorted(spans):
        if first < begin < last:  # the clock stands at the beginning: even no hours at all end when it runs again
            begin = last
    end, previous = begin + timedelta(hours=hours), None
    while end != previous:
        previous = end
        end = begin + timedelta(hours=hours) + _covered(spans, begin, end)
    return end


def _covered(spans: list[tuple[datetime, datetime]], begin: datetime, end: datetime) -> timedelta:
    """Return how much of ``begin`` to ``end`` the spans cover, overlaps once."""
    total, reached = timedelta(), begin
    for first, last in sorted(spans):
        first, last = max(first, reached), min(last, end)  # noqa: PLW2901 - clipped to what is not yet covered
        if first < last:
            total += last - first
            reached = last
    return total


def _roll(tally: _Tally, day: date) -> date:
    data = tally.data
    tally.expect("nominal_day", data["nominal_day"], str(day))
    last = day
    if data["roll"] != "none" and not tally.worked[day]:
        later = min((each for each, is_worked in tally.worked.items() if is_worked and each > day), default=None)
        earlier = max((each for each, is_worked in tally.worked.items() if is_worked and each < day), default=None)
        back = data["roll"] == "previous" and earlier is not None and str(earlier) >= data["start_day"]
        chosen = earlier if back else later
        if chosen is None:
            raise KeyError(day)
        last = chosen
    tally.expect("last_day", data["last_day"], str(last))
    tally.expect("days rolled over", sum(run["days"] for run in data["rolled"]), abs((last - day).days))
    return last


def _near(tally: _Tally, due: datetime, last: date) -> datetime:
    near, start = tally.data["near"], datetime.fromisoformat(tally.data["started_at"])
    if near is None:
        return due.astimezone(UTC)
    if near["unit"] == "hour":
        return max(start, due - timedelta(hours=near["amount"])).astimezone(UTC)
    first = date.fromisoformat(tally.data["start_day"])
    between = [last - timedelta(n) for n in range(1, (last - first).days + 1)]
    if near["unit"] == "workday":
        between = [day for day in between if tally.worked[day]]
    opening = first if len(between) < near["amount"] else between[near["amount"] - 1]
    return max(start, _midnight_after(opening - timedelta(days=1))).astimezone(UTC)

"""When a timer fires: dates, durations and cycles of ISO 8601, or whatever an expression computes.

Pure arithmetic on the instant passed in. SpiffWorkflow's timer code is never called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflows.engine.expressions import PEOPLE_ZONE, Expression
from workflows.engine.run.cron import Cron, looks_like_cron, parse_cron
from workflows.engine.run.faults import Fault
from workflows.engine.types import DueDate
from workflows.engine.values import (
    Cycle,
    Duration,
    ValueFault,
    YearsMonths,
    add_duration,
    parse_cycle,
    parse_date,
    parse_date_time,
    parse_duration,
)

# A date written without a zone is meant as people read it.
LOCAL_ZONE = PEOPLE_ZONE

NEVER_FIRES = "timer-never-fires"


@dataclass(frozen=True, slots=True)
class Span:
    """Months and days together (``P1M10D``): the months are laid first, then the rest (XML Schema, appendix E)."""

    months: YearsMonths
    rest: timedelta


Every = Duration | Span
Literal = datetime | Every | Cycle | Cron
_MIXED = re.compile(r"(P(?:\d{1,9}Y)?(?:\d{1,9}M)?)((?:[\d.,]+W)?(?:[\d.,]+D)?(?:T.+)?)")
_SHORT = re.compile(r"(?=.)(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,9})s)?\s*(?:(\d{1,9})ms)?")
_BARE_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_NAMED_ZONE = re.compile(r"(.*?)(Z|[+-]\d{2}:?\d{2})?\[([A-Za-z0-9_+/-]{1,60})\]")


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of the diagram: a literal that was read at upload, or an expression evaluated when it is armed."""

    kind: str  # timeDate timeDuration timeCycle deadline
    text: str
    literal: Literal | None = None
    expression: Expression | None = None
    cron: str = ""  # how cron texts number weekdays here: quartz, spring, or not told


@dataclass(frozen=True, slots=True)
class Plan:
    """The next firing of an armed timer, and what is needed to compute the one after it.

    ``occurrence`` counts firings from 1; ``number`` is the place in the cycle, which may begin long ago.
    """

    due_at: datetime
    occurrence: int
    rule: str | None = None
    provisional: bool = False
    base: datetime | None = None
    every: Duration | None = None
    number: int = 0
    last: int | None = None  # number after which a cycle ends
    until: datetime | None = None
    cron: str | None = None
    rest: timedelta | None = None  # days and hours beside the months of ``every``

    def following(self) -> Plan | None:
        """Plan the firing after this one; None when the timer has no other."""
        if self.cron is not None:
            due = parse_cron(*self.cron.split("|", 1)).after(self.due_at)
            return replace(self, due_at=due, occurrence=self.occurrence + 1) if due is not None else None
        if self.base is None or self.every is None:
            return None
        every = Span(self.every, self.rest) if isinstance(self.every, YearsMonths) and self.rest else self.every
        plan = _cycle_plan(self.base, every, self.number + 1, self.last, self.until)
        return replace(plan, occurrence=self.occurrence + 1) if plan is not None else None

    def to_memo(self) -> dict[str, Any]:
        """Write the plan as plain data for the state."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value is not None and value is not False}

    @classmethod
    def from_memo(cls, memo: Mapping[str, Any]) -> Plan:
        """Read back what ``to_memo`` wrote."""
        return cls(**memo)


def read_literal(kind: str, text: str, cron: str = "") -> Literal:
    """Read the text of a timer as the kind that it stands for, or raise ``ValueFault``."""
    if kind == "timeDate":
        return _instant(_date_of(text))
    if kind == "timeDuration":
        return _duration_of(text)
    return parse_cron(text, cron) if looks_like_cron(text) else _cycle_of(text)


def _date_of(text: str) -> date | datetime:
    """Read a date, also with an offset without colon, a blank for the ``T`` or a zone in brackets (Java)."""
    named = _NAMED_ZONE.fullmatch(text)
    if named is not None:
        text = named[1] + (named[2] or f"@{named[3]}")
    if "T" not in text and " " in text:
        text = text.replace(" ", "T", 1)
    return parse_date_time(_BARE_OFFSET.sub(r"\1:\2", text)) if "T" in text else parse_date(text)


def _duration_of(text: str) -> Every:
    """Read a duration; it must not be negative: nothing can happen before the timer is set."""
    short = _SHORT.fullmatch(text)
    if short is not None:
        days, hours, minutes, seconds, micro = (int(given or 0) for given in short.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=micro)
    mixed = _MIXED.fullmatch(text)
    if mixed is not None and mixed[1] != "P" and mixed[2]:
        months, rest = parse_duration(mixed[1]), parse_duration("P" + mixed[2])
        if isinstance(months, YearsMonths) and isinstance(rest, timedelta):
            return Span(months, rest) if months.months and rest else (months if months.months else rest)
    found = parse_duration(text)
    if (found.months if isinstance(found, YearsMonths) else found.total_seconds()) < 0:
        raise ValueFault("duration-negative", f"{text!r} lies before the moment from which it counts.")
    return found


def _cycle_of(text: str) -> Cycle:
    parts = text.split("/")
    dated = [_BARE_OFFSET.sub(r"\1:\2", part) if "T" in part and part[:1].isdecimal() else part for part in parts]
    for index, part in enumerate(dated):
        span = _duration_of(part) if part.startswith("P") and _MIXED.fullmatch(part) else None
        if isinstance(span, Span):
            dated[index] = str(span.months)
            return replace(parse_cycle("/".join(dated)), rest=span.rest)
    return parse_cycle("/".join(dated))


def plan_timer(timer: Timer, value: Any, now: datetime) -> Plan:
    """Plan the first firing of a timer that is armed ``now``; ``value`` is what its expression answered."""
    try:
        return _plan(timer, timer.literal if timer.expression is None else value, now)
    except ValueFault as fault:
        raise Fault("timer-value-invalid", f"{timer.text}: {fault.message}") from fault


def _plan(timer: Timer, value: Any, now: datetime) -> Plan:
    if isinstance(value, str):
        value = read_literal("timeCycle" if timer.kind == "deadline" else timer.kind, value.strip(), timer.cron)
    if isinstance(value, DueDate):
        return Plan(value.at.astimezone(UTC), 1, value.rule, value.provisional)
    if isinstance(value, Cron):
        return _first_of_cron(value, timer.cron, now)
    if isinstance(value, Cycle):
        return _first_of(value, now)
    if isinstance(value, timedelta | YearsMonths | Span):
        if timer.kind == "timeCycle":
            return _first_of(_endless(value), now)
        return Plan(_later(now, value), 1)
    if isinstance(value, date):
        return Plan(_instant(value), 1)
    raise Fault("timer-value-invalid", f"Expected {timer.text} to be a date or a duration, but it is {value!r:.80}.")


def _endless(every: Every) -> Cycle:
    return Cycle(None, every.months, rest=every.rest) if isinstance(every, Span) else Cycle(None, every)


def _first_of_cron(cron: Cron, dialect: str, now: datetime) -> Plan:
    due = cron.after(now)
    if due is None:
        raise Fault(NEVER_FIRES, f"{cron.text} names no date that is to come.")
    return Plan(due, 1, cron=f"{cron.text}|{dialect}")


def _first_of(cycle: Cycle, now: datetime) -> Plan:
    """``Rn/duration`` fires n times, first after one duration; ``Rn/start/duration`` first at the start."""
    until = _instant(cycle.end) if cycle.end is not None else None
    every = (
        Span(cycle.duration, cycle.rest) if cycle.rest and isinstance(cycle.duration, YearsMonths) else cycle.duration
    )
    if cycle.start is None:
        plan = _cycle_plan(now, every, 1, cycle.repetitions, until)
    else:
        start = _instant(cycle.start)
        number = _first_not_before(start, every, now)
        plan = _cycle_plan(start, every, number, _last_from_start(cycle), until)
    if plan is None:
        raise Fault(NEVER_FIRES, "The repeating interval has no occurrence left.")
    return plan


def _last_from_start(cycle: Cycle) -> int | None:
    # counted from the start, which is occurrence 0: R3 fires at 0, 1 and 2
    return None if cycle.repetitions is None else cycle.repetitions - 1


def _first_not_before(start: datetime, every: Every, now: datetime) -> int:
    if start >= now:
        return 0
    # by seconds one can jump close to now; months are of unequal length, and there are few of them
    number = max(int((now - start) / every) - 1, 0) if isinstance(every, timedelta) else 0
    while _later(start, _times(every, number)) < now:
        number += 1
    return number


def _cycle_plan(base: datetime, every: Every, number: int, last: int | None, until: datetime | None) -> Plan | None:
    if last is not None and number > last:
        return None
    try:
        due = _later(base, _times(every, number))
    except (ValueFault, OverflowError):
        return None  # beyond the calendar: the cycle is over
    if until is not None and due > until:
        return None
    step, rest = (every.months, every.rest) if isinstance(every, Span) else (every, None)
    return Plan(due, 1, base=base, every=step, number=number, last=last, until=until, rest=rest)


def _times(every: Every, number: int) -> Every:
    if isinstance(every, Span):
        return Span(YearsMonths(every.months.months * number), every.rest * number)
    return every * number if isinstance(every, timedelta) else YearsMonths(every.months * number)


def _later(moment: datetime, duration: Every) -> datetime:
    if isinstance(duration, Span):
        return _later(_later(moment, duration.months), duration.rest)
    if isinstance(duration, YearsMonths):
        return (
            add_duration(moment.astimezone(LOCAL_ZONE).replace(tzinfo=None), duration)
            .replace(tzinfo=LOCAL_ZONE)
            .astimezone(UTC)
        )
    return add_duration(moment, duration)


def _instant(value: date | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LOCAL_ZONE)
    return moment.astimezone(UTC)

"""When a timer fires: dates, durations and cycles of ISO 8601, or whatever an expression computes.

Pure arithmetic on the instant passed in. SpiffWorkflow's timer code is never called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflows.engine.expressions import PEOPLE_ZONE, Expression
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

Literal = datetime | Duration | Cycle


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of the diagram: a literal that was read at upload, or an expression evaluated when it is armed."""

    kind: str  # timeDate timeDuration timeCycle deadline
    text: str
    literal: Literal | None = None
    expression: Expression | None = None


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

    def following(self) -> Plan | None:
        """Plan the firing after this one; None when the timer has no other."""
        if self.base is None or self.every is None:
            return None
        plan = _cycle_plan(self.base, self.every, self.number + 1, self.last, self.until)
        return replace(plan, occurrence=self.occurrence + 1) if plan is not None else None

    def to_memo(self) -> dict[str, Any]:
        """Write the plan as plain data for the state."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value is not None and value is not False}

    @classmethod
    def from_memo(cls, memo: Mapping[str, Any]) -> Plan:
        """Read back what ``to_memo`` wrote."""
        return cls(**memo)


def read_literal(kind: str, text: str) -> Literal:
    """Read an ISO 8601 text as the kind of timer that it stands for, or raise ``ValueFault``."""
    if kind == "timeDate":
        return _instant(parse_date_time(text) if "T" in text else parse_date(text))
    if kind == "timeDuration":
        return parse_duration(text)
    return parse_cycle(text)


def plan_timer(timer: Timer, value: Any, now: datetime) -> Plan:
    """Plan the first firing of a timer that is armed ``now``; ``value`` is what its expression answered."""
    try:
        return _plan(timer, timer.literal if timer.expression is None else value, now)
    except ValueFault as fault:
        raise Fault("timer-value-invalid", f"{timer.text}: {fault.message}") from fault


def _plan(timer: Timer, value: Any, now: datetime) -> Plan:
    if isinstance(value, str):
        value = read_literal("timeCycle" if timer.kind == "deadline" else timer.kind, value)
    if isinstance(value, DueDate):
        return Plan(value.at.astimezone(UTC), 1, value.rule, value.provisional)
    if isinstance(value, Cycle):
        return _first_of(value, now)
    if isinstance(value, timedelta | YearsMonths):
        if timer.kind == "timeCycle":
            return _first_of(Cycle(None, value), now)
        return Plan(_later(now, value), 1)
    if isinstance(value, date):
        return Plan(_instant(value), 1)
    raise Fault("timer-value-invalid", f"Expected {timer.text} to be a date or a duration, but it is {value!r:.80}.")


def _first_of(cycle: Cycle, now: datetime) -> Plan:
    """``Rn/duration`` fires n times, first after one duration; ``Rn/start/duration`` first at the start."""
    until = _instant(cycle.end) if cycle.end is not None else None
    if cycle.start is None:
        plan = _cycle_plan(now, cycle.duration, 1, cycle.repetitions, until)
    else:
        start = _instant(cycle.start)
        number = _first_not_before(start, cycle.duration, now)
        plan = _cycle_plan(start, cycle.duration, number, _last_from_start(cycle), until)
    if plan is None:
        raise Fault(NEVER_FIRES, "The repeating interval has no occurrence left.")
    return plan


def _last_from_start(cycle: Cycle) -> int | None:
    # counted from the start, which is occurrence 0: R3 fires at 0, 1 and 2
    return None if cycle.repetitions is None else cycle.repetitions - 1


def _first_not_before(start: datetime, every: Duration, now: datetime) -> int:
    if start >= now:
        return 0
    # by seconds one can jump close to now; months are of unequal length, and there are few of them
    number = max(int((now - start) / every) - 1, 0) if isinstance(every, timedelta) else 0
    while _later(start, _times(every, number)) < now:
        number += 1
    return number


def _cycle_plan(base: datetime, every: Duration, number: int, last: int | None, until: datetime | None) -> Plan | None:
    if last is not None and number > last:
        return None
    try:
        due = _later(base, _times(every, number))
    except (ValueFault, OverflowError):
        return None  # beyond the calendar: the cycle is over
    if until is not None and due > until:
        return None
    return Plan(due, 1, base=base, every=every, number=number, last=last, until=until)


def _times(every: Duration, number: int) -> Duration:
    return every * number if isinstance(every, timedelta) else YearsMonths(every.months * number)


def _later(moment: datetime, duration: Duration) -> datetime:
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

"""Deadline rules, and the one function that makes a date of a rule.

Limits in days end at 24:00 in China of their last day, and ``due_at`` is that exclusive instant in UTC. The day on
which a limit begins is not counted. A month has the same day number, else its last day. A free last day rolls to the
next working day, but where the rule says otherwise. Hours are exact. Clock stops and extensions only ever add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from workflows.deadlines.calendar import ONE_DAY, Calendar
from workflows.deadlines.count import (
    add_hours,
    anchor_day,
    check_amount,
    count,
    end_of_day,
    local_day,
    passed_over,
    start_of_day,
    stopped_days,
)
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import (
    Anchor,
    ClockStop,
    Confidence,
    Explanation,
    Extension,
    Roll,
    Run,
    Segment,
    SegmentKind,
    Threshold,
    Unit,
)

AD_HOC = "ad-hoc"  # key of limits that a diagram counts itself, such as workdays(5)


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How far a limit may be extended, how often, and who approves. None: the rule sets no bound."""

    approver: str = ""
    most: Threshold | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """One limit of law, by version. A length (``amount``, ``unit``), a fixed ``anchor``, or a length after it.

    ``parameter`` names the region's parameter that may replace ``amount``. ``extension`` None: not extendable.
    """

    key: str
    version: int
    title: str
    start_event: str
    confidence: Confidence
    amount: int | None = None
    unit: Unit | None = None
    anchor: Anchor | None = None
    source: str = ""
    article: str = ""
    parameter: str | None = None
    extension: ExtensionRule | None = None
    near: Threshold | None = None
    roll: Roll = Roll.NEXT
    note: str = ""

    @property
    def to_verify(self) -> bool:
        """Whether pages must show 待核: nobody has read the official text yet."""
        return self.confidence is Confidence.C


@dataclass(frozen=True, slots=True)
class Deadline:
    """A computed limit. ``near_at`` equals ``due_at`` when nothing says when it is near."""

    rule_key: str
    rule_version: int
    calendar_version: str
    started_at: datetime
    near_at: datetime
    due_at: datetime
    provisional: bool
    explanation: Explanation

    @property
    def last_day(self) -> date | None:
        """The last day that still counts, as people see it; None for limits in hours."""
        return self.explanation.last_day


@dataclass(slots=True)
class _Count:
    """Where counting stands: on a day, or (for hours) at an instant."""

    calendar: Calendar
    stops: Sequence[ClockStop]
    day: date
    at: datetime | None
    segments: list[Segment] = field(default_factory=list)

    def anchor(self, anchor: Anchor) -> None:
        start, self.day, self.at = self.day, anchor_day(anchor, self.day), None
        if self.day < start:
            raise DeadlineError(
                "anchor-before-start", f"Expected a day from {start} on, but the rule names {self.day}."
            )
        self.segments.append(
            Segment(SegmentKind.ANCHOR, None, None, from_day=start, to_day=self.day, anchor=anchor),
        )

    def add(self, kind: SegmentKind, amount: int, unit: Unit, *, ground: str = "", approver: str = "") -> None:
        check_amount(amount, unit, low=int(kind is SegmentKind.EXTENSION))
        if unit is Unit.HOUR:
            start = self.at or end_of_day(self.day)
            self.at = add_hours(start, amount, self.stops)
            self.day = local_day(self.at)
            spans: dict[str, Any] = {"from_at": start, "to_at": self.at}
        else:
            first = self.day
            self.day, runs = count(first, amount, unit, self.calendar, stopped_days(self.stops))
            self.at = None
            spans = {"from_day": first, "to_day": self.day, "runs": runs}
        self.segments.append(Segment(kind, amount, unit, ground=ground, approver=approver, **spans))

    def extend_until(self, extension: Extension, until: date) -> None:
        self.calendar.check_year(until.year)
        # a day that counting has passed already (the calendar changed since) extends nothing, and shortens nothing
        start, self.day, self.at = self.day, max(self.day, until), None
        self.segments.append(
            Segment(
                SegmentKind.EXTENSION,
                None,
                None,
                from_day=start,
                to_day=self.day,
                ground=extension.ground,
                approver=extension.approver,
            ),
        )


def compute(
    rule: DeadlineRule,
    start: datetime,
    calendar: Calendar,
    *,
    parameters: Mapping[str, Any] | None = None,
    stops: Sequence[ClockStop] = (),
    extensions: Sequence[Extension] = (),
    near: Threshold | None = None,
) -> Deadline:
    """Compute the limit that began at ``start``, or raise `DeadlineError`.

    ``stops`` are those that have ended; while one runs there is nothing to compute. ``near`` is the region's
    threshold for rules that state none. Extensions continue from the last day as counted, before it rolls.
    """
    for stop in stops:
        if local_day(stop.to_at) < local_day(stop.from_at) or stop.to_at <= stop.from_at:
            raise DeadlineError("stop-not-a-period", "Expected a clock stop to end after it began, but it does not.")
    calendar.check_year(local_day(start).year)
    amount, parameter = _amount(rule, parameters or {})
    counting = _Count(calendar, stops, local_day(start), start)
    if rule.anchor is not None:
        counting.anchor(rule.anchor)
    if amount is not None and rule.unit is not None:
        counting.add(SegmentKind.LIMIT, amount, rule.unit)
    _extend(counting, rule, extensions)
    return _finish(counting, rule, start, parameter, rule.near or near)


def _amount(rule: DeadlineRule, parameters: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Return the amount that holds, and the parameter's name if it replaced the rule's."""
    value = whole_parameter(parameters, rule.parameter, rule.key)
    return (rule.amount, None) if value is None else (value, rule.parameter)


def whole_parameter(parameters: Mapping[str, Any], name: str | None, rule: str) -> int | None:
    """Return the whole number of parameter ``name``, None when it is not set, or raise `DeadlineError`."""
    value = None if name is None else parameters.get(name)
    if value is None:
        return None
    if not _is_whole(value):
        message = f"Expected a whole number in parameter {name}, but it is {value!r}."
        raise DeadlineError("parameter-not-a-number", message, parameter=name, rule=rule)
    return int(value)


def _is_whole(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def _extend(counting: _Count, rule: DeadlineRule, extensions: Sequence[Extension]) -> None:
    if not extensions:
        return
    bounds = rule.extension
    if bounds is None:
        raise DeadlineError(
            "extension-not-allowed", f"Expected no extension: rule {rule.key} allows none.", rule=rule.key
        )
    if bounds.times is not None and len(extensions) > bounds.times:
        message = f"Expected at most {bounds.times} extensions of {rule.key}, but there are {len(extensions)}."
        raise DeadlineError("extension-too-often", message, rule=rule.key, times=bounds.times)
    furthest = _furthest(counting, bounds)
    for extension in extensions:
        if extension.until is not None:
            counting.extend_until(extension, extension.until)
        else:
            counting.add(
                SegmentKind.EXTENSION,
                extension.amount,
                extension.unit,
                ground=extension.ground,
                approver=extension.approver,
            )
    if furthest is not None and (counting.at or end_of_day(counting.day)) > furthest:
        last = str(local_day(furthest - timedelta(microseconds=1)))
        raise DeadlineError(
            "extension-beyond-limit", f"Expected an end by {last}, but it is later.", rule=rule.key, last=last
        )


def _furthest(counting: _Count, bounds: ExtensionRule) -> datetime | None:
    """Return the instant up to which the rule lets this limit be extended."""
    if bounds.most is None:
        return None
    trial = _Count(counting.calendar, counting.stops, counting.day, counting.at)
    trial.add(SegmentKind.EXTENSION, bounds.most.amount, bounds.most.unit)
    return trial.at or end_of_day(trial.day)


def _finish(
    counting: _Count,
    rule: DeadlineRule,
    start: datetime,
    parameter: str | None,
    near: Threshold | None,
) -> Deadline:
    calendar, start_day = counting.calendar, local_day(start)
    nominal: date | None = None
    last: date | None = None
    rolled: tuple[Run, ...] = ()
    if counting.at is None:
        nominal = counting.day
        last, rolled = _rolled(nominal, start_day, rule.roll, calendar)
    due_at = end_of_day(last) if last is not None else (counting.at or start).astimezone(UTC)
    near_at = _near_at(near, start, due_at, last, calendar)
    provisional = any(run.provisional for segment in counting.segments for run in segment.runs) or (
        last is not None and rule.roll is not Roll.NONE and _is_provisional(nominal, last, calendar)
    )
    years = {start_day.year, *(range(start_day.year, last.year + 1) if last is not None else ())}
    explanation = Explanation(
        rule_key=rule.key,
        rule_version=rule.version,
        title=rule.title,
        source=rule.source,
        article=rule.article,
        confidence=rule.confidence,
        start_event=rule.start_event,
        parameter=parameter,
        calendar_version=calendar.version_of(years),
        calendar_region=calendar.region,
        started_at=start.astimezone(UTC),
        start_day=start_day,
        stops=tuple(counting.stops),
        segments=tuple(counting.segments),
        nominal_day=nominal,
        roll=rule.roll,
        rolled=rolled,
        last_day=last,
        near=near,
        near_at=near_at,
        due_at=due_at,
        provisional=provisional,
    )
    version = explanation.calendar_version
    return Deadline(rule.key, rule.version, version, explanation.started_at, near_at, due_at, provisional, explanation)


def _rolled(nominal: date, start_day: date, roll: Roll, calendar: Calendar) -> tuple[date, tuple[Run, ...]]:
    """Return the last day after rolling, and the free days passed over. No limit rolls back before its start."""
    if roll is Roll.NONE or calendar.is_workday(nominal).workday:
        return nominal, ()
    last = calendar.workday_on_or_before(nominal) if roll is Roll.PREVIOUS else calendar.workday_on_or_after(nominal)
    if last < start_day:
        last = calendar.workday_on_or_after(nominal)
    first, end = (nominal, last) if last > nominal else (last + ONE_DAY, nominal + ONE_DAY)
    passed = [first + timedelta(days=offset) for offset in range((end - first).days)]
    return last, passed_over(passed, calendar)


def _is_provisional(nominal: date | None, last: date, calendar: Calendar) -> bool:
    days = (last,) if nominal is None else (nominal, last)
    return any(calendar.is_workday(day).provisional for day in days)


def _near_at(
    near: Threshold | None, start: datetime, due_at: datetime, last: date | None, calendar: Calendar
) -> datetime:
    if near is None:
        return due_at
    start = start.astimezone(UTC)
    if near.unit is Unit.HOUR:
        return max(start, due_at - timedelta(hours=near.amount))
    day, remaining, start_day = last or local_day(due_at), near.amount, local_day(start)
    while remaining and day > start_day:
        day -= ONE_DAY
        remaining -= near.unit is Unit.DAY or calendar.is_workday(day).workday
    return max(start, start_of_day(day))

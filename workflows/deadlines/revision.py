"""When the calendar changes: compute the same limits again, and show what would move before anything does.

Provisional dates follow a newly announced year; confirmed dates move only after approval, so `moves` tells which is
which. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from workflows.deadlines.calendar import Calendar, DayKind, day_range
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import ClockStop, Explanation, Extension, Segment, SegmentKind
from workflows.deadlines.rules import Deadline, DeadlineRule, ExtensionRule, compute


@dataclass(frozen=True, slots=True)
class Move:
    """What a changed calendar does to one limit. ``key`` is the caller's name of it."""

    key: str
    rule_key: str
    before: datetime
    after: datetime
    was_provisional: bool
    is_provisional: bool

    @property
    def moved(self) -> bool:
        """Whether the date changes; else only its being provisional does."""
        return self.before != self.after

    @property
    def needs_approval(self) -> bool:
        """Whether a confirmed date would move: never silently."""
        return self.moved and not self.was_provisional


def inputs_of(explanation: Explanation) -> tuple[tuple[ClockStop, ...], tuple[Extension, ...]]:
    """Return the stops and extensions that a date rests on, to add to them and compute again."""
    extensions = tuple(_extension(segment) for segment in explanation.segments if segment.kind is SegmentKind.EXTENSION)
    return explanation.stops, extensions


def _extension(segment: Segment) -> Extension:
    if segment.amount is None or segment.unit is None:
        return Extension(until=segment.to_day, ground=segment.ground, approver=segment.approver)
    return Extension(segment.amount, segment.unit, ground=segment.ground, approver=segment.approver)


def recompute(explanation: Explanation, calendar: Calendar) -> Deadline:
    """Compute the same limit under ``calendar``: same rule version, amount, stops and extensions as before.

    The bounds of extensions are not checked again: they were granted under the old calendar and stay granted.
    """
    return _computed(explanation, calendar, *inputs_of(explanation), rule=None)


def extend(
    explanation: Explanation, extension: Extension, calendar: Calendar, *, rule: DeadlineRule | None = None
) -> Deadline:
    """Return the limit with one more extension, or raise `DeadlineError` where the rule forbids it.

    ``rule`` is the version that the limit pinned; None for a limit that a diagram counted itself.
    """
    stops, extensions = inputs_of(explanation)
    after = _computed(explanation, calendar, stops, (*extensions, extension), rule=rule)
    if after.due_at <= explanation.due_at:
        message = f"Expected a date after {explanation.last_day or explanation.due_at}, but the extension gives none."
        raise DeadlineError("extension-not-later", message, rule=explanation.rule_key)
    return after


def add_stop(
    explanation: Explanation, stop: ClockStop, calendar: Calendar, *, rule: DeadlineRule | None = None
) -> Deadline:
    """Return the limit after a clock stop that has ended."""
    stops, extensions = inputs_of(explanation)
    return _computed(explanation, calendar, (*stops, stop), extensions, rule=rule)


def _computed(
    explanation: Explanation,
    calendar: Calendar,
    stops: Sequence[ClockStop],
    extensions: Sequence[Extension],
    *,
    rule: DeadlineRule | None,
) -> Deadline:
    return compute(
        rule or _pinned_rule(explanation),
        explanation.started_at,
        calendar,
        parameters=_pinned_parameters(explanation),
        stops=stops,
        extensions=extensions,
        near=explanation.near,
    )


def _pinned_rule(explanation: Explanation) -> DeadlineRule:
    """Return the rule as this limit pinned it, from its explanation alone."""
    limit = _segment(explanation.segments, SegmentKind.LIMIT)
    anchor = _segment(explanation.segments, SegmentKind.ANCHOR)
    return DeadlineRule(
        key=explanation.rule_key,
        version=explanation.rule_version,
        title=explanation.title,
        start_event=explanation.start_event,
        confidence=explanation.confidence,
        amount=None if limit is None else limit.amount,
        unit=None if limit is None else limit.unit,
        anchor=None if anchor is None else anchor.anchor,
        source=explanation.source,
        article=explanation.article,
        parameter=explanation.parameter,
        extension=ExtensionRule(),
        near=explanation.near,
        roll=explanation.roll,
    )


def _pinned_parameters(explanation: Explanation) -> Mapping[str, int | None]:
    limit = _segment(explanation.segments, SegmentKind.LIMIT)
    if explanation.parameter is None or limit is None:
        return {}
    return {explanation.parameter: limit.amount}


def _segment(segments: Sequence[Segment], kind: SegmentKind) -> Segment | None:
    return next((segment for segment in segments if segment.kind is kind), None)


def is_stale(explanation: Explanation, calendar: Calendar) -> bool:
    """Tell whether ``calendar`` has another version of a year that this date rests on."""
    last = explanation.last_day or explanation.start_day
    years = range(explanation.start_day.year, last.year + 1)
    return calendar.version_of(years) != explanation.calendar_version


def moves(limits: Mapping[str, Explanation], calendar: Calendar) -> tuple[Move, ...]:
    """Preview ``calendar``: every limit whose date, whose being near or whose being provisional would change.

    A limit in days of the calendar stays where it is, while the working days before it, which say when it is near, do
    not.
    """
    found: list[Move] = []
    for key, explanation in limits.items():
        if not is_stale(explanation, calendar):
            continue
        after = recompute(explanation, calendar)
        if (after.due_at, after.near_at, after.provisional) != (
            explanation.due_at,
            explanation.near_at,
            explanation.provisional,
        ):
            was = explanation.provisional
            found.append(Move(key, explanation.rule_key, explanation.due_at, after.due_at, was, after.provisional))
    return tuple(found)


def changed_days(old: Calendar, new: Calendar, first: date, last: date) -> tuple[tuple[DayKind, DayKind], ...]:
    """Return the days from ``first`` to ``last`` that ``new`` counts otherwise than ``old``, as pairs."""
    pairs = ((old.is_workday(day), new.is_workday(day)) for day in day_range(first, last))
    return tuple((before, after) for before, after in pairs if before.workday != after.workday)

"""Equality and order of FEEL values: three-valued, never across kinds (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Range, kind, told

_ORDERED = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """Compare for equality; None when the kinds differ and neither is null."""
    run.spend()
    if left is None or right is None:
        return left is right
    kinds = kind(left), kind(right)
    if kinds[0] != kinds[1]:
        run.null("not-comparable", left=told(left), right=told(right))
        return None
    if kinds[0] in ("list", "context", "range"):
        return _equal_deep(left, right, run)
    if kinds[0] in ("time", "date and time"):
        keys = _moment_keys(left, right, run)
        return None if keys is None else bool(keys[0] == keys[1])
    if kinds[0] == "function":
        return left is right
    return bool(left == right)


def _equal_deep(left: Any, right: Any, run: Run) -> bool | None:
    run.enter()
    try:
        if isinstance(left, Range):
            pairs = [(left.low, right.low), (left.high, right.high)]
            same_ends = (left.low_included, left.high_included) == (right.low_included, right.high_included)
            return all_true([equal(one, other, run) for one, other in pairs]) if same_ends else False
        if len(left) != len(right):
            return False
        if isinstance(left, Mapping):
            if left.keys() != right.keys():
                return False
            return all_true([equal(left[key], right[key], run) for key in left])
        return all_true([equal(one, other, run) for one, other in zip(left, right, strict=True)])
    finally:
        run.leave()


def all_true(answers: list[bool | None]) -> bool | None:
    """Join answers by ``and`` of three-valued logic."""
    if False in answers:
        return False
    return None if None in answers else True


def any_true(answers: list[bool | None]) -> bool | None:
    """Join answers by ``or`` of three-valued logic."""
    if True in answers:
        return True
    return None if None in answers else False


def negated(answer: bool | None) -> bool | None:  # noqa: FBT001 - the value itself
    """Apply ``not`` of three-valued logic."""
    return None if answer is None else not answer


def less(left: Any, right: Any, run: Run, *, or_equal: bool = False) -> bool | None:
    """Say whether ``left`` comes before ``right``; None when there is no order between them."""
    run.spend()
    kinds = kind(left), kind(right)
    if kinds[0] != kinds[1] or kinds[0] not in _ORDERED:
        run.null("no-order", left=told(left), right=told(right))
        return None
    if kinds[0] in ("time", "date and time"):
        keys = _moment_keys(left, right, run)
        if keys is None:
            return None
        left, right = keys
    return bool(left <= right) if or_equal else bool(left < right)


def compare(operator: str, left: Any, right: Any, run: Run) -> bool | None:
    """Apply one of ``= != < <= > >=``."""
    match operator:
        case "=":
            return equal(left, right, run)
        case "!=":
            return negated(equal(left, right, run))
        case "<" | "<=":
            return less(left, right, run, or_equal=operator == "<=")
    return less(right, left, run, or_equal=operator == ">=")


def within(value: Any, interval: Range, run: Run) -> bool | None:
    """Say whether ``value`` lies in ``interval``."""
    above = below = True
    if interval.low is not None:
        above = less(interval.low, value, run, or_equal=interval.low_included)  # type: ignore[assignment]
    if interval.high is not None:
        below = less(value, interval.high, run, or_equal=interval.high_included)  # type: ignore[assignment]
    return all_true([above, below])


def _moment_keys(left: Any, right: Any, run: Run) -> tuple[Any, Any] | None:
    """Make two times comparable: a local date and time is one of the people's zone."""
    if isinstance(left, datetime):
        return _aware(left, run), _aware(right, run)
    if (left.utcoffset() is None) != (right.utcoffset() is None):
        run.null("zone-missing")
        return None
    return _seconds(left), _seconds(right)


def _aware(value: datetime, run: Run) -> datetime:
    return value.replace(tzinfo=run.zone) if value.tzinfo is None else value


def _seconds(value: time) -> float:
    offset = value.utcoffset()
    clock = value.hour * 3_600 + value.minute * 60 + value.second + value.microsecond / 1_000_000
    return clock - (offset.total_seconds() if offset is not None else 0)

"""Functions on points and intervals (DMN 1.5, 10.3.4.7, table 80): Allen's relations, with open and closed ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.compare import all_true, any_true, equal, less, negated
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Builtin, Range, told
from workflows.engine.expressions.parser import parse_expression
from workflows.engine.expressions.scopes import Scope
from workflows.engine.expressions.tokens import phrase_patterns

_CALLS = phrase_patterns(("date and time", "years and months duration"), before_call=True)


def _span(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value, low_included=True, high_included=True)


def _precedes(one: Range, other: Range, run: Run) -> bool | None:
    """Say whether ``one`` ends before ``other`` begins."""
    touching = not (one.high_included and other.low_included)
    return less(one.high, other.low, run, or_equal=touching)


def _starts_together(one: Range, other: Range, run: Run) -> bool | None:
    same = equal(one.low, other.low, run)
    return same and one.low_included == other.low_included


def _ends_together(one: Range, other: Range, run: Run) -> bool | None:
    same = equal(one.high, other.high, run)
    return same and one.high_included == other.high_included


def _reaches_left(one: Range, other: Range, run: Run) -> bool | None:
    """Say whether ``one`` begins no later than ``other``."""
    return less(one.low, other.low, run, or_equal=one.low_included or not other.low_included)


def _reaches_right(one: Range, other: Range, run: Run) -> bool | None:
    return less(other.high, one.high, run, or_equal=one.high_included or not other.high_included)


def _before(one: Range, other: Range, run: Run) -> bool | None:
    return _precedes(one, other, run)


def _meets(one: Range, other: Range, run: Run) -> bool | None:
    return one.high_included and other.low_included and equal(one.high, other.low, run)


def _includes(one: Range, other: Range, run: Run) -> bool | None:
    return all_true([_reaches_left(one, other, run), _reaches_right(one, other, run)])


def _overlaps(one: Range, other: Range, run: Run) -> bool | None:
    apart = any_true([_precedes(one, other, run), _precedes(other, one, run)])
    return negated(apart)


def _overlaps_before(one: Range, other: Range, run: Run) -> bool | None:
    begins = all_true([_reaches_left(one, other, run), negated(_starts_together(one, other, run))])
    ends = _reaches_right(other, one, run)
    return all_true([begins, ends, _overlaps(one, other, run)])


def _finishes(one: Range, other: Range, run: Run) -> bool | None:
    return all_true([_ends_together(one, other, run), _reaches_left(other, one, run)])


def _starts(one: Range, other: Range, run: Run) -> bool | None:
    return all_true([_starts_together(one, other, run), _reaches_right(other, one, run)])


def _coincides(one: Range, other: Range, run: Run) -> bool | None:
    return all_true([_starts_together(one, other, run), _ends_together(one, other, run)])


Relation = Callable[[Range, Range, Run], bool | None]


def _builtin(name: str, relation: Relation, *, turned: bool = False) -> Builtin:
    def apply(run: Run, left: Any, right: Any) -> bool | None:
        if left is None or right is None or None in (_span(left).low, _span(left).high):
            run.null("operands-unfit", operator=name, left=told(left), right=told(right))
            return None
        if None in (_span(right).low, _span(right).high):
            run.null("range-not-bounded", function=name)
            return None
        one, other = (right, left) if turned else (left, right)
        return relation(_span(one), _span(other), run)

    signatures = (
        ("point1", "point2"),
        ("point", "range"),
        ("range", "point"),
        ("range1", "range2"),
        ("range", "value"),
        ("value", "range"),
    )
    return Builtin(name, signatures, apply)


def _range(run: Run, text: Any) -> Range | None:
    """Read ``[1..5]``, ``(a..b]``, ``< 5`` of literals (DMN 1.5, table 74)."""
    if not isinstance(text, str):
        run.null("operand-kind", operator="range", got=told(text))
        return None
    try:
        found = run.evaluate(parse_expression(text, _CALLS), Scope({}), run)
    except ExpressionError:
        found = None
    if not isinstance(found, Range) or None in (found.low, found.high):
        run.null("text-not-a-range", text=text[:40])
        return None
    return found


FUNCTIONS = (
    Builtin("range", (("from",),), _range),
    _builtin("before", _before),
    _builtin("after", _before, turned=True),
    _builtin("meets", _meets),
    _builtin("met by", _meets, turned=True),
    _builtin("overlaps", _overlaps),
    _builtin("overlaps before", _overlaps_before),
    _builtin("overlaps after", _overlaps_before, turned=True),
    _builtin("finishes", _finishes),
    _builtin("finished by", _finishes, turned=True),
    _builtin("includes", _includes),
    _builtin("during", _includes, turned=True),
    _builtin("starts", _starts),
    _builtin("started by", _starts, turned=True),
    _builtin("coincides", _coincides),
)

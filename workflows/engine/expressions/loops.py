"""Go round: ``for``, ``some``, ``every`` of FEEL and the comprehensions of Python. Every round is paid for."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from workflows.engine.expressions import syntax
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Range, is_number, kind, told
from workflows.engine.expressions.operations.python_values import iterated, truth
from workflows.engine.expressions.scopes import Scope


def evaluate_for(node: syntax.For, scope: Scope, run: Run) -> list[Any]:
    """Collect the bodies of all rounds (DMN 1.5, table 42, and 10.3.2.14)."""
    results: list[Any] = []
    for names in _rounds(node.iterators, {}, scope, run):
        if node.uses_partial:
            run.items(len(results))
            names["partial"] = list(results)
        results.append(run.evaluate(node.body, scope.under(names), run))
        if len(results) > run.budget.items:
            run.items(len(results))
    return results


def evaluate_quantified(node: syntax.Quantified, scope: Scope, run: Run) -> bool | None:
    """Answer ``some`` and ``every``; what decides ends the work (DMN 1.5, table 55)."""
    decisive: bool = not node.every
    unknown = False
    for names in _rounds(node.iterators, {}, scope, run):
        answer = run.evaluate(node.body, scope.under(names), run)
        if answer is decisive:
            return not node.every
        unknown = unknown or not isinstance(answer, bool)
    return None if unknown else not decisive


def _rounds(
    iterators: tuple[syntax.Iterator, ...], names: dict[str, Any], scope: Scope, run: Run
) -> Iterable[dict[str, Any]]:
    """Give the names of each round, the last iterator turning fastest; later sources may use earlier names."""
    if not iterators:
        yield names
        return
    for item in _source(iterators[0], scope.under(names), run):
        run.spend()
        yield from _rounds(iterators[1:], {**names, iterators[0].name: item}, scope, run)


def _source(iterator: syntax.Iterator, scope: Scope, run: Run) -> Iterable[Any]:
    source = run.evaluate(iterator.source, scope, run)
    if iterator.end is not None:
        return _counted(source, run.evaluate(iterator.end, scope, run), run)
    if isinstance(source, Range):
        return _counted(source.low, source.high, run, source)
    if source is None:
        run.null("nothing-to-go-through", name=iterator.name)
        return []
    return source if isinstance(source, list) else [source]


def _counted(low: Any, high: Any, run: Run, bounds: Range | None = None) -> Iterable[Any]:
    """Count from ``low`` to ``high``, up or down, by ones or by days."""
    if is_number(low) and is_number(high) and low == int(low) and high == int(high):
        run.items(min(abs(int(high) - int(low)), sys.maxsize))
        return _steps(int(low), int(high), bounds)
    if kind(low) == kind(high) == "date":
        days = _steps(low.toordinal(), high.toordinal(), bounds)
        run.items(len(days))
        return [date.fromordinal(day) for day in days]
    run.null("not-countable", low=told(low), high=told(high))
    return []


def _steps(low: int, high: int, bounds: Range | None) -> range:
    first = low if bounds is None or bounds.low_included else low + 1
    last = high if bounds is None or bounds.high_included else high - 1
    return range(first, last + 1) if bounds is not None or low <= high else range(first, last - 1, -1)


def evaluate_comprehension(node: syntax.Comprehension, scope: Scope, run: Run) -> list[Any]:
    """Collect the bodies of the rounds whose tests hold."""
    results: list[Any] = []
    for names in _turns(node.rounds, {}, scope, run):
        results.append(run.evaluate(node.body, scope.under(names), run))
        if len(results) > run.budget.items:
            run.items(len(results))
    return results


def _turns(rounds: tuple[syntax.Round, ...], names: dict[str, Any], scope: Scope, run: Run) -> Iterable[dict[str, Any]]:
    if not rounds:
        yield names
        return
    turn = rounds[0]
    for item in iterated(run, run.evaluate(turn.source, scope.under(names), run)):
        run.spend()
        inner = {**names, **_taken_apart(turn, item)}
        if all(truth(run, run.evaluate(test, scope.under(inner), run)) for test in turn.tests):
            yield from _turns(rounds[1:], inner, scope, run)


def _taken_apart(turn: syntax.Round, item: Any) -> dict[str, Any]:
    if len(turn.names) == 1:
        return {turn.names[0]: item}
    if not isinstance(item, list) or len(item) != len(turn.names):
        raise ExpressionError("not-taken-apart", expected=len(turn.names), got=told(item))
    return dict(zip(turn.names, item, strict=True))

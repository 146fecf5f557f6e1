"""Median, mode and standard deviation of numbers (DMN 1.5, table 77)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workflows.engine.expressions.arithmetic import DECIMAL128, number, tidy
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Builtin, is_number


def _numbers(run: Run, values: tuple[Any, ...]) -> list[Any]:
    items = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
    run.items(len(items))
    if not all(is_number(item) for item in items):
        run.null("list-of-numbers")
        return []
    return items


def _median(run: Run, *values: Any) -> Any:
    items = sorted(_numbers(run, values))
    if not items:
        return None
    half = len(items) // 2
    if len(items) % 2:
        return items[half]
    total = number("+", items[half - 1], items[half], run)
    return None if total is None else number("/", total, 2, run)


def _deviation(run: Run, *values: Any) -> Any:
    items = [DECIMAL128.plus(Decimal(item)) for item in _numbers(run, values)]
    if len(items) <= 1:
        return None
    try:
        mean = DECIMAL128.divide(_total(items), Decimal(len(items)))
        squares = [DECIMAL128.power(DECIMAL128.subtract(item, mean), 2) for item in items]
        return tidy(DECIMAL128.sqrt(DECIMAL128.divide(_total(squares), Decimal(len(items) - 1))))
    except ArithmeticError:
        run.null("no-result", operator="stddev")
        return None


def _total(items: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for item in items:
        total = DECIMAL128.add(total, item)
    return total


def _mode(run: Run, *values: Any) -> Any:
    items = _numbers(run, values)
    counted: dict[Any, int] = {}
    for item in items:
        counted[item] = counted.get(item, 0) + 1
    most = max(counted.values(), default=0)
    return sorted(item for item, count in counted.items() if count == most)


STATISTICS = (
    Builtin("median", (("list",), ("...",)), _median),
    Builtin("stddev", (("list",), ("...",)), _deviation),
    Builtin("mode", (("list",), ("...",)), _mode),
)

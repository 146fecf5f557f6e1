"""Functions of Python that have a meaning over plain data. Each is written here; none of Python's own is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from functools import cmp_to_key
from typing import Any

from workflows.engine.expressions.arithmetic import DECIMAL128, tidy
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.calls import call_builtin
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.functions.numbers import FUNCTIONS as NUMBER_FUNCTIONS
from workflows.engine.expressions.functions.texts import written
from workflows.engine.expressions.kinds import is_number, told
from workflows.engine.expressions.operations.python_values import (
    OPERATIONS,
    as_number,
    before,
    iterated,
    same,
    truth,
)

_BUILTINS = {function.name: function for function in NUMBER_FUNCTIONS}


def _len(run: Run, value: Any) -> int:
    run.spend()
    if isinstance(value, list | str | Mapping):
        return len(value)
    raise ExpressionError("operand-kind", operator="len", got=told(value))


def _sum(run: Run, items: Any, start: Any = 0) -> Any:
    total = start
    for item in iterated(run, items):
        total = OPERATIONS["+"](run, total, item)
    return total


def _extreme(name: str, *, largest: bool) -> Callable[..., Any]:
    def apply(run: Run, *values: Any) -> Any:
        items = iterated(run, values[0]) if len(values) == 1 else list(values)
        if not items:
            raise ExpressionError("list-empty", operator=name)
        best = items[0]
        for item in items[1:]:
            if before(run, best, item) if largest else before(run, item, best):
                best = item
        return best

    return apply


def _abs(_run: Run, value: Any) -> Any:
    number = as_number(value)
    if is_number(number) or isinstance(number, timedelta):
        return abs(number)
    raise ExpressionError("operand-kind", operator="abs", got=told(value))


def _round(run: Run, value: Any, digits: Any = None) -> Any:
    number = as_number(value)
    if not is_number(number) or not is_number(digits or 0):
        raise ExpressionError("operand-kind", operator="round", got=told(value))
    if digits is None:
        return _whole(Decimal(number), ROUND_HALF_EVEN)
    return call_builtin(_BUILTINS["decimal"], [number, digits], run)


def _whole(value: Decimal, mode: str) -> int | Decimal:
    try:
        return tidy(value.to_integral_value(mode))
    except ArithmeticError as error:
        raise ExpressionError("no-result", operator="int") from error


def _number(name: str, run: Run, value: Any) -> Any:
    number = as_number(value)
    if isinstance(number, str):
        number = call_builtin(_BUILTINS["number"], [number.strip()], run)
    if not is_number(number):
        raise ExpressionError("operand-kind", operator=name, got=told(value))
    return number


def _int(run: Run, value: Any = 0) -> Any:
    number = _number("int", run, value)
    if isinstance(value, str) and not isinstance(number, int):
        raise ExpressionError("operand-kind", operator="int", got=told(value))
    return number if isinstance(number, int) else _whole(number, ROUND_DOWN)


def _float(run: Run, value: Any = 0) -> Decimal:
    return DECIMAL128.plus(Decimal(_number("float", run, value)))


def in_text(run: Run, value: Any) -> str:
    """Write a value as ``str`` does; dates and durations in ISO 8601."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        run.text(len(str(value)))
        return format(value, "f") if abs(value.adjusted()) < _WRITTEN_OUT else str(value)
    if isinstance(value, list | Mapping):
        raise ExpressionError("operand-kind", operator="str", got=told(value))
    return written(value, run)


_WRITTEN_OUT = 400


def _str(run: Run, value: Any = "") -> str:
    return in_text(run, value)


def _sorted(run: Run, items: Any) -> list[Any]:
    def order(one: Any, other: Any) -> int:
        return -1 if before(run, one, other) else int(before(run, other, one))

    return sorted(iterated(run, items), key=cmp_to_key(order))


def _sorted_down(run: Run, items: Any) -> list[Any]:
    def order(one: Any, other: Any) -> int:
        return -1 if before(run, other, one) else int(before(run, one, other))

    return sorted(iterated(run, items), key=cmp_to_key(order))


def _any(run: Run, items: Any) -> bool:
    return any(truth(run, item) for item in iterated(run, items))


def _all(run: Run, items: Any) -> bool:
    return all(truth(run, item) for item in iterated(run, items))


def _list(run: Run, items: Any = None) -> list[Any]:
    return [] if items is None else iterated(run, items)


def _set(run: Run, items: Any = None) -> list[Any]:
    """Give each item once: a set is a list without twins here."""
    kept: list[Any] = []
    for item in _list(run, items):
        if not any(same(run, item, known) for known in kept):
            kept.append(item)
    return kept


def _range(run: Run, *bounds: Any) -> list[int]:
    whole = []
    for bound in bounds:
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise ExpressionError("operand-kind", operator="range", got=told(bound))
        whole.append(bound)
    if len(whole) == 3 and whole[2] == 0:  # noqa: PLR2004 - start, end, step
        raise ExpressionError("step-zero")
    counted = range(*whole)
    run.items(min(_count(counted), run.budget.items + 1))
    return list(counted)


def _count(counted: range) -> int:
    """Count without `len`, which refuses what does not fit a machine word."""
    if counted.step > 0:
        return max(0, -((counted.start - counted.stop) // counted.step))
    return max(0, -((counted.stop - counted.start) // -counted.step))


def _reversed(run: Run, items: Any) -> list[Any]:
    return iterated(run, items)[::-1]


def _enumerate(run: Run, items: Any) -> list[list[Any]]:
    return [[index, item] for index, item in enumerate(iterated(run, items))]


def _zip(run: Run, *lists: Any) -> list[list[Any]]:
    return [list(items) for items in zip(*(iterated(run, given) for given in lists), strict=False)]


def _format(run: Run, *parts: Any) -> str:
    """Join the parts of an f-string."""
    texts = [in_text(run, part) for part in parts]
    run.text(sum(map(len, texts)))
    return "".join(texts)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": _len,
    "sum": _sum,
    "min": _extreme("min", largest=False),
    "max": _extreme("max", largest=True),
    "abs": _abs,
    "round": _round,
    "int": _int,
    "float": _float,
    "str": _str,
    "bool": lambda run, value=None: truth(run, value),
    "sorted": _sorted,
    "sorted reverse": _sorted_down,
    "any": _any,
    "all": _all,
    "list": _list,
    "tuple": _list,
    "set": _set,
    "range": _range,
    "reversed": _reversed,
    "enumerate": _enumerate,
    "zip": _zip,
    "f-string": _format,
}
# how many arguments each may have
ARITIES: Mapping[str, tuple[int, int]] = {
    "len": (1, 1),
    "sum": (1, 2),
    "min": (1, 100),
    "max": (1, 100),
    "abs": (1, 1),
    "round": (1, 2),
    "int": (0, 1),
    "float": (0, 1),
    "str": (0, 1),
    "bool": (0, 1),
    "sorted": (1, 1),
    "any": (1, 1),
    "all": (1, 1),
    "list": (0, 1),
    "tuple": (0, 1),
    "set": (0, 1),
    "range": (1, 3),
    "reversed": (1, 1),
    "enumerate": (1, 1),
    "zip": (1, 10),
}

"""Functions on lists (DMN 1.5, 10.3.4.4). A single value stands for the list of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from workflows.engine.expressions.arithmetic import calculate, number
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.calls import invoke
from workflows.engine.expressions.compare import any_true, equal, less
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.functions.statistics import STATISTICS
from workflows.engine.expressions.kinds import Builtin, is_number, kind, told

_MAX_FLATTEN = 100


def _items(run: Run, value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    run.items(len(items))
    return items


def _contains(run: Run, items: Any, element: Any) -> bool | None:
    if items is None:
        run.null("operand-kind", operator="list contains", got=told(items))
        return None
    return any(_same(item, element, run) for item in _items(run, items))


def _same(one: Any, other: Any, run: Run) -> bool:
    return kind(one) == kind(other) and equal(one, other, run) is True


def _count(run: Run, items: Any) -> int | None:
    if items is None:
        run.null("operand-kind", operator="count", got=told(items))
        return None
    return len(_items(run, items))


def _length(run: Run, value: Any) -> int | None:
    return len(value) if isinstance(value, str) else _count(run, value)


def _is_empty(run: Run, value: Any) -> bool | None:
    return None if value is None else not _items(run, value)


def _all(run: Run, *values: Any) -> bool | None:
    answers = _truths(run, values)
    if answers is None:
        return None
    denied = any_true([None if answer is None else not answer for answer in answers])
    return None if denied is None else not denied


def _any(run: Run, *values: Any) -> bool | None:
    answers = _truths(run, values)
    return None if answers is None else any_true(answers)


def _truths(run: Run, values: tuple[Any, ...]) -> list[bool | None] | None:
    if values == (None,):
        run.null("operand-kind", operator="all / any", got=told(None))
        return None
    items = _items(run, values[0] if len(values) == 1 else list(values))
    return [item if isinstance(item, bool) else None for item in items]


def _sublist(run: Run, items: Any, start: Any, length: Any = None) -> list[Any] | None:
    known = _items(run, items)
    if not is_number(start) or start == 0 or abs(start) > len(known):
        run.null("sublist-outside")
        return None
    first = int(start) - 1 if start > 0 else len(known) + int(start)
    if length is None:
        return known[first:]
    if not is_number(length) or length < 0 or first + length > len(known):
        run.null("sublist-outside")
        return None
    return known[first : first + int(length)]


def _append(run: Run, items: Any, *more: Any) -> list[Any]:
    run.items(len(more))
    return [*_items(run, items), *more]


def _concatenate(run: Run, *lists: Any) -> list[Any]:
    joined = [item for items in lists for item in _items(run, items)]
    run.items(len(joined))
    return joined


def _position(run: Run, items: list[Any], position: Any, *, last: int) -> int | None:
    if not is_number(position) or position != int(position) or position == 0:
        run.null("position-malformed")
        return None
    index = int(position) - 1 if position > 0 else len(items) + int(position)
    if not 0 <= index <= last:
        run.null("index-out-of-range", index=str(position)[:60], count=len(items))
        return None
    return index


def _insert_before(run: Run, items: Any, position: Any, new: Any) -> list[Any] | None:
    known = _items(run, items)
    index = _position(run, known, position, last=len(known))
    return None if index is None else [*known[:index], new, *known[index:]]


def _remove(run: Run, items: Any, position: Any) -> list[Any] | None:
    known = _items(run, items)
    index = _position(run, known, position, last=len(known) - 1)
    return None if index is None else [*known[:index], *known[index + 1 :]]


def _replace(run: Run, items: Any, where: Any, new: Any) -> list[Any] | None:
    known = _items(run, items)
    if kind(where) == "function":
        return [new if invoke(where, [item, new], {}, run) is True else item for item in known]
    index = _position(run, known, where, last=len(known) - 1)
    return None if index is None else [*known[:index], new, *known[index + 1 :]]


def _reverse(run: Run, items: Any) -> list[Any]:
    return _items(run, items)[::-1]


def _index_of(run: Run, items: Any, match: Any) -> list[int]:
    return [index for index, item in enumerate(_items(run, items), 1) if _same(item, match, run)]


def _distinct(run: Run, items: Any) -> list[Any]:
    kept: list[Any] = []
    for item in _items(run, items):
        if not any(_same(known, item, run) for known in kept):
            kept.append(item)
    return kept


def _union(run: Run, *lists: Any) -> list[Any]:
    return _distinct(run, _concatenate(run, *lists))


def _duplicates(run: Run, items: Any) -> list[Any]:
    known = _items(run, items)
    seen: list[Any] = []
    for item in known:
        twice = sum(_same(other, item, run) for other in known) > 1
        if twice and not any(_same(other, item, run) for other in seen):
            seen.append(item)
    return seen


def _flatten(run: Run, items: Any) -> list[Any]:
    flat: list[Any] = []
    stack = [iter(_items(run, items))]
    while stack:
        for item in stack[-1]:
            run.spend()
            if isinstance(item, list):
                stack.append(iter(item))
                break
            flat.append(item)
        else:
            stack.pop()
        if len(stack) > _MAX_FLATTEN:
            raise ExpressionError("expression-too-deep", limit=_MAX_FLATTEN)
    run.items(len(flat))
    return flat


def _sort(run: Run, items: Any, precedes: Any = None) -> list[Any] | None:
    known = _items(run, items)
    if precedes is not None and kind(precedes) != "function":
        run.null("operand-kind", operator="sort", got=told(precedes))
        return None

    def comes_first(one: Any, other: Any) -> bool:
        if precedes is None:
            return less(one, other, run) is True
        return invoke(precedes, [one, other], {}, run) is True

    def order(one: Any, other: Any) -> int:
        return -1 if comes_first(one, other) else int(comes_first(other, one))

    return sorted(known, key=cmp_to_key(order))


def _extreme(*, largest: bool) -> Callable[..., Any]:
    def apply(run: Run, *values: Any) -> Any:
        items = _items(run, values[0] if len(values) == 1 else list(values))
        best = items[0] if items else None
        for item in items:
            smaller = less(best, item, run) if largest else less(item, best, run)
            if smaller is None:
                return None
            best = item if smaller else best
        return best

    return apply


_min, _max = _extreme(largest=False), _extreme(largest=True)


def _sum(run: Run, *values: Any) -> Any:
    items = _items(run, values[0] if len(values) == 1 else list(values))
    if not items:
        return None
    total = items[0]
    if not is_number(total) and "duration" not in kind(total):
        run.null("operand-kind", operator="sum", got=told(total))
        return None
    for item in items[1:]:
        total = calculate("+", total, item, run)
    return total


def _product(run: Run, *values: Any) -> Any:
    items = _items(run, values[0] if len(values) == 1 else list(values))
    if not items or not all(is_number(item) for item in items):
        run.null("list-of-numbers")
        return None
    total = items[0]
    for item in items[1:]:
        if total is None:
            return None
        total = number("*", total, item, run)
    return total


def _mean(run: Run, *values: Any) -> Any:
    items = _items(run, values[0] if len(values) == 1 else list(values))
    total = _sum(run, items)
    return None if total is None else calculate("/", total, len(items), run)


def _listwise(name: str, apply: Callable[..., Any]) -> Builtin:
    return Builtin(name, (("list",), ("...",)), apply)


FUNCTIONS = (
    Builtin("list contains", (("list", "element"),), _contains),
    Builtin("count", (("list",),), _count),
    Builtin("len", (("list",),), _length),
    Builtin("is empty", (("list",),), _is_empty),
    _listwise("min", _min),
    _listwise("max", _max),
    _listwise("sum", _sum),
    _listwise("mean", _mean),
    _listwise("product", _product),
    _listwise("all", _all),
    _listwise("any", _any),
    Builtin("sublist", (("list", "start position", "length?"),), _sublist),
    Builtin("append", (("list", "item"), ("list", "...")), _append),
    Builtin("concatenate", (("...",),), _concatenate),
    Builtin("insert before", (("list", "position", "newItem"),), _insert_before),
    Builtin("remove", (("list", "position"),), _remove),
    Builtin("list replace", (("list", "position", "newItem"), ("list", "match", "newItem")), _replace),
    Builtin("reverse", (("list",),), _reverse),
    Builtin("index of", (("list", "match"),), _index_of),
    Builtin("union", (("...",),), _union),
    Builtin("distinct values", (("list",),), _distinct),
    Builtin("duplicate values", (("list",),), _duplicates),
    Builtin("flatten", (("list",),), _flatten),
    Builtin("sort", (("list", "precedes?"),), _sort),
    *STATISTICS,
)

# What COLLECT tables of decisions do with their answers.
AGGREGATIONS: Mapping[str, Callable[[Run, list[Any]], Any]] = {"SUM": _sum, "COUNT": _count, "MIN": _min, "MAX": _max}

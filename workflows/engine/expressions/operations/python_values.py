"""What Python's operators mean over plain data: its truth, its equality, its order, its counting from 0.

Numbers are exact and have 34 digits instead of Python's binary floats. What raises an exception in Python raises an
``ExpressionError``; no method or attribute of a Python object is ever reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from workflows.engine.expressions.arithmetic import DECIMAL128, calculate, negate, number
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.compare import equal, less
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import adopt, is_number, kind, told
from workflows.engine.expressions.paths import attribute

_TEMPORAL = ("date", "time", "duration")


def truth(run: Run, value: Any) -> bool:
    """Tell whether ``value`` counts as true: not None, zero, or empty."""
    run.spend()
    return bool(value)


def negated(run: Run, value: Any) -> bool:
    """Apply ``not``."""
    return not truth(run, value)


def as_number(value: Any) -> Any:
    """Take a truth value as the number that it is in Python; anything else stays."""
    return int(value) if isinstance(value, bool) else value


def same(run: Run, left: Any, right: Any) -> bool:
    """Apply ``==``: false between different kinds, but a truth value is a number."""
    run.spend()
    left, right = as_number(left), as_number(right)
    if left is None or right is None or kind(left) != kind(right):
        return left is right
    if isinstance(left, list):
        return len(left) == len(right) and _all_same(run, list(zip(left, right, strict=True)))
    if isinstance(left, Mapping):
        if left.keys() != right.keys():
            return False
        return _all_same(run, [(adopt(left[key], run), adopt(right[key], run)) for key in left])
    return equal(left, right, run) is True


def _all_same(run: Run, pairs: list[tuple[Any, Any]]) -> bool:
    run.enter()
    try:
        return all(same(run, left, right) for left, right in pairs)
    finally:
        run.leave()


def different(run: Run, left: Any, right: Any) -> bool:
    """Apply ``!=``."""
    return not same(run, left, right)


def identical(run: Run, left: Any, right: Any) -> bool:
    """Apply ``is``, which the parser allows with None, True and False only."""
    run.spend()
    return left is right


def before(run: Run, left: Any, right: Any) -> bool:
    """Apply ``<``, or raise ``no-order``."""
    run.spend()
    one, other = as_number(left), as_number(right)
    if isinstance(one, list) and isinstance(other, list):
        run.enter()
        try:
            for item, its in zip(one, other, strict=False):
                if not same(run, item, its):
                    return before(run, item, its)
        finally:
            run.leave()
        return len(one) < len(other)
    answer = less(one, other, run)
    if answer is None:
        raise ExpressionError("no-order", left=told(left), right=told(right))
    return answer


def before_or_same(run: Run, left: Any, right: Any) -> bool:
    """Apply ``<=``."""
    return before(run, left, right) or same(run, left, right)


def contains(run: Run, value: Any, holder: Any) -> bool:
    """Apply ``in``: an item of a list, a part of a text, a key of a dictionary."""
    if isinstance(holder, str) and isinstance(value, str):
        run.spend(1 + len(holder) // 1_000)
        return value in holder
    if isinstance(holder, Mapping):
        return isinstance(value, str) and value in holder
    if isinstance(holder, list):
        run.items(len(holder))
        return any(same(run, value, item) for item in holder)
    raise ExpressionError("operands-unfit", operator="in", left=told(value), right=told(holder))


def iterated(run: Run, value: Any) -> list[Any]:
    """Give what ``for`` goes through: items, characters, keys."""
    if isinstance(value, list | str | Mapping):
        run.items(len(value))
        return list(value)
    raise ExpressionError("not-iterable", got=told(value))


def position(value: Any, count: int) -> int:
    """Check an index that counts from 0, or from the end when it is negative."""
    if not is_number(value) or value != int(value):
        raise ExpressionError("not-a-number", got=told(value))
    index = int(value) if value >= 0 else count + int(value)
    if not 0 <= index < count:
        raise ExpressionError("index-out-of-range", index=int(value), count=count)
    return index


def item(run: Run, value: Any, key: Any) -> Any:
    """Apply ``value[key]``."""
    run.spend()
    if isinstance(value, Mapping):
        if not isinstance(key, str) or key not in value:
            raise ExpressionError("entry-missing", key=str(key)[:60])
        return adopt(value[key], run)
    if isinstance(value, list | str):
        return value[position(key, len(value))]
    raise ExpressionError("part-missing", got=told(value), name=str(key)[:60])


def part(run: Run, value: Any, name: Any) -> Any:
    """Apply ``value.name``: an entry of a dictionary, or a part of a date."""
    if isinstance(value, Mapping):
        return item(run, value, name)
    if isinstance(value, list | str) or value is None or is_number(value):
        raise ExpressionError("part-missing", got=told(value), name=name)
    return attribute(value, name, run)


def cut(run: Run, value: Any, low: Any, high: Any, step: Any) -> Any:
    """Apply ``value[low:high:step]``."""
    if not isinstance(value, list | str):
        raise ExpressionError("part-missing", got=told(value), name="[:]")
    bounds = []
    for bound in (low, high, step):
        if bound is not None and (not is_number(bound) or bound != int(bound)):
            raise ExpressionError("not-a-number", got=told(bound))
        bounds.append(None if bound is None else int(bound))
    if bounds[2] == 0:
        raise ExpressionError("step-zero")
    run.items(len(value)) if isinstance(value, list) else run.text(len(value))
    return value[slice(*bounds)]


def made_dict(_run: Run, *pairs: Any) -> dict[str, Any]:
    """Make a dictionary of keys and values in turn; keys are texts."""
    made = {}
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(key, str):
            raise ExpressionError("operand-kind", operator="{...}", got=told(key))
        made[key] = value
    return made


def dict_of_pairs(run: Run, pairs: list[Any]) -> dict[str, Any]:
    """Make a dictionary of a comprehension."""
    run.items(len(pairs))
    return made_dict(run, *(part for pair in pairs for part in pair))


def _arithmetic(sign: str) -> Callable[..., Any]:
    def apply(run: Run, left: Any, right: Any) -> Any:
        run.spend()
        one, other = as_number(left), as_number(right)
        if is_number(one) and is_number(other):
            return _calculated(sign, one, other, run)
        answer = _joined(sign, one, other, run) if sign in "+*" else None
        if answer is None and any(word in kind(one) + kind(other) for word in _TEMPORAL):
            answer = calculate(sign, one, other, run) if sign in "+-*/" else None
        if answer is None:
            raise ExpressionError("operands-unfit", operator=sign, left=told(left), right=told(right))
        return answer

    return apply


def _joined(sign: str, left: Any, right: Any, run: Run) -> Any:
    """Add texts or lists, or repeat them."""
    if sign == "*" and isinstance(right, str | list):
        left, right = right, left
    if sign == "+" and isinstance(left, str | list) and type(left) is type(right):
        size = len(left) + len(right)
    elif sign == "*" and isinstance(left, str | list) and isinstance(right, int):
        size = len(left) * max(right, 0)
    else:
        return None
    run.text(size) if isinstance(left, str) else run.items(size)
    return left + right if sign == "+" else left * right


def _calculated(sign: str, left: Any, right: Any, run: Run) -> Any:
    answer = _DIVIDED[sign](left, right) if sign in _DIVIDED else number(sign, left, right, run)
    if answer is None:
        raise ExpressionError("no-result", operator=sign)
    return answer


def divided(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Divide towards minus infinity: quotient and remainder; None when there is none."""
    if isinstance(left, int) and isinstance(right, int):
        return divmod(left, right) if right else None
    try:
        quotient = DECIMAL128.divide_int(Decimal(left), Decimal(right))
        rest = DECIMAL128.remainder(Decimal(left), Decimal(right))
    except ArithmeticError:
        return None
    if rest and (rest < 0) != (right < 0):
        return quotient - 1, rest + right
    return quotient, rest


def _quotient(left: Any, right: Any) -> Any:
    both = divided(left, right)
    return None if both is None else both[0]


def _remainder(left: Any, right: Any) -> Any:
    both = divided(left, right)
    return None if both is None else both[1]


_DIVIDED = {"//": _quotient, "%": _remainder}


def opposite(run: Run, value: Any) -> Any:
    """Apply the sign ``-``."""
    answer = negate(as_number(value), run)
    if answer is None:
        raise ExpressionError("operand-kind", operator="-", got=told(value))
    return answer


def itself(_run: Run, value: Any) -> Any:
    """Apply the sign ``+``."""
    if not is_number(as_number(value)):
        raise ExpressionError("operand-kind", operator="+", got=told(value))
    return as_number(value)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "truth": truth,
    "not": negated,
    "==": same,
    "!=": different,
    "is": identical,
    "<": before,
    "<=": before_or_same,
    ">": lambda run, left, right: before(run, right, left),
    ">=": lambda run, left, right: before_or_same(run, right, left),
    "in": contains,
    "item": item,
    "part": part,
    "cut": cut,
    "dict": made_dict,
    "dict_of_pairs": dict_of_pairs,
    "minus": opposite,
    "plus": itself,
    **{sign: _arithmetic(sign) for sign in ("+", "-", "*", "/", "//", "%", "**")},
}

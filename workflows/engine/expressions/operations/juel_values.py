"""What operators and methods of the Java expression language mean over plain data (JSR 245, EL 2.2, 1.5 to 1.9, 1.18).

Operands are coerced as the standard says: ``1 == '1'``, ``null < 1`` is false, ``null + 1`` is 1. Lists count from 0.
Numbers are exact; what cannot be coerced is an ``ExpressionError``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from workflows.engine.expressions.arithmetic import DECIMAL128, calculate, number, tidy
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.compare import equal, less
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.functions.texts import written
from workflows.engine.expressions.kinds import adopt, is_number, kind, told
from workflows.engine.expressions.paths import attribute

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_TEMPORAL = ("date", "time", "duration")


def truth(run: Run, value: Any) -> bool:
    """Coerce to boolean (1.18.5): null and the empty text are false, a text is what it says."""
    run.spend()
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, str):
        return value is not None and value.lower() == "true"
    raise ExpressionError("not-a-truth", got=told(value))


def as_number(value: Any) -> Any:
    """Coerce to a number (1.18.3): null and the empty text are 0."""
    if value is None or value == "":
        return 0
    if is_number(value):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return tidy(DECIMAL128.plus(Decimal(value.strip())))
    raise ExpressionError("not-a-number", got=told(value))


def as_text(run: Run, value: Any) -> str:
    """Coerce to a text (1.18.2): null is empty."""
    return "" if value is None else written(value, run)


def joined(run: Run, *parts: Any) -> str:
    """Join the segments of a text with several ``${...}``."""
    texts = [as_text(run, part) for part in parts]
    run.text(sum(map(len, texts)))
    return "".join(texts)


def same(run: Run, left: Any, right: Any) -> bool:
    """Apply ``==`` (1.8.2)."""
    run.spend()
    if left is None or right is None:
        return left is right
    if is_number(left) or is_number(right):
        return bool(as_number(left) == as_number(right))
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(run, left) is truth(run, right)
    if isinstance(left, str) or isinstance(right, str):
        return as_text(run, left) == as_text(run, right)
    return kind(left) == kind(right) and equal(left, right, run) is True


def different(run: Run, left: Any, right: Any) -> bool:
    """Apply ``!=``."""
    return not same(run, left, right)


def before(run: Run, left: Any, right: Any) -> bool:
    """Apply ``<`` (1.8.1): nothing comes before or after null."""
    run.spend()
    if left is None or right is None:
        return False
    if is_number(left) or is_number(right):
        return bool(as_number(left) < as_number(right))
    if isinstance(left, str) or isinstance(right, str):
        return as_text(run, left) < as_text(run, right)
    answer = less(left, right, run)
    if answer is None:
        raise ExpressionError("no-order", left=told(left), right=told(right))
    return answer


def before_or_same(run: Run, left: Any, right: Any) -> bool:
    """Apply ``<=``."""
    if left is None and right is None:
        return True
    return before(run, left, right) or (left is not None and right is not None and same(run, left, right))


def _arithmetic(sign: str) -> Callable[..., Any]:
    def apply(run: Run, left: Any, right: Any) -> Any:
        run.spend()
        if any(word in kind(left) + kind(right) for word in _TEMPORAL):
            answer = calculate(sign, left, right, run) if sign in "+-*/" else None
            if answer is None:
                raise ExpressionError("operands-unfit", operator=sign, left=told(left), right=told(right))
            return answer
        one, other = as_number(left), as_number(right)
        answer = _remainder(one, other) if sign == "%" else number(sign, one, other, run)
        if answer is None:
            raise ExpressionError("no-result", operator=sign)
        return answer

    return apply


def _remainder(left: Any, right: Any) -> Any:
    """Give the remainder with the sign of the dividend, as Java does."""
    try:
        rest = DECIMAL128.remainder(Decimal(left), Decimal(right))
    except ArithmeticError:
        return None
    return tidy(rest) if isinstance(left, int) and isinstance(right, int) else rest


def opposite(run: Run, value: Any) -> Any:
    """Apply the sign ``-``."""
    return number("-", 0, as_number(value), run)


def is_empty(run: Run, value: Any) -> bool:
    """Apply ``empty`` (1.10)."""
    run.spend()
    return value is None or (isinstance(value, str | list | Mapping) and len(value) == 0)


def part(run: Run, value: Any, key: Any) -> Any:
    """Apply ``value[key]`` and ``value.key`` (1.6): null for what is not there."""
    run.spend()
    if value is None or key is None:
        return None
    if isinstance(value, Mapping):
        name = as_text(run, key)
        return adopt(value[name], run) if name in value else None
    if isinstance(value, list):
        index = as_number(key)
        return value[int(index)] if 0 <= index < len(value) else None
    if isinstance(value, str | bool) or is_number(value) or not isinstance(key, str):
        raise ExpressionError("part-missing", got=told(value), name=str(key)[:60])
    return attribute(value, key, run)


def _on_text(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    def call(run: Run, *values: Any) -> Any:
        for value in values:
            if not isinstance(value, str):
                raise ExpressionError("operand-kind", operator=f".{name}()", got=told(value))
            run.text(len(value))
        answer = apply(*values)
        if isinstance(answer, str):
            run.text(len(answer))
        return answer

    return call


def _equals(run: Run, value: Any, other: Any) -> bool:
    if value is None:
        raise ExpressionError("operand-kind", operator=".equals()", got=told(value))
    return kind(value) == kind(other) and equal(value, other, run) is True


def _sized(name: str) -> Callable[..., Any]:
    def call(run: Run, value: Any) -> Any:
        run.spend()
        if not isinstance(value, list | Mapping | str) or (name == ".size()" and isinstance(value, str)):
            raise ExpressionError("operand-kind", operator=name, got=told(value))
        return len(value) if name == ".size()" else len(value) == 0

    return call


def _contains(run: Run, value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        run.text(len(value))
        return wanted in value
    if isinstance(value, list):
        run.items(len(value))
        return any(_equals(run, item, wanted) if item is not None else wanted is None for item in value)
    raise ExpressionError("operand-kind", operator=".contains()", got=told(value))


def _contains_key(run: Run, value: Any, key: Any) -> bool:
    run.spend()
    if not isinstance(value, Mapping):
        raise ExpressionError("operand-kind", operator=".containsKey()", got=told(value))
    return isinstance(key, str) and key in value


def _get(run: Run, value: Any, key: Any) -> Any:
    if isinstance(value, list):
        if not is_number(key) or key != int(key) or not 0 <= key < len(value):
            raise ExpressionError("index-out-of-range", index=str(key)[:60], count=len(value))
        return value[int(key)]
    if isinstance(value, Mapping):
        return part(run, value, key)
    raise ExpressionError("operand-kind", operator=".get()", got=told(value))


def _whole(_run: Run, value: Any) -> Any:
    if not is_number(value):
        raise ExpressionError("operand-kind", operator=".intValue()", got=told(value))
    return tidy(Decimal(value).to_integral_value(ROUND_DOWN)) if abs(Decimal(value).adjusted()) < _DIGITS else value


def _as_is(_run: Run, value: Any) -> Any:
    if not is_number(value):
        raise ExpressionError("operand-kind", operator=".doubleValue()", got=told(value))
    return value


def _to_text(run: Run, value: Any) -> str:
    if value is None:
        raise ExpressionError("operand-kind", operator=".toString()", got=told(value))
    return written(value, run)


_DIGITS = 400
METHODS: Mapping[str, Callable[..., Any]] = {
    "equals": _equals,
    "equalsIgnoreCase": _on_text("equalsIgnoreCase", lambda text, other: text.casefold() == other.casefold()),
    "size": _sized(".size()"),
    "isEmpty": _sized(".isEmpty()"),
    "length": _on_text("length", len),
    "contains": _contains,
    "containsKey": _contains_key,
    "startsWith": _on_text("startsWith", lambda text, start: text.startswith(start)),
    "endsWith": _on_text("endsWith", lambda text, end: text.endswith(end)),
    "toLowerCase": _on_text("toLowerCase", lambda text: text.lower()),
    "toUpperCase": _on_text("toUpperCase", lambda text: text.upper()),
    "trim": _on_text("trim", lambda text: text.strip()),
    "get": _get,
    "toString": _to_text,
    "intValue": _whole,
    "longValue": _whole,
    "doubleValue": _as_is,
}
# how many arguments each has
ARITIES: Mapping[str, int] = dict.fromkeys(METHODS, 0) | dict.fromkeys(
    ("equals", "equalsIgnoreCase", "contains", "containsKey", "startsWith", "endsWith", "get"), 1
)

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "truth": truth,
    "not": lambda run, value: not truth(run, value),
    "empty": is_empty,
    "minus": opposite,
    "part": part,
    "join": joined,
    "==": same,
    "!=": different,
    "<": before,
    "<=": before_or_same,
    ">": lambda run, left, right: before(run, right, left),
    ">=": lambda run, left, right: before_or_same(run, right, left),
    **{sign: _arithmetic(sign) for sign in ("+", "-", "*", "/", "%")},
    **{f".{name}()": apply for name, apply in METHODS.items()},
}

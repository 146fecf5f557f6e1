"""Functions on numbers (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from workflows.engine.expressions.arithmetic import DECIMAL128, number, tidy
from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import Builtin, is_number, kind, told

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MAX_DIGITS = 400
_MAX_SCALE = 6_176


def _number(run: Run, source: Any, grouping: Any = None, decimal: Any = None) -> int | Decimal | None:
    if is_number(source):
        return source  # type: ignore[no-any-return]
    if not isinstance(source, str) or grouping not in (None, " ", ",", ".") or decimal not in (None, ",", "."):
        run.null("operand-kind", operator="number", got=told(source))
        return None
    if grouping is not None and grouping == decimal:
        return None
    text = source if grouping is None else source.replace(grouping, "")
    text = text if decimal is None else text.replace(decimal, ".")
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        run.null("text-not-a-number", text=source[:40])
        return None
    value = DECIMAL128.plus(Decimal(text))
    return tidy(value) if re.fullmatch(r"[+-]?[0-9]+", text) else value


def _rounded(mode: str) -> Callable[..., Any]:
    def apply(run: Run, value: Any, scale: Any = 0) -> int | Decimal | None:
        if not is_number(value) or not is_number(scale) or scale != int(scale) or abs(scale) > _MAX_SCALE:
            run.null("operands-unfit", operator="rounding", left=told(value), right=told(scale))
            return None
        if isinstance(value, int) and scale >= 0:
            return value
        wide = Context(prec=_MAX_SCALE * 2, rounding=mode)
        result = Decimal(value).quantize(Decimal(1).scaleb(-int(scale), wide), context=wide)
        return tidy(result) if scale <= 0 else DECIMAL128.plus(result)

    return apply


def _abs(run: Run, value: Any) -> Any:
    if kind(value) == "days and time duration":
        return abs(value)
    if kind(value) == "years and months duration":
        return type(value)(abs(value.months))
    return abs(value) if _all_numbers(run, "abs", value) else None


def _modulo(run: Run, dividend: Any, divisor: Any) -> Any:
    return number("%", dividend, divisor, run) if _all_numbers(run, "modulo", dividend, divisor) else None


def _function(name: str, apply: Callable[[Decimal], Decimal]) -> Callable[..., Any]:
    def call(run: Run, value: Any) -> int | Decimal | None:
        if not _all_numbers(run, name, value):
            return None
        run.spend(50)
        try:
            return tidy(apply(DECIMAL128.plus(Decimal(value))))
        except ArithmeticError:
            run.null("no-result", operator=name)
            return None

    return call


def _ln(value: Decimal) -> Decimal:
    if value <= 0:
        raise ArithmeticError
    return DECIMAL128.ln(value)


def _odd(run: Run, value: Any) -> bool | None:
    return value % 2 == 1 if _all_whole(run, "odd", value) else None


def _even(run: Run, value: Any) -> bool | None:
    return value % 2 == 0 if _all_whole(run, "even", value) else None


def _all_whole(run: Run, name: str, value: Any) -> bool:
    return _all_numbers(run, name, value) and abs(value) < 10**_MAX_DIGITS and value == int(value)


def _all_numbers(run: Run, name: str, *values: Any) -> bool:
    for value in values:
        if not is_number(value):
            run.null("operand-kind", operator=name, got=told(value))
            return False
    return True


_SCALED = (("n", "scale?"),)
_SCALE = (("n", "scale"),)

FUNCTIONS = (
    Builtin("number", (("from", "grouping separator?", "decimal separator?"),), _number),
    Builtin("decimal", _SCALE, _rounded(ROUND_HALF_EVEN)),
    Builtin("floor", _SCALED, _rounded(ROUND_FLOOR)),
    Builtin("ceiling", _SCALED, _rounded(ROUND_CEILING)),
    Builtin("round up", _SCALE, _rounded(ROUND_UP)),
    Builtin("round down", _SCALE, _rounded(ROUND_DOWN)),
    Builtin("round half up", _SCALE, _rounded(ROUND_HALF_UP)),
    Builtin("round half down", _SCALE, _rounded(ROUND_HALF_DOWN)),
    Builtin("abs", (("n",),), _abs),
    Builtin("modulo", (("dividend", "divisor"),), _modulo),
    Builtin("sqrt", (("number",),), _function("sqrt", DECIMAL128.sqrt)),
    Builtin("log", (("number",),), _function("log", _ln)),
    Builtin("exp", (("number",),), _function("exp", DECIMAL128.exp)),
    Builtin("odd", (("number",),), _odd),
    Builtin("even", (("number",),), _even),
)

"""Arithmetic on numbers, texts, dates and durations (DMN 1.5, tables 53-58). What has no meaning is null."""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.kinds import is_number, told
from workflows.engine.iso8601 import ValueFault, YearsMonths, add_duration, duration_of_seconds

# decimal128, as DMN 1.5, 10.3.2.3.1 asks; the traps turn what cannot be told into null instead of NaN.
DECIMAL128 = Context(prec=34, Emax=6_144, Emin=-6_143, traps=[DivisionByZero, InvalidOperation, Overflow])
_MAX_INTEGER = 10**34
_MAX_EXPONENT = 1_000_000
_DAY = timedelta(days=1)


def calculate(sign: str, left: Any, right: Any, run: Run) -> Any:
    """Apply one of ``+ - * / % **``; null with a note where the kinds do not fit."""
    run.spend()
    if is_number(left) and is_number(right):
        return number(sign, left, right, run)
    try:
        answer = _OTHERS[sign](left, right, run) if sign in _OTHERS else None
    except (ValueFault, OverflowError):
        run.null("out-of-range", operator=sign)
        return None
    if answer is None:
        run.null("operands-unfit", operator=sign, left=told(left), right=told(right))
    return answer


def negate(value: Any, run: Run) -> Any:
    """Apply the sign ``-``."""
    if is_number(value):
        return number("-", 0, value, run)
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    run.null("operand-kind", operator="-", got=told(value))
    return None


def number(sign: str, left: int | Decimal, right: int | Decimal, run: Run) -> int | Decimal | None:
    """Calculate with 34 digits; whole numbers stay ``int`` while the result is exact."""
    if isinstance(left, int) and isinstance(right, int):
        return _whole(sign, left, right, run)
    return _decimal(sign, left, right, run)


def _whole(sign: str, left: int, right: int, run: Run) -> int | Decimal | None:
    if sign in _EXACT and max(abs(left), abs(right)) < _MAX_INTEGER:
        exact: int = _EXACT[sign](left, right)
        if abs(exact) < _MAX_INTEGER:
            return exact
    result = _decimal(sign, left, right, run)
    return None if result is None else tidy(result)


def _decimal(sign: str, left: int | Decimal, right: int | Decimal, run: Run) -> Decimal | None:
    try:
        result = _DECIMAL[sign](DECIMAL128.plus(Decimal(left)), DECIMAL128.plus(Decimal(right)))
    except (ArithmeticError, ValueError):
        result = Decimal("NaN")
    if result.is_finite():
        return result
    run.null("no-result", operator=sign)
    return None


def tidy(value: Decimal) -> int | Decimal:
    """Give a whole number as ``int`` where it fits decimal128."""
    if value == value.to_integral_value() and abs(value) < _MAX_INTEGER:
        return int(value)
    return value


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > _MAX_EXPONENT:
        raise Overflow
    return DECIMAL128.power(base, exponent)


def _modulo(left: Decimal, right: Decimal) -> Decimal:
    quotient = DECIMAL128.divide(left, right).to_integral_value("ROUND_FLOOR")
    return DECIMAL128.subtract(left, DECIMAL128.multiply(right, quotient))


_EXACT: Mapping[str, Callable[[Any, Any], Any]] = {"+": python.add, "-": python.sub, "*": python.mul}
_DECIMAL: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
    "/": DECIMAL128.divide,
    "%": _modulo,
    "**": _power,
}


def _add(left: Any, right: Any, run: Run) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        run.text(len(left) + len(right))
        return left + right
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left + right
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.months + right.months)
    if isinstance(right, timedelta | YearsMonths):
        return _shift(left, right)
    if isinstance(left, timedelta | YearsMonths):
        return _shift(right, left)
    return None


def _subtract(left: Any, right: Any, run: Run) -> Any:
    if isinstance(right, timedelta | YearsMonths):
        return _add(left, negate(right, run), run)
    if isinstance(left, date) and isinstance(right, date):
        if not isinstance(left, datetime) and not isinstance(right, datetime):
            return left - right
        return at_midnight(left, run) - at_midnight(right, run)
    if isinstance(left, time) and isinstance(right, time):
        return _since_midnight(left) - _since_midnight(right)
    return None


def _shift(moment: Any, duration: timedelta | YearsMonths) -> Any:
    if isinstance(moment, datetime):
        return add_duration(moment, duration)
    if isinstance(moment, date):
        if isinstance(duration, YearsMonths):
            return add_duration(moment, duration)
        # Whole days only: a day and 36 hours later is the next day (the time of day of a date is midnight).
        return add_duration(moment, timedelta(days=duration // _DAY))
    if isinstance(moment, time) and isinstance(duration, timedelta):
        shifted = datetime.combine(date(2000, 1, 2), moment.replace(tzinfo=None)) + duration % _DAY
        return shifted.time().replace(tzinfo=moment.tzinfo)
    return None


def at_midnight(value: date, run: Run) -> datetime:
    """Give a date or a date and time as an aware instant, local ones in the people's zone."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return moment.replace(tzinfo=run.zone) if moment.tzinfo is None else moment


def _since_midnight(value: time) -> timedelta:
    clock = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return clock - (value.utcoffset() or timedelta(0))


def _multiply(left: Any, right: Any, run: Run) -> Any:
    if is_number(left):
        left, right = right, left
    if not is_number(right) or not isinstance(left, timedelta | YearsMonths):
        return None
    return _scaled(left, number("*", seconds_or_months(left), right, run))


def _divide(left: Any, right: Any, run: Run) -> Any:
    if not isinstance(left, timedelta | YearsMonths):
        return None
    if is_number(right):
        return _scaled(left, number("/", seconds_or_months(left), right, run))
    if type(left) is type(right):
        return number("/", seconds_or_months(left), seconds_or_months(right), run)
    return None


def seconds_or_months(value: timedelta | YearsMonths) -> Decimal | int:
    """Measure a duration in its own unit."""
    if isinstance(value, YearsMonths):
        return value.months
    return Decimal(value // timedelta(microseconds=1)) / 1_000_000


def _scaled(like: timedelta | YearsMonths, amount: int | Decimal | None) -> timedelta | YearsMonths | None:
    if amount is None:
        return None
    if isinstance(like, YearsMonths):
        return YearsMonths(int(amount))
    return duration_of_seconds(Decimal(amount))


_OTHERS: Mapping[str, Callable[[Any, Any, Run], Any]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
}

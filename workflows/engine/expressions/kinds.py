"""What kinds of values FEEL knows, and how values from outside become them.

Anything that is not plain data is refused here: no attribute of a Python object is ever looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.syntax import Node
from workflows.engine.iso8601 import YearsMonths
from workflows.engine.reasons import Reason
from workflows.engine.types import DueDate


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end of None is unbounded."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Closure:
    """A function that an expression defined, with the names it saw."""

    parameters: tuple[str, ...]
    body: Node
    scope: Any


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language. ``signatures`` name its parameters, ``...`` at the end repeats the last one.

    ``unwraps``: it asks for single values, so that a list of one stands for its item.
    """

    name: str
    signatures: tuple[tuple[str, ...], ...]
    apply: Callable[..., Any]
    unwraps: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """A function that a decision service is, with its parameters by name."""

    name: str
    parameters: tuple[str, ...]
    apply: Callable[[Run, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A function of the application."""

    name: str
    apply: Callable[..., Any]


_KINDS: tuple[tuple[type[Any], str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (Decimal, "number"),
    (str, "string"),
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days and time duration"),
    (YearsMonths, "years and months duration"),
    (list, "list"),
    (Mapping, "context"),
    (Range, "range"),
    (Closure, "function"),
    (Builtin, "function"),
    (Foreign, "function"),
    (Procedure, "function"),
    (DueDate, "due date"),
)
_EXACT = {python: name for python, name in _KINDS if python is not Mapping} | {dict: "context", type(None): "null"}
KINDS = frozenset(_EXACT.values())
_MAX_DEPTH = 60


def kind(value: Any) -> str:
    """Name the FEEL kind of ``value``; ``null`` for None, or raise ``value-not-plain``."""
    known = _EXACT.get(type(value))
    if known is not None:
        return known
    for python, name in _KINDS:
        if isinstance(value, python):
            return name
    raise ExpressionError("value-not-plain", kind=type(value).__name__)


def is_number(value: Any) -> bool:
    """Tell numbers from everything else; a boolean is none, though Python says so."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def adopt(value: Any, run: Run, depth: int = 0) -> Any:
    """Take a value from outside: floats become ``Decimal``, tuples lists; contexts are looked into only when used."""
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, list | tuple):
        if depth > _MAX_DEPTH:
            raise ExpressionError("value-too-deep", limit=_MAX_DEPTH)
        run.items(len(value))
        return [adopt(item, run, depth + 1) for item in value]
    kind(value)
    if isinstance(value, datetime) and value.tzinfo is UTC:
        # Instants are stored in UTC; their day and hour are those of the people who read them.
        return value.astimezone(run.zone)
    return value


def _decimal(value: float) -> Decimal:
    number = Decimal(repr(value))
    if not number.is_finite():
        raise ExpressionError("value-not-plain", kind=str(number))
    return number


def plain(value: Any, run: Run, depth: int = 0) -> Any:
    """Check that a result is plain data, copying contexts, or raise ``ExpressionError``."""
    run.spend()
    if depth > _MAX_DEPTH:
        raise ExpressionError("expression-result-too-large", limit=_MAX_DEPTH)
    if isinstance(value, list | tuple):
        return [plain(item, run, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item, run, depth + 1) for key, item in value.items()}
    if kind(value) in ("range", "function"):
        raise ExpressionError("result-not-plain", got=told(value))
    return _decimal(value) if isinstance(value, float) else value


def told(value: Any) -> Reason:
    """Name the kind of ``value`` for a message."""
    name = kind(value)
    return Reason(f"kind-{name.replace(' ', '-')}", f"a {name}" if value is not None else name)

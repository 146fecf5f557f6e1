"""The plain data that variables are made of, and their form in JSON.

``None, bool, str, int`` stand for themselves; ``Decimal``, dates, times and durations are tagged:
``{"$": "decimal", "v": "1.50"}``. A dictionary of the user that happens to hold the tag key is wrapped
(``{"$": "dict", "v": {...}}``) and so survives. ``float`` is refused on the way out and becomes ``Decimal`` on the
way in. This module stores nothing and never imports a class by a name found in data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from workflows.engine.iso8601 import (
    Cycle,
    Duration,
    ValueFault,
    YearsMonths,
    add_duration,
    format_duration,
    parse_cycle,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from workflows.engine.types import DueDate

__all__ = [
    "Cycle",
    "Duration",
    "ValueFault",
    "ValueLimits",
    "YearsMonths",
    "add_duration",
    "dumps",
    "format_date_time",
    "format_duration",
    "format_time",
    "from_json",
    "from_untagged",
    "loads",
    "parse_cycle",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "to_json",
]

TAG = "$"
_VALUE = "v"
# 34 digits are what FEEL numbers hold (decimal128); plain integers of applications may be somewhat longer.
_MAX_INTEGER = 10**400
_MAX_EXPONENT = 6_176


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """How much one value may hold: nesting, nodes counted over the whole tree, and characters of one text."""

    max_depth: int = 50
    max_nodes: int = 200_000
    max_text: int = 1_000_000


def to_json(value: Any, limits: ValueLimits | None = None) -> Any:
    """Turn plain data into what ``json.dumps`` writes, or raise ``ValueFault`` for anything else."""
    return _Writer(limits or ValueLimits()).convert(value, 0)


def from_json(document: Any, limits: ValueLimits | None = None) -> Any:
    """Turn what ``to_json`` made back into plain data, or raise ``ValueFault``."""
    return _Reader(limits or ValueLimits()).convert(document, 0)


def from_untagged(document: Any, limits: ValueLimits | None = None) -> Any:
    """Take JSON from outside as it is: floats become ``Decimal`` and no key has a special meaning."""
    return _Plain(limits or ValueLimits()).convert(document, 0)


def dumps(value: Any, limits: ValueLimits | None = None) -> str:
    """Write plain data as compact JSON text with sorted keys, so that equal values give equal bytes."""
    return json.dumps(to_json(value, limits), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def loads(text: str | bytes, limits: ValueLimits | None = None) -> Any:
    """Read what ``dumps`` wrote. Fractions are read from their digits, never through binary floats."""
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueFault("json-malformed", f"Not JSON: {error}") from error
    return from_json(document, limits)


def _refuse_constant(name: str) -> Any:
    raise ValueFault("value-not-finite", f"{name} is not a number that a variable can hold.")


def format_time(value: time) -> str:
    """Write a time as FEEL does: ``10:30:00``, ``10:30:00+08:00`` or ``10:30:00@Asia/Shanghai``; UTC is ``Z``."""
    if isinstance(value.tzinfo, ZoneInfo):
        return _fraction(value.replace(tzinfo=None).isoformat()) + f"@{value.tzinfo.key}"
    return _utc_as_z(_fraction(value.isoformat()))


def format_date_time(value: datetime) -> str:
    """Write a date and time as FEEL does, with the zone's name if it has one."""
    return f"{value.date().isoformat()}T{format_time(value.timetz())}"


def _fraction(text: str) -> str:
    head, dot, tail = text.partition(".")
    return head + (dot + tail[:6].rstrip("0") + tail[6:] if dot else "")


def _utc_as_z(text: str) -> str:
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


class _Walk:
    """Counts what it sees, so that a cyclic or huge value ends as a fault and not as a crash."""

    def __init__(self, limits: ValueLimits) -> None:
        self.limits = limits
        self.nodes = 0

    def convert(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > self.limits.max_depth:
            raise ValueFault("value-too-deep", f"A value is nested deeper than {self.limits.max_depth} levels.")
        if self.nodes > self.limits.max_nodes:
            raise ValueFault("value-too-large", f"A value has more than {self.limits.max_nodes} parts.")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int):
            return _integer(value)
        if isinstance(value, list | tuple):
            return [self.convert(item, depth + 1) for item in value]
        return self.other(value, depth)

    def text(self, value: str) -> str:
        if len(value) > self.limits.max_text:
            raise ValueFault("value-too-large", f"A text has more than {self.limits.max_text} characters.")
        return value

    def other(self, value: Any, depth: int) -> Any:
        raise ValueFault("value-not-plain", f"A variable cannot hold a {type(value).__name__}.")

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        for key in value:
            if not isinstance(key, str):
                raise ValueFault("value-not-plain", f"Expected text as a key, but got {type(key).__name__}.")
            self.text(key)
        return {key: self.convert(item, depth + 1) for key, item in value.items()}


def _integer(value: int) -> int:
    if abs(value) >= _MAX_INTEGER:
        raise ValueFault("value-too-large", "A whole number has more than 400 digits.")
    return int(value)


class _Writer(_Walk):
    def other(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            written = self.mapping(value, depth)
            return {TAG: "dict", _VALUE: written} if TAG in value else written
        tagged = _tagged(value)
        return super().other(value, depth) if tagged is None else {TAG: tagged[0], _VALUE: tagged[1]}


def _tagged(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, Decimal):
        return "decimal", str(_finite(value))
    if isinstance(value, datetime):
        return "datetime", format_date_time(value)
    if isinstance(value, date):
        return "date", value.isoformat()
    if isinstance(value, time):
        return "time", format_time(value)
    if isinstance(value, timedelta | YearsMonths):
        return "duration", format_duration(value)
    if isinstance(value, DueDate):
        return "due", [format_date_time(value.at), value.rule, value.provisional]
    return None


def _finite(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueFault("value-not-finite", f"{value} is not a number that a variable can hold.")
    if abs(value.adjusted()) > _MAX_EXPONENT or abs(exponent) > _MAX_EXPONENT:
        raise ValueFault("value-too-large", "A number is beyond the range of decimal128.")
    return value


class _Plain(_Walk):
    def other(self, value: Any, depth: int) -> Any:
        if isinstance(value, float):
            return _finite(Decimal(repr(value)))
        if isinstance(value, Decimal):
            return _finite(value)
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        return super().other(value, depth)


class _Reader(_Plain):
    def mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if TAG not in value:
            return super().mapping(value, depth)
        if set(value) != {TAG, _VALUE}:
            raise ValueFault("json-malformed", f"A tagged value must hold exactly {TAG!r} and {_VALUE!r}.")
        tag, body = value[TAG], value[_VALUE]
        if tag == "dict" and isinstance(body, Mapping):
            return super().mapping(body, depth)
        if tag == "due" and isinstance(body, list):
            return _due(body)
        read = _READERS.get(tag) if isinstance(tag, str) else None
        if read is None or not isinstance(body, str):
            raise ValueFault("json-malformed", f"There is no kind of value {tag!r} with such content.")
        return read(body)


def _decimal(text: str) -> Decimal:
    try:
        return _finite(Decimal(text))
    except InvalidOperation as error:
        raise ValueFault("json-malformed", f"Not a number: {text[:40]!r}.") from error


def _due(body: list[Any]) -> DueDate:
    match body:
        case [str() as at, str() | None as rule, bool() as provisional]:
            return DueDate(parse_date_time(at), rule, provisional)
    raise ValueFault("json-malformed", "A due date holds an instant, a rule and whether it is provisional.")


_READERS: Mapping[str, Callable[[str], Any]] = {
    "decimal": _decimal,
    "datetime": parse_date_time,
    "date": parse_date,
    "time": parse_time,
    "duration": parse_duration,
}

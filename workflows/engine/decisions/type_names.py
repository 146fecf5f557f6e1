"""What ``typeRef`` may say of an input or an output, and whether a value is of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.expressions.kinds import is_number, kind

_KINDS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"string"}),
    "boolean": frozenset({"boolean"}),
    "number": frozenset({"number"}),
    "double": frozenset({"number"}),
    "decimal": frozenset({"number"}),
    "integer": frozenset({"number"}),
    "long": frozenset({"number"}),
    # camunda's modeler knows only one kind of date and means either
    "date": frozenset({"date", "date and time"}),
    "time": frozenset({"time"}),
    "datetime": frozenset({"date and time"}),
    "date and time": frozenset({"date and time"}),
    "daytimeduration": frozenset({"days and time duration"}),
    "days and time duration": frozenset({"days and time duration"}),
    "yearmonthduration": frozenset({"years and months duration"}),
    "years and months duration": frozenset({"years and months duration"}),
    "list": frozenset({"list"}),
    "context": frozenset({"context"}),
}
_WHOLE = frozenset({"integer", "long"})
_ANY = frozenset({"", "any"})


def canonical(reference: str) -> str:
    """Take a ``typeRef`` without its prefix, in lower case."""
    return reference.rpartition(":")[2].strip().lower()


def is_known(name: str) -> bool:
    """Say whether values can be checked against ``name``; a file's own item definitions cannot."""
    return name in _ANY or name in _KINDS


def has_type(value: Any, name: str) -> bool:
    """Say whether ``value`` is of the type ``name``; null is of every type."""
    if value is None or name not in _KINDS:
        return True
    if kind(value) not in _KINDS[name]:
        return False
    return name not in _WHOLE or (is_number(value) and value == int(value))

"""What ``typeRef`` may say of a value: the types of FEEL and the item definitions of the file (DMN 1.5, 7.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.engine.expressions import Expression, Run
from workflows.engine.expressions.evaluator import INPUT
from workflows.engine.expressions.kinds import adopt, is_number, kind
from workflows.engine.expressions.scopes import Scope

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
    "range": frozenset({"range"}),
    "function": frozenset({"function"}),
}
_WHOLE = frozenset({"integer", "long"})
_ANY = frozenset({"", "any"})
_MAX_DEPTH = 30


@dataclass(frozen=True, slots=True)
class ItemType:
    """An item definition. ``base`` is a name of FEEL's or of another definition; components make a context."""

    name: str
    base: str = ""
    components: Mapping[str, ItemType] = field(default_factory=dict)
    is_list: bool = False
    allowed: Expression | None = None  # of the value, of each item of a list
    constraint: Expression | None = None  # of the whole value (DMN 1.5)


@dataclass(frozen=True, slots=True)
class Types:
    """The item definitions of one file by name."""

    defined: Mapping[str, ItemType] = field(default_factory=dict)

    def knows(self, reference: str) -> bool:
        """Say whether values can be checked against ``reference``."""
        name = canonical(reference)
        return name in _ANY or name in _KINDS or _local(reference) in self.defined

    def fits(self, value: Any, reference: str, run: Run) -> bool:
        """Say whether ``value`` is of the type; null is of every type."""
        return self._fits(value, reference, run, 0)

    def allowed(self, reference: str) -> Expression | None:
        """Give the allowed values of a type, along the definitions that it rests on."""
        for _ in range(_MAX_DEPTH):
            found = self.defined.get(_local(reference))
            if found is None or found.allowed is not None:
                return found.allowed if found is not None else None
            reference = found.base
        return None

    def _fits(self, value: Any, reference: str, run: Run, depth: int) -> bool:
        if value is None or not reference:
            return True
        found = self.defined.get(_local(reference))
        if found is None:
            return has_type(value, canonical(reference))
        return self._fits_item(value, found, run, depth)

    def _fits_item(self, value: Any, item: ItemType, run: Run, depth: int) -> bool:
        run.spend()
        if depth > _MAX_DEPTH:
            return False
        if item.is_list and not isinstance(value, list):
            return False
        for one in value if item.is_list else [value]:
            if one is not None and not self._fits_one(adopt(one, run), item, run, depth):
                return False
        return item.constraint is None or _passes(item.constraint, value, run)

    def _fits_one(self, value: Any, item: ItemType, run: Run, depth: int) -> bool:
        if item.components:
            if not isinstance(value, Mapping):
                return False
            parts = ((value.get(name), part) for name, part in item.components.items())
            if not all(part is None or self._fits_item(adopt(part, run), of, run, depth + 1) for part, of in parts):
                return False
        elif not self._fits(value, item.base, run, depth + 1):
            return False
        return item.allowed is None or _passes(item.allowed, value, run)


def _passes(tests: Expression, value: Any, run: Run) -> bool:
    return run.evaluate(tests.tree, Scope({INPUT: value}), run) is True


def canonical(reference: str) -> str:
    """Take a ``typeRef`` without its prefix, in lower case."""
    return _local(reference).lower()


def _local(reference: str) -> str:
    return reference.rpartition(":")[2].strip()


def has_type(value: Any, name: str) -> bool:
    """Say whether ``value`` is of FEEL's type ``name``; null is of every type, and every value of an unknown one."""
    if value is None or name not in _KINDS:
        return True
    if kind(value) not in _KINDS[name]:
        return False
    return name not in _WHOLE or (is_number(value) and value == int(value))

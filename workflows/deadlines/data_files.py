"""Reading YAML and JSON data of this folder strictly: every fault listed with its place, nothing guessed.

A `Reader` walks one mapping: it takes fields by name and type, notes what is wrong, and at the end names every field
that nobody asked for. So a misspelt key is a fault, never silently ignored.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import yaml

from workflows.deadlines.errors import DataFaultsError, Fault

T = TypeVar("T")
MAX_BYTES = 1_000_000
_DEEPEST = 100  # collections in one another that libyaml, which recurses in C, is trusted with
_REQUIRED: Any = object()


class _Strict(yaml.constructor.SafeConstructor):
    """PyYAML's safe constructor, but a key given twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _StrictLoader(_Strict, yaml.SafeLoader):
    """Reads in Python: slowly, at any depth that Python bears, with the better words about a fault."""


class _FastLoader(_Strict, yaml.CSafeLoader):
    """Reads by libyaml, eight times as fast. It overruns the stack of the process where documents nest deeply."""


def _timestamp_or_text(loader: _StrictLoader | _FastLoader, node: yaml.ScalarNode) -> Any:
    """Leave a date that does not exist as text, so that the reader names its place."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp_or_text)
_FastLoader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp_or_text)


def parse_document(content: bytes | str, file: str) -> Any:
    """Return the plain data of a YAML (or JSON, its subset) document, or raise `DataFaultsError`."""
    if len(content) > MAX_BYTES:
        fault = Fault(file, "", "file-too-large", f"Expected at most {MAX_BYTES} bytes.", {"limit": MAX_BYTES})
        raise DataFaultsError((fault,))
    try:
        return _load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())
        mark = getattr(error, "problem_mark", None)
        params = {"line": mark.line + 1 if mark is not None else 0}
        raise DataFaultsError((Fault(file, "", "not-yaml", f"Expected YAML or JSON, but {detail}", params),)) from error


def _load(content: bytes | str) -> Any:
    """Load by libyaml what it can read; whatever it refuses is judged, and told, by PyYAML."""
    try:
        if _is_shallow(content):
            return yaml.load(content, Loader=_FastLoader)  # noqa: S506 - a SafeLoader, made stricter
    except (yaml.YAMLError, ValueError):
        pass
    return yaml.load(content, Loader=_StrictLoader)  # noqa: S506 - the same


def _is_shallow(content: bytes | str) -> bool:
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return True


@dataclass
class Faults:
    """Collects the faults of one file."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, path: str, code: str, message: str, **params: Any) -> None:
        self.found.append(Fault(self.file, path, code, message, params))

    def check(self) -> None:
        """Raise `DataFaultsError` if anything was found."""
        if self.found:
            raise DataFaultsError(tuple(self.found))


class Reader:
    """Takes the fields of one mapping, by name and type."""

    def __init__(self, data: Any, path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.usable = isinstance(data, Mapping)
        self._data: Mapping[Any, Any] = data if isinstance(data, Mapping) else {}
        self._asked: set[str] = set()
        if not self.usable:
            faults.add(path, "wrong-type", f"Expected a mapping, but found {type(data).__name__}.", expected="mapping")

    def at(self, name: str) -> str:
        """Return the path of field ``name``."""
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, code: str, message: str, **params: Any) -> None:
        self.faults.add(self.at(name), code, message, **params)

    def has(self, name: str) -> bool:
        return self._data.get(name) is not None

    def raw(self, name: str, default: Any = _REQUIRED) -> Any:
        """Return the field as it stands; a missing one without default is a fault and None."""
        self._asked.add(name)
        value = self._data.get(name)
        if value is not None:
            return value
        if default is _REQUIRED:
            if self.usable:
                self.fault(name, "missing", "Expected this field, but it is missing.", field=name)
            return None
        return default

    def text(self, name: str, default: Any = _REQUIRED) -> str:
        value: str = self._typed(name, str, default, "")
        if not value.strip() and self.has(name):
            self.fault(name, "empty", "Expected text, but it is empty.", field=name)
        return value

    def integer(self, name: str, default: Any = _REQUIRED, *, low: int | None = None, high: int | None = None) -> int:
        value: int = self._typed(name, int, default, 0 if low is None else low)
        if (low is not None and value < low) or (high is not None and value > high):
            self.fault(
                name, "out-of-range", f"Expected {low} to {high}, but found {value}.", least=low, most=high, value=value
            )
        return value

    def choice(self, name: str, choices: Mapping[str, T], default: Any = _REQUIRED) -> T | None:
        """Return what ``choices`` says for the field's text."""
        value = self._typed(name, str, default, None)
        if value is None or value in choices:
            return None if value is None else choices[value]
        allowed = ", ".join(choices)
        self.fault(
            name, "unknown-value", f"Expected one of {allowed}, but found {value!r}.", value=value, allowed=allowed
        )
        return None

    def mapping(self, name: str) -> Reader | None:
        """Return a reader of the mapping in field ``name``; None when the field is absent."""
        value = self.raw(name, None)
        return None if value is None else Reader(value, self.at(name), self.faults)

    def items(self, name: str, default: Any = _REQUIRED) -> list[Any]:
        value = self._typed(name, list, default, [])
        return list(value)

    def dates(self, name: str, default: Any = _REQUIRED) -> dict[date, str]:
        """Return a mapping of date to reason; dates may be written as YAML dates or ISO text."""
        found: dict[date, str] = {}
        for key, reason in self._typed(name, Mapping, default, {}).items():
            day = as_date(key)
            place = f"{self.at(name)}.{key}"
            if day is None:
                self.faults.add(
                    place, "not-a-date", f"Expected a date (2027-01-01), but found {key!r}.", value=str(key)
                )
            elif day in found:
                self.faults.add(place, "listed-twice", f"Expected {day} once, but it stands twice.", day=str(day))
            elif not isinstance(reason, str) or not reason.strip():
                self.faults.add(place, "reason-missing", f"Expected the reason of {day} as text.", day=str(day))
            else:
                found[day] = reason
        return found

    def fields(self) -> Iterator[tuple[str, Any]]:
        """Yield every field; all of them count as asked for."""
        for name, value in self._data.items():
            self._asked.add(name)
            yield str(name), value

    def close(self) -> None:
        """Name every field that nobody asked for."""
        for name in self._data:
            if name not in self._asked:
                self.fault(str(name), "unknown-field", f"Expected no field {name!r} here.", field=str(name))

    def _typed(self, name: str, kind: type, default: Any, fallback: Any) -> Any:
        value = self.raw(name, default)
        if value is None:
            return fallback
        # YAML's true is an int to Python, and would pass for 1
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is default:
            return value
        expected = kind.__name__.lower()
        self.fault(name, "wrong-type", f"Expected {expected}, but found {value!r}.", field=name, expected=expected)
        return fallback


def as_date(value: Any) -> date | None:
    """Return the date that YAML or ISO text means, None for anything else."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None

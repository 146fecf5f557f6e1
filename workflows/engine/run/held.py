"""What a state holds but a command may never ask for stays as it was stored: lists and contexts are read when needed.

A campaign's case holds a thousand items, and the end of one child looks at none of them. Reading and writing them
again at each step made the step as dear as the case was large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflows.engine.values import TAG, ValueLimits, from_json, to_json

LIMITS = ValueLimits(max_nodes=2_000_000)  # the size of the whole state is bounded where it is written


class Stored(list[Any]):
    """Values as JSON documents, one an entry: written as they are."""

    @classmethod
    def of(cls, values: Iterable[Any]) -> Stored:
        """Turn plain values into documents, or raise ``ValueFault``."""
        return cls(to_json(value, LIMITS) for value in values)


class _Document:
    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content


class Held(dict[str, Any]):
    """The variables of a scope. Behaves as a dictionary of plain values; what was asked for stays read."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Held:
        """Take variables from a state document."""
        held = cls()
        for name, content in document.items():
            dict.__setitem__(held, name, _Document(content) if isinstance(content, list | dict) else content)
        return held

    def documents(self) -> dict[str, Any]:
        """Return the variables as JSON documents, or raise ``ValueFault``."""
        values = dict.items(self)
        return {
            name: value.content if isinstance(value, _Document) else to_json(value, LIMITS) for name, value in values
        }

    def __getitem__(self, name: str) -> Any:
        value = dict.__getitem__(self, name)
        if isinstance(value, _Document):
            value = from_json(value.content, LIMITS)
            self[name] = value
        return value

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        value = self.get(name) if name in self else None
        return dict.pop(self, name, *default) if value is None else (dict.pop(self, name), value)[1]

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def __iter__(self) -> Iterator[str]:  # tells dict(held) and {**held} to ask for each value
        return dict.__iter__(self)

    def values(self) -> list[Any]:  # type: ignore[override]
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, Any]]:  # type: ignore[override]
        return [(name, self[name]) for name in self]

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    __hash__ = None

    def copy(self) -> Held:
        """Return a copy that still has read nothing more."""
        held = type(self)()
        for name, value in dict.items(self):
            dict.__setitem__(held, name, value)
        return held


def is_readable(document: Any) -> bool:
    """Whether a document of variables can be held: one whose names look like a tag is read at once."""
    return isinstance(document, dict) and TAG not in document

"""The tree of a form: frozen, read once from its file, shared by pages, API and use cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from workflows.engine.expressions import Expression

MAX_TEXT = 2_000  # of a line, where the form says nothing
MAX_LONG_TEXT = 20_000  # of a text area, where the form says nothing
MAX_ROWS = 200  # of a list, where the form says nothing
MAX_FILES = 20


class FieldType(StrEnum):
    """The types of the form-js subset, and ours (``signature`` and below)."""

    TEXT = "text"
    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATETIME = "datetime"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    FILEPICKER = "filepicker"
    GROUP = "group"
    DYNAMICLIST = "dynamiclist"
    SIGNATURE = "signature"
    USER = "user"
    UNIT = "unit"
    NOTE = "note"


class DateKind(StrEnum):
    """What a ``datetime`` field asks for."""

    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"


SHOWN_ONLY = frozenset({FieldType.TEXT, FieldType.NOTE})  # they ask for nothing
CONTAINERS = frozenset({FieldType.GROUP, FieldType.DYNAMICLIST})
CHOICES = frozenset({FieldType.SELECT, FieldType.RADIO, FieldType.CHECKLIST})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored and what people read. ``hidden_when`` it holds, the choice is not offered."""

    value: str
    label: str
    hidden_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One component. ``key`` is the variable it writes; a group without key puts its fields beside itself."""

    id: str
    type: FieldType
    key: str | None = None
    label: str = ""
    description: str = ""
    text: str = ""
    placeholder: str = ""
    required: bool = False
    readonly: bool = False
    default: object = None
    options: tuple[Option, ...] = ()
    multiple: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_message: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    min_items: int = 0
    max_items: int | None = None
    unique: str = ""  # the column of a list whose values differ from row to row
    accept: tuple[str, ...] = ()
    whole: bool = False  # a number without a fraction
    subtype: DateKind = DateKind.DATETIME
    hidden_when: Expression | None = None
    fields: tuple[Field, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it takes a value of its own."""
        return self.type not in SHOWN_ONLY and self.key is not None and not self.readonly

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of rows."""
        return self.type is FieldType.DYNAMICLIST


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One form file. ``key`` is what diagrams name in ``zc:form`` (``<family>/<form>``)."""

    key: str
    title: str
    fields: tuple[Field, ...]
    digest: str

    def walk(self) -> Iterator[Field]:
        """Yield every field, parents first."""
        yield from _walk(self.fields)

    @property
    def variables(self) -> tuple[str, ...]:
        """The top-level variables that this form writes."""
        return tuple(_variables(self.fields))


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _walk(field.fields)


def _variables(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        if field.key is None:
            yield from _variables(field.fields)
        elif field.asks:
            yield field.key

"""Keyset paging: a page ends with an opaque cursor that holds the sort keys of its last row.

Unlike offsets, rows that arrive or leave meanwhile are neither shown twice nor skipped, and page 1,000 costs what
page 1 costs. A cursor is no secret and no right: it only says where to go on, the list's filters hold as ever.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_

from workflows.errors import FieldFault, RejectedError
from workflows.store import Store, people

T = TypeVar("T")
U = TypeVar("U")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_MAX_CURSOR = 2000


@dataclass(frozen=True, slots=True)
class Key:
    """One column that a list is sorted by. It must never be null; the last key of a list must be unique."""

    column: SQLColumnExpression[Any]
    kind: type[str | int | date | datetime]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and where to go on; ``next`` is None on the last page, ``previous`` on the first."""

    items: tuple[T, ...]
    next: str | None
    previous: str | None = None

    def map(self, show: Callable[[Any], U]) -> Page[U]:
        """Return the page with every item shown otherwise."""
        return Page(tuple(show(item) for item in self.items), self.next, self.previous)


def take_page(
    store: Store,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Page[Any]:
    """Return the page of ``statement`` after or before a cursor: tuples of what it selects, or the one thing.

    Going back from a page that stands less than a page behind the first one leads to the first page, never to half one.
    """
    size = check_limit(limit)
    if before is not None:
        back = [Key(key.column, key.kind, descending=not key.descending) for key in keys]
        rows = _fetch(store, statement, back, decode_cursor(before, [key.kind for key in keys]), size)
        if len(rows) > size:
            shown = rows[:size][::-1]
            return _page(shown, len(keys), next_page=shown[-1], previous_page=shown[0])
    beyond = decode_cursor(after, [key.kind for key in keys]) if after is not None and before is None else None
    rows = _fetch(store, statement, keys, beyond, size)
    shown = rows[:size]
    following = shown[-1] if len(rows) > size else None
    return _page(shown, len(keys), next_page=following, previous_page=shown[0] if shown and beyond else None)


def _fetch(
    store: Store,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    beyond: Sequence[Any] | None,
    size: int,
) -> list[tuple[Any, ...]]:
    """Return up to one row more than a page holds, each with its sort keys at its end."""
    if beyond is not None:
        statement = statement.where(_beyond(keys, beyond))
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    added: list[ColumnElement[Any]] = [key.column.label(f"page_key_{place}") for place, key in enumerate(keys)]
    rows = store.session.execute(statement.add_columns(*added).order_by(*order).limit(size + 1))
    return [tuple(row) for row in rows]


def _page(
    rows: Sequence[tuple[Any, ...]],
    number: int,
    *,
    next_page: tuple[Any, ...] | None,
    previous_page: tuple[Any, ...] | None,
) -> Page[Any]:
    items = [row[:-number] for row in rows]
    return Page(
        tuple(item[0] if len(item) == 1 else item for item in items),
        encode_cursor(next_page[-number:]) if next_page is not None else None,
        encode_cursor(previous_page[-number:]) if previous_page is not None else None,
    )


def _beyond(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a row sorts after ``values``: at the first key that differs, by that key's order."""
    alternatives = []
    for position, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [before.column == known for before, known in zip(keys[:position], values, strict=False)]
        alternatives.append(and_(*same, key.column < value if key.descending else key.column > value))
    return or_(*alternatives)


def check_limit(limit: int | None) -> int:
    """Return the size of a page, or raise ``RejectedError`` when it is not from 1 to 200."""
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        message = f"Expected limit to be from 1 to {MAX_LIMIT}, but it is {limit}."
        fault = FieldFault("/limit", "limit-out-of-range", message, (("least", 1), ("most", MAX_LIMIT)))
        raise RejectedError(message, code="limit-out-of-range", faults=[fault], least=1, most=MAX_LIMIT)
    return limit


def encode_cursor(values: Sequence[Any]) -> str:
    """Return sort keys as an opaque text that may stand in a URL."""
    return urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def decode_cursor(text: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    """Return the sort keys in a cursor, or raise ``RejectedError`` (code ``bad-cursor``)."""
    try:
        values = orjson.loads(urlsafe_b64decode(text[:_MAX_CURSOR].encode("ascii") + b"=" * (-len(text) % 4)))
        return tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError) as fault:
        message = "Expected after to be the next of an earlier page."
        raise RejectedError(message, code="bad-cursor", faults=[FieldFault("/after", "bad-cursor", message)]) from fault


def _read(value: object, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        read = datetime.fromisoformat(value)
        if read.tzinfo is not None:
            return read
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    is_number = kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
    is_text = kind is str and isinstance(value, str) and people.is_storable(value)
    if is_number or is_text:
        return value
    raise ValueError(value)

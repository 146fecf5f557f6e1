"""Many new rows at once: one statement a table, in chunks that every driver takes.

Rows that nobody reads back as records in the same transaction are written so too: a fifth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert

from workflows.store import Store
from workflows.tables import Table

_CHUNK = 1000


def insert_rows(store: Store, kind: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as columns, now; every row names the same columns. What they refer to was sent before."""
    store.forget_missing(kind)
    for start in range(0, len(rows), _CHUNK):
        store.session.execute(_insert(kind), rows[start : start + _CHUNK])


@cache
def _insert(kind: type[Table]) -> Insert:
    return kind.metadata.tables[kind.__tablename__].insert()

"""Many new rows at once: one statement a table, in chunks that every driver takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from workflows.store import Store
from workflows.tables import Table

_CHUNK = 1000


def insert_rows(store: Store, kind: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as columns; every row names the same columns."""
    store.forget_missing(kind)
    for start in range(0, len(rows), _CHUNK):
        store.session.execute(insert(kind), rows[start : start + _CHUNK])

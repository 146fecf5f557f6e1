"""Statements are compiled once a test process, not once a test.

Each test has a database and so an engine of its own, and SQLAlchemy keeps what it compiled per engine and dialect
object: a third of the time of the tests went into compiling the same statements again. Here all engines share one
cache, and all dialects of one class count as equal: in one process they differ in nothing that a statement shows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_SHARED: LRUCache[Any, Any] = LRUCache(4_000)


def share() -> None:
    """Let every engine use the same cache."""
    Engine._compiled_cache = property(lambda _: _SHARED, lambda *_: None)  # type: ignore[assignment]
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_of_same_class  # type: ignore[method-assign]
        dialect.__hash__ = _hash_of_class  # type: ignore[assignment,method-assign]


def _is_of_same_class(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_class(dialect: object) -> int:
    return hash(type(dialect))

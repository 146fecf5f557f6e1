"""The floor: a bare driver writes the same rows with the same durability, and nothing else.

Each replays what was recorded of the house on a copy of its database: the same tables, indexes, foreign keys and
commits, without access checks, engine, forms or Python objects. Rows go out table by table (those that others refer
to first), and each transaction begins by reading one case under its lock, as the house does.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Protocol

import psycopg

from bench.recording import Write
from workflows.tables import Table

_TABLE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?')
_LOCK = 'SELECT id, state, row_version, status FROM "case" ORDER BY id LIMIT 1'


class Floor(Protocol):
    """One way to write; ``name`` tells it apart."""

    name: str

    def write(self, transactions: Sequence[Sequence[Write]]) -> None:
        """Write these transactions, each with a commit of its own."""

    def close(self) -> None: ...


class SqliteFloor:
    """The standard library's driver: prepared statements, one ``executemany`` for each table and kind of statement."""

    name = "sqlite3"

    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    def write(self, transactions: Sequence[Sequence[Write]]) -> None:
        connection = self._connection
        for writes in transactions:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_LOCK).fetchone()
            for write in writes:
                if len(write.rows) > 1:
                    connection.executemany(write.sql, write.rows)
                else:
                    connection.execute(write.sql, write.rows[0])
            connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


class PostgresFloor:
    """psycopg with prepared statements, one after the other."""

    name = "psycopg"

    def __init__(self, url: str) -> None:
        address = url.replace("postgresql+psycopg://", "postgresql://")
        self._connection = psycopg.connect(address, prepare_threshold=1)

    def write(self, transactions: Sequence[Sequence[Write]]) -> None:
        for writes in transactions:
            with self._connection.cursor() as cursor:
                cursor.execute(f"{_LOCK} FOR NO KEY UPDATE").fetchone()
                for write in writes:
                    for row in write.rows:
                        cursor.execute(write.sql, row)
            self._connection.commit()

    def close(self) -> None:
        self._connection.close()


class PipelineFloor(PostgresFloor):
    """psycopg in pipeline mode: after the lock, all writes and the commit leave together."""

    name = "psycopg pipeline"

    def write(self, transactions: Sequence[Sequence[Write]]) -> None:
        for writes in transactions:
            with self._connection.cursor() as cursor:
                cursor.execute(f"{_LOCK} FOR NO KEY UPDATE").fetchone()
                with self._connection.pipeline():
                    for write in writes:
                        for row in write.rows:
                            cursor.execute(write.sql, row)
                    self._connection.commit()


def gathered(transaction: Iterable[Write]) -> list[Write]:
    """Return a transaction as few statements: equal ones joined, new rows first in the order in which tables refer.

    A row that the house wrote twice in one transaction is written twice here too: those are updates of one statement.
    """
    order = {table.name: position for position, table in enumerate(Table.metadata.sorted_tables)}
    joined: dict[str, list[object]] = {}
    for write in transaction:
        joined.setdefault(write.sql, []).extend(write.rows)
    writes = [Write(sql, tuple(rows)) for sql, rows in joined.items()]
    return sorted(writes, key=lambda write: (not write.sql.startswith("INSERT"), order[table_of(write)]))


def table_of(write: Write) -> str:
    """Return the name of the table that a statement writes to."""
    found = _TABLE.match(write.sql)
    if found is None:
        message = f"Expected a statement that writes to a table, but it is {write.sql[:80]!r}."
        raise ValueError(message)
    return found[1]

"""What the house writes while it works: each transaction's statements, to be written again by a bare driver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Write:
    """One statement as the driver got it, with the parameters of each time that it is carried out."""

    sql: str
    rows: tuple[Any, ...]

    @property
    def count(self) -> int:
        """How many rows it writes; a statement may have several groups of values."""
        return len(self.rows) * (self.sql.count("), (") + 1)


@dataclass
class Recording:
    """The transactions of one stretch of work, in order; reads are only counted."""

    transactions: list[list[Write]] = field(default_factory=list)
    statements: int = 0
    _open: list[Write] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(write.count for writes in self.transactions for write in writes)

    @property
    def size(self) -> int:
        """The bytes of all values written, as text."""
        return sum(_size(row) for writes in self.transactions for write in writes for row in write.rows)

    def _statement(self, _connection: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        self.statements += 1
        if sql.startswith(WRITES):
            is_batch = isinstance(parameters, list) and isinstance(parameters[0], tuple | dict)
            self._open.append(Write(sql, tuple(parameters) if is_batch else (parameters,)))

    def _commit(self, _connection: object) -> None:
        if self._open:
            self.transactions.append(self._open)
        self._open = []

    def _rollback(self, _connection: object) -> None:
        self._open = []


@contextmanager
def recorded(database: Engine, recording: Recording) -> Iterator[None]:
    """Add to ``recording`` what goes through ``database`` in the block. It costs a microsecond a statement."""
    listeners = (
        ("before_cursor_execute", recording._statement),  # noqa: SLF001 - its own part
        ("commit", recording._commit),  # noqa: SLF001
        ("rollback", recording._rollback),  # noqa: SLF001
    )
    for name, listener in listeners:
        event.listen(database, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(database, name, listener)


def _size(row: Any) -> int:
    values = row.values() if isinstance(row, dict) else row
    return sum(len(value) if isinstance(value, str | bytes) else len(str(value)) for value in values)

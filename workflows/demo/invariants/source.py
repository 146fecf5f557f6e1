"""The database as the checker reads it: rows of plain SQL, and what both databases write differently made equal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any, Protocol

from workflows.demo.invariants.days import WorkingDays

CHINA = timezone(timedelta(hours=8))
Row = Mapping[str, Any]


class Connection(Protocol):
    """What a DB-API connection offers, as far as it is used here."""

    def cursor(self) -> Any: ...


@dataclass(frozen=True)
class Found:
    """What an invariant found: how many things it looked at, and a line for each that is wrong."""

    looked_at: int
    faults: tuple[str, ...] = ()

    def __iter__(self) -> Any:
        return iter((self.looked_at, self.faults))


@dataclass(frozen=True)
class Verdict:
    """An invariant as judged on one database."""

    key: str
    title: str
    looked_at: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class PublicKey:
    """Half of a key that may have signed checkpoints. ``raw`` is in the form that its algorithm defines."""

    algorithm: str
    raw: bytes


@dataclass
class Source:
    """A database at a moment. ``keys``: by their id; None: signatures are not checked."""

    connection: Connection
    now: datetime
    keys: Mapping[str, PublicKey] | None = None
    _memory: dict[str, Any] = field(default_factory=dict)

    def rows(self, statement: str) -> list[Row]:
        """Return what a statement selects. ``$now`` in it is the moment; it takes no other values."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(statement.replace("$now", self._now_literal))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def remember(self, name: str, find: Callable[[Source], Any]) -> Any:
        """Return what ``find`` returned at its first call: several invariants rest on the same rows."""
        if name not in self._memory:
            self._memory[name] = find(self)
        return self._memory[name]

    @cached_property
    def working_days(self) -> WorkingDays:
        """The calendar years in force, read from their rows."""
        found = self.rows(
            "SELECT region, year, version, content FROM calendar_version WHERE approved_at IS NOT NULL"
            " ORDER BY region, year, version"
        )
        return WorkingDays([(row["region"], row["year"], document(row["content"])) for row in found])

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(CHINA).date()

    @property
    def _now_literal(self) -> str:
        text = self.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        is_sqlite = "sqlite" in type(getattr(self.connection, "driver_connection", self.connection)).__module__
        return f"'{text}'" if is_sqlite else f"TIMESTAMPTZ '{text}+00'"


def last_act(connection: Connection) -> datetime | None:
    """Return the last moment that the ledger tells of."""
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT max(at) FROM ledger_event")
        return instant(cursor.fetchall()[0][0])
    finally:
        cursor.close()


@dataclass(frozen=True)
class Invariant:
    """A statement about every database; ``find`` looks for what contradicts it."""

    key: str
    title: str
    find: Callable[[Source], Found]


def instant(value: Any) -> datetime | None:
    """Return an instant: SQLite keeps text in UTC, PostgreSQL aware ones."""
    if value is None:
        return None
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def moment(value: Any) -> datetime:
    """Return an instant of a column that is never empty."""
    found = instant(value)
    if found is None:
        message = "Expected an instant, but the column is empty."
        raise ValueError(message)
    return found


def document(value: Any) -> Any:
    """Return a JSON document: SQLite keeps text."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def local_day(at: datetime) -> date:
    """Return the day in China."""
    return at.astimezone(CHINA).date()


def midnight(day: date) -> datetime:
    """Return when a day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def shown(at: datetime | None) -> str:
    """Write an instant for a person who reads a fault."""
    return "—" if at is None else at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")

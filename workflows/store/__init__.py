"""Reads and writes of use cases: the session of one transaction, and one file a noun.

A ``Store`` lives as long as one transaction. Use cases take it first and pass it on; they change mapped records
and call the functions of this package; nobody but ``transaction.run`` commits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from workflows.errors import NotFoundError
from workflows.tables import Table

if TYPE_CHECKING:
    from workflows.application import Application

T = TypeVar("T", bound=Table)
R = TypeVar("R")


@cache
def _by_key(kind: type[T]) -> Select[T]:
    """Return the look-up by primary key, built once: ``Session.get`` builds it each time, which costs as much again."""
    (column,) = kind.__table__.primary_key
    return select(kind).where(column == bindparam("key", type_=column.type))


@dataclass
class Store:
    """One transaction: its session, what the process shares, its fixed ``now``, and whom to wake after it."""

    session: Session
    application: Application
    now: datetime
    woken: dict[str, None] = field(default_factory=dict)
    hops: int = 0  # through how many cases the letter came that is being read
    _kept: list[Table] = field(default_factory=list)  # the session forgets what nobody holds, and would read it again
    _missing: set[tuple[type[Table], object]] = field(default_factory=set)  # was asked for, and is not there
    _once: dict[Hashable, Any] = field(default_factory=dict)  # answers that hold until somebody forgets them

    def get(self, kind: type[T], key: object) -> T | None:
        """Return the record with this primary key, or None. What is not there is asked for once."""
        if (kind, key) in self._missing:
            return None
        if (kind, (key,), None) in self.session.identity_map or isinstance(key, tuple):
            found = self.session.get(kind, key)
        else:
            found = self.session.scalar(_by_key(kind), {"key": key})
        if found is None:
            self._missing.add((kind, key))
        else:
            self._kept.append(found)
        return found

    def keep(self, records: Iterable[T | None]) -> None:
        """Hold on to records that were read together, so that ``get`` finds them without asking again."""
        self._kept.extend(record for record in records if record is not None)

    def know_missing(self, kind: type[Table], key: object) -> None:
        """Remember that a query has shown this record not to be there."""
        self._missing.add((kind, key))

    def forget_missing(self, kind: type[Table]) -> None:
        """Ask again for records of this kind: new ones were written."""
        if self._missing:
            self._missing = {missing for missing in self._missing if missing[0] is not kind}

    def need(self, kind: type[T], key: object) -> T:
        """Return the record with this primary key, or raise ``NotFoundError`` (code ``<table>-not-found``)."""
        found = self.get(kind, key)
        if found is None:
            message = f"Expected {kind.__tablename__} {key} to exist, but it does not."
            raise NotFoundError(message, code=f"{kind.__tablename__.replace('_', '-')}-not-found", id=str(key))
        return found

    def need_fresh(self, kind: type[T], key: object) -> T:
        """Return the record as the database has it under the lock that is held, or raise ``NotFoundError``."""
        options = {"populate_existing": True}
        self.keep([self.session.scalar(_by_key(kind), {"key": key}, execution_options=options)])
        return self.need(kind, key)

    def once(self, question: Hashable, read: Callable[[], R]) -> R:
        """Return the answer to ``question``, read at most once a transaction, or until somebody forgets it."""
        if question not in self._once:
            self._once[question] = read()
        found: R = self._once[question]
        return found

    def know(self, question: Hashable, answer: object) -> None:
        """Keep the answer to ``question``: it came with another query."""
        self._once[question] = answer

    def forget(self, question: Hashable) -> None:
        """Ask again: whoever changes what an answer rests on says so here."""
        self._once.pop(question, None)

    def add(self, record: T) -> T:
        """Add a record and send it to the database now, so that rows after it may refer to it."""
        self.session.add(record)
        self.forget_missing(type(record))
        self.session.flush()  # the rows below need its key
        return record

    def add_later(self, record: T) -> T:
        """Add a record; it is written with the next flush."""
        self.session.add(record)
        self.forget_missing(type(record))
        return record

    def wake_after_commit(self, case_id: str) -> None:
        """Ask that ``case_id``'s inbox be worked through right after the commit."""
        self.woken[case_id] = None

    def forget_live_states(self) -> None:
        """Drop what this transaction put into the process's caches: it was rolled back."""
        self.application.law.forget(self)

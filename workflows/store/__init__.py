"""Reads and writes of use cases: the session of one transaction, and one file a noun.

A ``Store`` lives as long as one transaction. Use cases take it first and pass it on; they change mapped records
and call the functions of this package; nobody but ``transaction.run`` commits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.orm import Session

from workflows.errors import NotFoundError
from workflows.tables import Table

if TYPE_CHECKING:
    from workflows.application import Application

T = TypeVar("T", bound=Table)


@dataclass
class Store:
    """One transaction: its session, what the process shares, its fixed ``now``, and whom to wake after it."""

    session: Session
    application: Application
    now: datetime
    woken: dict[str, None] = field(default_factory=dict)
    _kept: list[Table] = field(default_factory=list)  # the session forgets what nobody holds, and would read it again

    def get(self, kind: type[T], key: object) -> T | None:
        """Return the record with this primary key, or None."""
        found = self.session.get(kind, key)
        if found is not None:
            self._kept.append(found)
        return found

    def need(self, kind: type[T], key: object) -> T:
        """Return the record with this primary key, or raise ``NotFoundError`` (code ``<table>-not-found``)."""
        found = self.get(kind, key)
        if found is None:
            message = f"Expected {kind.__tablename__} {key} to exist, but it does not."
            raise NotFoundError(message, code=f"{kind.__tablename__.replace('_', '-')}-not-found", id=str(key))
        return found

    def add(self, record: T) -> T:
        """Add a record and send it to the database now, so that rows after it may refer to it."""
        self.session.add(record)
        self.session.flush()  # the rows below need its key
        return record

    def add_later(self, record: T) -> T:
        """Add a record; it is written with the next flush."""
        self.session.add(record)
        return record

    def wake_after_commit(self, case_id: str) -> None:
        """Ask that ``case_id``'s inbox be worked through right after the commit."""
        self.woken[case_id] = None

    def forget_live_states(self) -> None:
        """Drop what this transaction put into the process's caches: it was rolled back."""
        self.application.law.forget(self)

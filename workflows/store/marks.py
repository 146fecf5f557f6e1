"""Marks: what changes whenever something that rarely changes has changed, read together once a transaction.

What a process keeps of the organisation, of access and of calendars is kept under them, so every process notices
what another one wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from workflows.store import Store
from workflows.tables import CalendarVersion, LedgerHead

CHAINS = ("people", "access")  # the chains that tell of every change of units, posts, holders, grants and clearances


@dataclass(frozen=True, slots=True)
class Marks:
    """The ends of the chains ``people`` and ``access``, and how many calendar years are in force since when."""

    people: str | None
    access: str | None
    years: int
    last_year_at: datetime | None


def marks(store: Store) -> Marks:
    """Return the marks as this transaction sees them."""
    return store.once(Marks, lambda: _read(store))


def _read(store: Store) -> Marks:
    row = store.session.execute(_MARKS).one()
    return Marks(row[0], row[1], row[2], row[3])


def forget_marks(store: Store) -> None:
    """Read the marks again: this transaction has just changed what they stand for."""
    store.forget(Marks)


_IN_FORCE = CalendarVersion.approved_at.is_not(None)
_MARKS = select(
    *(select(LedgerHead.hash).where(LedgerHead.stream == chain).scalar_subquery() for chain in CHAINS),
    select(func.count()).select_from(CalendarVersion).where(_IN_FORCE).scalar_subquery(),
    select(func.max(CalendarVersion.approved_at)).where(_IN_FORCE).scalar_subquery(),
)

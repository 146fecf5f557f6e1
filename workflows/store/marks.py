"""Marks: what changes whenever something that rarely changes has changed, read together once a transaction.

What a process keeps of the organisation, of access and of calendars is kept under them, so every process notices
what another one wrote.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CompoundSelect, func, select, union

from workflows.clock import SHANGHAI
from workflows.store import Store
from workflows.tables import CalendarVersion, Holding, LedgerHead, Post, Proxy, RoleGrant, Unit

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


@dataclass(frozen=True, slots=True)
class Era:
    """A stretch of days on which nothing of the organisation begins or ends: every answer about people is the same."""

    people: str | None
    access: str | None
    since: date


def era(store: Store) -> Era:
    """Return the mark of what holds today of units, posts, holders and grants: the chains, and the last such day."""
    told = marks(store)
    turns: tuple[date, ...] = store.application.law.kept(
        ("turns", told.people, told.access), lambda: (date.min, *sorted(filter(None, store.session.scalars(_TURNS))))
    )
    today = store.now.astimezone(SHANGHAI).date()
    return Era(told.people, told.access, turns[bisect_right(turns, today) - 1])


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
_TURNS: CompoundSelect[date | None] = union(
    *(select(period.from_day) for period in (Holding, Proxy, RoleGrant)),
    *(select(period.to_day) for period in (Holding, Proxy, RoleGrant)),
    *(select(kind.closed_on) for kind in (Unit, Post)),
)

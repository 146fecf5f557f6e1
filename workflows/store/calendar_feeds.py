"""Calendar feeds: found by the SHA-256 of a secret that is never stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from workflows.store import Store
from workflows.tables import CalendarFeed, Unit


def feeds_of(store: Store, person_id: str) -> Sequence[tuple[CalendarFeed, Unit]]:
    """Return the feeds of a person that still work with their units, the newest first."""
    mine = CalendarFeed.person_id == person_id, CalendarFeed.ended_at.is_(None)
    statement = select(CalendarFeed, Unit).join(Unit, Unit.id == CalendarFeed.unit_id).where(*mine)
    found = store.session.execute(statement.order_by(CalendarFeed.created_at.desc(), CalendarFeed.digest))
    return [(feed, unit) for feed, unit in found]


def end_feeds(store: Store, person_id: str) -> None:
    """End all feeds of a person."""
    running = CalendarFeed.person_id == person_id, CalendarFeed.ended_at.is_(None)
    store.session.execute(update(CalendarFeed).where(*running).values(ended_at=store.now))

"""Rows of the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from workflows.store import Store
from workflows.tables import DeliveryState, Outbox


def find(store: Store, key: str) -> Outbox | None:
    """Return the row queued under ``key``."""
    return store.session.scalar(select(Outbox).where(Outbox.key == key))


def due(store: Store, limit: int) -> Sequence[Outbox]:
    """Return rows that wait and are due, locked; rows that another process holds are passed over."""
    waiting = Outbox.state == DeliveryState.WAITING, Outbox.due_at <= store.now
    query = select(Outbox).where(*waiting).order_by(Outbox.due_at, Outbox.id).limit(limit)
    return store.session.scalars(query.with_for_update(skip_locked=True)).all()

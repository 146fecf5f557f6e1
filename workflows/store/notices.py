"""Rows of notices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import CursorResult, bindparam, delete, func, select, update

from workflows.store import Store
from workflows.tables import Notice


def find(store: Store, key: str, person_id: str) -> Notice | None:
    """Return the notice that a person got under ``key``."""
    return store.session.scalar(_FOUND, {"key": key, "person": person_id})


def unread_of(store: Store, person_id: str, notice_ids: Collection[str]) -> Sequence[Notice]:
    """Return those of ``notice_ids`` that are the person's and unread."""
    mine = Notice.id.in_(notice_ids), Notice.person_id == person_id, Notice.read_at.is_(None)
    return store.session.scalars(select(Notice).where(*mine)).all()


def count_unread(store: Store, person_id: str) -> int:
    """Return how many notices wait for a person."""
    mine = Notice.person_id == person_id, Notice.read_at.is_(None)
    return store.session.scalar(select(func.count()).select_from(Notice).where(*mine)) or 0


def latest(store: Store, person_id: str, *, after: str | None = None, limit: int = 50) -> Sequence[Notice]:
    """Return a person's notices, newest first; ``after`` is the id of the last one of the page before."""
    query = select(Notice).where(Notice.person_id == person_id)
    if after is not None:
        query = query.where(Notice.id < after)
    return store.session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def read_all(store: Store, person_id: str) -> int:
    """Mark all of a person's notices as read."""
    mine = Notice.person_id == person_id, Notice.read_at.is_(None)
    return _count(store.session.execute(update(Notice).where(*mine).values(read_at=store.now)))


def delete_read(store: Store, keep_days: int) -> int:
    """Delete notices that were read more than ``keep_days`` ago."""
    old = Notice.read_at < store.now - timedelta(days=keep_days)
    return _count(store.session.execute(delete(Notice).where(old)))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


_FOUND = select(Notice).where(Notice.key == bindparam("key"), Notice.person_id == bindparam("person"))

"""Notices 通知: in-app messages. Kind and content are data; the page words them in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from workflows.access import Actor
from workflows.engine.values import to_json
from workflows.store import Store
from workflows.store import notices as rows
from workflows.tables import Notice


def notify(
    store: Store, person_id: str, kind: str, content: Mapping[str, Any], *, key: str, case_id: str | None = None
) -> Notice:
    """Leave a notice for a person; the same ``key`` never reaches the same person twice."""
    found = rows.find(store, key, person_id)
    if found is not None:
        return found
    return store.add(
        Notice(key=key, person_id=person_id, kind=kind, content=to_json(content), case_id=case_id, created_at=store.now)
    )


def mark_read(store: Store, notice_ids: Collection[str], *, actor: Actor) -> int:
    """Mark notices of the actor as read, and return how many were not yet. Those of others are left alone."""
    unread = rows.unread_of(store, actor.person_id, notice_ids) if actor.person_id else []
    for notice in unread:
        notice.read_at = store.now
    return len(unread)


def mark_all_read(store: Store, *, actor: Actor) -> int:
    """Mark all notices of the actor as read, and return how many were not yet."""
    return rows.read_all(store, actor.person_id) if actor.person_id else 0


def purge_read(store: Store, keep_days: int = 400) -> int:
    """Forget notices that were read long ago."""
    return rows.delete_read(store, keep_days)

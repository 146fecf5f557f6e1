"""Rows that may be forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import CursorResult, delete, or_

from workflows.store import Store
from workflows.tables import Session, Token


def delete_ended_logins(store: Store, keep_days: int) -> int:
    """Delete sessions and tokens that ended or ran out more than ``keep_days`` ago."""
    before = store.now - timedelta(days=keep_days)
    deleted = 0
    for kind in (Session, Token):
        result = store.session.execute(delete(kind).where(or_(kind.ended_at < before, kind.expires_at < before)))
        deleted += result.rowcount if isinstance(result, CursorResult) else 0
    return deleted

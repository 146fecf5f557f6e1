"""Rows of idempotency keys."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import CursorResult, delete

from workflows.store import Store
from workflows.tables import IdempotencyKey


def find(store: Store, scope: str) -> IdempotencyKey | None:
    """Return the answer kept under ``scope``."""
    return store.session.get(IdempotencyKey, scope)


def delete_old(store: Store, keep_days: int) -> int:
    """Delete answers older than ``keep_days``."""
    old = IdempotencyKey.created_at < store.now - timedelta(days=keep_days)
    result = store.session.execute(delete(IdempotencyKey).where(old))
    return result.rowcount if isinstance(result, CursorResult) else 0

"""The list of ledger checkpoints, for auditors."""

from __future__ import annotations

from sqlalchemy import select

from workflows.access import Actor
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import LedgerCheckpoint, Role


def list_checkpoints(
    store: Store, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[LedgerCheckpoint]:
    """Return one page of checkpoints, the latest first, or raise ``NotAllowedError`` for who is no auditor."""
    actor.require_role(Role.AUDITOR)
    keys = [Key(LedgerCheckpoint.id, int, descending=True)]
    return take_page(store, select(LedgerCheckpoint), keys, after=after, limit=limit)

"""Tidying: what may be forgotten is forgotten. Nothing here touches the ledger or a case."""

from __future__ import annotations

from workflows import idempotency, ledger, notices
from workflows.access import system_actor
from workflows.store import Store, tidying
from workflows.store.people import today

_KEEP_DAYS = 30  # how long an ended login still answers "since when and from where"


def tidy(store: Store) -> int:
    """Forget old answers, ended logins, notices read long ago and sealed values past retention. Returns how many."""
    return (
        idempotency.purge(store)
        + tidying.delete_ended_logins(store, _KEEP_DAYS)
        + notices.purge_read(store)
        + ledger.purge_due(store, today(store), actor=system_actor())
    )

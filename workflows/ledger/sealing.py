"""Sealed values 封存: opinions and personal texts, kept beside the ledger and purged when the law says so."""

from __future__ import annotations

import secrets
from datetime import date

from workflows.access import Actor
from workflows.ledger.chain import record
from workflows.ledger.hashing import ALGORITHM, COMMITMENT, canonical, digest
from workflows.retention import load_retention
from workflows.store import Store
from workflows.store import ledger as rows
from workflows.store.people import today
from workflows.tables import SealedValue

STREAM = "sealed"
PURGED = "sealed-value-purged"


def seal(store: Store, value: str, purpose: str) -> SealedValue:
    """Keep ``value`` under a fresh salt. ``purpose`` says why, and so until when (``bpmn/retention.yaml``)."""
    written = today(store)
    salt = secrets.token_hex(32)
    return store.add(
        SealedValue(
            salt=salt,
            value=value,
            purpose=purpose,
            commitment=commit(value, purpose, salt),
            retain_until=load_retention(store.application.settings.law).until(purpose, written),
        )
    )


def reference(sealed: SealedValue) -> dict[str, str]:
    """Return what a ledger event holds instead of the value."""
    return {"sealed": sealed.id, "commitment": sealed.commitment}


def commit(value: str, purpose: str, salt: str, algorithm: str = ALGORITHM) -> str:
    """Hash a value under its salt: nobody can guess it from the commitment, nor swap it for another."""
    return digest(COMMITMENT, canonical({"purpose": purpose, "salt": salt, "value": value}), algorithm=algorithm)


def purge(store: Store, sealed: SealedValue, *, actor: Actor) -> None:
    """Forget a value and its salt for good. Its commitment stays, so every chain that names it stays whole."""
    if sealed.value is None:
        return
    sealed.value, sealed.salt = None, ""
    record(store, STREAM, PURGED, {**reference(sealed), "purpose": sealed.purpose}, actor=actor)


def purge_due(store: Store, day: date, limit: int = 200, *, actor: Actor) -> int:
    """Purge up to ``limit`` values that are past their retention, and return how many there were."""
    due = rows.sealed_past_retention(store, day, limit)
    for sealed in due:
        purge(store, sealed, actor=actor)
    return len(due)

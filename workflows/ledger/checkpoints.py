"""Checkpoints: a signed Merkle root over the heads of all streams, each chained to the one before.

A chain alone does not show that its last links, or a whole stream, were cut off; the next checkpoint does. What was
written since the last one could still be forged by whoever holds the database and the key: keep the interval short.

A row holds only the heads that moved since the row before it; every ``FULL_EVERY``-th holds them all, so that no
more than so many rows are ever read to know the heads of a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.ledger import merkle
from workflows.ledger.hashing import ALGORITHM, CHECKPOINT, canonical, digest, flat, instant
from workflows.ledger.keys import ALGORITHMS, FileKeys, KeyProvider
from workflows.settings import Settings, SettingsError
from workflows.store import Store
from workflows.store import ledger as rows
from workflows.tables import LedgerCheckpoint

FULL_EVERY = 64
Heads = dict[str, tuple[int, str]]


def key_provider(settings: Settings) -> KeyProvider:
    """Return what signs this installation's checkpoints, or raise ``SettingsError``."""
    if settings.ledger_key not in ALGORITHMS:
        raise SettingsError(f"Expected the ledger's key to be {' or '.join(ALGORITHMS)}, not {settings.ledger_key}.")
    return FileKeys(settings.var / "keys", settings.ledger_key)


def checkpoint(store: Store, keys: KeyProvider | None = None) -> LedgerCheckpoint | None:
    """Sign the heads of all streams, or return None when nothing moved since the last checkpoint.

    One statement reads the heads: what commits later belongs to the next. Of two at once, one loses and repeats.
    """
    keys = keys or key_provider(store.application.settings)
    last = rows.last_checkpoint(store)
    before = heads_at(store, last)
    now = {stream: (seq, hashed) for stream, seq, hashed in rows.heads(store)}
    if now == before:
        return None
    number = last.id + 1 if last else 1
    moved = now if is_full(number) else {stream: head for stream, head in now.items() if before.get(stream) != head}
    made = LedgerCheckpoint(
        id=number,
        at=store.now,
        size=len(now),
        root=root_of(now, ALGORITHM),
        prev=checkpoint_hash(last) if last else rows.GENESIS,
        heads=[[stream, *moved[stream]] for stream in sorted(moved)],
        algorithm=ALGORITHM,
        key_id=keys.public.key_id,
    )
    made.signature = keys.sign(canonical(body(made)))
    return store.add(made)


def is_full(number: int) -> bool:
    """Whether the checkpoint of this number holds all heads, not only those that moved."""
    return number % FULL_EVERY == 1


def heads_at(store: Store, last: LedgerCheckpoint | None) -> Heads:
    """Return all heads as of checkpoint ``last``."""
    found: Heads = {}
    if last is not None:
        since = (last.id - 1) // FULL_EVERY * FULL_EVERY + 1
        for row in rows.checkpoints(store, since):
            if row.id <= last.id:
                found.update(moved_heads(row))
    return found


def moved_heads(row: LedgerCheckpoint) -> Heads:
    """Return the heads that a checkpoint's row holds."""
    return {stream: (seq, hashed) for stream, seq, hashed in row.heads}


def leaves_of(heads: Mapping[str, tuple[int, str]], algorithm: str) -> list[str]:
    """Hash the heads as leaves, sorted by stream."""
    return [merkle.leaf_hash(flat([stream, *heads[stream]]), algorithm) for stream in sorted(heads)]


def root_of(heads: Mapping[str, tuple[int, str]], algorithm: str) -> str:
    """Return the Merkle root over the heads."""
    return merkle.root(leaves_of(heads, algorithm), algorithm)


def body(row: LedgerCheckpoint) -> dict[str, Any]:
    """Return what is signed, and what the next checkpoint is chained to."""
    return {
        "format": "zecheng-checkpoint-1",
        "number": row.id,
        "at": instant(row.at),
        "size": row.size,
        "root": row.root,
        "prev": row.prev,
        "algorithm": row.algorithm,
        "key_id": row.key_id,
    }


def checkpoint_hash(row: LedgerCheckpoint) -> str:
    """Hash a checkpoint with its signature, for the chain."""
    return digest(CHECKPOINT, canonical(body(row)), row.signature, algorithm=row.algorithm)

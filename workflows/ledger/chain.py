"""One link more: the only place that writes to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.access import Actor
from workflows.ledger.hashing import ALGORITHM, canonical, event_hash, hashed_fields
from workflows.store import Store
from workflows.store import ledger as rows
from workflows.tables import LedgerEvent


def record(
    store: Store,
    stream: str,
    kind: str,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    on_behalf_of: str | None = None,
) -> None:
    """Chain an event to ``stream``, in this transaction. ``content`` is plain data and holds no personal text.

    Locks the stream's head until the commit. A case's stream is already ordered by the lock on the case's row, so
    one slow case holds up no other.
    """
    head = rows.lock_head(store, stream)
    event = LedgerEvent(
        stream=stream,
        seq=head.seq + 1,
        kind=kind,
        at=store.now,
        actor=actor.code,
        on_behalf_of=on_behalf_of,
        via=actor.via,
        request_id=actor.request_id,
        content=canonical(content).decode(),
        prev=head.hash,
        algorithm=ALGORITHM,
    )
    event.hash = event_hash(event.prev, hashed_fields(event), event.algorithm)
    head.seq, head.hash = event.seq, event.hash
    store.add_later(event)

"""What leaves the house: the proof of one case, and the whole ledger, for ``tools/verify_ledger.py``.

Both hold the same parts. A proof is one JSON document; an export is one part a line, so that it can be any size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.ledger import merkle
from workflows.ledger.checkpoints import body, heads_at, key_provider, leaves_of
from workflows.ledger.hashing import VERSION, hashed_fields
from workflows.store import Store
from workflows.store import ledger as rows
from workflows.tables import LedgerCheckpoint

FORMAT = "zecheng-ledger-1"


def proof(store: Store, case_id: str) -> dict[str, Any]:
    """Return a case's chain, and that its head is under the last checkpoint. Call it through ``read``.

    ``inclusion`` is None while no checkpoint knows the case; events after ``inclusion.seq`` rest on the chain alone.
    """
    stream = f"case:{case_id}"
    last = rows.last_checkpoint(store)
    return {
        "format": FORMAT,
        "version": VERSION,
        "stream": stream,
        "events": [_event(event) for event in rows.events(store, stream)],
        "inclusion": None if last is None else _inclusion(store, stream, last),
        "checkpoint": None if last is None else _checkpoint(last),
        "keys": _keys(store),
    }


def export(store: Store) -> Iterator[dict[str, Any]]:
    """Yield the parts of the whole ledger: a header, the keys, all checkpoints, all events. For ``read``."""
    yield {"format": FORMAT, "version": VERSION, "keys": _keys(store)}
    for row in rows.checkpoints(store):
        yield {"checkpoint": {**_checkpoint(row), "heads": row.heads}}
    for stream, seq, hashed in rows.heads(store):
        yield {"head": [stream, seq, hashed]}
    for event in rows.events(store):
        yield {"event": _event(event)}


def _event(event: Any) -> dict[str, Any]:
    return {**hashed_fields(event), "prev": event.prev, "hash": event.hash}


def _checkpoint(row: LedgerCheckpoint) -> dict[str, Any]:
    return {**body(row), "signature": row.signature.hex()}


def _inclusion(store: Store, stream: str, last: LedgerCheckpoint) -> dict[str, Any] | None:
    heads = heads_at(store, last)
    if stream not in heads:
        return None
    index = sorted(heads).index(stream)
    seq, hashed = heads[stream]
    path = merkle.inclusion(leaves_of(heads, last.algorithm), index, last.algorithm)
    return {"seq": seq, "hash": hashed, "index": index, "path": path}


def _keys(store: Store) -> dict[str, dict[str, str]]:
    trusted = key_provider(store.application.settings).trusted()
    return {key_id: {"algorithm": key.algorithm, "public": key.raw.hex()} for key_id, key in trusted.items()}

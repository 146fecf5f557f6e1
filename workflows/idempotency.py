"""Idempotency keys: the answer to a request is kept in the request's own transaction and given again to its twin.

``begin`` writes the key before anything else. A twin that comes meanwhile waits there for the first one's commit and
then finds its answer, instead of meeting a task that is completed already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.access import Actor
from workflows.errors import IdempotencyConflictError, RejectedError
from workflows.store import Store
from workflows.store import idempotency as rows
from workflows.tables import IdempotencyKey

KEEP_DAYS = 7
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent back: status, headers that belong to it, and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def scope_of(actor: Actor, method: str, path: str, key: str) -> str:
    """Return the digest under which a key counts: the same key of another actor or route is another key."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        message = f"Expected an idempotency key of 1 to {LONGEST_KEY} printable characters."
        raise RejectedError(message, code="idempotency-key-malformed", maximum=LONGEST_KEY)
    return _digest(actor.code, method.upper(), path, key)


def begin(store: Store, scope: str, body: bytes) -> Answer | None:
    """Return the answer given before, or None after reserving the key for this transaction.

    Raises ``IdempotencyConflictError`` when the key came with another body.
    """
    digest = hashlib.sha256(body).hexdigest()
    found = rows.find(store, scope)
    if found is None:
        store.add(
            IdempotencyKey(scope=scope, request_digest=digest, status=0, headers={}, body=b"", created_at=store.now)
        )
        return None
    if found.request_digest != digest:
        message = "Expected the same body as before, but this idempotency key came with another one."
        raise IdempotencyConflictError(message)
    return Answer(found.status, found.headers, found.body)


def finish(store: Store, scope: str, answer: Answer) -> None:
    """Keep the answer with the changes that it tells of. A request that fails keeps nothing and may be repeated."""
    row = store.need(IdempotencyKey, scope)
    row.status, row.headers, row.body = answer.status, dict(answer.headers), answer.body


def purge(store: Store) -> int:
    """Forget answers older than a week, and return how many."""
    return rows.delete_old(store, KEEP_DAYS)


def _digest(*parts: str) -> str:
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(4, "big") + data)
    return hasher.hexdigest()

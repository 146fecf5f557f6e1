"""Rows of the ledger: heads under lock, events in order, checkpoints, sealed values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from workflows.store import Store
from workflows.store.marks import CHAINS, forget_marks
from workflows.tables import LedgerCheckpoint, LedgerEvent, LedgerHead, SealedValue

GENESIS = "0" * 64
_PAGE = 2_000
_CHECKPOINTS = 50  # a page of them: each holds many heads
_EVENT_COLUMNS = (
    LedgerEvent.stream,
    LedgerEvent.seq,
    LedgerEvent.kind,
    LedgerEvent.at,
    LedgerEvent.actor,
    LedgerEvent.on_behalf_of,
    LedgerEvent.via,
    LedgerEvent.request_id,
    LedgerEvent.content,
    LedgerEvent.prev,
    LedgerEvent.hash,
    LedgerEvent.algorithm,
)

Head = tuple[str, int, str]


def lock_head(store: Store, stream: str) -> LedgerHead:
    """Return the head of ``stream``, locked until the commit; a stream without one is begun with ``seq`` 0."""
    held = _held(store)
    head = held.get(stream)
    if stream in CHAINS:
        forget_marks(store)
    if head is None or head not in store.session:  # a rolled back savepoint may have taken it away
        with store.session.no_autoflush:  # a head that waits to be written is in ``held``; events go out in batches
            head = store.session.get(LedgerHead, stream, with_for_update=True)
        if head is None:
            head = store.add_later(LedgerHead(stream=stream, seq=0, hash=GENESIS))
        held[stream] = head
    return head


def hold_head(store: Store, head: LedgerHead) -> None:
    """Keep the head of a case's chain that was read under the lock of the case, which orders the chain."""
    _held(store)[head.stream] = head


def _held(store: Store) -> dict[str, LedgerHead]:
    held: dict[str, LedgerHead] = store.session.info.setdefault("ledger_heads", {})
    return held


def heads(store: Store) -> list[Head]:
    """Return (stream, seq, hash) of every stream, sorted by the stream's characters on both databases."""
    found = store.session.execute(select(LedgerHead.stream, LedgerHead.seq, LedgerHead.hash))
    return sorted((stream, seq, hashed) for stream, seq, hashed in found)


def has_head(store: Store, stream: str) -> bool:
    """Whether ``stream`` has a head by now."""
    return store.session.scalar(select(LedgerHead.seq).where(LedgerHead.stream == stream)) is not None


def events(store: Store, stream: str | None = None) -> Iterator[Any]:
    """Yield the columns of events by (stream, seq), a page at a time, so that any length fits into memory."""
    after: tuple[str, int] | None = None
    while True:
        query = select(*_EVENT_COLUMNS).order_by(LedgerEvent.stream, LedgerEvent.seq).limit(_PAGE)
        if stream is not None:
            query = query.where(LedgerEvent.stream == stream)
        if after is not None:
            query = query.where(tuple_(LedgerEvent.stream, LedgerEvent.seq) > after)
        page = store.session.execute(query).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = (page[-1].stream, page[-1].seq)


def count_events(store: Store) -> int:
    """Return how many events there are."""
    return store.session.scalar(select(func.count()).select_from(LedgerEvent)) or 0


def checkpoints(store: Store, since: int = 1) -> Iterator[LedgerCheckpoint]:
    """Yield checkpoints from number ``since`` on, oldest first."""
    while True:
        query = (
            select(LedgerCheckpoint)
            .where(LedgerCheckpoint.id >= since)
            .order_by(LedgerCheckpoint.id)
            .limit(_CHECKPOINTS)
        )
        page = store.session.scalars(query).all()
        yield from page
        if len(page) < _CHECKPOINTS:
            return
        since = page[-1].id + 1


def last_checkpoint(store: Store) -> LedgerCheckpoint | None:
    """Return the newest checkpoint."""
    return store.session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.id.desc()).limit(1)).first()


def sealed_past_retention(store: Store, today: date, limit: int) -> Sequence[SealedValue]:
    """Return values that should be purged by ``today``, locked."""
    query = (
        select(SealedValue)
        .where(*_past_retention(today))
        .order_by(SealedValue.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return store.session.scalars(query).all()


def count_sealed_past_retention(store: Store, today: date) -> int:
    """Return how many values should be purged by ``today``."""
    return store.session.scalar(select(func.count()).where(*_past_retention(today))) or 0


def _past_retention(today: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SealedValue.retain_until < today, SealedValue.value.is_not(None)


def sealed_values(store: Store, ids: Sequence[str]) -> dict[str, SealedValue]:
    """Return those of ``ids`` that exist."""
    found = store.session.scalars(select(SealedValue).where(SealedValue.id.in_(ids)))
    return {sealed.id: sealed for sealed in found}

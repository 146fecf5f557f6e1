"""The ledger 账本 for its auditor: streams, the events of one, and the check of their chains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from workflows.access import Actor
from workflows.deadlines.count import start_of_day
from workflows.ledger.verification import LedgerReport, verify
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store, people
from workflows.tables import LedgerCheckpoint, LedgerEvent, LedgerHead, Role


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One link of a chain."""

    stream: str
    seq: int
    kind: str
    at: datetime
    actor: str
    on_behalf_of: str | None
    via: str
    content: Mapping[str, Any]
    hash: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One chain and its last link."""

    stream: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """One signed root over all heads."""

    id: int
    at: datetime
    size: int
    root: str
    prev: str
    algorithm: str
    key_id: str
    signature: bytes


def list_streams(
    store: Store, *, actor: Actor, text: str | None = None, after: str | None = None, limit: int | None = None
) -> Page[StreamRow]:
    """Return one page of chains by name, for auditors."""
    actor.require_role(Role.AUDITOR)
    statement = select(LedgerHead.stream, LedgerHead.seq, LedgerHead.hash)
    if text:
        statement = statement.where(LedgerHead.stream.contains(text, autoescape=True))
    page = take_page(store, statement, [Key(LedgerHead.stream, str)], after=after, limit=limit)
    return page.map(lambda row: StreamRow(*row))


def list_records(
    store: Store, stream: str, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[RecordRow]:
    """Return one page of a chain, the latest link first, for auditors."""
    actor.require_role(Role.AUDITOR)
    statement = select(LedgerEvent).where(LedgerEvent.stream == stream)
    page = take_page(store, statement, [Key(LedgerEvent.seq, int, descending=True)], after=after, limit=limit)
    return page.map(_row)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which events are wanted; ``until`` is a day that is still included. Everything None: all."""

    person: str | None = None
    kind: str | None = None
    case: str | None = None
    since: date | None = None
    until: date | None = None


def search_records(
    store: Store, wanted: RecordFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[RecordRow]:
    """Return one page of the events of all chains, the latest first, for auditors."""
    actor.require_role(Role.AUDITOR)
    statement = select(LedgerEvent)
    if wanted.person:
        statement = statement.where(LedgerEvent.actor == _storable(wanted.person))
    if wanted.kind:
        statement = statement.where(LedgerEvent.kind == _storable(wanted.kind))
    if wanted.case:
        statement = statement.where(LedgerEvent.stream == f"case:{_storable(wanted.case)}")
    if wanted.since:
        statement = statement.where(LedgerEvent.at >= start_of_day(wanted.since))
    if wanted.until:
        statement = statement.where(LedgerEvent.at < start_of_day(wanted.until + timedelta(days=1)))
    keys = [Key(LedgerEvent.at, datetime, descending=True), Key(LedgerEvent.id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(_row)


def kinds_of_records(store: Store, *, actor: Actor) -> list[str]:
    """Return every kind of event that was ever recorded, for auditors."""
    actor.require_role(Role.AUDITOR)
    return list(store.session.scalars(select(LedgerEvent.kind).distinct().order_by(LedgerEvent.kind)))


def _storable(text: str) -> str:
    return text if people.is_storable(text) else ""


def _row(event: LedgerEvent) -> RecordRow:
    return RecordRow(
        event.stream,
        event.seq,
        event.kind,
        event.at,
        event.actor,
        event.on_behalf_of,
        event.via,
        orjson.loads(event.content),
        event.hash,
        event.algorithm,
    )


def list_checkpoints(
    store: Store, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[CheckpointRow]:
    """Return one page of checkpoints, the latest first, for auditors."""
    actor.require_role(Role.AUDITOR)
    columns = (LedgerCheckpoint.id, LedgerCheckpoint.at, LedgerCheckpoint.size, LedgerCheckpoint.root)
    seal = (LedgerCheckpoint.prev, LedgerCheckpoint.algorithm, LedgerCheckpoint.key_id, LedgerCheckpoint.signature)
    statement = select(*columns, *seal)
    page = take_page(store, statement, [Key(LedgerCheckpoint.id, int, descending=True)], after=after, limit=limit)
    return page.map(lambda row: CheckpointRow(*row))


def check_ledger(store: Store, *, actor: Actor, stream: str | None = None) -> LedgerReport:
    """Verify one chain, or all of them with their checkpoints."""
    actor.require_role(Role.AUDITOR)
    return verify(store, stream)

"""Proof and delivery: element history, ledger, sealed values, outbox, notices, idempotency, heartbeats."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Document, Id, Key, Name, Prose, Ref, Table, one_of


class ElementHistory(Table):
    """What the tokens did, for the diagram: entered, completed, cancelled, and the flows really taken."""

    __tablename__ = "element_history"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    element_id: Mapped[Key]
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    at: Mapped[datetime]


class LedgerEvent(Table):
    """A link of a hash chain, one chain per ``stream``. Rows are only ever inserted.

    ``hash`` is over version, ``prev`` and the canonical JSON (RFC 8785) of the row; ``algorithm`` names it.
    """

    __tablename__ = "ledger_event"
    __table_args__ = (UniqueConstraint("stream", "seq"), Index("ix_ledger_event_at", "at"))
    id: Mapped[Id]
    stream: Mapped[str] = mapped_column(String(120))
    seq: Mapped[int]
    kind: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[Key]
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    via: Mapped[str] = mapped_column(String(40))
    request_id: Mapped[str | None] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(Text)  # canonical JSON text, hashed as it stands
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    algorithm: Mapped[str] = mapped_column(String(20))


class LedgerHead(Table):
    """The last link of each stream: what the next one is chained to and what a checkpoint takes in."""

    __tablename__ = "ledger_head"
    stream: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class LedgerCheckpoint(Table):
    """A signed Merkle root over all stream heads at one moment, chained to the checkpoint before."""

    __tablename__ = "ledger_checkpoint"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    size: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    heads: Mapped[list[Any]] = mapped_column(Document)  # sorted [stream, seq, hash]
    algorithm: Mapped[str] = mapped_column(String(20))
    key_id: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class SealedValue(Table):
    """An opinion or personal text. The ledger holds only its salted commitment, so purging keeps the chain whole."""

    __tablename__ = "sealed_value"
    id: Mapped[Id]
    salt: Mapped[str] = mapped_column(String(64))
    value: Mapped[str | None] = mapped_column(Text)  # None: lawfully purged
    purpose: Mapped[Key]
    commitment: Mapped[str] = mapped_column(String(64))
    retain_until: Mapped[date | None]


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Outbox(Table):
    """A message to leave the house (mail), at least once. ``key`` keeps one effect from being queued twice."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(one_of("state", DeliveryState), "state"),
        Index("ix_outbox_due", "state", "due_at"),
    )
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    channel: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[Name]
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Prose] = mapped_column(default="")
    delivered_at: Mapped[datetime | None]
    receipt: Mapped[Prose] = mapped_column(default="")


class Notice(Table):
    """An in-app message. ``kind`` and ``content`` are data; the page words them in the reader's language."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("key", "person_id"),
        Index("ix_notice_person_unread", "person_id", "read_at", "created_at"),
    )
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Key]
    content: Mapped[dict[str, Any]]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class IdempotencyKey(Table):
    """The answer to a POST that carried an Idempotency-Key, kept 7 days, written in the request's transaction."""

    __tablename__ = "idempotency_key"
    scope: Mapped[str] = mapped_column(String(64), primary_key=True)  # digest of actor, method, path and key
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Heartbeat(Table):
    """When each background duty last ran, and until when one runner holds it."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    ran_at: Mapped[datetime | None]
    held_by: Mapped[str | None] = mapped_column(String(80))
    held_until: Mapped[datetime | None]
    note: Mapped[Prose] = mapped_column(default="")

"""Cases, their activities, inbox, subscriptions, jobs and incidents."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Prose, Ref, Table, one_of
from workflows.tables.people import Classification


class CaseStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Case(Table):
    """One run of a definition (办件). ``state`` is the engine's document, opaque here.

    Pins its definition version, region version and clock rules at the start. ``row_version`` grows with every
    change; it is the ETag and guards the live state.
    """

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint(one_of("status", CaseStatus), "status"),
        CheckConstraint(one_of("classification", Classification), "classification"),
        CheckConstraint("(ended_at IS NULL) = (status IN ('active', 'suspended'))", "ended"),
        UniqueConstraint("parent_activity_id", "child_index"),
        Index("ix_case_unit_status", "unit_id", "status"),
        Index("ix_case_definition_status", "definition_id", "status"),
        Index("ix_case_started", "started_at", "id"),
    )
    id: Mapped[Id]
    definition_id: Mapped[Ref] = mapped_column(ForeignKey("definition.id"))
    process_key: Mapped[Key]  # the process inside the bundle, ``key#element`` for an isolated body
    region_version_id: Mapped[str | None] = mapped_column(ForeignKey("region_version.id"))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[Name]
    business_key: Mapped[str | None] = mapped_column(String(200), index=True)
    status: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(120))
    classification: Mapped[str] = mapped_column(String(20), default=Classification.INTERNAL)
    recuses: Mapped[bool] = mapped_column(default=False)  # whether parties are kept out of it: rows in ``recusal``
    state: Mapped[bytes] = mapped_column(LargeBinary)
    row_version: Mapped[int] = mapped_column(default=1)
    parent_case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"), index=True)
    parent_activity_id: Mapped[str | None] = mapped_column(String(22))  # no foreign key: it would be a circle
    child_index: Mapped[int | None]
    root_case_id: Mapped[str | None] = mapped_column(String(22), index=True)
    occurrence_id: Mapped[str | None] = mapped_column(ForeignKey("occurrence.id"), unique=True)
    started_at: Mapped[datetime]
    started_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    ended_at: Mapped[datetime | None]
    history_seq: Mapped[int] = mapped_column(default=0)  # last number used in element_history


class ActivityStatus(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class Activity(Table):
    """One attempt at one element: everything that waits or happened hangs on such a row."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("case_id", "element_id", "scope_path", "iteration", "attempt"),
        CheckConstraint(one_of("status", ActivityStatus), "status"),
        CheckConstraint("(closed_at IS NULL) = (status = 'open')", "closed"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    element_id: Mapped[Key]
    scope_path: Mapped[str] = mapped_column(String(600), default="")
    iteration: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Key]
    name: Mapped[Name] = mapped_column(default="")
    status: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CaseInbox(Table):
    """What one case does to another: written by the sender's transaction, consumed by the target's own.

    Consumed in order of ``seq`` per target. ``key`` makes a repeated sending harmless.
    """

    __tablename__ = "case_inbox"
    __table_args__ = (Index("ix_case_inbox_waiting", "consumed_at", "target_case_id", "seq"),)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    target_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[Key]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    source_case_id: Mapped[str | None] = mapped_column(String(22))
    created_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(200))


class Subscription(Table):
    """A message that an activity of a case waits for."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("activity_id", "kind", "name"),
        Index("ix_subscription_name", "kind", "name", "correlation"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[Name]
    correlation: Mapped[str | None] = mapped_column(String(200))  # what a message must carry; None: any will do


class JobStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Table):
    """A service task that was reached. Nothing runs inside the transaction that reached it.

    ``topic`` is set for external tasks, whose workers lock it (``locked_until``, ``worker``).
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(one_of("status", JobStatus), "status"),
        Index("ix_job_due", "status", "due_at"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"), unique=True)
    operation: Mapped[Key]
    topic: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int | None]  # as the last worker said; None before a failure
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(120))
    locked_until: Mapped[datetime | None]
    error: Mapped[Prose] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class IncidentStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Incident(Table):
    """A fault of a process that waits for a human (异常). ``owner_role`` at ``unit_id`` is who must act."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint(one_of("status", IncidentStatus), "status"),
        Index("ix_incident_activity", "activity_id", "status"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    element_id: Mapped[Key]
    code: Mapped[Key]
    message: Mapped[Prose]
    params: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
    owner_role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    status: Mapped[str] = mapped_column(String(20), index=True)
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

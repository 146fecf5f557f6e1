"""Human tasks, their candidates, drafts, votes, evidence and signatures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Ref, Table, one_of


class TaskStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Task(Table):
    """Work a person must do (待办). Held by a post at a unit; the assignee is who claimed it.

    ``started_at, near_at, due_at, done_at`` repeat the deadline's so that the light is one SQL expression.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(one_of("status", TaskStatus), "status"),
        CheckConstraint("(done_at IS NULL) = (status IN ('open', 'claimed'))", "done"),
        CheckConstraint("status <> 'claimed' OR assignee_id IS NOT NULL", "claimed"),
        Index("ix_task_assignee_status_due", "assignee_id", "status", "due_at"),
        Index("ix_task_unit_status_due", "unit_id", "status", "due_at"),
        Index("ix_task_status_due", "status", "due_at"),
    )
    id: Mapped[Id]
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"), unique=True)
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    element_id: Mapped[Key]
    name: Mapped[Name]
    owner: Mapped[Name] = mapped_column(default="")  # the candidate expression as written
    form: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    assignee_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    claimed_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    near_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[datetime | None]
    completed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    completed_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    late_reason_id: Mapped[str | None] = mapped_column(ForeignKey("sealed_value.id"))
    comment_id: Mapped[str | None] = mapped_column(ForeignKey("sealed_value.id"))
    submission: Mapped[dict[str, Any] | None]  # what was handed in, tagged JSON: history keeps the form as it was
    row_version: Mapped[int] = mapped_column(default=1)


class TaskCandidate(Table):
    """A post (or one person) that may claim a task; resolved when it opens, again when holders change.

    A person named by a seat (``seat_post_id``) may claim it only while holding that post.
    """

    __tablename__ = "task_candidate"
    __table_args__ = (
        UniqueConstraint("task_id", "post_id", "person_id"),
        CheckConstraint("(post_id IS NULL) <> (person_id IS NULL)", "one"),
        Index("ix_task_candidate_post", "post_id", "task_id"),
        Index("ix_task_candidate_person", "person_id", "task_id"),
    )
    id: Mapped[Id]
    task_id: Mapped[Ref] = mapped_column(ForeignKey("task.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    seat_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))  # by which post the person is named


class Draft(Table):
    """What was typed but not handed in. One per task: it stays with the post when holders change."""

    __tablename__ = "draft"
    task_id: Mapped[Ref] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    form_digest: Mapped[str] = mapped_column(String(64), default="")
    content: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any] | None]  # what is handed in beside the form: comment, reason of lateness, copies
    saved_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class Vote(Table):
    """A seat of a countersign or vote, frozen at opening: its place in the model; later issues fill it."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("activity_id", "seat"),)
    id: Mapped[Id]
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"))
    seat: Mapped[int]
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    choice: Mapped[str | None] = mapped_column(String(40))
    cast_at: Mapped[datetime | None]


class Attachment(Table):
    """A file of a case. Rows never change; a new version names the one it replaces. Bytes live by digest."""

    __tablename__ = "attachment"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), index=True)
    name: Mapped[Name]
    media_type: Mapped[Key]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("attachment.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[Ref] = mapped_column(ForeignKey("person.id"))


class Signature(Table):
    """A signed act: who, as which post, over the digest of exactly what was shown."""

    __tablename__ = "signature"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    digest: Mapped[str] = mapped_column(String(64))
    algorithm: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]]  # names of the signed fields and digests of the signed files; no personal text
    signed_at: Mapped[datetime]

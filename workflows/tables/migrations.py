"""Migrations 迁移: running cases that move from one version of their process to another, and what became of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Prose, Ref, Table, one_of


class LimitChoice(StrEnum):
    """What becomes of limits that run: their dates stay, or the new version's law counts them from their start."""

    KEEP = "keep"
    RECOUNT = "recount"


class MigrationStatus(StrEnum):
    ASKED = "asked"  # a second person has to confirm it
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"  # refused by the second person


class MoveStatus(StrEnum):
    WAITING = "waiting"
    MOVED = "moved"
    STAYED = "stayed"  # there was nothing to move: ended, suspended, not begun, or on another version by now
    REFUSED = "refused"  # a token or a limit has no place in the new version
    FAILED = "failed"  # our own fault: the log tells it in full


class Migration(Table):
    """One order to move cases: from which version to which, by which names, and what becomes of their limits.

    ``mapping`` holds new ids of elements and flows that are called otherwise now.
    """

    __tablename__ = "migration"
    __table_args__ = (
        CheckConstraint(one_of("limits", LimitChoice), "limits"),
        CheckConstraint(one_of("status", MigrationStatus), "status"),
        Index("ix_migration_key_asked", "key", "asked_at", "id"),
        Index("ix_migration_status", "status"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    from_definition_id: Mapped[Ref] = mapped_column(ForeignKey("definition.id"))
    to_definition_id: Mapped[Ref] = mapped_column(ForeignKey("definition.id"))
    mapping: Mapped[dict[str, Any]]
    limits: Mapped[Key]
    with_children: Mapped[bool]
    chosen: Mapped[bool]  # by a list of cases; else all of the version that run when it begins
    status: Mapped[Key]
    reason: Mapped[Prose]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)


class MigrationCase(Table):
    """One case of a migration. ``history_seq`` is its last history row that tells in the old version's names."""

    __tablename__ = "migration_case"
    __table_args__ = (
        CheckConstraint(one_of("status", MoveStatus), "status"),
        Index("ix_migration_case_status", "status", "migration_id"),
        Index("ix_migration_case_case", "case_id", "status"),
    )
    migration_id: Mapped[Ref] = mapped_column(ForeignKey("migration.id"), primary_key=True)
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), primary_key=True)
    status: Mapped[Key]
    code: Mapped[Key] = mapped_column(default="")
    findings: Mapped[list[Any]]
    at: Mapped[datetime | None]
    history_seq: Mapped[int | None]

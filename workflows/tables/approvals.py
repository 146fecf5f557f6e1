"""Approval requests 复核申请: an act on what holds for everybody that waits for a second person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Prose, Table, one_of

_WAITING = text("status = 'waiting'")


class TwoPersonAct(StrEnum):
    """What ``organisation.yaml`` may put under the rule of two persons."""

    CALENDAR_CORRECTION = "calendar_correction"
    ACTIVATION = "activation"
    RETIREMENT = "retirement"
    MIGRATION = "migration"


class ApprovalStatus(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    LAPSED = "lapsed"  # what it asked for was overtaken: a newer draft, a newer version of the year


class Approval(Table):
    """Who asked for what and why, and who else confirmed or refused it. One request waits for an act on a thing.

    ``subject`` is ``key:version`` of a definition, or the id of a calendar version or of a migration; ``stream`` is the
    ledger chain of what it is about.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint(one_of("act", TwoPersonAct), "act"),
        CheckConstraint(one_of("status", ApprovalStatus), "status"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", "decided"),
        Index("ix_approval_subject", "subject"),
        Index("ux_approval_waiting", "act", "subject", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    )
    id: Mapped[Id]
    act: Mapped[Key]
    subject: Mapped[Name]
    stream: Mapped[Name]
    reason: Mapped[Prose]
    content: Mapped[dict[str, Any]]  # how the act was asked for: the profile of an activation
    status: Mapped[Key]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[Prose] = mapped_column(default="")

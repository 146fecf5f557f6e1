"""What waits outside of all cases to open one: timers and conditions on start events of definitions in force."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Prose, Ref, Table, one_of


class StartTriggerKind(StrEnum):
    TIMER = "timer"
    CONDITION = "condition"


class StartTriggerState(StrEnum):
    ARMED = "armed"
    OVER = "over"  # a timer without any further date
    DROPPED = "dropped"  # its definition is no longer in force


class StartTrigger(Table):
    """One timer or condition on a start event of a version in force (定时发起). Its row is what a firing locks.

    A timer is due at ``due_at``; ``plan`` is what the dates after it are computed from. A condition has opened a case
    when it ``holds``, and must stop holding before it can open another.
    """

    __tablename__ = "start_trigger"
    __table_args__ = (
        UniqueConstraint("definition_id", "process_key", "element_id", "trigger"),
        CheckConstraint(one_of("kind", StartTriggerKind), "kind"),
        CheckConstraint(one_of("state", StartTriggerState), "state"),
        CheckConstraint("kind = 'condition' OR state = 'dropped' OR (due_at IS NULL) = (state = 'over')", "due"),
        Index("ix_start_trigger_due", "state", "due_at"),
    )
    id: Mapped[Id]
    definition_id: Mapped[Ref] = mapped_column(ForeignKey("definition.id"))
    process_key: Mapped[Key]
    element_id: Mapped[Key]
    trigger: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    expression: Mapped[Prose]
    plan: Mapped[dict[str, Any]]
    due_at: Mapped[datetime | None]
    holds: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20))
    starts: Mapped[int] = mapped_column(default=0)  # how many cases it has opened
    last_at: Mapped[datetime | None]
    last_case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    faults: Mapped[int] = mapped_column(default=0)  # since the last success
    fault: Mapped[Prose] = mapped_column(default="")  # why the last attempt failed, for the administrator
    retry_at: Mapped[datetime | None]
    armed_at: Mapped[datetime]

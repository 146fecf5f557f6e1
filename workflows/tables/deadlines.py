"""Deadlines, timers, clock stops, escalations and the facts that reports read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Prose, Ref, Table, one_of


class Deadline(Table):
    """A limit of an activity or of a whole case (``activity_id`` None: the total limit).

    Pins rule and calendar version. ``explanation`` counts the date for people; a recomputation keeps the old row's
    dates in ``DeadlineChange``.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("activity_id"),
        Index("ix_deadline_provisional", "provisional", "done_at"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    rule: Mapped[Key]
    rule_version: Mapped[int]
    calendar_version: Mapped[Key]
    started_at: Mapped[datetime]
    near_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    provisional: Mapped[bool] = mapped_column(default=False)
    explanation: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]  # stops and extensions that the date rests on
    done_at: Mapped[datetime | None]


class DeadlineChange(Table):
    """A date that moved: extension, clock stop, calendar loaded or corrected. Confirmed dates never move silently."""

    __tablename__ = "deadline_change"
    id: Mapped[Id]
    deadline_id: Mapped[Ref] = mapped_column(ForeignKey("deadline.id"), index=True)
    ground: Mapped[Key]
    before_due_at: Mapped[datetime]
    after_due_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[Prose] = mapped_column(default="")
    changed_at: Mapped[datetime]


class ClockStop(Table):
    """A recorded stop of a case's clock (中止/补正) with ground and approver. ``to_at`` None: still stopped."""

    __tablename__ = "clock_stop"
    __table_args__ = (CheckConstraint("to_at IS NULL OR to_at > from_at", "period"),)
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    ground: Mapped[Prose]
    approved_by: Mapped[Ref] = mapped_column(ForeignKey("person.id"))


class TimerKind(StrEnum):
    BPMN = "bpmn"  # an event of the diagram
    LADDER = "ladder"  # a step of the reminder/overdue/escalation ladder of a deadline


class TimerState(StrEnum):
    ARMED = "armed"
    FIRED = "fired"
    CANCELLED = "cancelled"


class Timer(Table):
    """Something that happens at ``due_at``. Fired exactly once, in one transaction with its effect.

    ``step`` names what fires: for BPMN timers the activity key as text, for ladder timers the ladder step's key.
    ``host_activity_id`` is the activity a boundary or ladder timer hangs on.
    """

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "step", "occurrence"),
        CheckConstraint(one_of("kind", TimerKind), "kind"),
        CheckConstraint(one_of("state", TimerState), "state"),
        CheckConstraint("(fired_at IS NULL) = (state <> 'fired')", "fired"),
        CheckConstraint("fired_at IS NULL OR fired_at >= due_at", "never_early"),
        Index("ix_timer_due", "state", "due_at", "id"),
        # the state too: SQLite would else take the index above and read every armed timer there is
        Index("ix_timer_case", "case_id", "state", "due_at"),
        Index("ix_timer_deadline", "deadline_id", "state"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    host_activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), index=True)
    deadline_id: Mapped[str | None] = mapped_column(ForeignKey("deadline.id"))
    kind: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(700))
    occurrence: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    provisional: Mapped[bool] = mapped_column(default=False)
    rule: Mapped[str | None] = mapped_column(String(120))
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    armed_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
    firings: Mapped[int] = mapped_column(default=0)  # never above 1: the checker proves it
    faults: Mapped[int] = mapped_column(default=0)


class EscalationKind(StrEnum):
    OVERDUE = "overdue"
    EXTENSION = "extension"


class EscalationStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    PASSED_UP = "passed_up"
    CLOSED = "closed"


class Escalation(Table):
    """A 督办: a case of its own, opened by an overdue step or a request for extension; its id is its case's.

    ``source_*`` is what it is about. ``level`` counts from 1; ``decider_*`` is who must decide by ``decide_by``.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("source_deadline_id", "kind", "sequence"),
        CheckConstraint(one_of("kind", EscalationKind), "kind"),
        CheckConstraint(one_of("status", EscalationStatus), "status"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), index=True)
    source_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    source_activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))  # None: the total limit
    source_deadline_id: Mapped[Ref] = mapped_column(ForeignKey("deadline.id"))
    sequence: Mapped[int] = mapped_column(default=1)
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), index=True)  # the unit that is late
    rule: Mapped[Key]
    facts: Mapped[dict[str, Any]]
    provisional: Mapped[bool] = mapped_column(default=False)
    level: Mapped[int] = mapped_column(default=1)
    at_ladder_end: Mapped[bool] = mapped_column(default=False)
    decision_activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))  # the step that decides now
    decider_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"), index=True)
    decide_by: Mapped[datetime | None]
    proposed_outcome: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    note_id: Mapped[str | None] = mapped_column(ForeignKey("sealed_value.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)


class EscalationStage(Table):
    """Each level an escalation passed: who had to decide by when, and what happened there."""

    __tablename__ = "escalation_stage"
    escalation_id: Mapped[Ref] = mapped_column(ForeignKey("escalation.case_id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    decide_by: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(40))  # approved | rejected | passed_up | recused | cancelled
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StepFact(Table):
    """One row per attempt at a human step, for reports: written in the transaction of the change."""

    __tablename__ = "step_fact"
    __table_args__ = (
        Index("ix_step_fact_family_unit", "family", "unit_path"),
        Index("ix_step_fact_opened", "opened_at"),
    )
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    family: Mapped[Key]
    element_id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(String(600))
    region: Mapped[str | None] = mapped_column(String(120))
    duty_id: Mapped[str | None] = mapped_column(String(60), index=True)
    period: Mapped[str | None] = mapped_column(String(120))
    classification: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    first_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    near_at: Mapped[datetime | None]
    moves: Mapped[int] = mapped_column(default=0)
    stopped_seconds: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    closing: Mapped[str | None] = mapped_column(String(20))
    light: Mapped[str | None] = mapped_column(String(20))  # at closing


class FactSnapshot(Table):
    """A month's counts, frozen: (family, unit, light) -> number."""

    __tablename__ = "fact_snapshot"
    month: Mapped[date] = mapped_column(primary_key=True)
    family: Mapped[Key] = mapped_column(primary_key=True)
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    light: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]
    taken_at: Mapped[datetime]


class Reminder(Table):
    """A line that waits for a person's next digest; ``digest_day`` is set when it was put into one."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("timer_id", "person_id"),
        Index("ix_reminder_person_day", "person_id", "digest_day"),
    )
    id: Mapped[Id]
    timer_id: Mapped[Ref] = mapped_column(ForeignKey("timer.id"))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[Name]
    created_at: Mapped[datetime]
    digest_day: Mapped[date | None]

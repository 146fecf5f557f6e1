"""Escalations and their stages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from workflows.store import Store
from workflows.store.people import need_unit
from workflows.tables import Escalation, EscalationStage, Person, Task, TaskStatus, Unit


def open_about(store: Store, deadline_id: str, kind: str) -> Escalation | None:
    """Return the escalation of this kind about a limit that is not closed, if there is one."""
    return store.session.scalar(
        select(Escalation).where(
            Escalation.source_deadline_id == deadline_id, Escalation.kind == kind, Escalation.closed_at.is_(None)
        )
    )


def number_about(store: Store, deadline_id: str, kind: str) -> int:
    """Return how many escalations of this kind a limit has had."""
    statement = select(func.count()).where(Escalation.source_deadline_id == deadline_id, Escalation.kind == kind)
    return store.session.scalar(statement) or 0


def unit_by_code(store: Store, code: str) -> Unit:
    """Return a unit by its code, or raise ``NotFoundError``."""
    return need_unit(store, code)


def decision_task(store: Store, escalation_id: str) -> Task | None:
    """Return the open task that decides an escalation, if one waits."""
    statement = (
        select(Task)
        .join(Escalation, Escalation.case_id == Task.case_id)
        .where(
            Task.case_id == escalation_id,
            Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]),
            Task.activity_id == Escalation.decision_activity_id,
        )
    )
    return store.session.scalar(statement)


def stages_of(store: Store, escalation_id: str) -> Sequence[EscalationStage]:
    """Return the levels that an escalation passed, lowest first."""
    return store.session.scalars(
        select(EscalationStage).where(EscalationStage.escalation_id == escalation_id).order_by(EscalationStage.level)
    ).all()


def decider_code(store: Store, escalation_id: str) -> str:
    """Return the code of who decided an escalation, empty while nobody has."""
    statement = (
        select(Person.code)
        .join(Escalation, Escalation.decided_by == Person.id)
        .where(Escalation.case_id == escalation_id)
    )
    return store.session.scalar(statement) or ""

"""Lists and views of escalations 督办: what is overdue, by whom, since when, who must decide by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.engine.values import from_json
from workflows.errors import NotFoundError
from workflows.queries.access import candidate_tasks, reads_case, visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.queries.tasks import sealed_text
from workflows.store import Store
from workflows.tables import (
    Case,
    Deadline,
    Escalation,
    EscalationStage,
    Person,
    Post,
    Task,
    TaskStatus,
    Unit,
)


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One line of the 督办台账. ``id`` is the id of its case; ``due_at`` is the limit that was missed."""

    id: str
    kind: str
    status: str
    title: str
    unit_code: str
    unit_name: str
    source_case_id: str
    source_activity_id: str | None
    rule: str
    level: int
    at_ladder_end: bool
    provisional: bool
    due_at: datetime
    source_done_at: datetime | None
    decide_by: datetime | None
    decider_post: str | None
    decider_unit: str | None
    proposed_outcome: str | None
    outcome: str | None
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    row_version: int


@dataclass(frozen=True, slots=True)
class EscalationFilter:
    """What to list. ``waiting``: only what the actor's own posts must decide now; ``text`` in title or unit.

    ``proposed_*`` bound when it was proposed; periods end before their end. ``running``: not closed yet.
    """

    kind: str | None = None
    status: str | None = None
    unit: str | None = None
    waiting: bool = False
    source_case_id: str | None = None
    outcome: str | None = None
    text: str | None = None
    running: bool = False
    proposed_from: datetime | None = None
    proposed_before: datetime | None = None


def _statement() -> Select[*tuple[Any, ...]]:
    late, decider_unit = aliased(Unit), aliased(Unit)
    return (
        select(
            Escalation.case_id,
            Escalation.kind,
            Escalation.status,
            Case.title,
            late.code,
            late.name.label("unit_name"),
            Escalation.source_case_id,
            Escalation.source_activity_id,
            Escalation.rule,
            Escalation.level,
            Escalation.at_ladder_end,
            Escalation.provisional,
            Deadline.due_at,
            Deadline.done_at.label("source_done_at"),
            Escalation.decide_by,
            Post.name.label("decider_post"),
            decider_unit.name.label("decider_unit"),
            Escalation.proposed_outcome,
            Escalation.outcome,
            Person.name.label("decided_by"),
            Escalation.decided_at,
            Escalation.created_at,
            Escalation.closed_at,
            Case.row_version,
        )
        .join(Case, Case.id == Escalation.case_id)
        .join(Deadline, Deadline.id == Escalation.source_deadline_id)
        .join(late, late.id == Escalation.unit_id)
        .outerjoin(Post, Post.id == Escalation.decider_post_id)
        .outerjoin(decider_unit, decider_unit.id == Post.unit_id)
        .outerjoin(Person, Person.id == Escalation.decided_by)
    )


def list_escalations(
    store: Store, wanted: EscalationFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[EscalationRow]:
    """Return one page of the escalations whose cases the actor may see, latest first."""
    statement = _statement().where(visible_cases(actor))
    if wanted.kind:
        statement = statement.where(Escalation.kind == wanted.kind)
    if wanted.status:
        statement = statement.where(Escalation.status == wanted.status)
    if wanted.source_case_id:
        statement = statement.where(Escalation.source_case_id == wanted.source_case_id)
    if wanted.unit:
        path = select(Unit.path).where(Unit.code == wanted.unit).scalar_subquery()
        statement = statement.where(Escalation.unit_id.in_(select(Unit.id).where(Unit.path.startswith(path))))
    statement = statement.where(*_further(wanted))
    if wanted.waiting:
        statement = statement.where(Escalation.case_id.in_(_waiting_for(actor)))
    keys = [Key(Escalation.created_at, datetime, descending=True), Key(Escalation.case_id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda row: EscalationRow(*row))


def _further(wanted: EscalationFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.outcome:
        conditions.append(Escalation.outcome == wanted.outcome)
    if wanted.text:
        units = select(Unit.id).where(Unit.name.contains(wanted.text, autoescape=True))
        conditions.append(or_(Case.title.contains(wanted.text, autoescape=True), Escalation.unit_id.in_(units)))
    if wanted.running:
        conditions.append(Escalation.closed_at.is_(None))
    if wanted.proposed_from:
        conditions.append(Escalation.created_at >= wanted.proposed_from)
    if wanted.proposed_before:
        conditions.append(Escalation.created_at < wanted.proposed_before)
    return conditions


def _waiting_for(actor: Actor) -> Select[*tuple[Any, ...]]:
    return select(Task.case_id).where(
        Task.activity_id == Escalation.decision_activity_id,
        or_(
            and_(Task.status == TaskStatus.CLAIMED, Task.assignee_id == actor.person_id),
            and_(Task.status == TaskStatus.OPEN, candidate_tasks(actor)),  # by post, or named in person
        ),
    )


@dataclass(frozen=True, slots=True)
class StageView:
    """One level that an escalation passed."""

    level: int
    post: str | None
    unit: str | None
    decide_by: datetime | None
    result: str | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EscalationDetail:
    """An escalation with its facts, its note and the levels it passed. ``task_id`` is the step that decides now."""

    row: EscalationRow
    facts: dict[str, Any]
    note: str | None
    stages: tuple[StageView, ...]
    task_id: str | None


def escalation_detail(store: Store, escalation_id: str, *, actor: Actor) -> EscalationDetail:
    """Return one escalation, or raise ``NotFoundError`` for what the actor may not see.

    Who may know of it but not read it gets neither facts nor note: reasons stand in them.
    """
    found = store.session.execute(
        _statement().where(Escalation.case_id == escalation_id, visible_cases(actor))
    ).one_or_none()
    if found is None:
        message = f"Expected escalation {escalation_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="escalation-not-found", id=escalation_id)
    escalation = store.need(Escalation, escalation_id)
    reads = reads_case(store, store.need(Case, escalation_id), actor=actor)
    task_id = store.session.scalar(
        select(Task.id).where(
            Task.activity_id == (escalation.decision_activity_id or ""),
            Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]),
        )
    )
    return EscalationDetail(
        EscalationRow(*found),
        from_json(escalation.facts) if reads else {},
        sealed_text(store, escalation.note_id) if reads else None,
        _stages(store, escalation_id),
        task_id,
    )


def _stages(store: Store, escalation_id: str) -> tuple[StageView, ...]:
    statement = (
        select(
            EscalationStage.level,
            Post.name,
            Unit.name,
            EscalationStage.decide_by,
            EscalationStage.result,
            EscalationStage.opened_at,
            EscalationStage.closed_at,
        )
        .outerjoin(Post, Post.id == EscalationStage.post_id)
        .outerjoin(Unit, Unit.id == EscalationStage.unit_id)
        .where(EscalationStage.escalation_id == escalation_id)
        .order_by(EscalationStage.level)
    )
    return tuple(StageView(*row) for row in store.session.execute(statement))

"""What a play looks up: what comes next, what opened, who may work on a task with what around it. Reads only."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import aliased

from workflows import forms
from workflows.access import Actor
from workflows.deadlines.calendar import Calendar
from workflows.forms.fields import FieldType, Form
from workflows.store import Store, people
from workflows.store import cases as stored_cases
from workflows.store.recusals import recused_ids
from workflows.store.tasks import MAX_FAULTS, candidates_of, read_task
from workflows.tables import (
    Case,
    CaseStatus,
    Escalation,
    EscalationKind,
    Holding,
    Job,
    JobStatus,
    LedgerEvent,
    Person,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
    TimerState,
    Unit,
)

OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the house has to do. ``next_due``: when the next timer or job of a running case is due, if any is."""

    next_due: datetime | None
    has_jobs: bool
    has_inboxes: bool


_NEXT_TIMER = (  # the first of an order, not the least: a least one over two tables reads them all
    select(Timer.due_at)
    .join(Case, Case.id == Timer.case_id)
    .where(Timer.state == TimerState.ARMED, Timer.faults < MAX_FAULTS, Case.status == CaseStatus.ACTIVE)
    .order_by(Timer.due_at)
    .limit(1)
)
_NEXT_JOB = (
    select(Job.due_at)
    .join(Case, Case.id == Job.case_id)
    .where(Job.status == JobStatus.WAITING, Job.topic.is_(None), Case.status == CaseStatus.ACTIVE)
    .order_by(Job.due_at)
    .limit(1)
)
_SITUATION = select(_NEXT_TIMER.scalar_subquery(), _NEXT_JOB.scalar_subquery(), stored_cases.ANY_INBOX)


def situation(store: Store) -> Situation:
    """Return what waits for the house."""
    found: Sequence[Any] = store.session.execute(_SITUATION).one()
    timer, job, has_inboxes = found
    due = [each for each in (timer, job) if each is not None]
    return Situation(min(due, default=None), job is not None and job <= store.now, bool(has_inboxes))


def calendar(store: Store) -> Calendar:
    """Return the calendar of today's law."""
    return store.application.law.calendar(store)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits. ``cases``: its own, the one above and the one that it escalates.

    ``decides``: it decides an escalation; ``account``: the demo account that may take it.
    """

    id: str
    started_at: datetime
    due_at: datetime | None
    in_escalation: bool
    decides: bool
    account: str | None = None
    cases: frozenset[str] = frozenset()
    element: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What is new for people: tasks that opened, and late tasks about which somebody decided."""

    opened: tuple[OpenTask, ...]
    urged: tuple[OpenTask, ...]


_SINCE = bindparam("since", type_=Task.started_at.type)
_DECIDED = aliased(Escalation)
_NEWS = (
    select(
        Task.id,
        Task.started_at,
        Task.due_at,
        Case.id,
        Case.root_case_id,
        Escalation.source_case_id,
        Escalation.decision_activity_id,
        Task.element_id,
    )
    .join(Case, Case.id == Task.case_id)
    .outerjoin(Escalation, Escalation.case_id == func.coalesce(Case.root_case_id, Case.id))
    .where(
        Task.status.in_(OPEN),
        or_(
            Task.started_at >= _SINCE,
            Task.activity_id.in_(
                select(_DECIDED.source_activity_id).where(
                    _DECIDED.decided_at >= _SINCE, _DECIDED.kind == EscalationKind.OVERDUE
                )
            ),
        ),
    )
    .order_by(Task.started_at, Task.id)
)


def quiet(found: Situation, now: datetime) -> bool:
    """Whether the house has nothing to do now."""
    return not (found.has_inboxes or found.has_jobs or (found.next_due is not None and found.next_due <= now))


def outlook(store: Store, since: datetime, accounts: tuple[str, ...] = ()) -> tuple[Situation, News | None]:
    """Return what waits for the house and, once nothing does, what is new for people."""
    found = situation(store)
    return found, news(store, since, accounts) if quiet(found, store.now) else None


def news(store: Store, since: datetime, accounts: tuple[str, ...] = ()) -> News:
    """Return what happened from ``since`` on. ``accounts`` are told apart from everybody else."""
    rows = store.session.execute(_NEWS, {"since": since}).all()
    if not rows:
        return News((), ())
    named = _tasks_of(store, accounts, [row[0] for row in rows]) if accounts else {}
    told = [
        OpenTask(
            task,
            began,
            due,
            in_escalation=source is not None,
            decides=decision is not None and root is None,
            account=named.get(task),
            cases=frozenset(each for each in (case, root, source) if each is not None),
            element=element,
        )
        for task, began, due, case, root, source, decision, element in rows
    ]
    return News(
        tuple(task for task in told if task.started_at >= since),
        tuple(task for task in told if task.started_at < since),
    )


def _tasks_of(store: Store, accounts: tuple[str, ...], task_ids: list[str]) -> dict[str, str]:
    """Return which of these tasks the people with these user names may take, by their posts."""
    statement = (
        select(TaskCandidate.task_id, Person.username)
        .join(Holding, Holding.post_id == TaskCandidate.post_id)
        .join(Person, Person.id == Holding.person_id)
        .where(
            TaskCandidate.task_id.in_(task_ids),
            Person.username.in_(accounts),
            people.holds(Holding, people.today(store)),
        )
    )
    return dict(store.session.execute(statement).all())


@dataclass(frozen=True, slots=True)
class Work:
    """A task with the person who will work on it and what stands around the form.

    ``people`` and, by their posts, ``holders`` are those of the unit whose people the form may name.
    """

    task_id: str
    task_name: str
    case_id: str
    activity_id: str
    element_id: str
    status: str
    due_at: datetime | None
    actor: Actor
    username: str
    form: Form | None
    around: forms.Surroundings
    unit_name: str
    people: tuple[str, ...]
    holders: Mapping[str, Sequence[str]]
    units: tuple[str, ...]
    needs_file: bool
    signs: bool


class Absence(StrEnum):
    """Why nobody can work on a task now."""

    CLOSED = "closed"  # it is done
    WAITING = "waiting"  # its case is held, or nobody can claim it


def task_for_work(store: Store, task_id: str, draw: float, preferred: Collection[str] = ()) -> Work | Absence:
    """Return a task with one of those who may work on it now, chosen by ``draw``; or why nobody can.

    Whoever has one of the ``preferred`` user names comes first.
    """
    from workflows.tasks import surroundings_of_form  # noqa: PLC0415 - stores know no use case but this reading one

    task = read_task(store, task_id)
    if task is None:
        return Absence.CLOSED
    case = store.need(Case, task.case_id)
    if task.status not in OPEN or case.status in {CaseStatus.COMPLETED, CaseStatus.CANCELLED}:
        return Absence.CLOSED
    person = _worker(store, task, draw, preferred)
    if case.status != CaseStatus.ACTIVE or person is None:
        return Absence.WAITING
    bundle = store.application.law.bundle(store, case.definition_id)
    form = bundle.forms.get(task.form or "")
    unit = store.need(Unit, task.unit_id)
    around = surroundings_of_form(store, case, task, bundle=bundle)
    asked = {part.type for part in form.walk() if part.required and not part.readonly} if form is not None else set()
    meant = _unit_meant(store, around, unit)
    return Work(
        task.id,
        task.name,
        case.id,
        task.activity_id,
        task.element_id,
        task.status,
        task.due_at,
        people.actor_of(store, person.id, via="play"),
        person.username,
        form,
        around,
        unit.short_name or unit.name,
        _colleagues(store, meant) if FieldType.USER in asked else (),
        _holders(store, meant) if FieldType.USER in asked else {},
        _units_around(store, store.need(Unit, case.unit_id)) if FieldType.UNIT in asked else (),
        FieldType.FILEPICKER in asked,
        bundle.processes[case.process_key].elements[task.element_id].signs,
    )


def _worker(store: Store, task: Task, draw: float, preferred: Collection[str]) -> Person | None:
    if task.assignee_id is not None:
        return store.get(Person, task.assignee_id)
    rows = candidates_of(store, task.id)
    able = people.holders(store, [row.post_id for row in rows if row.post_id])
    able += people.people(store, [row.person_id for row in rows if row.person_id])
    case = store.need(Case, task.case_id)
    kept_out = recused_ids(store, case, task.id)
    fit = sorted(
        (
            person
            for person in able
            if person.clearance in people.cleared_for(case.classification) and person.id not in kept_out
        ),
        key=lambda person: person.code,
    )
    fit = [person for person in fit if person.username in preferred] or fit
    return fit[int(draw * len(fit))] if fit else None


def _unit_meant(store: Store, around: forms.Surroundings, unit: Unit) -> Unit:
    """Return the unit whose people a form may name: the late one's, that of a matter's subject, else the task's own."""
    code = around.scope.get("source_unit") or around.scope.get("subject_unit")
    return people.find_unit(store, code) or unit if isinstance(code, str) else unit


def _colleagues(store: Store, unit: Unit) -> tuple[str, ...]:
    posts = [post.id for post in people.posts_of(store, unit.id)]
    return tuple(sorted({person.code for person in people.holders(store, posts)}))


def _holders(store: Store, unit: Unit) -> dict[str, Sequence[str]]:
    posts = people.posts_of(store, unit.id)
    return {post.key: [person.code for person in people.holders(store, [post.id])] for post in posts}


def _units_around(store: Store, unit: Unit) -> tuple[str, ...]:
    """Return the unit and its sisters of the same kind: whom a plan would give work to."""
    statement = select(Unit.code).where(Unit.parent_id == unit.parent_id, Unit.kind == unit.kind).order_by(Unit.code)
    return tuple(store.session.scalars(statement.limit(6))) or (unit.code,)


def waiting_in(store: Store, case_id: str) -> list[tuple[str, str]]:
    """Return id and element of the tasks that wait in a case and those below it, in the order of opening."""
    statement = (
        select(Task.id, Task.element_id)
        .join(Case, Case.id == Task.case_id)
        .where(Task.status.in_(OPEN), or_(Case.id == case_id, Case.root_case_id == case_id))
        .order_by(Task.started_at, Task.id)
    )
    return [(task_id, element_id) for task_id, element_id in store.session.execute(statement)]


def last_act(store: Store) -> datetime | None:
    """Return the last moment that the ledger tells of."""
    return store.session.scalar(select(func.max(LedgerEvent.at)))


def told(store: Store, stream: str, kind: str) -> list[Any]:
    """Return the contents of the ledger's events of a kind, in order."""
    statement = select(LedgerEvent.content).where(LedgerEvent.stream == stream, LedgerEvent.kind == kind)
    return [json.loads(content) for content in store.session.scalars(statement.order_by(LedgerEvent.seq))]


def waiting_about(store: Store, case_id: str) -> list[str]:
    """Return the decisions that wait in the escalations about a case."""
    statement = (
        select(Task.id)
        .join(Escalation, Escalation.decision_activity_id == Task.activity_id)
        .where(Escalation.source_case_id == case_id, Task.status.in_(OPEN))
        .order_by(Task.id)
    )
    return list(store.session.scalars(statement))

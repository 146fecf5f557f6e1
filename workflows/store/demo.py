"""What a play looks up: the next timer, open tasks, who may work on one with what around it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from workflows import forms
from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.forms.fields import Field, FieldType, Form
from workflows.store import Store, people
from workflows.store.tasks import MAX_FAULTS
from workflows.tables import (
    Case,
    CaseStatus,
    Escalation,
    Holding,
    Person,
    RoleGrant,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
    TimerState,
    Unit,
)

_OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


def next_timer(store: Store) -> datetime | None:
    """Return when the next armed timer of a running case is due."""
    return store.session.scalar(
        select(func.min(Timer.due_at))
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.state == TimerState.ARMED, Timer.faults < MAX_FAULTS, Case.status == CaseStatus.ACTIVE)
    )


def is_workday(store: Store, day: date) -> bool:
    """Whether people are in their offices."""
    return store.application.law.calendar(store).is_workday(day).workday


def shift_workdays(store: Store, due_at: datetime, number: int) -> date:
    """Return the working day that is ``number`` after a limit's last day."""
    last = due_at.astimezone(SHANGHAI).date()
    return store.application.law.calendar(store).step_workdays(last, number)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits. ``for_account``: a named account of the demo may take it; ``decides``: it is an escalation's."""

    id: str
    started_at: datetime
    due_at: datetime | None
    in_escalation: bool
    decides: bool
    for_account: bool


def open_tasks(store: Store) -> list[OpenTask]:
    """Return every task that waits in a running case, in the order of opening."""
    accounts = _account_tasks(store)
    statement = (
        select(Task.id, Task.started_at, Task.due_at, Case.id, Case.root_case_id, Escalation.decision_activity_id)
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Escalation, Escalation.case_id == Case.id)
        .where(Task.status.in_(_OPEN), Case.status == CaseStatus.ACTIVE)
        .order_by(Task.started_at, Task.id)
    )
    above = set(store.session.scalars(select(Escalation.case_id)))
    return [
        OpenTask(
            task_id,
            started_at,
            due_at,
            case_id in above or root_id in above,
            decision is not None,
            task_id in accounts,
        )
        for task_id, started_at, due_at, case_id, root_id, decision in store.session.execute(statement)
    ]


def _account_tasks(store: Store) -> set[str]:
    """Return the open tasks that people with a role and a named account may take."""
    named = (
        select(Holding.post_id)
        .join(Person, Person.id == Holding.person_id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(Person.username.in_(["clerk", "supervisor"]), Holding.to_day.is_(None))
    )
    statement = (
        select(Task.id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .where(Task.status.in_(_OPEN), TaskCandidate.post_id.in_(named))
    )
    return set(store.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Work:
    """A task with the person who will work on it and what stands around the form."""

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
    units: tuple[str, ...]
    needs_file: bool
    signs: bool


def task_for_work(store: Store, task_id: str, draw: float) -> Work | None:
    """Return a task with one of those who may work on it now, chosen by ``draw``; None when nobody or nothing."""
    from workflows.tasks import surroundings_of_form  # noqa: PLC0415 - stores know no use case but this reading one

    task = store.need(Task, task_id)
    case = store.need(Case, task.case_id)
    person = _worker(store, task, draw)
    if task.status not in _OPEN or case.status != CaseStatus.ACTIVE or person is None:
        return None
    bundle = store.application.law.bundle(store, case.definition_id)
    form = bundle.forms.get(task.form or "")
    unit = store.need(Unit, task.unit_id)
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
        surroundings_of_form(store, case, task, bundle=bundle),
        unit.short_name or unit.name,
        _colleagues(store, unit),
        _units_around(store, store.need(Unit, case.unit_id)),
        form is not None and any(_needs_file(part) for part in form.fields),
        bundle.processes[case.process_key].elements[task.element_id].signs,
    )


def _worker(store: Store, task: Task, draw: float) -> Person | None:
    if task.assignee_id is not None:
        return store.get(Person, task.assignee_id)
    rows = store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)).all()
    able = people.holders(store, [row.post_id for row in rows if row.post_id])
    able += people.people(store, [row.person_id for row in rows if row.person_id])
    case = store.need(Case, task.case_id)
    fit = sorted(
        (person for person in able if person.clearance in people.cleared_for(case.classification)),
        key=lambda person: person.code,
    )
    return fit[int(draw * len(fit))] if fit else None


def _colleagues(store: Store, unit: Unit) -> tuple[str, ...]:
    posts = [post.id for post in people.posts_of(store, unit.id)]
    return tuple(sorted({person.code for person in people.holders(store, posts)}))


def _units_around(store: Store, unit: Unit) -> tuple[str, ...]:
    """Return the unit and its sisters of the same kind: whom a plan would give work to."""
    statement = select(Unit.code).where(Unit.parent_id == unit.parent_id, Unit.kind == unit.kind).order_by(Unit.code)
    return tuple(store.session.scalars(statement.limit(6))) or (unit.code,)


def _needs_file(field: Field) -> bool:
    return (field.type is FieldType.FILEPICKER and not field.readonly) or any(
        _needs_file(part) for part in field.fields
    )


def pick_subject(store: Store, draw: float, kinds: Sequence[str]) -> tuple[str, str] | None:
    """Return a unit of these kinds and the code of the unit that supervises it: the discipline organ above."""
    from workflows.relations import find_related  # noqa: PLC0415 - relations read through stores

    units = store.session.scalars(select(Unit).where(Unit.kind.in_(list(kinds))).order_by(Unit.code)).all()
    able = [unit for unit in units if unit.parent_id is not None]
    if not able:
        return None
    unit = able[int(draw * len(able))]
    above = find_related(store, unit, "upper_discipline") or find_related(store, unit, "discipline")
    return (unit.id, above.code) if above is not None else None

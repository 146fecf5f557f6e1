"""Lists of tasks: the inbox of a person, what a unit has open, counts by light. Every row passed the access filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.queries.access import visible_tasks
from workflows.queries.lights import light_of
from workflows.queries.paging import Page, take_page
from workflows.queries.task_filters import TaskFilter, asks_of_names, narrowed, sort_keys
from workflows.store import Store
from workflows.tables import (
    Activity,
    Case,
    Deadline,
    Definition,
    Person,
    SealedValue,
    Task,
    TaskCandidate,
    TaskStatus,
    Unit,
)

_OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a list of tasks. ``title`` is the case's."""

    id: str
    name: str
    title: str
    case_id: str
    definition_key: str
    definition_version: int
    definition_name: str
    element_id: str
    unit_code: str
    unit_name: str
    status: str
    assignee_code: str | None
    assignee_name: str | None
    started_at: datetime
    near_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    provisional: bool
    light: str
    row_version: int
    classification: str
    region_version: str | None  # that of the case: it names and colours the light


def _statement(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Task.id,
            Task.name,
            Case.title,
            Task.case_id,
            Definition.key,
            Definition.version,
            Definition.name.label("definition_name"),
            Task.element_id,
            Unit.code,
            Unit.name.label("unit_name"),
            Task.status,
            Person.code.label("assignee_code"),
            Person.name.label("assignee_name"),
            Task.started_at,
            Task.near_at,
            Task.due_at,
            Task.done_at,
            Task.provisional,
            light_of(Task, now).label("light"),
            Task.row_version,
            Case.classification,
            Case.region_version_id,
        )
        .join(Case, Case.id == Task.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
    )


def list_tasks(
    store: Store,
    wanted: TaskFilter,
    *,
    actor: Actor,
    after: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Page[TaskRow]:
    """Return one page, by due date (those without last) unless ``wanted`` sorts otherwise; done ones latest first."""
    statement = narrowed(_statement(store.now), wanted, store, actor)
    keys = sort_keys(wanted, store.now)
    return take_page(store, statement, keys, after=after, before=before, limit=limit).map(lambda row: TaskRow(*row))


def counts_by_light(store: Store, wanted: TaskFilter, *, actor: Actor) -> dict[str, int]:
    """Return how many open tasks show which light."""
    light = light_of(Task, store.now).label("light")
    counted: Select[*tuple[Any, ...]] = select(light, func.count()).join(Case, Case.id == Task.case_id)
    if asks_of_names(wanted):
        counted = counted.join(Definition, Definition.id == Case.definition_id).join(Unit, Unit.id == Task.unit_id)
    statement = narrowed(counted, wanted, store, actor).where(Task.status.in_(_OPEN)).group_by(light)
    return {key: number for key, number in store.session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with what its page needs besides the form."""

    row: TaskRow
    owner: str
    form: str | None
    attempt: int
    activity_id: str
    explanation: dict[str, Any] | None
    deadline_id: str | None
    submission: dict[str, Any] | None
    comment: str | None
    late_reason: str | None
    candidate_posts: tuple[str, ...]
    candidate_persons: tuple[str, ...]


def task_detail(store: Store, task_id: str, *, actor: Actor) -> TaskDetail:
    """Return one task, or raise ``NotFoundError`` for what the actor may not see."""
    found = store.session.execute(_statement(store.now).where(Task.id == task_id, visible_tasks(actor))).one_or_none()
    if found is None:
        message = f"Expected task {task_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="task-not-found", id=task_id)
    task = store.need(Task, task_id)
    activity = store.need(Activity, task.activity_id)
    deadline = store.session.scalar(select(Deadline).where(Deadline.activity_id == task.activity_id))
    candidates = store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task_id)).all()
    return TaskDetail(
        TaskRow(*found),
        task.owner,
        task.form,
        activity.attempt,
        activity.id,
        deadline.explanation if deadline else None,
        deadline.id if deadline else None,
        task.submission,
        sealed_text(store, task.comment_id),
        sealed_text(store, task.late_reason_id),
        tuple(row.post_id for row in candidates if row.post_id),
        tuple(row.person_id for row in candidates if row.person_id),
    )


def sealed_text(store: Store, sealed_id: str | None) -> str | None:
    """Return a sealed text, None when there is none or it was lawfully purged."""
    if sealed_id is None:
        return None
    return store.session.scalar(select(SealedValue.value).where(SealedValue.id == sealed_id))


def submissions_of_case(store: Store, case_id: str, *, actor: Actor) -> list[TaskDetail]:
    """Return what was handed in so far in a case, in order: the previous opinions of the next step."""
    statement = (
        select(Task.id)
        .where(Task.case_id == case_id, Task.status == TaskStatus.COMPLETED, visible_tasks(actor))
        .order_by(Task.done_at, Task.id)
        .limit(500)
    )
    return [task_detail(store, task_id, actor=actor) for task_id in store.session.scalars(statement)]

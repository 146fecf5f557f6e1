"""One case as its page shows it: the steps of its diagram with what really happened at each, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflows.access import Actor
from workflows.engine.process import Element
from workflows.errors import NotFoundError
from workflows.forms import Form
from workflows.queries.access import visible_tasks
from workflows.queries.case_variables import readable_variables
from workflows.queries.cases import (
    CaseRow,
    Diagram,
    case_diagram,
    case_row,
    children_of_case,
    linked_cases,
    openers_of_case,
)
from workflows.running import forms_of, process_of
from workflows.store import Store
from workflows.store import evidence as stored_evidence
from workflows.tables import Attachment, Case, Definition, Person, Role, Task, TaskStatus, Unit

_MOST_TASKS = 500
_HUMAN = {"userTask", "manualTask"}
_OPEN = {TaskStatus.OPEN, TaskStatus.CLAIMED}


@dataclass(frozen=True, slots=True)
class Visit:
    """One attempt at a human step."""

    task_id: str
    status: str
    person: str | None
    unit: str
    due_at: datetime | None
    done_at: datetime | None
    provisional: bool
    may_see: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One element of the diagram. ``state``: done, active, near, overdue, incident, cancelled, empty (not reached)."""

    element_id: str
    name: str
    type: str
    is_human: bool
    clause: str
    state: str
    times: int
    visits: Sequence[Visit]


@dataclass(frozen=True, slots=True)
class CaseBook:
    """A case with its steps. ``variables`` is None for those who may know of the case but not read it.

    ``openers``: which of the ``linked`` opened this one; the others were opened by it.
    """

    row: CaseRow
    steps: Sequence[Step]
    diagram: Diagram
    variables: Mapping[str, Any] | None
    attachments: Sequence[Attachment]
    children: Sequence[CaseRow]
    linked: Sequence[CaseRow]
    openers: frozenset[str]
    forms: Mapping[str, Form]
    parent: CaseRow | None
    may_read: bool
    may_manage: bool
    may_migrate: bool
    may_stop_clock: bool
    may_attach: bool


def case_book(store: Store, case_id: str, *, actor: Actor) -> CaseBook:
    """Return one case, or raise ``NotFoundError`` for what the actor may not see."""
    row = case_row(store, case_id, actor=actor)
    case = store.need(Case, case_id)
    diagram = case_diagram(store, case_id, actor=actor)
    path = store.need(Unit, case.unit_id).path
    variables = readable_variables(store, case, actor=actor)
    reads = variables is not None
    is_open = case.status in {"active", "suspended"}
    works_here = stored_evidence.has_open_task(store, case_id, actor.person_id or "", actor.post_ids)
    return CaseBook(
        row=row,
        steps=_steps(store, case, diagram, actor),
        diagram=diagram,
        variables=variables,
        attachments=stored_evidence.attachments_of(store, case_id) if reads else (),
        children=children_of_case(store, case_id, actor=actor),
        linked=linked_cases(store, case_id, actor=actor),
        openers=openers_of_case(store, case_id),
        forms=forms_of(store, case),
        parent=_parent(store, case, actor),
        may_read=reads,
        may_manage=is_open and actor.has_role(Role.SUPERVISOR, Role.FLOWADMIN, unit_path=path),
        may_migrate=is_open and actor.has_role(Role.FLOWADMIN, unit_path=path),
        may_stop_clock=case.status == "active" and actor.has_role(Role.SUPERVISOR, unit_path=path),
        may_attach=is_open and reads and (works_here or case.started_by == actor.person_id),
    )


def _parent(store: Store, case: Case, actor: Actor) -> CaseRow | None:
    if case.parent_case_id is None:
        return None
    try:
        return case_row(store, case.parent_case_id, actor=actor)
    except NotFoundError:
        return None


def _steps(store: Store, case: Case, diagram: Diagram, actor: Actor) -> Sequence[Step]:
    visits: dict[str, list[Visit]] = {}
    for element_id, visit in _visits(store, case.id, actor):
        visits.setdefault(element_id, []).append(visit)
    return [
        Step(
            element.id,
            element.name or element.id,
            element.type,
            element.type in _HUMAN,
            element.clause,
            state_of(element.id, diagram),
            diagram.completed.get(element.id, 0) + diagram.active.get(element.id, 0),
            visits.get(element.id, ()),
        )
        for element in process_of(store, case).elements.values()
        if _is_told(element)
    ]


def _is_told(element: Element) -> bool:
    """Whether a reader of the diagram learns anything from the element: gateways without a name say nothing."""
    return bool(element.name) or element.type in _HUMAN


def state_of(element_id: str, diagram: Diagram) -> str:
    """Return how an element is painted: from recorded history and open limits only."""
    if element_id in diagram.incidents:
        return "incident"
    if diagram.active.get(element_id):
        light = diagram.lights.get(element_id, "")
        return light if light in {"near", "overdue"} else "active"
    if diagram.completed.get(element_id):
        return "done"
    return "cancelled" if diagram.cancelled.get(element_id) else ""


def _visits(store: Store, case_id: str, actor: Actor) -> list[tuple[str, Visit]]:
    seen = select(Task.id).where(Task.case_id == case_id, visible_tasks(actor))
    statement = (
        select(Task, Unit.name, Person.name, Task.id.in_(seen))
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.case_id == case_id)
        .order_by(Task.started_at, Task.id)
        .limit(_MOST_TASKS)
    )
    return [
        (
            task.element_id,
            Visit(task.id, task.status, person, unit, task.due_at, task.done_at, task.provisional, bool(may_see)),
        )
        for task, unit, person, may_see in store.session.execute(statement)
    ]


def case_file(store: Store, case_id: str, *, actor: Actor) -> tuple[str, str]:
    """Return which definition version and which of its files hold the diagram that a case runs."""
    case_row(store, case_id, actor=actor)
    case = store.need(Case, case_id)
    definition = store.need(Definition, case.definition_id)
    file = process_of(store, case).file or definition.file
    return f"{definition.key}:{definition.version}", file

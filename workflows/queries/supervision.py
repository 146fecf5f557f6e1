"""督办台账: escalations with everything that was done about each: statement, decision, receipt, reply, review, closing.

Which steps there are is the diagram's matter: a line tells those of its case and of the orders that it opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.queries.access import visible_tasks
from workflows.queries.escalations import EscalationFilter, EscalationRow, list_escalations
from workflows.queries.paging import MAX_LIMIT, Page
from workflows.store import Store
from workflows.tables import Case, Person, Task, TaskStatus

MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class Handled:
    """One step about an escalation: who did it when, or (``done_at`` None) who holds it until when."""

    task_id: str
    name: str
    person: str | None
    status: str
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line of the register."""

    row: EscalationRow
    steps: Sequence[Handled]


def register(
    store: Store, wanted: EscalationFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[RegisterLine]:
    """Return one page of the register, the latest proposal first."""
    page = list_escalations(store, wanted, actor=actor, after=after, limit=limit)
    steps = _steps(store, [row.id for row in page.items], actor)
    return page.map(lambda row: RegisterLine(row, steps.get(row.id, ())))


def export_register(store: Store, wanted: EscalationFilter, *, actor: Actor) -> Sequence[RegisterLine]:
    """Return the whole register as far as a sheet holds it."""
    found: list[RegisterLine] = []
    after: str | None = None
    while len(found) < MOST_EXPORTED:
        page = register(store, wanted, actor=actor, after=after, limit=MAX_LIMIT)
        found += page.items
        after = page.next
        if after is None:
            break
    return found[:MOST_EXPORTED]


def _steps(store: Store, ids: Sequence[str], actor: Actor) -> Mapping[str, Sequence[Handled]]:
    """Return the steps of the escalations' cases and of the cases that these opened, in order of their opening."""
    held = aliased(Person)
    of = func.coalesce(Case.parent_case_id, Case.id)
    statement = (
        select(Task, Case.id, Case.parent_case_id, Person.name, held.name)
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Person, Person.id == Task.completed_by)
        .outerjoin(held, held.id == Task.assignee_id)
        .where(_belongs(ids), Task.status != TaskStatus.CANCELLED, visible_tasks(actor))
        .order_by(of, Task.started_at, Task.id)
    )
    wanted = set(ids)
    found: dict[str, list[Handled]] = {}
    for task, case_id, parent_id, done_by, held_by in store.session.execute(statement):
        step = Handled(task.id, task.name, done_by or held_by, task.status, task.due_at, task.done_at)
        found.setdefault(case_id if case_id in wanted else parent_id or "", []).append(step)
    return found


def _belongs(ids: Sequence[str]) -> ColumnElement[bool]:
    return or_(Case.id.in_(ids), Case.parent_case_id.in_(ids))

"""Whether an actor sees a case or a task: the conditions of the lists, asked about one row."""

from __future__ import annotations

from sqlalchemy import select

from workflows.access import Actor
from workflows.queries.access import readable_cases, visible_cases, visible_tasks
from workflows.store import Store
from workflows.tables import Case, Task


def sees_task(store: Store, task: Task, *, actor: Actor) -> bool:
    """Whether the actor may see this task."""
    return store.session.scalar(select(Task.id).where(Task.id == task.id, visible_tasks(actor))) is not None


def sees_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may know of this case."""
    return store.session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(actor))) is not None


def reads_case(store: Store, case: Case, *, actor: Actor) -> bool:
    """Whether the actor may read what this case holds."""
    return store.session.scalar(select(Case.id).where(Case.id == case.id, readable_cases(actor))) is not None

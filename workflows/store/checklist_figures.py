"""What the run over all lists of a grown city asks: which steps of drawing up wait, and how much there is."""

from __future__ import annotations

from sqlalchemy import func, select

from workflows.store import Store
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    Checklist,
    ChecklistRow,
    ChecklistStatus,
    Deadline,
    LedgerEvent,
    Signature,
    Table,
    Task,
    TaskStatus,
    Timer,
)

_COUNTED: tuple[type[Table], ...] = (
    Checklist,
    ChecklistRow,
    Case,
    Activity,
    Task,
    Deadline,
    Timer,
    Signature,
    LedgerEvent,
)


def waiting_steps(store: Store) -> list[tuple[str, str]]:
    """Return the open tasks of cases that draw up a list which is not in force yet: id and name."""
    statement = (
        select(Task.id, Task.name)
        .join(Checklist, Checklist.case_id == Task.case_id)
        .where(Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]), Checklist.in_force_at.is_(None))
        .order_by(Task.id)
    )
    return [(task_id, name) for task_id, name in store.session.execute(statement)]


def all_in_force(store: Store) -> bool:
    """Whether there are lists and every one of them has come into force."""
    total, still = store.session.execute(
        select(func.count(), func.count().filter(Checklist.in_force_at.is_(None))).select_from(Checklist)
    ).one()
    return bool(total) and not still


def lists_by_status(store: Store) -> dict[str, int]:
    """Return how many lists there are in each state, those whose case was cancelled apart."""
    statement = select(Checklist.status, func.count()).join(Case, Case.id == Checklist.case_id)
    alive = statement.where(Case.status != CaseStatus.CANCELLED).group_by(Checklist.status)
    found = dict.fromkeys((str(status) for status in ChecklistStatus), 0)
    return found | {str(status): number for status, number in store.session.execute(alive)}


def rows_of_tables(store: Store) -> dict[str, int]:
    """Return how many rows the tables hold that such a run fills."""
    return {kind.__tablename__: store.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in _COUNTED}


def units_with_case(store: Store, process_key: str) -> set[str]:
    """Return the units that have a case of a process."""
    return set(store.session.scalars(select(Case.unit_id).where(Case.process_key == process_key)))

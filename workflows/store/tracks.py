"""Rows of twin investigations: tracks, shared facts, facts taken up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from workflows.store import Store
from workflows.tables import Case, Person, SharedFact, Task, TaskStatus, Track


def tracks_of(store: Store, main_case_id: str) -> Sequence[Track]:
    """Return the tracks of a matter as they are now, oldest first, those of earlier rounds included."""
    statement = select(Track).where(Track.main_case_id == main_case_id).order_by(Track.opened_at, Track.case_id)
    return store.session.scalars(statement.execution_options(populate_existing=True)).all()


def versions(store: Store, main_case_id: str) -> Sequence[SharedFact]:
    """Return every version of every fact of a matter, in order."""
    statement = select(SharedFact).where(SharedFact.main_case_id == main_case_id)
    return store.session.scalars(statement.order_by(SharedFact.number, SharedFact.version)).all()


def last_number(store: Store, main_case_id: str) -> int:
    """Return the highest number of a fact of a matter, 0 when it has none."""
    return store.session.scalar(select(func.max(SharedFact.number)).where(SharedFact.main_case_id == main_case_id)) or 0


def last_worker(store: Store, case_id: str, element_id: str) -> str | None:
    """Return who completed a step of a case, the last time that it was."""
    of_step = Task.case_id == case_id, Task.element_id == element_id, Task.status == TaskStatus.COMPLETED
    statement = select(Task.completed_by).where(*of_step)
    return store.session.scalar(statement.order_by(Task.done_at.desc(), Task.id.desc()).limit(1))


def codes_of_workers(store: Store, case_id: str, element_id: str) -> list[str]:
    """Return the codes of those who ever completed a step of a case."""
    statement = (
        select(Person.code)
        .join(Task, Task.completed_by == Person.id)
        .where(Task.case_id == case_id, Task.element_id == element_id, Task.status == TaskStatus.COMPLETED)
        .distinct()
        .order_by(Person.code)
    )
    return list(store.session.scalars(statement))


def family_of_matter(store: Store, main_case_id: str) -> list[str]:
    """Return the main case of a matter and its tracks."""
    tracks = select(Track.case_id).where(Track.main_case_id == main_case_id)
    return [main_case_id, *store.session.scalars(select(Case.id).where(Case.id.in_(tracks)).order_by(Case.id))]

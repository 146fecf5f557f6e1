"""What somebody holds: tasks in their name, cases they started, posts, proxies. Read when it is handed to others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import exists, func, or_, select

from workflows.store import Store, people
from workflows.tables import (
    Case,
    CaseStatus,
    Escalation,
    Holding,
    Proxy,
    Task,
    TaskCandidate,
    TaskStatus,
)

_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)
_RUNNING = (CaseStatus.ACTIVE, CaseStatus.SUSPENDED)


def tasks_in_name(store: Store, person_id: str) -> Sequence[Task]:
    """Return live tasks that name a person: claimed by them, or offered to them and not to a post."""
    named = exists().where(TaskCandidate.task_id == Task.id, TaskCandidate.person_id == person_id)
    statement = select(Task).where(
        Task.status.in_(_LIVE), or_(Task.assignee_id == person_id, (Task.assignee_id.is_(None)) & named)
    )
    ordered = statement.order_by(Task.due_at.is_(None), Task.due_at, Task.id)
    return store.session.scalars(ordered.execution_options(populate_existing=True)).all()


def seats_of(store: Store, person_id: str, task_ids: Collection[str]) -> set[str]:
    """Return those of some tasks in which a person sits by a post (签字背书)."""
    statement = select(TaskCandidate.task_id).where(
        TaskCandidate.task_id.in_(list(task_ids)),
        TaskCandidate.person_id == person_id,
        TaskCandidate.seat_post_id.is_not(None),
    )
    return set(store.session.scalars(statement))


def decisions_among(store: Store, activity_ids: Collection[str]) -> set[str]:
    """Return those of some activities in which an escalation waits to be decided."""
    statement = select(Escalation.decision_activity_id).where(Escalation.decision_activity_id.in_(list(activity_ids)))
    return {found for found in store.session.scalars(statement) if found is not None}


def cases_started_by(store: Store, person_id: str) -> Sequence[Case]:
    """Return the running cases that a person started, the oldest first."""
    statement = select(Case).where(Case.started_by == person_id, Case.status.in_(_RUNNING))
    return store.session.scalars(statement.order_by(Case.started_at, Case.id)).all()


def offered_to(store: Store, post_id: str) -> tuple[int, int]:
    """Return how many live tasks a post is offered, and how many of them are escalations to decide."""
    offered = (
        select(func.count(), func.count(Escalation.case_id))
        .select_from(Task)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .outerjoin(Escalation, Escalation.decision_activity_id == Task.activity_id)
        .where(TaskCandidate.post_id == post_id, Task.status.in_(_LIVE))
    )
    tasks, escalations = store.session.execute(offered).one()
    return tasks, escalations


def standing_in(store: Store, person_id: str) -> Sequence[Proxy]:
    """Return the periods, running or to come, in which a person stands in for a post."""
    mine = Proxy.person_id == person_id, Proxy.to_day > people.today(store)
    return store.session.scalars(select(Proxy).where(*mine).order_by(Proxy.from_day, Proxy.id)).all()


def held(store: Store, person_id: str) -> Sequence[Holding]:
    """Return the holdings of a person, running or to come."""
    still = or_(Holding.to_day.is_(None), Holding.to_day > people.today(store))
    statement = select(Holding).where(Holding.person_id == person_id, still)
    return store.session.scalars(statement.order_by(Holding.from_day, Holding.id)).all()


def overlapping_proxy(store: Store, person_id: str, post_id: str, period: tuple[date, date]) -> Proxy | None:
    """Return a proxy of the same person for the same post that shares a day with ``period``."""
    from_day, to_day = period
    same = Proxy.person_id == person_id, Proxy.post_id == post_id
    return store.session.scalars(select(Proxy).where(*same, Proxy.to_day > from_day, Proxy.from_day < to_day)).first()


def offered_by_post(store: Store, task_ids: Collection[str]) -> set[str]:
    """Return those of some tasks that a post may claim: nobody need be named for them."""
    by_post = TaskCandidate.task_id.in_(list(task_ids)), TaskCandidate.post_id.is_not(None)
    return set(store.session.scalars(select(TaskCandidate.task_id).where(*by_post)))

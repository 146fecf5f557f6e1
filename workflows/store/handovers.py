"""Tasks whose people have changed: claimed by somebody without the post, or with nobody left who could claim them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from workflows.store import Store, people
from workflows.tables import (
    Case,
    CaseStatus,
    Holding,
    Incident,
    IncidentStatus,
    Person,
    PersonStatus,
    Proxy,
    Recusal,
    Task,
    TaskCandidate,
    TaskStatus,
)

NO_CANDIDATE = "no-candidate"


def lock_orphaned_tasks(store: Store, *, person_id: str | None, limit: int) -> Sequence[Task]:
    """Return claimed tasks that lost their holder, their cases locked in the order of ids.

    Cases that somebody else has locked are left for the next time.
    """
    day = people.today(store)
    holding = exists().where(
        Holding.post_id == Task.assignee_post_id,
        Holding.person_id == Task.assignee_id,
        people.holds(Holding, day),
    )
    standing_in = exists().where(
        Proxy.post_id == Task.assignee_post_id,
        Proxy.person_id == Task.assignee_id,
        people.holds(Proxy, day),
    )
    has_left = exists().where(Person.id == Task.assignee_id, Person.status == PersonStatus.LEFT)
    orphaned = [
        Task.status == TaskStatus.CLAIMED,
        (Task.assignee_post_id.is_not(None) & ~holding & ~standing_in) | has_left,
    ]
    if person_id is not None:
        orphaned.append(Task.assignee_id == person_id)
    concerned = select(Task.case_id).where(*orphaned)
    cases = store.session.scalars(
        select(Case.id).where(Case.id.in_(concerned)).order_by(Case.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    found = select(Task).where(Task.case_id.in_(cases), *orphaned).order_by(Task.case_id, Task.id)
    return store.session.scalars(found.execution_options(populate_existing=True)).all()


def vacant_tasks(store: Store, limit: int) -> list[str]:
    """Return open tasks of running cases that nobody could claim today and that no incident tells of."""
    told = exists().where(
        Incident.activity_id == Task.activity_id,
        Incident.code == NO_CANDIDATE,
        Incident.status == IncidentStatus.OPEN,
    )
    statement = (
        select(Task.id)
        .join(Case, Case.id == Task.case_id)
        .where(Task.status == TaskStatus.OPEN, Case.status == CaseStatus.ACTIVE, ~_is_able(store), ~told)
        .order_by(Task.id)
        .limit(limit)
    )
    return list(store.session.scalars(statement))


def lost_seats(store: Store, limit: int) -> list[str]:
    """Return open tasks whose seat was given to somebody who no longer holds the post."""
    day = people.today(store)
    sits = exists().where(
        Holding.post_id == TaskCandidate.seat_post_id,
        Holding.person_id == TaskCandidate.person_id,
        people.holds(Holding, day),
    )
    statement = (
        select(Task.id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.status == TaskStatus.OPEN,
            Case.status == CaseStatus.ACTIVE,
            TaskCandidate.seat_post_id.is_not(None),
            ~sits,
        )
        .order_by(Task.id)
        .limit(limit)
    )
    return list(store.session.scalars(statement))


def healed_incidents(store: Store, limit: int) -> list[str]:
    """Return open incidents about a task without candidates that somebody could claim by now, or that is done."""
    statement = (
        select(Incident.id)
        .join(Task, Task.activity_id == Incident.activity_id)
        .join(Case, Case.id == Task.case_id)
        .where(
            Incident.code == NO_CANDIDATE,
            Incident.status == IncidentStatus.OPEN,
            or_(_is_able(store), Task.status != TaskStatus.OPEN),
        )
        .order_by(Incident.id)
        .limit(limit)
    )
    return list(store.session.scalars(statement))


def _is_able(store: Store) -> ColumnElement[bool]:
    """Return the condition that somebody active, cleared and no party could claim the task."""
    day = people.today(store)
    cleared = or_(
        *(
            and_(Case.classification == level, Person.clearance.in_(people.cleared_for(level)))
            for level in people.LEVELS
        )
    )
    party = exists().where(
        Recusal.root_case_id == func.coalesce(Case.root_case_id, Case.id),
        Recusal.person_id == Person.id,
        Recusal.until_at.is_(None),
        or_(Recusal.task_id.is_(None), Recusal.task_id == Task.id),
    )
    fit = Person.status == PersonStatus.ACTIVE, cleared, ~party
    candidate = TaskCandidate.task_id == Task.id
    in_person = exists().where(candidate, Person.id == TaskCandidate.person_id, *fit)
    by_post = [
        exists().where(
            candidate,
            period.post_id == TaskCandidate.post_id,
            people.holds(period, day),
            Person.id == period.person_id,
            *fit,
        )
        for period in (Holding, Proxy)
    ]
    return or_(in_person, *by_post)

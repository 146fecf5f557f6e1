"""Rows of reminders and what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, exists, or_, select

from workflows.store import Store
from workflows.tables import (
    Case,
    Deadline,
    Escalation,
    EscalationStatus,
    Holding,
    Notice,
    Reminder,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
)


def open_tasks(store: Store, case_id: str, activity_id: str | None) -> Sequence[Task]:
    """Return the open task of an activity, or all open ones of the case where no activity is meant."""
    query = select(Task).where(Task.case_id == case_id, Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]))
    if activity_id is not None:
        query = query.where(Task.activity_id == activity_id)
    return store.session.scalars(query.order_by(Task.started_at, Task.id)).all()


def candidates(store: Store, task_id: str) -> tuple[list[str], list[str]]:
    """Return the posts and the persons that may claim a task."""
    found = store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task_id)).all()
    posts = [row.post_id for row in found if row.post_id is not None]
    return posts, [row.person_id for row in found if row.person_id is not None]


def has_reminder(store: Store, timer_id: str, person_id: str) -> bool:
    """Whether a timer left a line for a person."""
    mine = Reminder.timer_id == timer_id, Reminder.person_id == person_id
    return store.session.scalar(select(Reminder.id).where(*mine)) is not None


def people_waiting(store: Store, day: date) -> Sequence[str]:
    """Return who may get a digest on ``day``: people with lines, and deciders of escalations that stand."""
    reminded = select(Reminder.person_id).where(Reminder.digest_day.is_(None)).distinct()
    deciding = (
        select(Holding.person_id)
        .join(Escalation, Escalation.decider_post_id == Holding.post_id)
        .where(*_STANDING, Holding.from_day <= day, or_(Holding.to_day.is_(None), Holding.to_day > day))
    )
    named = _named_deciders().where(*_STANDING)
    return sorted({*store.session.scalars(reminded), *store.session.scalars(deciding), *store.session.scalars(named)})


def _named_deciders() -> Select[str | None]:
    """Select the people whom the decision of an escalation names itself: those left when posts are parties to it."""
    return (
        select(TaskCandidate.person_id)
        .join(Task, Task.id == TaskCandidate.task_id)
        .join(Escalation, Escalation.decision_activity_id == Task.activity_id)
        .where(TaskCandidate.person_id.is_not(None))
    )


def has_digest(store: Store, key: str, person_id: str) -> bool:
    """Whether a person got the digest of this key."""
    return store.session.scalar(select(Notice.id).where(Notice.key == key, Notice.person_id == person_id)) is not None


def waiting(store: Store, person_id: str) -> Sequence[Reminder]:
    """Return the lines that wait for a person's digest, the latest first."""
    mine = Reminder.person_id == person_id, Reminder.digest_day.is_(None)
    return store.session.scalars(select(Reminder).where(*mine).order_by(Reminder.id.desc())).all()


def subject(store: Store, reminder: Reminder) -> tuple[Case, Deadline | None, Task | None]:
    """Return what a line is about."""
    timer = store.need(Timer, reminder.timer_id)
    deadline = store.get(Deadline, timer.deadline_id) if timer.deadline_id else None
    task = store.get(Task, reminder.task_id) if reminder.task_id else None
    return store.need(Case, reminder.case_id), deadline, task


def standing_escalations(store: Store, person_id: str, post_ids: Sequence[str]) -> Sequence[Escalation]:
    """Return the open escalations at the end of their ladder that a person has to decide, by a post or by name."""
    named = (
        exists()
        .where(Task.activity_id == Escalation.decision_activity_id, TaskCandidate.task_id == Task.id)
        .where(TaskCandidate.person_id == person_id)
    )
    mine = select(Escalation).where(*_STANDING, or_(Escalation.decider_post_id.in_(list(post_ids)), named))
    return store.session.scalars(mine.order_by(Escalation.created_at, Escalation.case_id)).all()


_STANDING = (
    Escalation.at_ladder_end.is_(True),
    Escalation.decided_at.is_(None),
    Escalation.status.in_([EscalationStatus.PROPOSED, EscalationStatus.PASSED_UP]),  # how most come to the end
)

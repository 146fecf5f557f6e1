"""Rows of reminders and what they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update

from workflows.store import Store
from workflows.store.tasks import candidates_of
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
    if activity_id is not None:
        return store.session.scalars(_TASKS_AT, {"case": case_id, "activity": activity_id}).all()
    return store.session.scalars(_TASKS, {"case": case_id}).all()


def candidates(store: Store, task_id: str) -> tuple[list[str], list[str]]:
    """Return the posts and the persons that may claim a task."""
    found = candidates_of(store, task_id)
    posts = [row.post_id for row in found if row.post_id is not None]
    return posts, [row.person_id for row in found if row.person_id is not None]


def reminded_by(store: Store, timer_id: str, person_ids: Collection[str]) -> set[str]:
    """Return for which of these people a timer left a line."""
    parts = {"timer": timer_id, "people": list(person_ids)}
    return set(store.session.scalars(_REMINDED_BY, parts))


def people_waiting(store: Store, day: date) -> Sequence[str]:
    """Return who may get a digest on ``day``: people with lines, and deciders of escalations that stand."""
    reminded = select(Reminder.person_id).where(Reminder.digest_day.is_(None)).distinct()
    deciding = (
        select(Holding.person_id)
        .join(Escalation, Escalation.decider_post_id == Holding.post_id)
        .where(*_STANDING, Holding.from_day <= day, or_(Holding.to_day.is_(None), Holding.to_day > day))
    )
    named = _named_deciders(TaskCandidate.person_id).where(*_STANDING)
    return sorted({*store.session.scalars(reminded), *store.session.scalars(deciding), *store.session.scalars(named)})


def _named_deciders(*columns: Any) -> Select[Any]:
    """Select of the people whom the decision of an escalation names itself: those left when posts are parties to it."""
    return (
        select(*columns)
        .select_from(TaskCandidate)
        .join(Task, Task.id == TaskCandidate.task_id)
        .join(Escalation, Escalation.decision_activity_id == Task.activity_id)
        .where(TaskCandidate.person_id.is_not(None))
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of a digest is about: a limit that still runs, or an escalation (no limit, no task) that stands."""

    person_id: str
    kind: str
    case_id: str
    title: str
    classification: str
    recuses: bool
    due_at: datetime | None
    provisional: bool
    deadline_id: str | None = None
    task_id: str | None = None
    task_name: str | None = None


def have_digest(store: Store, key: str, person_ids: Collection[str]) -> set[str]:
    """Return who of these people got the digest of this key."""
    mine = Notice.key == key, Notice.person_id.in_(person_ids)
    return set(store.session.scalars(select(Notice.person_id).where(*mine)))


def take_waiting(store: Store, person_ids: Collection[str], day: date) -> list[Line]:
    """Put the lines that wait for these people into the digest of ``day``: return those about what is not done.

    The latest come first.
    """
    rows: Sequence[Any] = store.session.execute(_WAITING, {"people": list(person_ids)}).all()
    taken = [row.id for row in rows]
    for start in range(0, len(taken), _CHUNK):
        some = Reminder.id.in_(taken[start : start + _CHUNK])
        store.session.execute(update(Reminder).where(some).values(digest_day=day), execution_options=_UNSEEN)
    return [
        Line(*row[1:-2])
        for row in rows
        if row.deadline is not None and row.ended_at is None and (row.task is None or row.done_at is None)
    ]


def standing_lines(store: Store, posts: Mapping[str, Collection[str]]) -> list[Line]:
    """Return a line for each open escalation at the end of its ladder and each of these people who has to decide it.

    People come with the posts by which they decide; others are named themselves.
    """
    decide = or_(
        Escalation.decider_post_id.in_({post for held in posts.values() for post in held}),
        Escalation.case_id.in_(_named_deciders(Escalation.case_id).where(TaskCandidate.person_id.in_(posts))),
    )
    rows: Sequence[Any] = store.session.execute(_STANDING_LINES.where(decide)).all()
    by_name = _named_deciders(Escalation.case_id, TaskCandidate.person_id).where(*_STANDING)
    named = {tuple(row) for row in store.session.execute(by_name)} if rows else set()
    return [
        Line(person_id, "standing", *row[1:])
        for row in rows
        for person_id, held in posts.items()
        if row[0] in held or (row[1], person_id) in named
    ]


_CHUNK = 1000
_UNSEEN = {"synchronize_session": False}  # nobody holds these rows as records in this transaction
_STANDING = (
    Escalation.at_ladder_end.is_(True),
    Escalation.decided_at.is_(None),
    Escalation.status.in_([EscalationStatus.PROPOSED, EscalationStatus.PASSED_UP]),  # how most come to the end
)
_REMINDED_BY = select(Reminder.person_id).where(
    Reminder.timer_id == bindparam("timer"), Reminder.person_id.in_(bindparam("people", expanding=True))
)
_WAITING = (
    select(
        Reminder.id,
        Reminder.person_id,
        Reminder.kind,
        Case.id,
        Case.title,
        Case.classification,
        Case.recuses,
        Deadline.due_at,
        Deadline.provisional,
        Deadline.id.label("deadline"),
        Task.id.label("task"),
        Task.name,
        Task.done_at,
        Case.ended_at,
    )
    .join(Case, Case.id == Reminder.case_id)
    .join(Timer, Timer.id == Reminder.timer_id)
    .outerjoin(Deadline, Deadline.id == Timer.deadline_id)
    .outerjoin(Task, Task.id == Reminder.task_id)
    .where(Reminder.person_id.in_(bindparam("people", expanding=True)), Reminder.digest_day.is_(None))
    .order_by(Reminder.id.desc())
)
_STANDING_LINES = (
    select(
        Escalation.decider_post_id,
        Case.id,
        Case.title,
        Case.classification,
        Case.recuses,
        Escalation.decide_by,
        Escalation.provisional,
    )
    .join(Case, Case.id == Escalation.case_id)
    .where(*_STANDING)
    .order_by(Escalation.created_at, Escalation.case_id)
)
_TASKS = (
    select(Task)
    .where(Task.case_id == bindparam("case"), Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]))
    .order_by(Task.started_at, Task.id)
)
_TASKS_AT = _TASKS.where(Task.activity_id == bindparam("activity"))

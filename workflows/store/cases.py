"""Cases, activities, inbox rows, jobs and incidents: lock first, read after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, exists, func, literal, select, update
from sqlalchemy.orm import aliased

from workflows.engine.types import ActivityKey
from workflows.errors import NotFoundError
from workflows.store import Store
from workflows.store.ledger import hold_head
from workflows.tables import (
    Activity,
    ActivityStatus,
    Case,
    CaseInbox,
    CaseStatus,
    ClockStop,
    Escalation,
    Incident,
    IncidentStatus,
    Job,
    JobStatus,
    LedgerHead,
    Subscription,
    Task,
    Timer,
    Unit,
)

WHILE_SUSPENDED = ("cancel", "suspend", "resume")  # what a suspended case takes from its inbox
SET_ASIDE = "incident"  # the result of a row that could not take effect and waits behind an incident


def _locking(owner: ColumnElement[str]) -> Select[Case]:
    # FOR NO KEY UPDATE: a row in another case's inbox refers to that case and must not wait for its lock
    locked = select(Case).where(Case.id == owner).with_for_update(key_share=True)
    return locked.execution_options(populate_existing=True)


# Statements of the path of every step are built once: building one takes longer than SQLite needs to answer it.
_KEY = bindparam("key", type_=String)
_LOCK = _locking(_KEY)
_LOCK_OF_TASK = _locking(select(Task.case_id).where(Task.id == _KEY).scalar_subquery())
_LOCK_OF_TIMER = _locking(select(Timer.case_id).where(Timer.id == _KEY).scalar_subquery())
_LOCK_OF_JOB = _locking(select(Job.case_id).where(Job.id == _KEY).scalar_subquery())
_LOCK_OF_INCIDENT = _locking(select(Incident.case_id).where(Incident.id == _KEY).scalar_subquery())
RARE = (  # of a case: whether its clock ever stood, whether it ever had an incident, whether it is being cancelled
    exists().where(ClockStop.case_id == Case.id),
    exists().where(Incident.case_id == Case.id),
    exists().where(CaseInbox.target_case_id == Case.id, CaseInbox.consumed_at.is_(None), CaseInbox.kind == "cancel"),
)
_ABOVE = aliased(Escalation)
_AROUND = (
    select(Unit, LedgerHead, Escalation, _ABOVE, *RARE)
    .select_from(Case)
    .join(Unit, Unit.id == Case.unit_id)
    .outerjoin(LedgerHead, LedgerHead.stream == literal("case:") + Case.id)
    .outerjoin(Escalation, Escalation.case_id == Case.id)
    .outerjoin(_ABOVE, _ABOVE.case_id == Case.root_case_id)
    .where(Case.id == _KEY)
    .execution_options(populate_existing=True)
)
_JOB = (
    select(Job, Activity)
    .join(Activity, Activity.id == Job.activity_id)
    .where(Job.id == bindparam("job"))
    .execution_options(populate_existing=True)
)
_OPEN = select(Activity).where(Activity.case_id == bindparam("case"), Activity.status == ActivityStatus.OPEN)
_ROWS_AT = select(Activity).where(
    Activity.case_id == bindparam("case"),
    Activity.element_id.in_(bindparam("elements", expanding=True)),
    Activity.scope_path.in_(bindparam("scopes", expanding=True)),
    Activity.iteration.in_(bindparam("iterations", expanding=True)),
    Activity.attempt.in_(bindparam("attempts", expanding=True)),
)
_INCIDENTS_OF = (
    select(Incident)
    .where(Incident.activity_id.in_(bindparam("activities", expanding=True)), Incident.status == IncidentStatus.OPEN)
    .order_by(Incident.opened_at, Incident.id)
)
_WAITING = (
    select(CaseInbox)
    .where(CaseInbox.target_case_id == bindparam("case"), CaseInbox.consumed_at.is_(None))
    .order_by(CaseInbox.seq)
)
_WAITING_OF_KINDS = _WAITING.where(CaseInbox.kind.in_(bindparam("kinds", expanding=True)))


def lock_case(store: Store, case_id: str) -> Case:
    """Lock the case's row for this transaction and return it fresh, or raise ``NotFoundError``."""
    return _lock(store, _LOCK, case_id)


def lock_case_of_task(store: Store, task_id: str) -> Case:
    """Lock the row of the case that a task belongs to, before anything of the task is read."""
    return _lock(store, _LOCK_OF_TASK, task_id, code="task-not-found")


def lock_case_of_timer(store: Store, timer_id: str) -> Case:
    """Lock the row of the case that a timer belongs to."""
    return _lock(store, _LOCK_OF_TIMER, timer_id)


def lock_case_of_job(store: Store, job_id: str) -> Case:
    """Lock the row of the case that a job belongs to."""
    return _lock(store, _LOCK_OF_JOB, job_id)


def lock_case_of_incident(store: Store, incident_id: str) -> Case:
    """Lock the row of the case that an incident belongs to."""
    return _lock(store, _LOCK_OF_INCIDENT, incident_id, code="incident-not-found")


def _lock(store: Store, statement: Select[Case], key: str, *, code: str = "case-not-found") -> Case:
    case = store.session.scalar(statement, {"key": key})
    if case is None:
        message = f"Expected {key} to exist, but it does not."
        raise NotFoundError(message, code=code, id=key)
    return case


def read_around(store: Store, case: Case) -> None:
    """Read together what every step of a locked case needs: its unit, its chain and the escalation above it."""
    unit, head, own, above, *rare = store.session.execute(_AROUND, {"key": case.id}).one()
    store.keep((unit, own, above))
    if head is not None:
        hold_head(store, head)
    if own is None:
        store.know_missing(Escalation, case.id)
    if above is None and case.root_case_id is not None:
        store.know_missing(Escalation, case.root_case_id)
    know_rare(store, case.id, rare)


def know_rare(store: Store, case_id: str, rare: Sequence[bool]) -> None:
    """Keep the answers to ``RARE``: most cases have nothing of it, and need not be asked for each."""
    has_stops, has_incidents, is_cancelled = rare
    if not has_stops:
        store.know((ClockStop, case_id), ())
    store.know((Incident, case_id), bool(has_incidents))
    store.know((CaseInbox, case_id), bool(is_cancelled))


def activity_row(store: Store, case_id: str, key: ActivityKey) -> Activity | None:
    """Return the row of this attempt, or None."""
    return store.session.scalar(
        select(Activity).where(
            Activity.case_id == case_id,
            Activity.element_id == key.element_id,
            Activity.scope_path == key.scope_path,
            Activity.iteration == key.iteration,
            Activity.attempt == key.attempt,
        )
    )


def rows_at(store: Store, case_id: str, keys: Sequence[ActivityKey]) -> dict[ActivityKey, Activity]:
    """Return those of the activities ``keys`` that have a row, closed ones included, in one query."""
    if not keys:
        return {}
    parts = {
        "case": case_id,
        "elements": list({key.element_id for key in keys}),
        "scopes": list({key.scope_path for key in keys}),
        "iterations": list({key.iteration for key in keys}),
        "attempts": list({key.attempt for key in keys}),
    }
    rows = store.session.scalars(_ROWS_AT, parts)
    wanted = set(keys)
    return {key: row for row in rows if (key := key_of(row)) in wanted}


def key_of(activity: Activity) -> ActivityKey:
    """Return the engine's name of an activity row."""
    return ActivityKey(activity.element_id, activity.scope_path, activity.iteration, activity.attempt)


def open_activities(store: Store, case_id: str) -> dict[ActivityKey, Activity]:
    """Return the open activities of a case by their keys."""
    rows = store.session.scalars(_OPEN, {"case": case_id})
    return {key_of(row): row for row in rows}


def children_of(store: Store, activity_id: str, index: int) -> Case | None:
    """Return the child case that an activity started as its ``index``-th instance."""
    return store.session.scalar(select(Case).where(Case.parent_activity_id == activity_id, Case.child_index == index))


def make_room_for_child(store: Store, activity_id: str) -> None:
    """Take the cancelled children of an activity out of their places, so that a new one can be begun there."""
    store.session.execute(
        update(Case)
        .where(Case.parent_activity_id == activity_id, Case.status == CaseStatus.CANCELLED)
        .values(child_index=None)
        .execution_options(synchronize_session="fetch")
    )


def send_to_case(
    store: Store, target_case_id: str, kind: str, payload: dict[str, Any], *, key: str, source_case_id: str | None
) -> None:
    """Put a row into a case's inbox and wake it after the commit. A second with the same ``key`` changes nothing."""
    if store.session.scalar(select(CaseInbox.seq).where(CaseInbox.key == key)) is not None:
        return
    store.session.add(
        CaseInbox(
            target_case_id=target_case_id,
            kind=kind,
            payload=payload,
            key=key,
            source_case_id=source_case_id,
            created_at=store.now,
        )
    )
    store.forget((CaseInbox, target_case_id))
    store.wake_after_commit(target_case_id)


def waiting_inbox(store: Store, case_id: str, *, kinds: Iterable[str] | None = None) -> Sequence[CaseInbox]:
    """Return the unconsumed rows of a case's inbox in order, of some kinds only when named."""
    if kinds is None:
        return store.session.scalars(_WAITING, {"case": case_id}).all()
    return store.session.scalars(_WAITING_OF_KINDS, {"case": case_id, "kinds": list(kinds)}).all()


_INBOXES = (
    CaseInbox.consumed_at.is_(None),
    Case.id == CaseInbox.target_case_id,
    (Case.status != CaseStatus.SUSPENDED) | CaseInbox.kind.in_(WHILE_SUSPENDED),
)
ANY_INBOX = exists().where(*_INBOXES)
_WITH_INBOX = (
    select(CaseInbox.target_case_id)
    .where(*_INBOXES)
    .group_by(CaseInbox.target_case_id)
    .order_by(func.min(CaseInbox.seq))
    .limit(bindparam("most", type_=Integer))
)


def cases_with_inbox(store: Store, limit: int) -> list[str]:
    """Return ids of running cases whose inbox waits, oldest first; suspended ones only for what wakes them."""
    return list(store.session.scalars(_WITH_INBOX, {"most": limit}))


def running_children(store: Store, case_id: str) -> Sequence[Case]:
    """Return the child cases that have not ended, in order."""
    return store.session.scalars(
        select(Case)
        .where(Case.parent_case_id == case_id, Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]))
        .order_by(Case.id)
    ).all()


def last_inbox_result(store: Store, case_id: str, kind: str) -> str | None:
    """Return what became of the last row of this kind that the case consumed."""
    statement = (
        select(CaseInbox.result)
        .where(CaseInbox.target_case_id == case_id, CaseInbox.kind == kind, CaseInbox.consumed_at.is_not(None))
        .order_by(CaseInbox.seq.desc())
        .limit(1)
    )
    return store.session.scalar(statement)


def next_inbox_row(store: Store, case_id: str) -> int | None:
    """Return the number of the row that the case would consume next, None when its inbox is empty."""
    case = store.get(Case, case_id)
    kinds = WHILE_SUSPENDED if case is not None and case.status == CaseStatus.SUSPENDED else None
    return next((row.seq for row in waiting_inbox(store, case_id, kinds=kinds)), None)


def rows_set_aside(store: Store, case_id: str) -> Sequence[CaseInbox]:
    """Return the rows of a case's inbox that wait behind an incident."""
    return store.session.scalars(
        select(CaseInbox).where(CaseInbox.target_case_id == case_id, CaseInbox.result == SET_ASIDE)
    ).all()


def is_being_cancelled(store: Store, case: Case) -> bool:
    """Whether a cancel of this case or of a case above it is on its way (撤销中)."""
    current: Case | None = case
    while current is not None:
        if store.once((CaseInbox, current.id), partial(_has_cancel, store, current.id)):
            return True
        parent_id = current.parent_case_id
        current = store.get(Case, parent_id) if parent_id else None
        if current is not None and current.status == CaseStatus.CANCELLED:
            return True
    return False


def _has_cancel(store: Store, case_id: str) -> bool:
    return bool(waiting_inbox(store, case_id, kinds=("cancel",)))


def cases_awaiting(store: Store, kind: str, name: str, most: int) -> Sequence[str]:
    """Return the cases that wait for a signal of this name; a suspended one takes it when it runs again."""
    statement = (
        select(Subscription.case_id)
        .join(Case, Case.id == Subscription.case_id)
        .where(
            Subscription.kind == kind,
            Subscription.name == name,
            Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]),
        )
        .distinct()
        .order_by(Subscription.case_id)
    )
    return store.session.scalars(statement.limit(most)).all()


def subscriptions_of(store: Store, activity_id: str) -> Sequence[Subscription]:
    """Return what an activity waits for."""
    return store.session.scalars(select(Subscription).where(Subscription.activity_id == activity_id)).all()


def drop_subscriptions(store: Store, activity_id: str, kind: str, name: str) -> None:
    """Remove a subscription that is no longer waited for."""
    for row in subscriptions_of(store, activity_id):
        if (row.kind, row.name) == (kind, name):
            store.session.delete(row)


def job_of(store: Store, activity_id: str) -> Job | None:
    """Return the service job of an activity, if it has one."""
    return store.session.scalar(select(Job).where(Job.activity_id == activity_id))


def jobs_due(store: Store, limit: int) -> list[str]:
    """Return ids of jobs that this house runs itself and that are due, oldest first."""
    statement = (
        select(Job.id)
        .join(Case, Case.id == Job.case_id)
        .where(
            Job.status == JobStatus.WAITING,
            Job.topic.is_(None),
            Job.due_at <= store.now,
            Case.status == CaseStatus.ACTIVE,
        )
        .order_by(Job.due_at, Job.id)
        .limit(limit)
    )
    return list(store.session.scalars(statement))


def open_incidents(store: Store, case_id: str, activity_id: str | None = None) -> Sequence[Incident]:
    """Return the open incidents of a case, of one activity when given."""
    statement = select(Incident).where(Incident.case_id == case_id, Incident.status == IncidentStatus.OPEN)
    if activity_id is not None:
        statement = statement.where(Incident.activity_id == activity_id)
    return store.session.scalars(statement.order_by(Incident.opened_at, Incident.id)).all()


def read_job(store: Store, job_id: str) -> Job:
    """Return a job of a locked case as it is now; its activity comes with it."""
    job, activity = store.session.execute(_JOB, {"job": job_id}).one()
    store.keep((job, activity))
    return job


def open_incidents_of(store: Store, case_id: str, activity_ids: Sequence[str]) -> Sequence[Incident]:
    """Return the open incidents of some activities of a case."""
    if not store.once((Incident, case_id), lambda: True):
        return ()
    return store.session.scalars(_INCIDENTS_OF, {"activities": activity_ids}).all()


def cancel_jobs(store: Store, activity_ids: Sequence[str]) -> None:
    """Take back the jobs of activities that were interrupted."""
    if not activity_ids:
        return
    store.session.execute(
        update(Job)
        .where(Job.activity_id.in_(activity_ids), Job.status == JobStatus.WAITING)
        .values(status=JobStatus.CANCELLED, done_at=store.now)
        .execution_options(synchronize_session="fetch")
    )


def subscriptions_of_case(store: Store, case_id: str) -> Sequence[Subscription]:
    """Return everything a case waits for."""
    return store.session.scalars(select(Subscription).where(Subscription.case_id == case_id)).all()


def family_size(store: Store, root_case_id: str) -> int:
    """Return how many cases hang on a root, whatever became of them."""
    return store.session.scalar(select(func.count()).where(Case.root_case_id == root_case_id)) or 0

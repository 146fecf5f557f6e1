"""Leases of background duties, and the age of the oldest work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from workflows.store import Store
from workflows.store.tasks import MAX_FAULTS
from workflows.tables import (
    Case,
    CaseInbox,
    CaseStatus,
    DeliveryState,
    Heartbeat,
    Incident,
    IncidentStatus,
    Job,
    JobStatus,
    Outbox,
    Timer,
    TimerState,
)


def lock(store: Store, name: str) -> Heartbeat | None:
    """Return the row of a duty, locked until the commit."""
    wanted = select(Heartbeat).where(Heartbeat.name == name).with_for_update()
    return store.session.scalar(wanted.execution_options(populate_existing=True))


def beats(store: Store) -> dict[str, datetime]:
    """Return when each duty last ran."""
    rows = store.session.execute(select(Heartbeat.name, Heartbeat.ran_at).where(Heartbeat.ran_at.is_not(None)))
    return {name: ran_at for name, ran_at in rows if ran_at is not None}


def oldest_due_timer(store: Store) -> datetime | None:
    """Return the date of the oldest timer that should have fired; suspended cases and faulty timers wait for people."""
    return store.session.scalar(
        select(func.min(Timer.due_at))
        .join(Case, Case.id == Timer.case_id)
        .where(
            Timer.state == TimerState.ARMED,
            Timer.due_at <= store.now,
            Timer.faults < MAX_FAULTS,
            Case.status == CaseStatus.ACTIVE,
        )
    )


def oldest_inbox_row(store: Store) -> datetime | None:
    """Return since when the oldest inbox row of a running case waits."""
    return store.session.scalar(
        select(func.min(CaseInbox.created_at))
        .join(Case, Case.id == CaseInbox.target_case_id)
        .where(CaseInbox.consumed_at.is_(None), Case.status == CaseStatus.ACTIVE)
    )


def oldest_due_job(store: Store) -> datetime | None:
    """Return since when the oldest due job of the house's own waits; external ones wait for their workers."""
    waiting = Job.status == JobStatus.WAITING, Job.due_at <= store.now, Job.topic.is_(None)
    return store.session.scalar(
        select(func.min(Job.due_at))
        .join(Case, Case.id == Job.case_id)
        .where(*waiting, Case.status == CaseStatus.ACTIVE)
    )


def oldest_due_mail(store: Store) -> datetime | None:
    """Return since when the oldest due mail waits."""
    waiting = Outbox.state == DeliveryState.WAITING, Outbox.due_at <= store.now
    return store.session.scalar(select(func.min(Outbox.due_at)).where(*waiting))


def count_faulty_timers(store: Store) -> int:
    """Return how many timers were set aside because their effect failed."""
    return _count(store, Timer, Timer.state == TimerState.ARMED, Timer.faults >= MAX_FAULTS)


def count_failed_mails(store: Store) -> int:
    """Return how many mails were given up."""
    return _count(store, Outbox, Outbox.state == DeliveryState.FAILED)


def count_failed_jobs(store: Store) -> int:
    """Return how many jobs wait behind an incident."""
    return _count(store, Job, Job.status == JobStatus.FAILED)


def count_open_incidents(store: Store) -> int:
    """Return how many incidents wait for a human."""
    return _count(store, Incident, Incident.status == IncidentStatus.OPEN)


def _count(store: Store, table: type[Timer | Outbox | Job | Incident], *conditions: ColumnElement[bool]) -> int:
    return store.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

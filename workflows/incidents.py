"""Incidents 异常: a fault of a process waits for its administrator, who mends the cause and has it run again."""

from __future__ import annotations

from workflows import ledger
from workflows.access import Actor
from workflows.engine.types import Retry
from workflows.errors import NotFoundError, WrongStateError
from workflows.opening import find_candidates_again
from workflows.queries.access import sees_case
from workflows.running import carry_out
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_tasks
from workflows.tables import Activity, Incident, IncidentStatus, Job, JobStatus, Role, Timer, TimerState, Unit


def retry_incident(store: Store, incident_id: str, *, actor: Actor) -> Incident:
    """Run again what an incident stopped. If the cause is still there, a new incident follows.

    Raises ``WrongStateError`` when it is resolved already, ``NotAllowedError`` for anyone but the 流程管理员 of its
    unit, and ``NotFoundError`` for who may not see its case.
    """
    case = stored.lock_case_of_incident(store, incident_id)
    if not sees_case(store, case, actor=actor):
        message = f"Expected incident {incident_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="incident-not-found", id=incident_id)
    actor.require_role(Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)
    incident = store.need(Incident, incident_id)
    store.session.refresh(incident)  # read again under the lock
    if incident.status != IncidentStatus.OPEN:
        message = f"Expected incident {incident_id} to be open, but it is resolved."
        raise WrongStateError(message, code="incident-resolved", id=incident_id)
    incident.status = IncidentStatus.RESOLVED
    incident.resolved_at, incident.resolved_by = store.now, actor.person_id
    ledger.record(
        store, f"case:{case.id}", "incident-retried", {"incident": incident.id, "code": incident.code}, actor=actor
    )
    activity = store.get(Activity, incident.activity_id) if incident.activity_id else None
    if incident.code == "timer-failed":
        _arm_again(store, case.id)
    elif incident.code.startswith("inbox-"):
        _deliver_again(store, case.id)
    elif incident.code == "job-failed" and activity is not None:
        _try_job_again(store, activity.id)
    elif incident.code == "no-candidate" and activity is not None:
        find_candidates_again(store, case, activity)
    elif activity is not None:
        if incident.code == "child-cancelled":
            stored.make_room_for_child(store, activity.id)
        carry_out(store, case, Retry(stored.key_of(activity)), actor=actor)
    return incident


def _arm_again(store: Store, case_id: str) -> None:
    for timer in stored_tasks.faulty_timers(store, case_id):
        _forgive(timer)


def _forgive(timer: Timer) -> None:
    if timer.state == TimerState.ARMED:
        timer.faults = 0


def _deliver_again(store: Store, case_id: str) -> None:
    for row in stored.rows_set_aside(store, case_id):
        row.consumed_at = row.result = None
    store.wake_after_commit(case_id)


def _try_job_again(store: Store, activity_id: str) -> None:
    job: Job | None = stored.job_of(store, activity_id)
    if job is not None and job.status == JobStatus.FAILED:
        job.status, job.attempts, job.due_at, job.error, job.done_at = JobStatus.WAITING, 0, store.now, "", None
        job.retries = job.worker = job.locked_until = None

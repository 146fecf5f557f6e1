"""External tasks: service tasks that programs outside do. They fetch by topic, work, and report (BPMN 2.0.2 §10.3.3).

A worker locks what it fetches for a while; a lock that expires frees the job for others. What fails is fetched again
until no retries are left, then it waits behind an incident. Whoever works must have the role ``worker`` over the unit
of the case: with it one reads what the job needs, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.engine.types import FinishJob
from workflows.engine.values import from_json
from workflows.errors import NotAllowedError, WrongStateError
from workflows.running import carry_out, require_running, variables_at
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import external_tasks as rows
from workflows.store.external_tasks import Topic
from workflows.store.incidents import open_incident
from workflows.tables import Activity, Case, Definition, Job, JobStatus, Role, Unit

__all__ = ["ExternalTask", "Failure", "Fetch", "Topic"]
_LONGEST_FAULT = 4_000
_LONGEST_DETAILS = 20_000


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a worker asks for. ``locks`` and ``variables`` are by topic; no names of variables: all of them."""

    worker: str
    topics: Sequence[Topic]
    most: int
    locks: Mapping[str, timedelta]
    variables: Mapping[str, Sequence[str] | None]
    by_priority: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a worker could not do it. ``retries`` left: 0 opens an incident; ``pause`` before the next attempt."""

    message: str
    details: str = ""
    retries: int = 0
    pause: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ExternalTask:
    """A job as its worker sees it."""

    id: str
    topic: str
    activity_id: str
    instance_id: str
    case_id: str
    business_key: str | None
    process_key: str
    definition: str
    unit: str
    created_at: datetime
    worker: str | None
    locked_until: datetime | None
    retries: int | None
    priority: int
    suspended: bool
    error: str
    variables: Mapping[str, Any]
    properties: Mapping[str, str]


def fetch_and_lock(store: Store, fetch: Fetch, *, actor: Actor) -> list[ExternalTask]:
    """Lock what waits for this worker and return it, the oldest first, or the most urgent."""
    require_worker_role(actor)
    found = rows.free_jobs(store, fetch.topics, fetch.most, by_priority=fetch.by_priority, actor=actor)
    for job in found:
        job.worker, job.locked_until = fetch.worker, store.now + fetch.locks[job.topic or ""]
    return [_describe(store, job, fetch.variables.get(job.topic or "")) for job in found]


def read_external_task(store: Store, job_id: str, *, actor: Actor) -> ExternalTask:
    """Return one external task that waits, or raise ``NotFoundError``."""
    require_worker_role(actor)
    return _describe(store, rows.need_job(store, job_id, actor=actor), None)


def lock_external_task(store: Store, job_id: str, worker: str, duration: timedelta, *, actor: Actor) -> None:
    """Lock one task that nobody else holds."""
    _, job = _waiting(store, job_id, actor)
    if job.worker not in {None, worker} and job.locked_until is not None and job.locked_until > store.now:
        raise _of_other(job)
    job.worker, job.locked_until = worker, store.now + duration


def complete_external_task(
    store: Store, job_id: str, worker: str, variables: Mapping[str, Any], *, actor: Actor
) -> None:
    """Finish a task with what the worker found out; the token moves on in this transaction."""
    case, job = _held(store, job_id, worker, actor)
    _finish(store, case, job, variables, None, actor)


def throw_bpmn_error(
    store: Store, job_id: str, worker: str, code: str, variables: Mapping[str, Any], *, actor: Actor
) -> None:
    """End a task by the BPMN error ``code``, which a border event around it may catch (§10.5.7)."""
    case, job = _held(store, job_id, worker, actor)
    _finish(store, case, job, variables, code, actor)


def fail_external_task(store: Store, job_id: str, worker: str, failure: Failure, *, actor: Actor) -> None:
    """Write down that a worker failed: fetched again after the pause, or an incident when no retries are left."""
    case, job = _held(store, job_id, worker, actor)
    job.attempts += 1
    job.retries = failure.retries
    job.error = failure.message[:_LONGEST_FAULT]
    job.payload = {**job.payload, "details": failure.details[:_LONGEST_DETAILS]}
    job.worker = job.locked_until = None
    job.due_at = store.now + failure.pause
    if failure.retries > 0:
        return
    job.status, job.done_at = JobStatus.FAILED, store.now
    activity = store.need(Activity, job.activity_id)
    open_incident(
        store,
        case,
        element_id=activity.element_id,
        code="job-failed",
        message=job.error,
        activity_id=activity.id,
        params={"told": job.error},
    )


def extend_lock(store: Store, job_id: str, worker: str, duration: timedelta, *, actor: Actor) -> None:
    """Keep a task for ``duration`` from now on; a lock that has expired cannot be kept."""
    _, job = _held(store, job_id, worker, actor)
    if job.locked_until is None or job.locked_until <= store.now:
        message = f"Expected the lock of external task {job.id} to run, but it has expired."
        raise WrongStateError(message, code="external-task-lock-expired", id=job.id)
    job.locked_until = store.now + duration


def unlock_external_task(store: Store, job_id: str, *, actor: Actor) -> None:
    """Free a task for other workers."""
    _, job = _waiting(store, job_id, actor)
    job.worker = job.locked_until = None


def require_worker_role(actor: Actor) -> None:
    """Raise ``NotAllowedError`` unless the actor is a worker somewhere."""
    if not actor.has_role(Role.WORKER):
        message = f"Expected {actor.code} to be a worker for some unit."
        raise NotAllowedError(message, code="missing-role", roles=[Role.WORKER])


def _waiting(store: Store, job_id: str, actor: Actor) -> tuple[Case, Job]:
    """Lock the case of a task that waits, and read the task under it."""
    require_worker_role(actor)
    rows.need_job(store, job_id, actor=actor)
    case = stored.lock_case_of_job(store, job_id)
    job = rows.need_job(store, job_id, actor=actor)
    if job.status != JobStatus.WAITING:
        message = f"Expected external task {job_id} to wait for a worker, but it waits behind an incident."
        raise WrongStateError(message, code="external-task-failed", id=job_id)
    return case, job


def _held(store: Store, job_id: str, worker: str, actor: Actor) -> tuple[Case, Job]:
    case, job = _waiting(store, job_id, actor)
    if job.worker != worker:
        raise _of_other(job)
    require_running(case)
    return case, job


def _of_other(job: Job) -> WrongStateError:
    message = f"Expected external task {job.id} to be locked by this worker, but it is locked by {job.worker!r}."
    return WrongStateError(message, code="external-task-of-other", id=job.id)


def _finish(
    store: Store, case: Case, job: Job, variables: Mapping[str, Any], error_code: str | None, actor: Actor
) -> None:
    activity = store.need(Activity, job.activity_id)
    job.status, job.done_at, job.attempts = JobStatus.DONE, store.now, job.attempts + 1
    content = {
        "element": activity.element_id,
        "worker": job.worker,
        "error": error_code,
        "variables": sorted(variables),
    }
    ledger.record(store, f"case:{case.id}", "external-task-done", content, actor=actor)
    carry_out(store, case, FinishJob(stored.key_of(activity), variables, error_code), actor=actor)


def _describe(store: Store, job: Job, names: Sequence[str] | None) -> ExternalTask:
    case, activity = store.need(Case, job.case_id), store.need(Activity, job.activity_id)
    definition = store.need(Definition, case.definition_id)
    values = {**variables_at(store, case, stored.key_of(activity)), **from_json(job.payload["input"])}
    headers: Mapping[str, str] = job.payload["headers"]
    return ExternalTask(
        id=job.id,
        topic=job.topic or "",
        activity_id=activity.element_id,
        instance_id=activity.id,
        case_id=case.id,
        business_key=case.business_key,
        process_key=case.process_key,
        definition=f"{definition.key}:{definition.version}",
        unit=store.need(Unit, case.unit_id).code,
        created_at=activity.opened_at,
        worker=job.worker,
        locked_until=job.locked_until,
        retries=job.retries,
        priority=job.priority,
        suspended=case.status != "active",
        error=job.error,
        variables=values if names is None else {name: values[name] for name in names if name in values},
        properties={name: text for name, text in headers.items() if name not in {"topic", "priority"}},
    )

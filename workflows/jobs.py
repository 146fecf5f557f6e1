"""Service jobs: what a diagram asks the house to do. Run after the transaction that reached them, in their own.

Each operation is a function named in ``OPERATIONS``; diagrams name it in ``zc:operation``. Effects on another case
go through that case's inbox. A job that fails is tried again with growing pauses, then waits behind an incident.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from workflows.access import system_actor
from workflows.application import Application
from workflows.engine.types import FinishJob
from workflows.engine.values import from_json
from workflows.errors import ConcurrentUpdateError
from workflows.operations import OPERATIONS, OperationError
from workflows.running import carry_out
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store.incidents import open_incident
from workflows.tables import Activity, CaseStatus, Job, JobStatus
from workflows.transaction import read, run

_MOST_ATTEMPTS = 5
_logger = logging.getLogger(__name__)


def run_due(application: Application, limit: int = 200) -> int:
    """Run the jobs that are due. Returns how many were looked at."""
    job_ids = read(application, stored.jobs_due, limit)
    for job_id in job_ids:
        try:
            run(application, run_job, job_id)
        except ConcurrentUpdateError:
            continue  # no fault of the job: the next round runs it
        except Exception as fault:
            _logger.exception("a job failed", extra={"action": "job_fault", "job": job_id})
            run(application, count_failure, job_id, f"{type(fault).__name__}: {fault}")
    return len(job_ids)


def run_job(store: Store, job_id: str) -> None:
    """Carry out one job and let its token go on, all in one transaction."""
    case = stored.lock_case_of_job(store, job_id)
    job = stored.read_job(store, job_id)
    if job.status != JobStatus.WAITING or case.status != CaseStatus.ACTIVE:
        return
    stored.read_around(store, case)
    if job.operation not in OPERATIONS:
        message = f"Expected a known operation, but {job.operation!r} is none."
        raise OperationError(message)
    answer = OPERATIONS[job.operation](store, case, from_json(job.payload["input"]))
    job.status, job.done_at, job.attempts = JobStatus.DONE, store.now, job.attempts + 1
    activity = store.need(Activity, job.activity_id)
    command = FinishJob(stored.key_of(activity), {"result": answer})
    carry_out(store, case, command, actor=system_actor("job"))


def count_failure(store: Store, job_id: str, fault: str) -> None:
    """Write down a failed attempt: later again, at the fifth an incident."""
    case = stored.lock_case_of_job(store, job_id)
    job = store.need_fresh(Job, job_id)
    job.attempts += 1
    job.error = fault
    job.due_at = store.now + timedelta(minutes=2**job.attempts)
    if job.attempts < _MOST_ATTEMPTS:
        return
    job.status, job.done_at = JobStatus.FAILED, store.now
    activity = store.need(Activity, job.activity_id)
    open_incident(
        store,
        case,
        element_id=activity.element_id,
        code="job-failed",
        message=fault,
        activity_id=activity.id,
        params={"told": fault},
    )

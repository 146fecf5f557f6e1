"""Activities close, and with them their tasks, limits, ladders, facts, incidents and jobs.

Everything that a step closes is read together, whatever it is, so that closing ten activities asks the database no
more often than closing one.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.case_deadlines import close_fact, stop_clocks
from workflows.engine.types import Closing
from workflows.stages import note_silence
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_tasks
from workflows.tables import Activity, ActivityStatus, Case, ClockStop, IncidentStatus, TaskStatus

_STATUS = {
    Closing.COMPLETED: ActivityStatus.COMPLETED,
    Closing.CANCELLED: ActivityStatus.CANCELLED,
    Closing.RETURNED: ActivityStatus.RETURNED,
}


def close_activities(store: Store, case: Case, closed: Sequence[tuple[Activity, Closing]]) -> None:
    """Close open activities of a case, each in its way. One that is closed already stays as it is."""
    closings = {row.id: (row, closing) for row, closing in closed if row.status == ActivityStatus.OPEN}
    if not closings:
        return
    for row, closing in closings.values():
        row.status, row.closed_at = _STATUS[closing], store.now
    works = stored_tasks.works_of(store, list(closings))
    stops = stored_tasks.clock_stops(store, case.id) if any(work.fact for work in works) else ()
    for work in works:
        _close_work(store, work, closings[work.activity_id][1], stops=stops)
    stop_clocks(store, [work.deadline for work in works if work.deadline is not None])
    for row, closing in closings.values():
        if closing == Closing.CANCELLED:
            note_silence(store, case, row)
    for incident in stored.open_incidents_of(store, case.id, list(closings)):
        incident.status, incident.resolved_at = IncidentStatus.RESOLVED, store.now
    stored.cancel_jobs(store, [row.id for row, closing in closings.values() if closing != Closing.COMPLETED])


def _close_work(store: Store, work: stored_tasks.Work, closing: Closing, *, stops: Sequence[ClockStop]) -> None:
    task = work.task
    if task is not None and task.status in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        task.status = TaskStatus.COMPLETED if closing == Closing.COMPLETED else TaskStatus.CANCELLED
        task.done_at = store.now
        task.row_version += 1
    if work.fact is not None:
        close_fact(store, work.fact, closing.value, stops=stops)

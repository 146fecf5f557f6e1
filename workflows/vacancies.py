"""When holders change: claimed tasks return to their post, and a task that nobody can claim any more is an incident.

Tasks follow their posts by themselves; this looks after what does not: the seat of somebody who left the post, the
end of a holding that falls on a day on which nobody does anything, and a post that became empty, or was filled again,
while a task waited.
"""

from __future__ import annotations

from workflows import ledger, transaction
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.opening import find_candidates_again
from workflows.people import hand_over
from workflows.store import Store, handovers
from workflows.store import cases as stored
from workflows.tables import Activity, Incident, IncidentStatus, Task


def look_after_holders(application: Application, limit: int) -> int:
    """Hand over, fill or report what the present day asks for, a case a transaction; return how much it was."""
    actor = system_actor()
    done = transaction.run(application, hand_over, actor=actor, limit=limit)
    for task_id in transaction.read(application, handovers.lost_seats, limit):
        transaction.run(application, fill_vacancy, task_id)
        done += 1
    vacant = transaction.read(application, handovers.vacant_tasks, limit)
    for task_id in vacant:
        transaction.run(application, fill_vacancy, task_id)
    healed = transaction.read(application, handovers.healed_incidents, limit)
    for incident_id in healed:
        transaction.run(application, close_vacancy, incident_id, actor=actor)
    return done + len(vacant) + len(healed)


def fill_vacancy(store: Store, task_id: str) -> None:
    """Resolve the owner of a task anew; still nobody is an incident that waits for the 流程管理员."""
    case = stored.lock_case_of_task(store, task_id)
    task = store.need(Task, task_id)
    find_candidates_again(store, case, store.need(Activity, task.activity_id))


def close_vacancy(store: Store, incident_id: str, *, actor: Actor) -> None:
    """Resolve the incident of a task that somebody can claim again. One that is resolved already stays as it is."""
    case = stored.lock_case_of_incident(store, incident_id)
    incident = store.need_fresh(Incident, incident_id)
    if incident.status == IncidentStatus.OPEN:
        incident.status, incident.resolved_at = IncidentStatus.RESOLVED, store.now
        ledger.record(store, f"case:{case.id}", "incident-healed", {"incident": incident.id}, actor=actor)

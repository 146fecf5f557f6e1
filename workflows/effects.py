"""What one case asks of another: extensions and transfers decided in an escalation, carried out in the late case.

Each is consumed from the target's inbox, under the target's own lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger, notices
from workflows.access import Actor
from workflows.case_deadlines import count_extended, move_deadline
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Extension
from workflows.errors import RejectedError, WrongStateError
from workflows.receivers import require_receiver
from workflows.running import bundle_of
from workflows.store import Store
from workflows.store import tasks as stored
from workflows.store.incidents import open_incident
from workflows.tables import Case, Deadline, Person, Task, TaskCandidate, TaskStatus, new_id


def extend_running_deadline(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Add an approved extension to a deadline that still runs, or raise ``WrongStateError`` when it no longer does."""
    deadline = store.need(Deadline, payload["deadline_id"])
    if deadline.done_at is not None:
        message = f"Expected deadline {deadline.id} to run, but it is done."
        raise WrongStateError(message, code="deadline-done")
    bundle = bundle_of(store, case)
    extension = Extension(
        int(payload["workdays"]), ground=str(payload.get("ground", "")), approver=str(payload.get("approver", ""))
    )
    try:
        count = count_extended(store, case, deadline, extension, bundle=bundle)
    except DeadlineError as fault:
        # the rule's bound was reached by another extension after this one was granted: a person must see it
        open_incident(store, case, element_id="", code="extension-not-possible", message=str(fault))
        return
    move_deadline(store, case, deadline, count, bundle=bundle, ground="extension", note=extension.ground, actor=actor)
    case.row_version += 1


def hand_task_over(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Give an open task to another person, or raise ``WrongStateError`` when it is closed.

    Whoever may no longer receive it (they could when it was decided) receives nothing, and an incident says so.
    """
    task = store.need(Task, payload["task_id"])
    if task.status not in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        message = f"Expected task {task.id} to be open, but it is {task.status}."
        raise WrongStateError(message, code=f"task-{task.status}")
    person = store.need(Person, payload["person_id"])
    try:
        require_receiver(store, case, task, person)
    except RejectedError as fault:
        open_incident(store, case, element_id=task.element_id, code="transfer-not-possible", message=fault.message)
        return
    give_task(store, task, person.id)
    ledger.record(store, f"case:{case.id}", "task-transferred", {"task": task.id, "to_person": person.id}, actor=actor)
    tell_receiver(store, case, task, person.id)
    case.row_version += 1


def give_task(store: Store, task: Task, person_id: str) -> None:
    """Replace the candidates of a task by one person; nobody has claimed it then. Drafts stay."""
    for row in stored.candidates_of(store, task.id):
        store.session.delete(row)
    stored.forget_candidates(store, task.id)
    store.session.flush()  # the new candidate may be one of the old
    store.add_later(TaskCandidate(id=new_id(), task_id=task.id, post_id=None, person_id=person_id))
    task.status = TaskStatus.OPEN
    task.assignee_id = task.assignee_post_id = task.claimed_at = None
    task.row_version += 1


def tell_receiver(store: Store, case: Case, task: Task, person_id: str) -> None:
    """Tell somebody that a task was handed to them."""
    notices.notify(
        store,
        person_id,
        "task-transferred",
        {"task": task.id, "name": task.name, "title": case.title},
        key=f"transfer:{task.id}:{task.row_version}",
        case_id=case.id,
    )

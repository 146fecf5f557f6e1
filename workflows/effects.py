"""What one case asks of another: extensions and transfers decided in an escalation, carried out in the late case.

Each is consumed from the target's inbox, under the target's own lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.case_deadlines import count_extended, move_deadline
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Extension
from workflows.errors import WrongStateError
from workflows.running import bundle_of
from workflows.steps import open_incident
from workflows.store import Store
from workflows.store import tasks as stored
from workflows.store.recusals import recused_ids
from workflows.tables import Case, Deadline, Person, Post, Task, TaskCandidate, TaskStatus, new_id


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
    """Give an open task to another person or post, or raise ``WrongStateError`` when it is closed."""
    task = store.need(Task, payload["task_id"])
    if task.status not in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        message = f"Expected task {task.id} to be open, but it is {task.status}."
        raise WrongStateError(message, code=f"task-{task.status}")
    if payload.get("person_id") in recused_ids(store, case, task.id):
        message = f"Expected somebody who is no party to receive task {task.id}."
        raise WrongStateError(message, code="recused")
    give_task(store, task, post_id=payload.get("post_id"), person_id=payload.get("person_id"))
    content = {"task": task.id, "to_post": payload.get("post_id"), "to_person": payload.get("person_id")}
    ledger.record(store, f"case:{case.id}", "task-transferred", content, actor=actor)
    case.row_version += 1


def give_task(store: Store, task: Task, *, post_id: str | None, person_id: str | None) -> None:
    """Replace the candidates of a task by one post or person; nobody has claimed it then. Drafts stay."""
    for row in stored.candidates_of(store, task.id):
        store.session.delete(row)
    store.session.flush()  # the new candidate may be one of the old
    if post_id is not None:
        task.unit_id = store.need(Post, post_id).unit_id
    elif person_id is not None:
        store.need(Person, person_id)
    store.add_later(TaskCandidate(id=new_id(), task_id=task.id, post_id=post_id, person_id=person_id))
    task.status = TaskStatus.OPEN
    task.assignee_id = task.assignee_post_id = task.claimed_at = None
    task.row_version += 1

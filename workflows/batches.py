"""The same act on many things, each in a transaction of its own: one that fails takes no other with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.access import Actor
from workflows.application import Application
from workflows.copies import mark_copy_read
from workflows.errors import WorkflowError
from workflows.tasks import claim_task
from workflows.transaction import run

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of many; ``fault`` None: it was done."""

    id: str
    name: str
    fault: WorkflowError | None = None


def claim_tasks(application: Application, task_ids: Sequence[str], *, actor: Actor) -> list[Done]:
    """签收 many tasks, in the order given; each is claimed or told why not."""
    results = []
    for task_id in dict.fromkeys(task_ids):
        try:
            task = run(application, claim_task, task_id, actor=actor)
            results.append(Done(task_id, task.name))
        except WorkflowError as fault:
            results.append(Done(task_id, "", fault))
    return results


def mark_copies_read(application: Application, copy_ids: Sequence[str], *, actor: Actor) -> list[Done]:
    """Mark many copies as read, in the order given; each is marked or told why not."""
    results = []
    for copy_id in dict.fromkeys(copy_ids):
        try:
            run(application, mark_copy_read, copy_id, actor=actor)
            results.append(Done(copy_id, ""))
        except WorkflowError as fault:
            results.append(Done(copy_id, "", fault))
    return results

"""Who may receive a task from another's hand: with an account in use, cleared for the case, no party to its matter.

A seat (签字背书) is handed to nobody: each member signs for themselves, and it passes on with its post alone (0078).
"""

from __future__ import annotations

from workflows.errors import FieldFault, RejectedError
from workflows.store import Store, people
from workflows.store import tasks as stored
from workflows.store.recusals import recused_ids
from workflows.tables import Case, Person, PersonStatus, Task


def require_receiver(store: Store, case: Case, task: Task, person: Person, *, pointer: str = "/to") -> None:
    """Raise ``RejectedError`` unless the person may receive the task; ``pointer`` names the field that chose them."""
    if person.status != PersonStatus.ACTIVE:
        raise refused(pointer, "not-a-colleague", f"Expected {person.code} to have an account in use.")
    if person.clearance not in people.cleared_for(case.classification):
        raise refused(
            pointer, "not-cleared", f"Expected {person.code} to be cleared for {case.classification} matters."
        )
    if any(row.seat_post_id is not None for row in stored.candidates_of(store, task.id)):
        message = f"Expected task {task.id} to be anybody's, but it is the seat of one person."
        raise refused(pointer, "seat-is-personal", message)
    if person.id in recused_ids(store, case, task.id):
        raise refused(pointer, "recused", f"Expected {person.code} to be no party to the matter.")


def refused(pointer: str, code: str, message: str) -> RejectedError:
    """Return the fault of a field that names somebody who cannot receive it."""
    return RejectedError(message, code=code, faults=[FieldFault(pointer, code, message)])

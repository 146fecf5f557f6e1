"""Whether a decision on an escalation can be carried out: checked when it is made, so that nobody grants in vain."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.case_deadlines import count_extended
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Extension
from workflows.errors import FieldFault, RejectedError
from workflows.receivers import require_receiver
from workflows.running import bundle_of
from workflows.store import Store, people
from workflows.store import tasks as stored_tasks
from workflows.tables import Case, Deadline, Escalation, Task

EXTEND = "extend"
WORKDAYS = "extend_workdays"
TRANSFER = "transfer"
RECEIVER = "transfer_to"


def check_grant(store: Store, case: Case, task: Task, values: Mapping[str, Any]) -> None:
    """Raise ``RejectedError`` when a decision grants what the law of the late case does not allow.

    That is more time than the rule of its limit has, or handing the late task to somebody who may not receive it.
    """
    escalation = store.get(Escalation, case.id)
    if escalation is None or escalation.decision_activity_id != task.activity_id:
        return
    if values.get("outcome") == EXTEND:
        _check_extension(store, escalation, values.get(WORKDAYS))
    elif values.get("outcome") == TRANSFER:
        _check_receiver(store, escalation, values.get(RECEIVER))


def _check_receiver(store: Store, escalation: Escalation, code: Any) -> None:
    late = (
        stored_tasks.task_of_activity(store, escalation.source_activity_id) if escalation.source_activity_id else None
    )
    if late is None or late.done_at is not None:
        return  # handed in meanwhile: there is nothing to hand over
    source = store.need(Case, escalation.source_case_id)
    require_receiver(store, source, late, people.need_person(store, str(code)), pointer=f"/variables/{RECEIVER}")


def _check_extension(store: Store, escalation: Escalation, days: Any) -> None:
    if not isinstance(days, int | Decimal):
        return
    deadline = store.need(Deadline, escalation.source_deadline_id)
    if deadline.done_at is not None:
        return  # handed in meanwhile: the extension will have nothing to move
    source = store.need(Case, escalation.source_case_id)
    try:
        count_extended(store, source, deadline, Extension(int(days)), bundle=bundle_of(store, source))
    except DeadlineError as fault:
        faults = [FieldFault(f"/variables/{WORKDAYS}", fault.code, str(fault))]
        raise RejectedError(str(fault), code="extension-not-possible", faults=faults) from fault

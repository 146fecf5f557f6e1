"""Whether a decision on an escalation can be carried out: checked when it is made, so that nobody grants in vain."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.case_deadlines import count_extended
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Extension
from workflows.errors import FieldFault, RejectedError
from workflows.running import bundle_of
from workflows.store import Store
from workflows.tables import Case, Deadline, Escalation, Task

EXTEND = "extend"
WORKDAYS = "extend_workdays"


def check_grant(store: Store, case: Case, task: Task, values: Mapping[str, Any]) -> None:
    """Raise ``RejectedError`` when a decision grants more time than the rule of the late limit allows."""
    escalation = store.get(Escalation, case.id)
    days = values.get(WORKDAYS)
    if escalation is None or escalation.decision_activity_id != task.activity_id:
        return
    if values.get("outcome") != EXTEND or not isinstance(days, int | Decimal):
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

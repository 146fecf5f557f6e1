"""Escalation 督办: an overdue step proposes one, a supervisor decides within their own limit, silence passes upward.

Each is a case of the family ``escalation``; the diagram holds the procedure, this file what it is about and the
row that lists read. A step of an escalation never raises another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.case_deadlines import calendar_of, count_extended, explanation_of
from workflows.clock import SHANGHAI
from workflows.creating import create_case
from workflows.deadlines.count import local_day
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Extension
from workflows.engine.values import to_json
from workflows.errors import FieldFault, NotFoundError, RejectedError, WrongStateError
from workflows.law import CompiledBundle
from workflows.queries.access import sees_case
from workflows.recusal import inherit_parties
from workflows.running import bundle_of
from workflows.stages import escalation_above
from workflows.store import Store
from workflows.store import escalations as stored
from workflows.store import tasks as stored_tasks
from workflows.tables import (
    Activity,
    Case,
    Deadline,
    Escalation,
    EscalationKind,
    EscalationStatus,
    Person,
    Unit,
)
from workflows.tasks import Submission, complete_task, locked_task, take_in_hand

FAMILY = "escalation"


def propose_escalation(
    store: Store,
    case: Case,
    deadline: Deadline,
    rung: Mapping[str, Any],
    *,
    bundle: CompiledBundle,
    actor: Actor,
) -> Escalation | None:
    """Propose the escalation of an overdue limit, unless one about it is open or the case is itself an escalation."""
    if escalation_above(store, case) is not None or stored.open_about(store, deadline.id, EscalationKind.OVERDUE):
        return None
    facts = _facts(store, case, deadline, bundle=bundle)
    facts |= {
        "kind": EscalationKind.OVERDUE.value,
        "rung": rung["step"],
        "proposed_outcome": rung.get("outcome"),
        "days_late": _workdays_late(store, case, deadline),
    }
    return _open(store, case, deadline, EscalationKind.OVERDUE, facts, actor=actor)


def _workdays_late(store: Store, case: Case, deadline: Deadline) -> int:
    """Return the working days since the last day of the limit, today included."""
    calendar = calendar_of(store, case)
    last, today = local_day(deadline.due_at), local_day(store.now)
    return max(1, calendar.count_workdays(last, today)) if today >= last else 0


def _facts(store: Store, case: Case, deadline: Deadline, *, bundle: CompiledBundle) -> dict[str, Any]:
    """Return what an escalation is about, as plain data for its variables, its page and its ledger."""
    task = stored_tasks.task_of_activity(store, deadline.activity_id) if deadline.activity_id else None
    activity = store.get(Activity, deadline.activity_id) if deadline.activity_id else None
    unit = store.need(Unit, task.unit_id if task else case.unit_id)
    assignee = store.get(Person, task.assignee_id) if task and task.assignee_id else None
    return {
        "source_case": case.id,
        "source_case_title": case.title,
        "source_family": bundle.key,
        "source_task": task.id if task else None,
        "source_step": activity.name if activity else "",
        "source_element": activity.element_id if activity else None,
        "source_deadline": deadline.id,
        "source_unit": unit.code,
        "source_unit_name": unit.name,
        "source_assignee": assignee.code if assignee else None,
        "rule": explanation_of(deadline).title or deadline.rule,
        "due_at": deadline.due_at,
        "provisional": deadline.provisional,
        "level": 1,
    }


def _open(
    store: Store, case: Case, deadline: Deadline, kind: EscalationKind, facts: dict[str, Any], *, actor: Actor
) -> Escalation:
    unit = stored.unit_by_code(store, facts["source_unit"])
    opened = create_case(
        store,
        definition=FAMILY,
        unit_id=unit.id,
        variables=facts,
        title=f"{facts['source_case_title']}·{facts['source_step']}"[:300],
        actor=actor,
        source=case,
    )
    inherit_parties(store, case, opened)
    escalation = store.add(
        Escalation(
            case_id=opened.id,
            kind=kind,
            status=EscalationStatus.PROPOSED,
            source_case_id=case.id,
            source_activity_id=deadline.activity_id,
            source_deadline_id=deadline.id,
            sequence=stored.number_about(store, deadline.id, kind) + 1,
            unit_id=unit.id,
            rule=facts.get("rung") or kind.value,
            facts=to_json(facts),
            provisional=deadline.provisional,
            proposed_outcome=facts.get("proposed_outcome"),
            created_at=store.now,
        )
    )
    content = {"escalation": opened.id, "kind": kind.value, "deadline": deadline.id}
    ledger.record(store, f"case:{case.id}", "escalation-proposed", content, actor=actor)
    return escalation


def request_extension(
    store: Store,
    task_id: str,
    *,
    ground: str,
    reason: str,
    actor: Actor,
    workdays: int | None = None,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> Escalation:
    """Ask for more time for a task, in working days or until a day: a supervisor decides. The clock runs on meanwhile.

    Raises ``RejectedError`` when the step has no limit or its rule forbids the extension, ``WrongStateError`` when
    a request about it is open already.
    """
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    take_in_hand(store, case, task, actor)
    deadline = stored_tasks.deadline_of_activity(store, task.activity_id)
    if deadline is None:
        message = f"Expected task {task_id} to have a limit, but it has none."
        raise RejectedError(message, code="no-deadline", faults=[FieldFault("", "no-deadline", message)])
    if stored.open_about(store, deadline.id, EscalationKind.EXTENSION):
        message = f"Expected no open request about task {task_id}, but there is one."
        raise WrongStateError(message, code="extension-requested")
    days = workdays if workdays is not None else _workdays_until(store, case, deadline, until)
    bundle = bundle_of(store, case)
    try:
        count_extended(store, case, deadline, Extension(days, ground=ground), bundle=bundle)
    except DeadlineError as fault:
        faults = [FieldFault("/workdays", fault.code, str(fault))]
        raise RejectedError(str(fault), code="extension-not-possible", faults=faults) from fault
    sealed = ledger.seal(store, reason, "extension-reason")
    facts = _facts(store, case, deadline, bundle=bundle)
    facts |= {
        "kind": EscalationKind.EXTENSION.value,
        "requested_workdays": days,
        "ground": ground,
        "reason": reason,
        "requested_by": actor.code,
        "proposed_outcome": "extend",
        "days_late": 0,
    }
    content = {"task": task.id, "workdays": days, "ground": ground, "reason": ledger.reference(sealed)}
    ledger.record(store, f"case:{case.id}", "extension-requested", content, actor=actor)
    return _open(store, case, deadline, EscalationKind.EXTENSION, facts, actor=actor)


def _workdays_until(store: Store, case: Case, deadline: Deadline, until: datetime | None) -> int:
    last_day = local_day(deadline.due_at)
    if until is None or until <= deadline.due_at:
        message = "Expected a number of working days or a date after the limit."
        raise RejectedError(message, code="bad-extension", faults=[FieldFault("/due_at", "bad-extension", message)])
    return max(1, calendar_of(store, case).count_workdays(last_day, until.astimezone(SHANGHAI).date()))


def decide_escalation(
    store: Store,
    escalation_id: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    expected_version: int | None = None,
    confirmed_at: datetime | None = None,
    late_reason: str | None = None,
) -> Escalation:
    """Decide an escalation by completing the decision step that waits in it with ``values`` of its form.

    Raises ``WrongStateError`` when nothing waits to be decided and ``NotAllowedError`` for anyone but the decider.
    """
    task = stored.decision_task(store, escalation_id)
    if task is None:
        case = store.get(Case, escalation_id)
        if case is None or store.get(Escalation, escalation_id) is None or not sees_case(store, case, actor=actor):
            message = f"Expected escalation {escalation_id} to exist, but it does not."
            raise NotFoundError(message, code="escalation-not-found", id=escalation_id)
        message = f"Expected escalation {escalation_id} to wait for a decision, but it does not."
        raise WrongStateError(message, code="escalation-not-waiting", id=escalation_id)
    submission = Submission(values, confirmed_at=confirmed_at, late_reason=late_reason)
    complete_task(store, task.id, submission, actor=actor, expected_version=expected_version)
    return store.need(Escalation, escalation_id)

"""The case inbox: what other cases did to a case, consumed in the case's own transaction.

A transaction locks exactly one case row, so cases never wait for each other in a circle. Rows are committed by
their senders; ``advance_all`` runs right after that commit, ``advance_waiting`` finds what a crash left behind.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.cases import begin_created, end_early, hold, let_go
from workflows.effects import extend_running_deadline, hand_task_over
from workflows.engine.types import ChildEscalation, Deliver, EndChild
from workflows.engine.values import from_json
from workflows.errors import ConcurrentUpdateError, WrongStateError
from workflows.recusal import take_new_parties
from workflows.running import carry_out, require_running
from workflows.shared_facts import take_facts
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store.incidents import open_incident
from workflows.tables import Activity, Case, CaseInbox, CaseStatus
from workflows.tracks import take_conclusion
from workflows.transaction import read, run

DONE = "done"
_MOST_ROWS = 50  # of one inbox in one transaction
_logger = logging.getLogger(__name__)
_Effect = Callable[[Store, Case, Mapping[str, Any], Actor], None]


def advance(store: Store, case_id: str, most: int = _MOST_ROWS) -> int:
    """Lock a case and consume its inbox in order, up to ``most`` rows. Returns how many rows were consumed."""
    case = stored.lock_case(store, case_id)
    actor = system_actor("inbox")
    stored.read_around(store, case)
    kinds = stored.WHILE_SUSPENDED if case.status == CaseStatus.SUSPENDED else None
    consumed = 0
    for row in stored.waiting_inbox(store, case_id, kinds=kinds)[:most]:
        if case.status == CaseStatus.SUSPENDED and row.kind not in stored.WHILE_SUSPENDED:
            continue  # a row before it has suspended the case
        store.hops = int(row.payload.get("hops", 0))
        row.result = _consume(store, case, row, actor)
        store.hops = 0
        row.consumed_at = store.now
        consumed += 1
    if consumed == most:
        store.wake_after_commit(case_id)
    return consumed


def _consume(store: Store, case: Case, row: CaseInbox, actor: Actor) -> str:
    """Let one row take effect; one that comes too late is consumed without any."""
    if case.status in {CaseStatus.COMPLETED, CaseStatus.CANCELLED}:
        return "case-ended"
    try:
        _EFFECTS[row.kind](store, case, row.payload, actor)
    except WrongStateError as fault:
        return fault.code
    return DONE


def _start(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    begin_created(store, case, payload, actor=actor)


def _cancel(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    ledger.record(store, f"case:{case.id}", "case-cancelled", {"by": payload.get("reason", "")}, actor=actor)
    end_early(store, case, str(payload.get("reason", "")), actor=actor)


def _suspend(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    require_running(case)
    hold(store, case)
    ledger.record(store, f"case:{case.id}", "case-suspended", {"by": payload.get("reason", "")}, actor=actor)


def _resume(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    """Let a case go that was suspended with its parent; one that was suspended for itself stays so."""
    if case.status != CaseStatus.SUSPENDED or stored.last_inbox_result(store, case.id, "suspend") != DONE:
        message = f"Expected case {case.id} to be suspended with its parent, but it is not."
        raise WrongStateError(message, code=f"case-{case.status}", id=case.id)
    let_go(store, case)
    ledger.record(store, f"case:{case.id}", "case-resumed", {"by": payload.get("reason", "")}, actor=actor)


def _end_child(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    activity = store.need(Activity, payload["activity_id"])
    command = EndChild(
        stored.key_of(activity),
        payload["index"],
        payload["outcome"],
        from_json(payload["variables"]),
        payload["code"],
    )
    carry_out(store, case, command, actor=actor)


def _child_escalation(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    activity = store.need(Activity, payload["activity_id"])
    carry_out(store, case, ChildEscalation(stored.key_of(activity), payload["index"], payload["code"]), actor=actor)


def _message(store: Store, case: Case, payload: Mapping[str, Any], actor: Actor) -> None:
    values, correlation = from_json(payload["payload"]), payload.get("correlation")
    carry_out(store, case, Deliver(payload["kind"], payload["name"], values, correlation), actor=actor)


_EFFECTS: dict[str, _Effect] = {
    "start": _start,
    "cancel": _cancel,
    "suspend": _suspend,
    "resume": _resume,
    "end_child": _end_child,
    "child_escalation": _child_escalation,
    "message": _message,
    "extend_deadline": extend_running_deadline,
    "transfer_task": hand_task_over,
    "recuse": take_new_parties,
    "enter_facts": take_facts,
    "track_concluded": take_conclusion,
}


def advance_all(application: Application, case_ids: Iterable[str]) -> None:
    """Work through the inboxes of these cases and of those they write to, each case in its own transaction.

    A fault leaves the rows where they are: the scheduler tries again and then opens an incident.
    """
    waiting = deque(dict.fromkeys(case_ids))
    application_without_wake = _collecting(application, waiting)
    while waiting:
        case_id = waiting.popleft()
        try:
            run(application_without_wake, advance, case_id)
        except Exception:
            _logger.exception("an inbox could not be worked through", extra={"action": "inbox_fault", "case": case_id})


def _collecting(application: Application, waiting: deque[str]) -> Application:
    """Return the same application, whose wake-ups join the queue instead of nesting."""

    def collect(_application: Application, case_ids: Iterable[str]) -> None:
        waiting.extend(case_id for case_id in case_ids if case_id not in waiting)

    return Application(application.settings, application.database, application.clock, application.law, collect)


def advance_waiting(application: Application, limit: int = 200) -> int:
    """Find inboxes that wait (after a crash, or after a resume) and work through them. Returns how many cases."""
    case_ids = read(application, stored.cases_with_inbox, limit)
    for case_id in case_ids:
        try:
            run(application, advance, case_id)
        except ConcurrentUpdateError:
            continue  # whoever won the race has consumed it, or the next round will
        except Exception:
            _logger.exception("an inbox could not be worked through", extra={"action": "inbox_fault", "case": case_id})
            _isolate(application, case_id)
    return len(case_ids)


def _isolate(application: Application, case_id: str) -> None:
    """Consume row by row up to the one that fails, and set that one aside: those before and after it take effect."""
    while (row := read(application, stored.next_inbox_row, case_id)) is not None:
        try:
            run(application, advance, case_id, 1)
        except ConcurrentUpdateError:
            return
        except Exception as fault:  # noqa: BLE001 - told in full by the incident
            run(application, set_aside, case_id, row, f"{type(fault).__name__}: {fault}")


def set_aside(store: Store, case_id: str, seq: int, fault: str) -> None:
    """Consume a row without effect and open an incident: one bad row must not block the others."""
    case = stored.lock_case(store, case_id)
    row = store.need(CaseInbox, seq)
    if row.consumed_at is not None:
        return
    row.consumed_at, row.result = store.now, stored.SET_ASIDE
    open_incident(store, case, element_id="", code=f"inbox-{row.kind}-failed".replace("_", "-"), message=fault)

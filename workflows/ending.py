"""A case ends: its clocks stop, its ledger says so, and whoever waits for it is told by their inboxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.case_deadlines import stop_total_clock
from workflows.engine.types import Outcome
from workflows.engine.values import to_json
from workflows.stages import note_end
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store.links import links_told_of
from workflows.tables import Case, CaseStatus


def end_case(store: Store, case: Case, outcome: Outcome, variables: Mapping[str, Any], *, actor: Actor) -> None:
    """Write down the end of a case, and tell the case that called it what came of it."""
    case.status = CaseStatus.CANCELLED if outcome.kind == "cancelled" else CaseStatus.COMPLETED
    case.outcome = f"error({outcome.code})" if outcome.kind == "error" else outcome.kind
    case.ended_at = store.now
    stop_total_clock(store, case)
    note_end(store, case)
    ledger.record(store, f"case:{case.id}", "case-ended", {"outcome": case.outcome}, actor=actor)
    _tell_who_opened(store, case)
    if case.parent_case_id is None or case.parent_activity_id is None:
        return
    stored.send_to_case(
        store,
        case.parent_case_id,
        "end_child",
        {
            "activity_id": case.parent_activity_id,
            "index": case.child_index or 0,
            "outcome": {"cancelled": "cancelled", "error": "error"}.get(outcome.kind, "completed"),
            "code": outcome.code,
            "variables": to_json(dict(variables)),
        },
        key=f"end:{case.id}",
        source_case_id=case.id,
    )


def _tell_who_opened(store: Store, case: Case) -> None:
    """Send the message that a case asked for when it opened this one (``open_case``)."""
    for link in links_told_of(store, case.id):
        told = {"case": case.id, "outcome": case.outcome, "ended_at": case.ended_at}
        payload = {"kind": "message", "name": link.message, "payload": to_json({str(link.message): told})}
        stored.send_to_case(
            store, link.source_case_id, "message", payload, key=f"told:{link.id}", source_case_id=case.id
        )

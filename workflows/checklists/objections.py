"""Objections 公示意见: raised by whoever may read a publicised list, answered one by one, told to who raised them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor, system_actor
from workflows.errors import FieldFault, NotFoundError, RejectedError, WrongStateError
from workflows.notices import notify
from workflows.queries.checklist_access import may_read_checklist
from workflows.store import Store, checklists
from workflows.store import cases as stored_cases
from workflows.tables import (
    Case,
    Checklist,
    ChecklistObjection,
    ChecklistStatus,
    ObjectionOutcome,
    SealedValue,
    Unit,
)

_LONGEST = 2_000


def raise_objection(
    store: Store, checklist_id: str, text: str, *, actor: Actor, row_no: str | None = None
) -> ChecklistObjection:
    """Say something against a list (or one row of it) while it is publicised. The ledger knows it only sealed.

    Raises ``NotFoundError`` for a list that the actor may not read, ``WrongStateError`` outside the publicity.
    """
    checklist = store.get(Checklist, checklist_id)
    if checklist is None or actor.person_id is None or not may_read_checklist(store, checklist, actor=actor):
        message = f"Expected list {checklist_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="checklist-not-found", id=checklist_id)
    stored_cases.lock_case(store, checklist.case_id)
    store.session.refresh(checklist)  # read again under the lock
    until = checklist.publicity_until
    if checklist.status != ChecklistStatus.PUBLICITY or until is None or store.now >= until:
        message = f"Expected list {checklist_id} to be publicised now, but it is not."
        raise WrongStateError(message, code="not-in-publicity", id=checklist_id)
    _require_text(text)
    if row_no is not None and row_no not in {row.no for row in checklists.rows_of(store, checklist.id)}:
        fault = FieldFault("/row", "row-unknown", "Expected the number of a row of this list.")
        raise RejectedError("Expected a row of the list.", code="invalid-form", faults=[fault])
    sealed = ledger.seal(store, text.strip(), "objection")
    found = store.add(
        ChecklistObjection(
            checklist_id=checklist.id,
            number=len(checklists.objections_of(store, checklist.id)) + 1,
            row_no=row_no,
            text_id=sealed.id,
            raised_by=actor.person_id,
            raised_at=store.now,
        )
    )
    content = {"checklist": checklist.id, "number": found.number, "row": row_no, "text": ledger.reference(sealed)}
    ledger.record(store, f"case:{checklist.case_id}", "objection-raised", content, actor=actor)
    return found


def _require_text(text: str) -> None:
    if not text.strip() or len(text) > _LONGEST:
        code = "too-long" if text.strip() else "field-required"
        fault = FieldFault("/text", code, f"Expected 1 to {_LONGEST} characters.", (("maximum", _LONGEST),))
        raise RejectedError("Expected an objection.", code="invalid-form", faults=[fault])


def collect_objections(store: Store, _case: Case, inputs: Mapping[str, Any]) -> Any:
    """Return the objections that nobody has answered yet (operation of the diagram)."""
    return [
        {"number": row.number, "row": row.row_no, "text": store.need(SealedValue, row.text_id).value}
        for row in checklists.objections_of(store, inputs["checklist"], is_open=True)
    ]


def answer_objections(store: Store, case: Case, inputs: Mapping[str, Any]) -> Any:
    """Answer objections by their numbers and tell who raised them; returns how many were upheld and are still open."""
    checklist = store.need(Checklist, inputs["checklist"])
    answers = {int(answer["number"]): answer for answer in inputs.get("answers") or ()}
    upheld = 0
    for row in checklists.objections_of(store, checklist.id, is_open=True):
        answer = answers.get(row.number)
        if answer is None:
            continue
        sealed = ledger.seal(store, str(answer["reply"]), "objection-reply")
        row.outcome, row.reply_id, row.answered_at = ObjectionOutcome(answer["outcome"]), sealed.id, store.now
        upheld += row.outcome == ObjectionOutcome.UPHOLD
        content = {"number": row.number, "outcome": str(row.outcome), "reply": ledger.reference(sealed)}
        ledger.record(store, f"case:{case.id}", "objection-answered", content, actor=system_actor("job"))
        told = {"unit": store.need(Unit, checklist.unit_id).name, "year": checklist.year, "number": row.number}
        notify(store, row.raised_by, "objection-answered", told, key=f"objection:{row.id}", case_id=None)
    store.session.flush()  # counted below
    return {"upheld": upheld, "open": len(checklists.objections_of(store, checklist.id, is_open=True))}

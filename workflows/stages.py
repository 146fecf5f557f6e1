"""The stages of an escalation as its row shows them: who must decide by when, and what became of it.

The diagram drives; these functions only write down what lists, pages and the checker read. They are called where
tasks open and close, so that row and diagram cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.store import Store
from workflows.store import tasks as stored_tasks
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    Deadline,
    Escalation,
    EscalationStage,
    EscalationStatus,
    Task,
)

APPROVED, REJECTED, PASSED_UP, RECUSED, CANCELLED = "approved", "rejected", "passed_up", "recused", "cancelled"
REJECT = "reject"  # the outcome of a decision that lets nothing follow


def escalation_above(store: Store, case: Case) -> Escalation | None:
    """Return the escalation that a case is, or is a child of: none of its steps may raise another one."""
    found = store.get(Escalation, case.id)
    if found is None and case.root_case_id is not None:
        found = store.get(Escalation, case.root_case_id)
    return found


def note_level(store: Store, case: Case, level: int, *, last: bool, post_id: str | None, unit_id: str | None) -> None:
    """Write down that an escalation reached a level; without a post nobody could decide there (回避 or vacant)."""
    escalation = store.get(Escalation, case.id)
    if escalation is None:
        return
    escalation.level, escalation.at_ladder_end = level, last
    escalation.decider_post_id = post_id
    if store.get(EscalationStage, (case.id, level)) is None:
        is_vacant = post_id is None and unit_id is None
        store.add(
            EscalationStage(
                escalation_id=case.id,
                level=level,
                post_id=post_id,
                unit_id=unit_id,
                result=RECUSED if is_vacant else None,
                opened_at=store.now,
                closed_at=store.now if is_vacant else None,
            )
        )
    escalation.row_version += 1


def note_decider(store: Store, case: Case, activity: Activity, task: Task) -> None:
    """Write down that a decision step of an escalation opened: until when its holder must decide.

    Steps that carry out a decision (signing a circular, say) are no decision on the escalation itself.
    """
    escalation = store.get(Escalation, case.id)
    if escalation is None or not _decides(store, escalation, activity):
        return
    escalation.decision_activity_id = activity.id
    escalation.decide_by = task.due_at
    if escalation.decided_at is not None:  # the diagram sent a decision back that it does not allow
        escalation.status = EscalationStatus.PROPOSED
    escalation.decided_at = escalation.decided_by = escalation.outcome = None
    candidates = [row.post_id for row in stored_tasks.candidates_of(store, task.id) if row.post_id]
    if candidates:
        escalation.decider_post_id = candidates[0]
    stage = store.get(EscalationStage, (case.id, escalation.level))
    if stage is not None:
        stage.post_id, stage.unit_id = escalation.decider_post_id, task.unit_id
        stage.decide_by, stage.result, stage.closed_at = task.due_at, None, None
    escalation.row_version += 1


def _decides(store: Store, escalation: Escalation, activity: Activity) -> bool:
    if escalation.decision_activity_id is None or escalation.decided_at is None:
        return True
    return store.need(Activity, escalation.decision_activity_id).element_id == activity.element_id


def note_decision(store: Store, case: Case, task: Task, values: Mapping[str, Any], *, actor: Actor) -> None:
    """Write down a decision: approved with its outcome, or rejected."""
    escalation = store.get(Escalation, case.id)
    if escalation is None or escalation.decision_activity_id != task.activity_id:
        return
    outcome = str(values.get("outcome") or "")
    rejected = outcome == REJECT
    escalation.status = EscalationStatus.REJECTED if rejected else EscalationStatus.APPROVED
    escalation.outcome = outcome
    escalation.decided_by, escalation.decided_at = actor.person_id, store.now
    if values.get("note"):
        escalation.note_id = ledger.seal(store, str(values["note"]), "escalation-note").id
    _close_stage(store, escalation, REJECTED if rejected else APPROVED)
    content = {"escalation": case.id, "outcome": outcome, "level": escalation.level}
    ledger.record(store, f"case:{case.id}", "escalation-decided", content, actor=actor)


def note_silence(store: Store, case: Case, activity: Activity) -> None:
    """Write down that the time to decide ran out: the escalation passes upward."""
    escalation = store.get(Escalation, case.id)
    if escalation is None or escalation.decision_activity_id != activity.id or escalation.decided_at is not None:
        return
    escalation.status = EscalationStatus.PASSED_UP
    _close_stage(store, escalation, PASSED_UP)


def note_moved(store: Store, case: Case, deadline: Deadline) -> None:
    """Write down that the limit of a decision moved."""
    escalation = store.get(Escalation, case.id)
    if escalation is None or deadline.activity_id is None or escalation.decision_activity_id != deadline.activity_id:
        return
    escalation.decide_by = deadline.due_at
    stage = store.get(EscalationStage, (case.id, escalation.level))
    if stage is not None:
        stage.decide_by = deadline.due_at
    escalation.row_version += 1


def note_end(store: Store, case: Case) -> None:
    """Write down that an escalation's case ended; a rejected one stays rejected."""
    escalation = store.get(Escalation, case.id)
    if escalation is None:
        return
    escalation.closed_at = store.now
    stage = store.get(EscalationStage, (case.id, escalation.level))
    if stage is not None and stage.result in {None, PASSED_UP} and case.status == CaseStatus.CANCELLED:
        stage.result, stage.closed_at = CANCELLED, store.now
    if escalation.status != EscalationStatus.REJECTED or case.status == CaseStatus.CANCELLED:
        escalation.status = EscalationStatus.CLOSED
    escalation.row_version += 1


def _close_stage(store: Store, escalation: Escalation, result: str) -> None:
    stage = store.get(EscalationStage, (escalation.case_id, escalation.level))
    if stage is not None:
        stage.result, stage.closed_at = result, store.now
    escalation.row_version += 1

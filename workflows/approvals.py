"""Approval requests 复核申请: what one person asks for, another confirms or refuses (经双人复核).

Which acts need two persons is law: ``two_persons`` in ``bpmn/organisation.yaml``. Asking and deciding are recorded in
the ledger chain of what the act is on. Whoever carries out an act calls ``confirm`` first; this module knows no act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.errors import FieldFault, NotAllowedError, RejectedError, WrongStateError
from workflows.notices import notify
from workflows.organisation import load_organisation
from workflows.store import Store, people
from workflows.store import approvals as rows
from workflows.tables import Approval, ApprovalStatus, Role, TwoPersonAct


def needs_second(store: Store, act: TwoPersonAct) -> bool:
    """Whether the law wants a second person for this act."""
    return act in load_organisation(store.application.settings.law).two_persons


def ask_approval(
    store: Store,
    act: TwoPersonAct,
    subject: str,
    *,
    stream: str,
    title: str,
    reason: str,
    content: Mapping[str, Any] | None = None,
    actor: Actor,
) -> Approval:
    """Record a request and tell those who may decide it; ``title`` is what people call ``subject``.

    Raises ``WrongStateError`` (``approval-waiting``) when one waits for the same already.
    """
    if rows.waiting_requests(store, [subject]):
        message = f"Expected no request for {subject} to wait, but one does."
        raise WrongStateError(message, code="approval-waiting", subject=subject)
    approval = store.add(
        Approval(
            act=act,
            subject=subject,
            stream=stream,
            reason=reason,
            content={**(content or {}), "title": title},
            status=ApprovalStatus.WAITING,
            asked_at=store.now,
            asked_by=actor.person_id,
        )
    )
    _record(store, approval, "approval-asked", actor=actor)
    told = {"act": act, "subject": subject, "title": title, "by": actor.name, "reason": reason}
    for person in people.granted(store, Role.FLOWADMIN):
        if person.id != actor.person_id:
            notify(store, person.id, "approval-asked", told, key=f"approval:{approval.id}")
    return approval


def require_reason(reason: str) -> str:
    """Return the reason of a request or refusal, or raise ``RejectedError``: the other person must know it."""
    if reason.strip():
        return reason.strip()
    fault = FieldFault("/reason", "reason-required", "Expected a reason.")
    raise RejectedError("Expected a reason.", code="invalid-request", faults=[fault])


def confirm(store: Store, approval_id: str, *, actor: Actor) -> Approval:
    """Let a request be carried out in this transaction, by whoever calls this.

    Raises ``NotAllowedError`` (``second-person-required``) for whoever asked, ``WrongStateError`` unless it waits.
    """
    return _decide(store, approval_id, ApprovalStatus.CONFIRMED, "approval-confirmed", actor=actor)


def refuse(store: Store, approval_id: str, reason: str, *, actor: Actor) -> Approval:
    """Refuse a request, with a reason; raises as ``confirm`` does."""
    approval = _decide(store, approval_id, ApprovalStatus.REFUSED, "approval-refused", note=reason, actor=actor)
    require_reason(reason)
    return approval


def lapse(store: Store, subjects: Sequence[str], why: str, *, actor: Actor, act: TwoPersonAct | None = None) -> None:
    """Let the requests on ``subjects`` that still wait lapse; ``why`` is a code: what overtook them."""
    for approval in rows.waiting_requests(store, subjects):
        if act is not None and approval.act != act:
            continue
        approval.status, approval.decided_at, approval.note = ApprovalStatus.LAPSED, store.now, why
        _record(store, approval, "approval-lapsed", actor=actor)


def _decide(
    store: Store, approval_id: str, status: ApprovalStatus, kind: str, *, actor: Actor, note: str = ""
) -> Approval:
    approval = rows.lock_approval(store, approval_id)
    if approval.status != ApprovalStatus.WAITING:
        message = f"Expected request {approval_id} to wait, but it is {approval.status}."
        raise WrongStateError(message, code=f"approval-{approval.status}", id=approval_id)
    if actor.person_id is not None and actor.person_id == approval.asked_by:
        message = "Expected somebody else than who asked to decide."
        raise NotAllowedError(message, code="second-person-required", id=approval_id)
    approval.status, approval.decided_at, approval.decided_by = status, store.now, actor.person_id
    approval.note = note.strip()
    _record(store, approval, kind, actor=actor)
    if approval.asked_by is not None:
        told = {"act": approval.act, "by": actor.name, "note": approval.note}
        notify(store, approval.asked_by, kind, told, key=f"approval:{approval.id}")
    return approval


def _record(store: Store, approval: Approval, kind: str, *, actor: Actor) -> None:
    told: dict[str, Any] = {"approval": approval.id, "act": approval.act, "subject": approval.subject}
    words = approval.note if approval.decided_at else approval.reason
    if approval.status == ApprovalStatus.LAPSED:
        told["why"] = words
    elif words:
        told |= ledger.reference(ledger.seal(store, words, "approval-reason"))
    ledger.record(store, approval.stream, kind, told, actor=actor)

"""Approval requests 复核申请: what one person asked for and another confirms or refuses."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, Nothing, one_of, said, text
from api.http import act, actor, answer, page_answer, show
from api.openapi import PREFIX, Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.law_acts import confirm_approval, refuse_approval
from workflows.queries.approvals import list_approvals, read_approval
from workflows.rights import require_second_person
from workflows.store import Store
from workflows.tables import Approval, ApprovalStatus, TwoPersonAct

resource = Resource("approvals", "复核申请: acts on the law that wait for a second person")


class ApprovalQuery(Paging):
    """Which requests to list."""

    act = one_of(tuple(TwoPersonAct))
    status = one_of(tuple(ApprovalStatus))
    subject = text(300)


class RefuseBody(Given):
    """Why not."""

    reason = text(required=True)


class ApprovalShape(Schema):
    """One request. ``subject`` is `key:version` of a definition or the id of a calendar version."""

    id = fields.String()
    act = fields.String(metadata={"enum": list(TwoPersonAct)})
    subject = fields.String()
    reason = fields.String()
    status = fields.String(metadata={"enum": list(ApprovalStatus)})
    asked_at = Instant()
    asked_by = said()
    decided_at = Instant(allow_none=True)
    decided_by = said()
    note = fields.String(metadata={"description": "Why it was refused, or what overtook it."})
    may_decide = fields.Boolean(metadata={"description": "Whether the reader may confirm or refuse it."})


def told_request(store: Store, approval: Approval, *, status: int = 200) -> Answer:
    """Return the answer that shows a request; 202 when it was just made."""
    store.session.flush()  # the line below reads rows
    row = read_approval(store, approval.id, actor=actor())
    location = f"{PREFIX}/approvals/{approval.id}" if status != 200 else None  # noqa: PLR2004 - HTTP
    return answer(ApprovalShape(), row, status=status, location=location)


@resource.get("/approvals", page_of(ApprovalShape), query=ApprovalQuery)
def list_of_approvals(query: dict[str, Any]) -> Response:
    """List requests, the latest first."""
    return show(lambda store: page_answer(page_of(ApprovalShape)(), list_approvals(store, actor=actor(), **query)))


@resource.get("/approvals/<approval_id>", ApprovalShape)
def one_approval(approval_id: str) -> Response:
    """Show a request."""
    return show(lambda store: answer(ApprovalShape(), read_approval(store, approval_id, actor=actor())))


@resource.post("/approvals/<approval_id>/confirm", ApprovalShape, body=Nothing)
def confirm(_body: dict[str, Any], approval_id: str) -> Response:
    """Confirm what somebody else asked for; it is carried out at once."""
    return act(
        lambda store: told_request(store, confirm_approval(store, approval_id, actor=actor())),
        see=lambda store: require_second_person(store, approval_id, actor=actor()),
    )


@resource.post("/approvals/<approval_id>/refuse", ApprovalShape, body=RefuseBody)
def refuse(body: dict[str, Any], approval_id: str) -> Response:
    """Refuse what somebody else asked for."""
    return act(
        lambda store: told_request(store, refuse_approval(store, approval_id, body["reason"], actor=actor())),
        see=lambda store: require_second_person(store, approval_id, actor=actor()),
    )

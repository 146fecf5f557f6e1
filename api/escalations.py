"""Escalations 督办: what is overdue or asks for more time, and the supervisor's decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.confirmation import Confirmation, confirmed_at
from api.fields import Given, Instant, mapping, moment, one_of, plain, said, text, truth, values
from api.http import act, actor, answer, expected_version, page_answer, show
from api.openapi import Paging, Resource, page_of, split
from workflows.errors import FieldFault, RejectedError
from workflows.escalations import decide_escalation
from workflows.idempotency import Answer
from workflows.queries.escalations import EscalationDetail, EscalationFilter, escalation_detail, list_escalations
from workflows.rights import require_case_version, require_decider
from workflows.running import require_running
from workflows.stages import REJECT
from workflows.store import Store
from workflows.tables import EscalationKind, EscalationStatus

resource = Resource("escalations", "督办升级: overdue work and requests for more time")


class EscalationQuery(Paging):
    """Which escalations to list. ``waiting``: those that I must decide now."""

    kind = one_of(tuple(EscalationKind))
    status = one_of(tuple(EscalationStatus))
    unit = text(120)
    waiting = truth()
    case = text(60, attribute="source_case_id", metadata={"description": "The case that it is about."})
    outcome = text(40)
    q = text(200, attribute="text", metadata={"description": "Part of the title or of the unit's name."})
    running = truth(metadata={"description": "Not closed yet."})
    proposed_from = moment()
    proposed_before = moment()


class EscalationShape(Schema):
    """One escalation; its id is the id of its case. ``due_at`` is the limit that it is about."""

    id = fields.String()
    kind = fields.String(metadata={"enum": [str(kind) for kind in EscalationKind]})
    status = fields.String(metadata={"enum": [str(status) for status in EscalationStatus]})
    title = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    source_case_id = fields.String()
    rule = fields.String()
    level = fields.Integer()
    at_ladder_end = fields.Boolean()
    provisional = fields.Boolean()
    due_at = Instant()
    source_done_at = Instant(allow_none=True)
    decide_by = Instant(allow_none=True)
    decider_post = said()
    decider_unit = said()
    proposed_outcome = said()
    outcome = said()
    decided_by = said()
    decided_at = Instant(allow_none=True)
    created_at = Instant()
    closed_at = Instant(allow_none=True)
    row_version = fields.Integer()


class StageShape(Schema):
    """One level that an escalation passed."""

    level = fields.Integer()
    post = said()
    unit = said()
    decide_by = Instant(allow_none=True)
    result = said()
    opened_at = Instant()
    closed_at = Instant(allow_none=True)


class EscalationDetailShape(EscalationShape):
    """One escalation with its facts and the levels it passed. ``task_id`` is the step that decides now."""

    facts = mapping()
    note = said()
    stages = fields.List(fields.Nested(StageShape))
    task_id = said()


class ApproveBody(Given):
    """What is decided, and why. ``params`` are the further fields of the decision's form, by outcome."""

    outcome = text(40, required=True)
    note = text(10_000, required=True)
    params = values(load_default=dict)
    late_reason = text()
    confirmation = fields.Nested(Confirmation)


class RejectBody(Given):
    """Why nothing follows."""

    reason = text(10_000, required=True)
    late_reason = text()
    confirmation = fields.Nested(Confirmation)


@resource.get("/escalations", page_of(EscalationShape), query=EscalationQuery)
def list_of_escalations(query: dict[str, Any]) -> Response:
    """List escalations, the latest first."""

    def ask(store: Store) -> Answer:
        wanted, paged = split(query, EscalationFilter)
        page = list_escalations(store, wanted, actor=actor(), **paged)
        return page_answer(page_of(EscalationShape)(), page.map(lambda row: asdict(row) | {"unit": row.unit_code}))

    return show(ask)


@resource.get("/escalations/<escalation_id>", EscalationDetailShape)
def one_escalation(escalation_id: str) -> Response:
    """Show an escalation."""
    return show(lambda store: _told(store, escalation_id))


@resource.post("/escalations/<escalation_id>/approve", EscalationDetailShape, body=ApproveBody)
def approve(body: dict[str, Any], escalation_id: str) -> Response:
    """Decide: urge, extend, transfer, order, talk, circular or accountability."""
    if body.get("outcome") == REJECT:
        body["outcome"] = ""  # refusing has a route of its own
    given = {**body.get("params", {}), "outcome": body.get("outcome"), "note": body.get("note")}
    return _decide(escalation_id, body, given, {"outcome": "/outcome", "note": "/note"})


@resource.post("/escalations/<escalation_id>/reject", EscalationDetailShape, body=RejectBody)
def reject(body: dict[str, Any], escalation_id: str) -> Response:
    """Decide that nothing follows."""
    given = {"outcome": REJECT, "note": body.get("reason")}
    return _decide(escalation_id, body, given, {"note": "/reason"})


def _decide(
    escalation_id: str, body: Mapping[str, Any], given: Mapping[str, Any], pointers: Mapping[str, str]
) -> Response:
    confirmed = confirmed_at(body, see=lambda store: require_decider(store, escalation_id, actor=actor()))

    def change(store: Store) -> Answer:
        require_case_version(store, escalation_id, expected_version())
        try:
            decide_escalation(
                store,
                escalation_id,
                given,
                actor=actor(),
                confirmed_at=confirmed,
                late_reason=body.get("late_reason"),
            )
        except RejectedError as fault:
            fault.faults = tuple(_placed(each, pointers) for each in fault.faults)
            raise
        store.session.flush()  # the line below reads rows
        return _told(store, escalation_id)

    return act(
        change,
        see=lambda store: require_decider(store, escalation_id, actor=actor()),
        ready=lambda store: require_running(require_case_version(store, escalation_id, expected_version())),
    )


def _placed(fault: FieldFault, pointers: Mapping[str, str]) -> FieldFault:
    """Return a fault of the form with its place in this route's body."""
    head, _, name = fault.pointer.partition("/variables/")
    if head or not name:
        return fault
    return replace(fault, pointer=pointers.get(name, f"/params/{name}"))


def _told(store: Store, escalation_id: str) -> Answer:
    detail = escalation_detail(store, escalation_id, actor=actor())
    return answer(EscalationDetailShape(), _describe(detail), version=detail.row.row_version)


def _describe(detail: EscalationDetail) -> dict[str, Any]:
    return asdict(detail.row) | {
        "unit": detail.row.unit_code,
        "facts": plain(detail.facts),
        "note": detail.note,
        "stages": [asdict(stage) for stage in detail.stages],
        "task_id": detail.task_id,
    }

"""审批单 over HTTP: what stands on the printed sheet of a case."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Instant, mapping, plain, said
from api.http import actor, answer, show
from api.openapi import Resource
from workflows.engine.values import from_json
from workflows.idempotency import Answer
from workflows.queries.approval_sheets import ApprovalSheet, SheetLine, approval_sheet
from workflows.store import Store

resource = Resource("approval-sheets", "审批单: a case as it is printed")


class SealShape(Schema):
    """One signature, over the digest of exactly what was shown."""

    person = fields.String()
    post = said()
    signed_at = Instant()
    algorithm = fields.String()
    digest = fields.String()


class SheetLineShape(Schema):
    """One step that was done."""

    task_id = fields.String()
    name = fields.String()
    attempt = fields.Integer()
    unit_name = fields.String()
    person = said()
    post = said()
    due_at = Instant(allow_none=True)
    done_at = Instant(allow_none=True)
    submission = mapping()
    comment = said()
    late_reason = said()
    seals = fields.List(fields.Nested(SealShape))


class SheetFileShape(Schema):
    """One file of the case."""

    name = fields.String()
    digest = fields.String()
    created_at = Instant()


class ApprovalSheetShape(Schema):
    """A case on paper; ``ledger_hash`` is the end of its chain."""

    case_id = fields.String()
    title = fields.String()
    unit_name = fields.String()
    status = fields.String()
    outcome = said()
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    lines = fields.List(fields.Nested(SheetLineShape))
    attachments = fields.List(fields.Nested(SheetFileShape))
    ledger_seq = fields.Integer()
    ledger_hash = fields.String()
    printed_at = Instant()


@resource.get("/cases/<case_id>/approval-sheet", ApprovalSheetShape)
def sheet_of_case(case_id: str) -> Response:
    """Show what was done, said and signed in a case, in order."""

    def ask(store: Store) -> Answer:
        return answer(ApprovalSheetShape(), _describe(approval_sheet(store, case_id, actor=actor())))

    return show(ask)


def _describe(sheet: ApprovalSheet) -> dict[str, Any]:
    row = sheet.row
    return {
        "case_id": row.id,
        "title": row.title,
        "unit_name": row.unit_name,
        "status": row.status,
        "outcome": row.outcome,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "lines": [_line(line) for line in sheet.lines],
        "attachments": sheet.attachments,
        "ledger_seq": sheet.ledger_seq,
        "ledger_hash": sheet.ledger_hash,
        "printed_at": sheet.printed_at,
    }


def _line(line: SheetLine) -> dict[str, Any]:
    detail = line.detail
    return {
        "task_id": detail.row.id,
        "name": detail.row.name,
        "attempt": detail.attempt,
        "unit_name": line.unit,
        "person": line.person,
        "post": line.post,
        "due_at": detail.row.due_at,
        "done_at": detail.row.done_at,
        "submission": plain(from_json(detail.submission)) if detail.submission else {},
        "comment": detail.comment,
        "late_reason": detail.late_reason,
        "seals": line.seals,
    }

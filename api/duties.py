"""Duties 责任事项: the catalogue, and the periods of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Instant, mapping, said, text
from api.http import actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.queries.duties import DutyRow, list_duties, list_occurrences, read_duty
from workflows.store import Store

resource = Resource("duties", "责任事项: what recurs or follows from an event, and on which clause")


class DutyQuery(Paging):
    """Which duties to list."""

    definition = text(120)
    trigger = text(120)


class DutyShape(Schema):
    """One row of the catalogue. ``content`` is the whole row as its file tells it."""

    id = fields.String()
    title = fields.String()
    definition = fields.String()
    source = fields.String()
    clause = fields.String()
    trigger = fields.String()
    withdrawn = fields.Boolean()
    occurrences = fields.Integer()
    content = mapping()


class OccurrenceShape(Schema):
    """One period of a duty for one unit. Without case: it was skipped, or the caller may not see its case."""

    id = fields.String()
    period = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    opens_on = fields.Date()
    due_at = Instant(allow_none=True)
    status = fields.String()
    reason = said()
    case_id = said()


def _describe(row: DutyRow) -> dict[str, Any]:
    return asdict(row) | {"definition": row.definition_key}


@resource.get("/duties", page_of(DutyShape), query=DutyQuery)
def list_of_duties(query: dict[str, Any]) -> Response:
    """List the catalogue."""
    return show(lambda store: page_answer(page_of(DutyShape)(), list_duties(store, **query).map(_describe)))


@resource.get("/duties/<duty_id>", DutyShape)
def one_duty(duty_id: str) -> Response:
    """Show one row of the catalogue."""
    return show(lambda store: answer(DutyShape(), _describe(read_duty(store, duty_id))))


@resource.get("/duties/<duty_id>/occurrences", page_of(OccurrenceShape), query=Paging)
def occurrences(query: dict[str, Any], duty_id: str) -> Response:
    """List the periods of a duty, the latest first."""

    def ask(store: Store) -> Answer:
        page = list_occurrences(store, duty_id, actor=actor(), **query)
        return page_answer(page_of(OccurrenceShape)(), page.map(lambda row: asdict(row) | {"unit": row.unit_code}))

    return show(ask)

"""Incidents 异常: faults of processes that wait for their administrator."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Instant, Nothing, one_of, text
from api.http import act, actor, answer, page_answer, show
from api.incident_wording import word_incident
from api.openapi import Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.incidents import retry_incident
from workflows.queries.incidents import list_incidents
from workflows.rights import require_incident_owner
from workflows.store import Store
from workflows.tables import IncidentStatus

resource = Resource("incidents", "异常: faults of processes")


class IncidentQuery(Paging):
    """Which incidents to list."""

    status = one_of(tuple(IncidentStatus))
    case = text(60, attribute="case_id")


class RetriedShape(Schema):
    """An incident that was tried again; if the cause is still there, a new one follows."""

    id = fields.String()
    case_id = fields.String()
    element_id = fields.String()
    code = fields.String()
    message = fields.String(metadata={"description": "In English, for programs and logs."})
    detail = fields.Function(
        lambda row: (
            word_incident(row["message"], row["params"])
            if isinstance(row, dict)
            else word_incident(row.message, row.params)
        ),
        metadata={"type": "string", "description": "For people, in the language of the request."},
    )
    params = fields.Dict()
    status = fields.String()
    opened_at = Instant()
    resolved_at = Instant(allow_none=True)


class IncidentShape(RetriedShape):
    """One incident."""

    case_title = fields.String()
    definition = fields.String(attribute="definition_key")
    unit_name = fields.String()


@resource.get("/incidents", page_of(IncidentShape), query=IncidentQuery)
def list_of_incidents(query: dict[str, Any]) -> Response:
    """List incidents of the units that one administers or audits, the latest first."""

    def ask(store: Store) -> Answer:
        page = list_incidents(store, actor=actor(), **query)
        return page_answer(page_of(IncidentShape)(), page.map(asdict))

    return show(ask)


@resource.post("/incidents/<incident_id>/retry", RetriedShape, body=Nothing)
def retry(_body: dict[str, Any], incident_id: str) -> Response:
    """Run again what an incident stopped, after its cause was mended."""

    def change(store: Store) -> Answer:
        return answer(RetriedShape(), retry_incident(store, incident_id, actor=actor()))

    return act(change, see=lambda store: require_incident_owner(store, incident_id, actor=actor()))

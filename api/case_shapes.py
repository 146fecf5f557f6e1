"""How a case looks in answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from api.fields import Explained, Instant, light, mapping, plain, said
from api.lights import CaseLights
from api.openapi import PREFIX
from workflows.queries.case_contents import CaseContents
from workflows.queries.cases import CaseRow, Diagram
from workflows.store import Store


class CaseShape(Schema):
    """One case in a list. ``due_at`` is the next of its running limits, ``light`` the worst of them."""

    id = fields.String()
    title = fields.String()
    business_key = said()
    definition = fields.String()
    definition_name = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    status = fields.String(metadata={"enum": ["active", "suspended", "completed", "cancelled"]})
    outcome = said()
    classification = fields.String(metadata={"enum": ["public", "internal", "confidential"]})
    started_at = Instant()
    started_by = said()
    ended_at = Instant(allow_none=True)
    parent = said(metadata={"description": "Id of the case that called this one."})
    due_at = Instant(allow_none=True)
    light = light()
    row_version = fields.Integer()


class LimitShape(Schema):
    """A limit 时限 of a case, with how its date was counted. Without element: the total limit."""

    id = fields.String()
    name = fields.String()
    element_id = said()
    rule = fields.String()
    started_at = Instant()
    near_at = Instant(allow_none=True)
    due_at = Instant()
    done_at = Instant(allow_none=True)
    provisional = fields.Boolean()
    light = light()
    explanation = Explained(allow_none=True)


class CaseDetailShape(CaseShape):
    """One case. ``variables`` is null for who may know of the case, but not read it."""

    variables = mapping()
    deadlines = fields.List(fields.Nested(LimitShape))
    children = fields.List(fields.Nested(CaseShape))
    linked = fields.List(
        fields.Nested(CaseShape),
        metadata={"description": "Independent cases that it opened, and the one that opened it."},
    )
    waiting_for = fields.List(fields.String(), metadata={"description": "Names of those who hold its open tasks."})


class EventShape(Schema):
    """One link of a case's ledger chain."""

    seq = fields.Integer()
    at = Instant()
    kind = fields.String()
    actor = fields.String()
    actor_name = said()
    via = fields.String()
    content = mapping()
    hash = fields.String()


class DiagramShape(Schema):
    """What the tokens did, by element or flow id: how often entered and left, what is open, which flows were taken."""

    definition = fields.String()
    diagram = fields.String(metadata={"description": "Where the BPMN file is (Accept: application/xml)."})
    completed = fields.Dict(values=fields.Integer())
    cancelled = fields.Dict(values=fields.Integer())
    active = fields.Dict(values=fields.Integer())
    taken = fields.Dict(values=fields.Integer())
    lights = fields.Dict(metadata={"description": "The light of each open step with a limit."})
    incidents = fields.List(fields.String())


def describe_case(row: CaseRow, lights: CaseLights) -> dict[str, Any]:
    """Return a case as answers show it."""
    return asdict(row) | {
        "definition": f"{row.definition_key}:{row.definition_version}",
        "unit": row.unit_code,
        "parent": row.parent_case_id,
        "light": lights.show(row.id, row.light),
    }


def describe_detail(store: Store, contents: CaseContents) -> dict[str, Any]:
    """Return a case with what belongs to it."""
    case_id = contents.row.id
    lights = CaseLights(store, [case_id, *(each.id for each in (*contents.children, *contents.linked))])
    return describe_case(contents.row, lights) | {
        "variables": None if contents.variables is None else plain(contents.variables),
        "deadlines": [asdict(each) | {"light": lights.show(case_id, each.light)} for each in contents.deadlines],
        "children": [describe_case(child, lights) for child in contents.children],
        "linked": [describe_case(each, lights) for each in contents.linked],
        "waiting_for": contents.waiting_for,
    }


def describe_diagram(row: CaseRow, found: Diagram, lights: CaseLights) -> dict[str, Any]:
    """Return what the tokens of a case did."""
    return asdict(found) | {
        "definition": f"{row.definition_key}:{row.definition_version}",
        "diagram": f"{PREFIX}/definitions/{row.definition_key}/{row.definition_version}",
        "lights": {element_id: lights.show(row.id, key) for element_id, key in found.lights.items()},
        "incidents": list(found.incidents),
    }

"""The directory: who one is, units and people. Everybody who is logged in may read it; it holds no account data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import said, text
from api.http import actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.queries.notices import badges
from workflows.queries.people import list_people, list_units, posts_of_person
from workflows.store import Store
from workflows.tables import Person

resource = Resource("organisation", "组织: units, posts and people")


class HeldShape(Schema):
    """A post that is held today."""

    unit = fields.String()
    unit_name = fields.String()
    key = fields.String()
    name = fields.String()


class RoleShape(Schema):
    """A role over a unit and all below it."""

    role = fields.String()
    unit = fields.String()


class WaitingShape(Schema):
    """What waits: open tasks by light, unread notices, escalations to decide."""

    tasks = fields.Dict(values=fields.Integer())
    notices = fields.Integer()
    escalations = fields.Integer()


class MeShape(Schema):
    """Who asks."""

    code = fields.String()
    username = fields.String()
    name = fields.String()
    clearance = fields.String()
    posts = fields.List(fields.Nested(HeldShape))
    roles = fields.List(fields.Nested(RoleShape))
    waiting = fields.Nested(WaitingShape)


class UnitShape(Schema):
    """A unit; ``depth`` counts from 0 at the root."""

    code = fields.String()
    name = fields.String()
    short_name = fields.String()
    kind = fields.String()
    level = fields.String()
    parent = said()
    region = said()
    depth = fields.Integer()


class PersonShape(Schema):
    """A person with the posts held today."""

    code = fields.String()
    name = fields.String()
    status = fields.String()
    posts = fields.List(fields.Nested(HeldShape))


class UnitQuery(Paging):
    """Which units to list."""

    under = text(120, metadata={"description": "A unit's code: it and all below."})
    q = text(120)


class PersonQuery(Paging):
    """Which people to list."""

    unit = text(120, metadata={"description": "A unit's code: who holds a post there or below."})
    q = text(120)


@resource.get("/me", MeShape)
def me() -> Response:
    """Show who one is, and what waits."""

    def ask(store: Store) -> Answer:
        who = actor()
        person = store.need(Person, who.person_id)
        roles = [{"role": each.role, "unit": each.unit_path.strip("/").rpartition("/")[2]} for each in who.roles]
        document = {
            "code": who.code,
            "username": person.username,
            "name": who.name,
            "clearance": who.clearance,
            "posts": posts_of_person(store, person.id),
            "roles": roles,
            "waiting": asdict(badges(store, actor=who)),
        }
        return answer(MeShape(), document)

    return show(ask)


@resource.get("/units", page_of(UnitShape), query=UnitQuery)
def list_of_units(query: dict[str, Any]) -> Response:
    """List units, parents before children."""
    return show(lambda store: page_answer(page_of(UnitShape)(), list_units(store, **query)))


@resource.get("/people", page_of(PersonShape), query=PersonQuery)
def list_of_people(query: dict[str, Any]) -> Response:
    """List people by code, with the posts held today."""
    return show(lambda store: page_answer(page_of(PersonShape)(), list_people(store, **query)))

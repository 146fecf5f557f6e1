"""The directory: who one is, units and people. Everybody who is logged in may read it; it holds no account data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, said, text, truth, whole
from api.http import act, actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of
from api.people import PeriodShape
from workflows import people as people_cases
from workflows.idempotency import Answer
from workflows.queries.holdings import posts_of_unit
from workflows.queries.notices import badges
from workflows.queries.people import list_people, list_units, posts_of_person
from workflows.rights import require_organiser
from workflows.store import Store
from workflows.store.people import find_unit
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


class UnitBody(Given):
    """A new unit below `parent`; `kind` and `level` are words of the city."""

    code = text(60, required=True)
    name = text(120, required=True)
    kind = text(60, required=True)
    level = text(60, required=True)
    parent = text(120)
    short_name = text(120)
    region = text(60)
    sort = whole(0, 100_000)


class PostBody(Given):
    """A new post; `key` is one of the words of organisation.yaml."""

    key = text(60, required=True)
    name = text(120, required=True)
    sort = whole(0, 100_000)


class PostShape(Schema):
    """A post with its holders, the present ones first."""

    unit = fields.String()
    key = fields.String()
    name = fields.String()
    vacant = fields.Boolean(attribute="is_vacant")
    periods = fields.List(fields.Nested(PeriodShape))


class PostsShape(Schema):
    """The posts of a unit."""

    items = fields.List(fields.Nested(PostShape))


class PostsQuery(Given):
    """Whether ended periods are listed too."""

    history = truth()


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


@resource.post("/units", PostsShape, status=201, body=UnitBody)
def create_unit(body: dict[str, Any]) -> Response:
    """Make a unit."""

    def change(store: Store) -> Answer:
        people_cases.create_unit(store, people_cases.NewUnit(**body), actor=actor())
        return answer(PostsShape(), {"items": []}, status=201)

    def see(store: Store) -> None:
        parent = body.get("parent")
        require_organiser(store, parent if parent and find_unit(store, parent) else None, actor=actor())

    return act(change, see=see)


@resource.get("/units/<unit_code>/posts", PostsShape, query=PostsQuery)
def posts_of_a_unit(query: dict[str, Any], unit_code: str) -> Response:
    """List the posts of a unit with who holds them, who will, and who stands in."""

    def ask(store: Store) -> Answer:
        return answer(PostsShape(), {"items": posts_of_unit(store, unit_code, **query)})

    return show(ask)


@resource.post("/units/<unit_code>/posts", PostsShape, status=201, body=PostBody)
def create_post(body: dict[str, Any], unit_code: str) -> Response:
    """Make a post at a unit; the answer lists the unit's posts."""

    def change(store: Store) -> Answer:
        people_cases.create_post(store, unit_code, body.pop("key"), actor=actor(), **body)
        return answer(PostsShape(), {"items": posts_of_unit(store, unit_code)}, status=201)

    return act(change, see=lambda store: require_organiser(store, unit_code, actor=actor()))

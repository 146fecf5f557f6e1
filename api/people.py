"""People 人员: who holds which post when, who stands in, rights, accounts, and the hand-over of everything."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, Nothing, day, one_of, said, text, truth, words
from api.http import act, actor, answer, nothing, show
from api.openapi import Resource
from workflows import accounts, handovers, people, proxies
from workflows.forms import remarks
from workflows.idempotency import Answer
from workflows.queries.belongings import belongings_of
from workflows.queries.holdings import profile_of
from workflows.rights import require_keeper_of, require_organiser, require_post_giver, require_rights_keeper
from workflows.store import Store
from workflows.tables import Classification, Role

resource = Resource("people", "人员: posts by period, proxies, rights, hand-over")
_CODE, _NAME, _GROUND, _REASON, _PASSWORD = 60, 120, 300, 500, 1_024
_OF_POST = "/units/<unit_code>/posts/<post_key>"


class PeriodShape(Schema):
    """One period of one person at one post; `to` is the first day without it. `proxy_id` where they stand in."""

    unit = fields.String()
    unit_name = fields.String()
    post = fields.String()
    post_name = fields.String()
    person = fields.String()
    person_name = fields.String()
    from_day = fields.Date(data_key="from")
    to_day = fields.Date(data_key="to", allow_none=True)
    state = fields.String(metadata={"enum": ["past", "now", "to_come"]})
    proxy_id = said()
    ground = fields.String()


class GrantShape(Schema):
    """A role over a unit and all below it."""

    role = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    from_day = fields.Date(data_key="from")
    to_day = fields.Date(data_key="to", allow_none=True)
    state = fields.String()


class AccountShape(Schema):
    """What only administrators and auditors of the whole tree see."""

    username = fields.String()
    email = said()
    clearance = fields.String()
    locked_until = Instant(allow_none=True)
    grants = fields.List(fields.Nested(GrantShape))


class ProfileShape(Schema):
    """One person with every period."""

    code = fields.String()
    name = fields.String()
    status = fields.String()
    periods = fields.List(fields.Nested(PeriodShape))
    account = fields.Nested(AccountShape, allow_none=True)


class BelongingShape(Schema):
    """One thing that somebody holds; `item` names it in a hand-over."""

    item = fields.String()
    kind = fields.String(metadata={"enum": ["post", "proxy", "task", "decision", "seat", "case"]})
    name = fields.String()
    unit_name = fields.String()
    process = fields.String()
    number = fields.String()
    due_at = Instant(allow_none=True)
    light = said()
    waiting = fields.Integer(metadata={"description": "Tasks that a post is offered: they follow it."})
    escalations = fields.Integer()
    needs_receiver = fields.Boolean()


class BelongingsShape(Schema):
    """Everything that somebody holds."""

    person = fields.String()
    person_name = fields.String()
    status = fields.String()
    items = fields.List(fields.Nested(BelongingShape))
    roles = fields.List(fields.List(fields.String()))


class PersonBody(Given):
    """A new person."""

    code = text(_CODE, required=True)
    username = text(_CODE, required=True)
    name = text(_NAME, required=True)
    email = text(200)


class HoldingBody(Given):
    """Who holds a post from when to when."""

    person = text(_CODE, required=True)
    from_day = day(data_key="from")
    to_day = day(data_key="to")


class EndingBody(Given):
    """Whose holding ends, with `to` (today) as the first day without it."""

    person = text(_CODE, required=True)
    to_day = day(data_key="to")


class ProxyBody(Given):
    """Who stands in, until when, and why."""

    person = text(_CODE, required=True)
    from_day = day(data_key="from")
    to_day = day(data_key="to", required=True)
    ground = text(_GROUND, required=True)


class ProxyShape(Schema):
    """A proxy that was granted."""

    id = fields.String()
    from_day = fields.Date(data_key="from")
    to_day = fields.Date(data_key="to")


class RoleBody(Given):
    """A role over a unit and all below it."""

    role = one_of(tuple(Role), required=True)
    unit = text(_NAME, required=True)
    from_day = day(data_key="from")
    to_day = day(data_key="to")


class RevokedRoleBody(Given):
    """A role that is taken away."""

    role = one_of(tuple(Role), required=True)
    unit = text(_NAME, required=True)


class ClearanceBody(Given):
    """Up to which classification somebody may see."""

    clearance = one_of(tuple(Classification), required=True)


class PasswordBody(Given):
    """A new password."""

    password = text(_PASSWORD, required=True)


class HandOverBody(Given):
    """What goes to whom: `receivers` by item, everything else to `to`; an empty text means nobody."""

    to = text(_CODE)
    receivers = fields.Dict(
        keys=fields.String(), values=text(_CODE, least=0), load_default=dict, **words(remarks.NOT_AN_OBJECT)
    )
    reason = text(_REASON, required=True)
    leaves = truth(load_default=False)


class HandedOverShape(Schema):
    """How much went on."""

    posts = fields.Integer()
    tasks = fields.Integer()
    cases = fields.Integer()
    proxies = fields.Integer()


# ------------------------------------------------------------------ one person


@resource.get("/people/<person_code>", ProfileShape)
def profile(person_code: str) -> Response:
    """Show a person with every post they held, hold and will hold."""
    return show(lambda store: answer(ProfileShape(), asdict(profile_of(store, person_code, actor=actor()))))


@resource.post("/people", ProfileShape, status=201, body=PersonBody)
def create(body: dict[str, Any]) -> Response:
    """Make a person without posts, roles or password."""

    def change(store: Store) -> Answer:
        code = people.create_person(store, body.pop("code"), actor=actor(), **body).code
        return answer(ProfileShape(), asdict(profile_of(store, code, actor=actor())), status=201)

    return act(change, see=lambda store: require_organiser(store, None, actor=actor()))


@resource.get("/people/<person_code>/belongings", BelongingsShape)
def belongings(person_code: str) -> Response:
    """Show everything that somebody holds, as a hand-over gives it on."""
    return show(lambda store: answer(BelongingsShape(), asdict(belongings_of(store, person_code, actor=actor()))))


@resource.post("/people/<person_code>/hand-over", HandedOverShape, body=HandOverBody)
def hand_over(body: dict[str, Any], person_code: str) -> Response:
    """Give everything that somebody holds to others in one act; with `leaves` their account closes."""

    def change(store: Store) -> Answer:
        counts = handovers.hand_everything_over(store, person_code, actor=actor(), **body)
        return answer(HandedOverShape(), counts)

    return act(change, see=_keeper(person_code, Role.SYSADMIN))


@resource.post("/people/<person_code>/disable", status=204, body=Nothing)
def disable(_body: dict[str, Any], person_code: str) -> Response:
    """Forbid a person everything from now on."""
    return _on_account(accounts.disable_person, person_code, Role.SYSADMIN)


@resource.post("/people/<person_code>/enable", status=204, body=Nothing)
def enable(_body: dict[str, Any], person_code: str) -> Response:
    """Let a disabled person in again."""
    return _on_account(accounts.enable_person, person_code, Role.SYSADMIN)


@resource.post("/people/<person_code>/unlock", status=204, body=Nothing)
def unlock(_body: dict[str, Any], person_code: str) -> Response:
    """Lift a lock-out before its time."""
    return _on_account(accounts.unlock_account, person_code, Role.SECADMIN)


@resource.put("/people/<person_code>/password", status=204, body=PasswordBody)
def password(body: dict[str, Any], person_code: str) -> Response:
    """Give a person a new password; all their logins end."""

    def change(store: Store) -> Answer:
        accounts.set_password(store, person_code, body["password"], actor=actor())
        return nothing()

    return act(change, see=_keeper(person_code, Role.SYSADMIN), is_keyed=False)


@resource.post("/people/<person_code>/roles", status=204, body=RoleBody)
def grant(body: dict[str, Any], person_code: str) -> Response:
    """Give a role over a unit and all below it."""

    def change(store: Store) -> Answer:
        people.grant_role(store, person_code, body.pop("role"), body.pop("unit"), actor=actor(), **body)
        return nothing()

    return act(change, see=lambda store: require_rights_keeper(store, person_code, actor=actor()))


@resource.post("/people/<person_code>/roles/revoke", status=204, body=RevokedRoleBody)
def revoke(body: dict[str, Any], person_code: str) -> Response:
    """Take a role away from now on."""

    def change(store: Store) -> Answer:
        people.revoke_role(store, person_code, body["role"], body["unit"], actor=actor())
        return nothing()

    return act(change, see=lambda store: require_rights_keeper(store, person_code, actor=actor()))


@resource.put("/people/<person_code>/clearance", status=204, body=ClearanceBody)
def clearance(body: dict[str, Any], person_code: str) -> Response:
    """Say up to which classification a person may see."""

    def change(store: Store) -> Answer:
        people.set_clearance(store, person_code, body["clearance"], actor=actor())
        return nothing()

    return act(change, see=_keeper(person_code, Role.SECADMIN))


def _keeper(person_code: str, role: Role) -> Any:
    return lambda store: require_keeper_of(store, person_code, role, actor=actor())


def _on_account(use_case: Any, person_code: str, role: Role) -> Response:
    def change(store: Store) -> Answer:
        use_case(store, person_code, actor=actor())
        return nothing()

    return act(change, see=_keeper(person_code, role))


# ------------------------------------------------------------------ holders and proxies of a post


@resource.post(f"{_OF_POST}/holdings", status=204, body=HoldingBody)
def assign(body: dict[str, Any], unit_code: str, post_key: str) -> Response:
    """Let a person hold a post from a day (today) on."""

    def change(store: Store) -> Answer:
        people.assign_post(store, body.pop("person"), unit_code, post_key, actor=actor(), **body)
        return nothing()

    return act(change, see=lambda store: require_post_giver(store, unit_code, post_key, actor=actor()))


@resource.post(f"{_OF_POST}/holdings/end", status=204, body=EndingBody)
def end(body: dict[str, Any], unit_code: str, post_key: str) -> Response:
    """End a holding; claimed tasks return to the post."""

    def change(store: Store) -> Answer:
        people.end_holding(store, body.pop("person"), unit_code, post_key, actor=actor(), **body)
        return nothing()

    return act(change, see=lambda store: require_post_giver(store, unit_code, post_key, actor=actor()))


@resource.post(f"{_OF_POST}/proxies", ProxyShape, status=201, body=ProxyBody)
def grant_proxy(body: dict[str, Any], unit_code: str, post_key: str) -> Response:
    """Let a person act for a post for a while: for a holder and for the system administrator."""

    def change(store: Store) -> Answer:
        person = body.pop("person")
        return answer(
            ProxyShape(), proxies.grant_proxy(store, person, unit_code, post_key, actor=actor(), **body), status=201
        )

    return act(change, see=lambda store: proxies.require_proxy_giver(store, unit_code, post_key, actor=actor()))


@resource.post("/proxies/<proxy_id>/end", status=204, body=Nothing)
def end_proxy(_body: dict[str, Any], proxy_id: str) -> Response:
    """End a proxy today."""

    def change(store: Store) -> Answer:
        proxies.end_proxy(store, proxy_id, actor=actor())
        return nothing()

    return act(change, see=lambda store: proxies.require_proxy_ender(store, proxy_id, actor=actor()))

"""Tokens of programs. The secret is shown once and stored nowhere, so making one is never repeated by a key."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, text, whole
from api.http import act, actor, answer, application, nothing, page_answer, require_no_faults, show
from api.openapi import Resource, page_of
from workflows.accounts import LoginRefused, create_token, create_token_by_password, revoke_token, tokens_of
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.store import Store
from workflows.transaction import run

login = Resource("login", "登录: a token for a password", is_open=True)
resource = Resource("tokens", "令牌: personal tokens for programs")
_LONGEST_NAME = 300


class LoginBody(Given):
    """Who, and their password. Wrong ones lock the account after a while."""

    username = text(120, required=True)
    password = text(500, required=True)
    name = text(_LONGEST_NAME, load_default="api", metadata={"description": "What the token is for."})


class TokenBody(Given):
    """What the token is for, and for how many days."""

    name = text(_LONGEST_NAME, required=True)
    days = whole(1, 3_650)


class NewTokenShape(Schema):
    """A token. ``token`` is shown this once."""

    token = fields.String()
    expires_at = Instant()
    id = fields.String()


class TokenShape(Schema):
    """One of one's tokens that still work."""

    id = fields.String(attribute="digest")
    name = fields.String()
    created_at = Instant()
    expires_at = Instant()


@login.post("/tokens", NewTokenShape, status=201, body=LoginBody)
def log_in(body: dict[str, Any]) -> Response:
    """Make a token for whoever knows the password."""
    require_no_faults()

    def change(store: Store) -> Answer | LoginRefused:
        made = create_token_by_password(store, body["username"], body["password"], name=body["name"])
        if isinstance(made, LoginRefused):
            return made
        document = {"token": made.secret, "expires_at": made.expires_at, "id": made.id}
        return answer(NewTokenShape(), document, status=201)

    made = run(application(), change)
    if isinstance(made, LoginRefused):
        raise made.error()  # after the commit: the failed attempt counts
    return Response(made.body, made.status, dict(made.headers))


@resource.post("/me/tokens", NewTokenShape, status=201, body=TokenBody)
def make(body: dict[str, Any]) -> Response:
    """Make a personal token."""

    def change(store: Store) -> Answer:
        made = create_token(store, name=body["name"], days=body.get("days"), actor=actor())
        document = {"token": made.secret, "expires_at": made.expires_at, "id": made.id}
        return answer(NewTokenShape(), document, status=201)

    return act(change, is_keyed=False)


@resource.get("/me/tokens", page_of(TokenShape))
def list_of_tokens() -> Response:
    """List one's tokens."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(TokenShape)(), Page(tuple(tokens_of(store, actor=actor())), None))

    return show(ask)


@resource.delete("/me/tokens/<token_id>", status=204)
def revoke(token_id: str) -> Response:
    """End a token: one's own, or anybody's for the security administrator."""

    def change(store: Store) -> Answer:
        revoke_token(store, token_id, actor=actor())
        return nothing()

    return act(change)

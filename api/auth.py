"""Who asks: a bearer token of a program, or the session cookie of a browser with its forgery token."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Request, g
from flask_wtf.csrf import ValidationError, validate_csrf

from workflows.access import Actor
from workflows.accounts import authenticate_token, session_actor
from workflows.application import Application
from workflows.errors import LoginError, NotAllowedError
from workflows.transaction import read

SESSION_COOKIE = "zecheng_session"  # set by the pages at login (web.blueprint)
FORGERY_HEADER = "X-CSRFToken"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_LONGEST_ID = 64
_ENGINE_REST = "/engine-rest/"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``confirmed_at``: when the password was last given in a browser's session; never with a token."""

    actor: Actor
    confirmed_at: datetime | None = None


def request_id(request: Request) -> str:
    """Return the id of this request: the client's, when it is a short plain word, else a new one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        usable = given.isascii() and given.replace("-", "").isalnum() and len(given) <= _LONGEST_ID
        g.request_id = given if usable else secrets.token_hex(8)
    found: str = g.request_id
    return found


def authenticate(application: Application, request: Request) -> Caller:
    """Return who asks, or raise ``LoginError``; with a cookie, changes need the forgery token too."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        if scheme.lower() == "basic" and request.path.startswith(_ENGINE_REST):
            secret = _password(secret)
        elif scheme.lower() != "bearer":
            secret = ""
        if not secret.strip():
            raise LoginError("Expected Authorization: Bearer <token>.", code="token-invalid")
        actor = read(application, authenticate_token, secret.strip(), request_id=request_id(request))
        return Caller(actor)
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        raise LoginError("Expected a bearer token or a session, but there is neither.", code="not-authenticated")
    login = read(application, session_actor, cookie, via="api", request_id=request_id(request))
    if request.method not in _SAFE:
        _require_forgery_token(request)
    return Caller(login.actor, login.confirmed_at)


def _password(encoded: str) -> str:
    """Return the password of basic authentication: clients of Camunda 7 know no bearer, and give their token there."""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _require_forgery_token(request: Request) -> None:
    try:
        validate_csrf(request.headers.get(FORGERY_HEADER))
    except ValidationError as fault:
        message = f"Expected the header {FORGERY_HEADER} with the page's token: {fault}"
        raise NotAllowedError(message, code="csrf-token-invalid") from fault

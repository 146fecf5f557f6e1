"""What every page shares: who is logged in, forgery tokens, the two entries to the use cases, and rendering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from api.auth import request_id
from web.security import csrf
from workflows.access import Actor
from workflows.accounts import LoggedIn, session_actor
from workflows.application import Application
from workflows.errors import LoginError
from workflows.store import Store
from workflows.transaction import read, run

P = ParamSpec("P")
R = TypeVar("R")

COOKIE = "zecheng_session"
OPEN_TO_ALL = frozenset(
    {
        "web.static",
        "web.log_in_page",
        "web.log_in_form",
        "web.lights_css",
        "web.prefer",
        "web.help_page",
        "web.topic_page",
    }
)
pages = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/assets", url_prefix=""
)


@pages.before_request
def require_login() -> Response | None:
    """Check the forgery token, find out who asks, and send strangers to the login."""
    if request.endpoint == "web.static":
        return None
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()
    g.logged_in = who_asks()
    if g.logged_in is None and request.endpoint not in OPEN_TO_ALL:
        if request.method == "GET" and not wants_fragment():
            return redirect(url_for("web.log_in_page", next=request.full_path.rstrip("?")))
        raise LoginError("Expected somebody to be logged in, but nobody is.")
    return None


def who_asks() -> LoggedIn | None:
    """Return the login that the cookie stands for, None for a stranger."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    try:
        return read(application(), session_actor, secret, request_id=request_id(request))
    except LoginError:
        return None


def application() -> Application:
    """Return what the process shares."""
    found: Application = current_app.extensions["zecheng"]
    return found


def actor() -> Actor:
    """Return who asks; only on pages that need a login."""
    return logged_in().actor


def logged_in() -> LoggedIn:
    """Return the login of this request, or raise ``LoginError``."""
    found: LoggedIn | None = g.get("logged_in")
    if found is None:
        raise LoginError("Expected somebody to be logged in, but nobody is.")
    return found


def ask(query: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a list or look-up."""
    return read(application(), query, *args, **kwargs)


def act(use_case: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a use case in its transaction."""
    return run(application(), use_case, *args, **kwargs)


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def inside(address: str | None, otherwise: str) -> str:
    """Return ``address`` when it is a path of these pages, else ``otherwise``: nobody is sent to a foreign site."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address

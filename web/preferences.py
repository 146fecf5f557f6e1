"""How one reads the pages: large type, high contrast, language.

Kept in cookies, so it needs no script and holds before the login; and with the person, so it follows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from web.blueprint import act, actor, application, ask, inside, pages
from web.locales import COOKIE as LOCALE
from web.locales import LANGUAGES
from workflows.access import Actor
from workflows.preferences import preferences_of, set_preferences

LARGE = "zecheng_large"
CONTRAST = "zecheng_contrast"
_YEAR = 365 * 24 * 3600
_PERSONAL: Mapping[str, Callable[[str], dict[str, Any]]] = {
    LARGE: lambda value: {"large": value == "1"},
    CONTRAST: lambda value: {"contrast": value == "1"},
    LOCALE: lambda value: {"locale": value},
}


@pages.post("/preferences")
def prefer() -> Response:
    """Set one preference and go back to the page."""
    answer = redirect(inside(request.form.get("back"), url_for("web.home")))
    name, value = request.form.get("name", ""), request.form.get("value", "")
    allowed = {LARGE: {"", "1"}, CONTRAST: {"", "1"}, LOCALE: set(LANGUAGES)}
    if value in allowed.get(name, set()):
        _set(answer, name, value)
        if g.get("logged_in"):
            act(set_preferences, actor=actor(), **_PERSONAL[name](value))
    return answer


def remember(answer: Response, person: Actor) -> None:
    """Give the browser what somebody who logs in has chosen before, or keep for them what it has been told."""
    found = ask(preferences_of, actor=person)
    if found is not None:
        for name, value in ((LARGE, "1" * found.large), (CONTRAST, "1" * found.contrast), (LOCALE, found.locale)):
            if value is not None:
                _set(answer, name, value)
        return
    told = {name: request.cookies[name] for name in _PERSONAL if request.cookies.get(name)}
    chosen = {key: value for name, text in told.items() for key, value in _PERSONAL[name](text).items()}
    if chosen.get("locale", "en") in LANGUAGES and chosen:
        act(set_preferences, actor=person, **chosen)


def _set(answer: Response, name: str, value: str) -> None:
    secure = application().settings.secure_cookies
    answer.set_cookie(name, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)


def reading_classes() -> str:
    """Return the classes of the page's root that the reader chose."""
    chosen = {"large": LARGE, "contrast": CONTRAST}
    return " ".join(name for name, cookie in chosen.items() if request.cookies.get(cookie) == "1")

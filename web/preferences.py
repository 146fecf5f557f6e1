"""How one reads the pages: large type, high contrast, language. Kept in cookies, so it needs no script."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from web.blueprint import application, inside, pages
from web.locales import COOKIE as LOCALE
from web.locales import LANGUAGES

LARGE = "zecheng_large"
CONTRAST = "zecheng_contrast"
_YEAR = 365 * 24 * 3600


@pages.post("/preferences")
def prefer() -> Response:
    """Set one preference and go back to the page."""
    answer = redirect(inside(request.form.get("back"), url_for("web.home")))
    name, value = request.form.get("name", ""), request.form.get("value", "")
    allowed = {LARGE: {"", "1"}, CONTRAST: {"", "1"}, LOCALE: set(LANGUAGES)}
    if value in allowed.get(name, set()):
        secure = application().settings.secure_cookies
        answer.set_cookie(name, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
    return answer


def reading_classes() -> str:
    """Return the classes of the page's root that the reader chose."""
    chosen = {"large": LARGE, "contrast": CONTRAST}
    return " ".join(name for name, cookie in chosen.items() if request.cookies.get(cookie) == "1")

"""What guards the pages in the browser: content security policy, headers, signed cookies, forgery tokens."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from workflows.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_ROOM_FOR_FIELDS = 2 * 1024 * 1024
_MOST_PARTS = 2_000
csrf = CSRFProtect()


def protect(app: Flask, settings: Settings) -> None:
    """Set up cookies, forgery tokens and headers. Pages check the token themselves (``web.blueprint``)."""
    app.secret_key = app.secret_key or secret_key(settings)
    app.config.update(
        SESSION_COOKIE_NAME="zecheng_csrf",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        WTF_CSRF_TIME_LIMIT=None,  # a form that was open over lunch must still be handed in
        WTF_CSRF_CHECK_DEFAULT=False,  # programs with a bearer token send none
        WTF_CSRF_SSL_STRICT=False,
    )
    app.config.setdefault("MAX_FORM_PARTS", _MOST_PARTS)
    if app.config.get("MAX_CONTENT_LENGTH") is None:
        app.config["MAX_CONTENT_LENGTH"] = settings.attachment_bytes + _ROOM_FOR_FIELDS
    if app.config.get("MAX_FORM_MEMORY_SIZE", 0) < _ROOM_FOR_FIELDS:
        app.config["MAX_FORM_MEMORY_SIZE"] = _ROOM_FOR_FIELDS
    if "csrf" not in app.extensions:
        csrf.init_app(app)
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add the headers of every answer, unless the route set its own; pages are kept in no shared cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "web.static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def secret_key(settings: Settings) -> str:
    """Return the key that signs cookies: the setting, else one that is made once and kept in ``var``."""
    if settings.secret_key:
        return settings.secret_key
    place = settings.var / "cookie.key"
    settings.var.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        _write_secret(place)
    return place.read_text(encoding="ascii").strip()


def _write_secret(place: Path) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))

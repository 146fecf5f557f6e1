"""The pages: server-rendered, usable without scripts, through the same use cases as the API. They decide nothing.

``register`` hangs them on the Flask application that ``api.create_app`` makes. Start reading at ``web/blueprint.py``
(what every page shares), then ``web/tasks.py`` and ``web/work.py``: the way of a task through the house.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_babel import Babel

from web import (  # noqa: F401 - each of these modules hangs its routes on the blueprint when it is imported
    approvals,
    attachments,
    blueprint,
    calendars,
    cases,
    copies,
    definitions,
    desks,
    escalations,
    feedback,
    handing,
    home,
    incidents,
    lights,
    login,
    migrations,
    notices,
    operations,
    organisation,
    overview,
    people,
    preferences,
    problems,
    records,
    registers,
    rendering,
    resets,
    row_import,
    security,
    sheets,
    starting,
    tasks,
    twins,
    uploads,
    work,
    years,
)
from web.locales import choose_locale
from workflows.application import Application

__all__ = ["register"]


TRANSLATIONS = Path(__file__).parent / "translations"


def register(app: Flask, application: Application) -> None:
    """Hang the pages on ``app``: routes, sessions, forgery protection, headers, texts in the reader's language."""
    app.extensions["zecheng"] = application
    security.protect(app, application.settings)
    if "babel" not in app.extensions:
        app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
        Babel(app, default_locale="zh_CN", default_timezone="Asia/Shanghai", locale_selector=choose_locale)
    app.register_blueprint(blueprint.pages)
    problems.catch_missing_pages(app)

"""The HTTP door: JSON under ``/api/v1``. It translates, and decides nothing.

Start reading at ``api/http.py`` (one request), then ``api/tasks.py``; ``api/problems.py`` holds the only table of
status numbers. docs/api.md tells how to use it.
"""

from __future__ import annotations

from flask import Flask

import web
from api import cli, doors
from workflows.application import Application


def create_app(application: Application) -> Flask:
    """Make the Flask application around ``application``: API, pages and commands. Opens no connection."""
    app = Flask("zecheng", static_folder=None)
    app.extensions["zecheng"] = application
    cli.register(app)
    doors.register(app, application)
    web.register(app, application)
    return app

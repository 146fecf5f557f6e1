"""The HTTP door: JSON under ``/api/v1``. It translates, and decides nothing."""

from __future__ import annotations

from flask import Flask

from api import cli
from workflows.application import Application


def create_app(application: Application) -> Flask:
    """Make the Flask application around ``application``. Opens no connection and starts no thread."""
    app = Flask("zecheng", static_folder=None)
    app.extensions["zecheng"] = application
    cli.register(app)
    return app

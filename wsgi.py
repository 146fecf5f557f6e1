"""The web process: ``flask --app wsgi …`` and any WSGI server find the application here.

Importing this module has no effects: settings are read and the application is made with the first command or request.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flask import Flask

import api
from workflows.application import open_application
from workflows.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def create_app() -> Flask:
    """Return the application of this process, made once. The database is opened by the first use case."""
    return _make()


@cache
def _make() -> Flask:
    return api.create_app(open_application(load_settings()))


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request: what servers that know only WSGI call (``waitress-serve wsgi:app``)."""
    return create_app()(environ, start_response)

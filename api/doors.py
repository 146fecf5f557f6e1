"""Hang the HTTP door on an application: routes, their document, faults, request ids, metrics."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from flask import Flask, Response, g, request

from api import (
    approval_sheets,
    approvals,
    attachments,
    calendar,
    cases,
    copies,
    definitions,
    desks,
    duties,
    escalations,
    external_tasks,
    feedback,
    incidents,
    ledger,
    messages,
    migrations,
    notices,
    openapi,
    operations,
    organisation,
    overview,
    people,
    problems,
    registers,
    resets,
    row_import,
    supervision,
    system,
    task_forms,
    tasks,
    tokens,
    twins,
    years,
)
from api.auth import request_id
from workflows.application import Application

RESOURCES = (
    tokens.login,
    organisation.resource,
    people.resource,
    tasks.resource,
    task_forms.resource,
    cases.resource,
    approval_sheets.resource,
    copies.resource,
    desks.resource,
    resets.resource,
    attachments.resource,
    twins.resource,
    escalations.resource,
    feedback.resource,
    definitions.resource,
    approvals.resource,
    migrations.resource,
    duties.resource,
    calendar.resource,
    incidents.resource,
    external_tasks.resource,
    external_tasks.engine_rest,
    ledger.resource,
    operations.resource,
    messages.resource,
    notices.resource,
    registers.resource,
    row_import.resource,
    overview.resource,
    supervision.resource,
    years.resource,
    years.feeds,
    tokens.resource,
    system.resource,
)
_ROOM_FOR_FIELDS = 2 * 1024 * 1024


def register(app: Flask, application: Application) -> None:
    """Hang every route on ``app``, and the document that describes them."""
    app.config["MAX_CONTENT_LENGTH"] = application.settings.attachment_bytes + _ROOM_FOR_FIELDS
    described = openapi.describe(app)
    for resource in RESOURCES:
        described.register_blueprint(resource.blueprint)
    problems.register_outside(app)
    instruments = system.Instruments(application)
    app.before_request(_begin(instruments))
    app.after_request(_end)


def _begin(instruments: system.Instruments) -> Callable[[], None]:
    def begin() -> None:
        g.instruments, g.began = instruments, perf_counter()

    return begin


def _end(response: Response) -> Response:
    if "instruments" in g:
        g.instruments.count(response, perf_counter() - g.began)
    if request.path.startswith(problems.PROGRAMS):
        response.headers.setdefault("X-Request-Id", request_id(request))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response

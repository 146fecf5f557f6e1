"""Faults as RFC 9457 problems, in the reader's language. The only table of status numbers.

``code`` is the contract with programs and never changes; ``title`` and ``detail`` follow Accept-Language. What is
nobody's fault but ours is logged with its traceback and told without it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask_babel import force_locale
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException, NotFound

from api.auth import request_id
from api.finding_wording import tell_finding
from api.wording import word, word_error, word_field
from workflows.definitions import DefinitionInvalidError
from workflows.engine.types import Finding
from workflows.errors import (
    LoginError,
    NotAllowedError,
    NotFoundError,
    RejectedError,
    StaleVersionError,
    WorkflowError,
    WrongStateError,
)
from workflows.migrations import MigrationRefusedError

MEDIA_TYPE = "application/problem+json"
PROGRAMS = ("/api/", "/engine-rest/", "/healthz", "/readyz", "/metrics", "/problems/")
_INTERNAL = 500
_LANGUAGES = {"zh": "zh_CN", "en": "en"}
_logger = logging.getLogger(__name__)

STATUS: tuple[tuple[type[WorkflowError], int], ...] = (
    (LoginError, 401),
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (StaleVersionError, 412),
    (WrongStateError, 409),
    (WorkflowError, 422),
)
STATUS_OF_CODE: Mapping[str, int] = {"attachment-too-large": 413}
HTTP_CODES: Mapping[int, str] = {
    400: "malformed-request",
    404: "route-not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
}


class FaultShape(Schema):
    """One field that was refused."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body, as a fragment: `#/variables/year`."})
    code = fields.String()
    detail = fields.String()


class ProblemShape(Schema):
    """What went wrong (RFC 9457). Programs read `code`, people `title` and `detail`."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String()
    code = fields.String()
    request_id = fields.String()
    errors = fields.List(fields.Nested(FaultShape))
    findings = fields.List(
        fields.Dict(),
        metadata={"description": "Every finding on refused process definitions, or against moving a case."},
    )


def register(place: Any) -> None:
    """Answer the faults of an application or blueprint."""
    place.register_error_handler(WorkflowError, show_fault)
    place.register_error_handler(HTTPException, show_http_fault)
    place.register_error_handler(Exception, show_own_fault)


def register_outside(app: Flask) -> None:
    """Answer requests under the addresses of programs that no route takes; others are the pages' matter."""
    app.register_error_handler(NotFound, _show_outside)
    app.register_error_handler(HTTPException, _show_outside)


def _show_outside(error: HTTPException) -> Any:
    return show_http_fault(error) if request.path.startswith(PROGRAMS) else error.get_response()


def status_of(error: WorkflowError) -> int:
    """Return the HTTP status of a fault."""
    found = STATUS_OF_CODE.get(error.code)
    return found or next(status for kind, status in STATUS if isinstance(error, kind))


def show_fault(error: WorkflowError) -> Response:
    """Tell a fault of the caller."""
    with force_locale(language()):
        text = word_error(error)
        errors = [
            {"pointer": f"#{fault.pointer}", "code": fault.code, "detail": word_field(fault)}
            for fault in (error.faults if isinstance(error, RejectedError) else ())
        ]
    more: dict[str, Any] = {"errors": errors} if errors else {}
    if isinstance(error, DefinitionInvalidError | MigrationRefusedError) and error.findings:
        more["findings"] = tell_findings(error.findings)
    status = status_of(error)
    answer = problem(status, error.code, text.title, text.detail, **more)
    if isinstance(error, LoginError):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def show_http_fault(error: HTTPException) -> Response:
    """Tell what the server itself refuses: an address, a method, a size, a body that is no JSON."""
    if error.code is None or error.code >= _INTERNAL:
        return show_own_fault(error)
    code = HTTP_CODES.get(error.code, "malformed-request")
    with force_locale(language()):
        text = word(code, {})
    answer = problem(error.code, code, text.title, text.detail)
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def show_own_fault(error: Exception) -> Response:
    """Log our own fault, and tell only its number."""
    _logger.error("a request failed", extra={"action": "request_fault", "path": request.path}, exc_info=error)
    with force_locale(language()):
        text = word("internal-error", {})
    return problem(_INTERNAL, "internal-error", text.title, text.detail)


def problem(status: int, code: str, title: str, detail: str, **more: Any) -> Response:
    """Return a problem document."""
    document = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path.encode("utf-8", "replace").decode(),
        "code": code,
        "request_id": request_id(request),
        **more,
    }
    g.problem_code = code
    answer = Response(orjson.dumps(document), status, mimetype=MEDIA_TYPE)
    answer.headers["Content-Language"] = "en" if language() == "en" else "zh-CN"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def tell_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain JSON, in the reader's language."""
    with force_locale(language()):
        return [tell_finding(finding) for finding in findings]


def language() -> str:
    """Return the reader's language: the first one asked for that there is, Chinese when none is."""
    for tag in request.accept_languages.values():
        primary = tag.partition("-")[0].lower()
        if primary in _LANGUAGES:
            return _LANGUAGES[primary]
    return _LANGUAGES["zh"]

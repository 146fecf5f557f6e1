"""Routes that describe themselves: one decorator hangs a view on its address and into the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache, wraps
from typing import Any, TypedDict, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields, validates_schema
from werkzeug.exceptions import NotFound

from api import problems
from api.auth import FORGERY_HEADER, SESSION_COOKIE, authenticate
from api.fields import Given, counted, text
from api.http import KEY_HEADER, application, is_clean_path, read_body, read_query
from workflows.forms.remarks import refuse

F = TypeVar("F")
PREFIX = "/api/v1"
VERSION = "1.0.0"
_MOST_BODY = 2 * 1024 * 1024  # of JSON; attachments have a limit of their own
_CURSOR = 2_000
_PAGE = 200
View = Callable[..., Response]
Register = Callable[[View], View]


class Paged(TypedDict):
    """The page of a list that is wanted."""

    after: str | None
    limit: int | None


class PagedBothWays(Paged):
    """The page of a list that can be gone back in."""

    before: str | None


class Paging(Given):
    """Where a page begins and how long it is."""

    after = text(_CURSOR, metadata={"description": "`next` of the page before."})
    limit = counted(1, _PAGE, metadata={"description": "Items of a page; 50 unless told."})


class PagingBothWays(Paging):
    """Where a page begins or ends, and how long it is."""

    before = text(_CURSOR, metadata={"description": "`previous` of the page after. Not together with `after`."})

    @validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse both ways at once."""
        if "after" in data and "before" in data:
            raise refuse("bad-cursor", "Expected after or before, and not both.")


def split(query: Mapping[str, Any], wanted: type[F]) -> tuple[F, Paged]:
    """Return what a list is asked for, as the ``wanted`` filter, and which page of it."""
    paged = Paged(after=query.get("after"), limit=query.get("limit"))
    return wanted(**{name: value for name, value in query.items() if name not in paged}), paged


def split_both_ways(query: Mapping[str, Any], wanted: type[F]) -> tuple[F, PagedBothWays]:
    """Return the same of a list that can be gone back in."""
    found, paged = split({name: value for name, value in query.items() if name != "before"}, wanted)
    return found, PagedBothWays(**paged, before=query.get("before"))


class ReadHeaders(Schema):
    """Headers of a request that reads."""

    accept_language = fields.String(data_key="Accept-Language", metadata={"description": "`zh` (default) or `en`."})


class WriteHeaders(ReadHeaders):
    """Headers of a request that changes something."""

    if_match = fields.String(data_key="If-Match", metadata={"description": "The ETag that was read: else 412."})


class PostHeaders(WriteHeaders):
    """Headers of a POST."""

    idempotency_key = fields.String(
        data_key=KEY_HEADER,
        metadata={"description": "1 to 200 characters: the same request again gets the same answer."},
    )


@cache
def page_of(item: type[Schema], *, both_ways: bool = False) -> type[Schema]:
    """Return the schema of a page of ``item``; ``both_ways``: it says where to go back to."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True, metadata={"description": "`after` of the next page; null on the last."}),
    }
    if both_ways:
        told = {"description": "`before` of the page before; null on the first."}
        members["previous"] = fields.String(allow_none=True, metadata=told)
    return type(f"{item.__name__}Page", (Schema,), members)


class Resource:
    """The routes of one noun. Everybody must be logged in unless it is ``open``."""

    def __init__(self, name: str, description: str, *, prefix: str = PREFIX, is_open: bool = False) -> None:
        self.blueprint: Any = Blueprint(name, name, url_prefix=prefix, description=description)
        self._is_open = is_open
        self.blueprint.before_request(_enter_openly if is_open else _enter)
        problems.register(self.blueprint)

    def get(self, path: str, answer: type[Schema] | Schema | None = None, **more: Any) -> Register:
        """Hang a view that reads on ``path``."""
        return self._route("GET", path, answer, **more)

    def post(self, path: str, answer: type[Schema] | Schema | None = None, **more: Any) -> Register:
        """Hang a view that changes something on ``path``."""
        return self._route("POST", path, answer, **more)

    def put(self, path: str, answer: type[Schema] | Schema | None = None, **more: Any) -> Register:
        """Hang a view that replaces something on ``path``."""
        return self._route("PUT", path, answer, **more)

    def delete(self, path: str, answer: type[Schema] | Schema | None = None, **more: Any) -> Register:
        """Hang a view that removes something on ``path``."""
        return self._route("DELETE", path, answer, **more)

    def _route(
        self,
        method: str,
        path: str,
        answer: type[Schema] | Schema | None,
        *,
        status: int = 200,
        body: type[Given] | None = None,
        query: type[Given] | None = None,
        media_type: str | None = None,
        other: Mapping[int, type[Schema] | None] | None = None,
        doc: Mapping[str, Any] | None = None,
    ) -> Register:
        """Return the decorator of a view: it is given what ``body`` and ``query`` read, then the path's parts."""

        def hang(view: View) -> View:
            @wraps(view)
            def entered(**parts: Any) -> Response:
                carried = [read_body(body())] if body else []
                carried += [read_query(query())] if query else []
                return view(*carried, **parts)

            shown: Any = self.blueprint.response(status, answer, content_type=media_type)(entered)
            for code, schema in (other or {}).items():
                shown = self.blueprint.alt_response(code, schema=schema, success=code < 400)(shown)  # noqa: PLR2004 - HTTP
            _document(shown, method, body=body, query=query)
            shown = self.blueprint.doc(**{**(doc or {}), **({"security": []} if self._is_open else {})})(shown)
            self.blueprint.route(path, methods=[method])(shown)
            return view

        return hang


def _document(view: Any, method: str, *, body: type[Given] | None, query: type[Given] | None) -> None:
    """Tell the document what a view reads; reading itself is ``api.http``'s."""
    headers = {"POST": PostHeaders, "GET": ReadHeaders}.get(method, WriteHeaders)
    told: list[Mapping[str, Any]] = [{"in": "headers", "schema": headers, "required": False}]
    if query:
        told.append({"in": "query", "schema": query, "required": False})
    if body:
        told.append({"in": "json", "schema": body, "required": any(each.required for each in body().fields.values())})
    view._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # noqa: SLF001 - where flask-smorest keeps it
    view._apidoc["arguments"] = {"parameters": told}  # noqa: SLF001


def _enter() -> None:
    _enter_openly()
    g.caller = authenticate(application(), request)


def _enter_openly() -> None:
    if not is_clean_path():
        raise NotFound
    if request.mimetype != "multipart/form-data":
        request.max_content_length = _MOST_BODY
    else:
        request.max_content_length = current_app.config["MAX_CONTENT_LENGTH"]


class Documented(Api):  # type: ignore[misc] # flask-smorest ships no types
    """flask-smorest's document, with our problems in the place of its errors."""

    ERROR_SCHEMA = problems.ProblemShape

    def _register_error_handlers(self) -> None:
        """Leave faults to ``api.problems``."""

    def _register_responses(self) -> None:
        super()._register_responses()
        problem = {
            "description": "A problem (RFC 9457).",
            "content": {problems.MEDIA_TYPE: {"schema": self.ERROR_SCHEMA}},
        }
        self.spec.components.response("PROBLEM", problem, lazy=True)

    DEFAULT_ERROR_RESPONSE_NAME = "PROBLEM"


def describe(app: Flask) -> Documented:
    """Return the document of ``app``, still without routes."""
    app.config.update(
        API_TITLE="责成 Zecheng",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    return Documented(
        app,
        spec_kwargs={
            "info": {
                "description": "BPMN work with owners, dates that hold up, escalation and proof. See docs/api.md."
            },
            "security": [{"token": []}, {"session": [], "forgery": []}],
            "components": {
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
                    "forgery": {"type": "apiKey", "in": "header", "name": FORGERY_HEADER},
                }
            },
        },
    )

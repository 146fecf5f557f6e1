"""One request: what it carries, the two entries to the use cases, and the answer.

The order of checks is the contract's: 401 (before the route), 404 and 403 (``see``), a replayed idempotency key,
412 and 409, and only then 422. So a faulty body is remembered while it is read, and told at its turn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

import orjson
from flask import Response, current_app, g, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from api.auth import Caller
from api.fields import is_clean
from workflows import idempotency
from workflows.access import Actor
from workflows.application import Application
from workflows.errors import FieldFault, RejectedError
from workflows.forms.remarks import escape, faults_of
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.store import Store
from workflows.transaction import read, run

JSON = "application/json"
KEY_HEADER = "Idempotency-Key"
_NEVER = -1  # a version that nothing ever has


def application() -> Application:
    """Return what the process shares."""
    found: Application = current_app.extensions["zecheng"]
    return found


def caller() -> Caller:
    """Return who asks, with the freshness of their password."""
    found: Caller = g.caller
    return found


def actor() -> Actor:
    """Return who asks."""
    return caller().actor


def expected_version() -> int | None:
    """Return the version that ``If-Match`` asks for; None: any. A tag that no version has never matches."""
    tag = request.headers.get("If-Match", "*").strip()
    if tag == "*":
        return None
    digits = tag.removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else _NEVER  # noqa: PLR2004 - fits the column


# ------------------------------------------------------------------ what a request carries


def read_query(schema: Schema) -> dict[str, Any]:
    """Return the arguments of the address; faults are told at their turn."""
    return _load(schema, request.args.to_dict())


def read_body(schema: Schema) -> dict[str, Any]:
    """Return the members of the body; what is no JSON at all is refused at once, faults are told at their turn."""
    content = request.get_data()
    if content and not request.is_json:
        raise UnsupportedMediaType
    document = _parse(content) if content.strip() else {}
    unclean = list(_unclean(document, ""))
    if unclean:
        _remember(unclean)
        return {}
    return _load(schema, document)


def _load(schema: Schema, document: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        _remember(list(faults_of(error.messages)))
        return {}
    return loaded


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise BadRequest from fault


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unclean(value: Any, pointer: str) -> Iterator[FieldFault]:
    """Yield texts that no database can hold; control characters as such are each field's own matter."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
            yield FieldFault(pointer, "field-control-character", "Expected text without control characters.")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _unclean(name, pointer)
            yield from _unclean(member, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from _unclean(member, f"{pointer}/{position}")


def _remember(faults: list[FieldFault]) -> None:
    g.faults = [*g.get("faults", []), *faults]


def remembered_faults() -> list[FieldFault]:
    """Return the faults of this request's body and arguments."""
    found: list[FieldFault] = g.get("faults", [])
    return found


def require_no_faults() -> None:
    """Raise ``RejectedError`` with every fault of what the request carries."""
    faults = remembered_faults()
    if faults:
        message = f"Expected {len(faults)} field(s) of the request to be other."
        raise RejectedError(message, code="invalid-request", faults=faults)


def is_clean_path() -> bool:
    """Whether the address holds only texts that can be looked up."""
    return is_clean(request.path)


# ------------------------------------------------------------------ the two entries


def show(ask: Callable[[Store], Answer]) -> Response:
    """Answer with what ``ask`` reads."""
    require_no_faults()
    return _respond(read(application(), ask))


def act(
    change: Callable[[Store], Answer],
    *,
    see: Callable[[Store], object] | None = None,
    ready: Callable[[Store], object] | None = None,
    is_keyed: bool = True,
) -> Response:
    """Answer with what ``change`` did, in one transaction with the idempotency key.

    ``see`` raises 404 and 403; ``ready`` raises 412 and 409 where the body is faulty, so that these come first. Both
    may write: a faulty body ends in a fault, and the transaction keeps nothing.
    """
    key = request.headers.get(KEY_HEADER) if is_keyed and request.method == "POST" else None
    digested = _body_to_digest() if key is not None else b""

    def transact(store: Store) -> Answer:
        if see is not None:
            see(store)
        scope = None if key is None else idempotency.scope_of(actor(), request.method, request.path, key)
        found = None if scope is None else idempotency.begin(store, scope, digested)
        if found is not None:
            return found
        if remembered_faults() and ready is not None:
            ready(store)
        require_no_faults()
        made = change(store)
        if scope is not None:
            idempotency.finish(store, scope, made)
        return made

    return _respond(run(application(), transact))


def act_on_each(do: Callable[[], Answer]) -> Response:
    """Answer with what ``do`` did in transactions of its own, one for each thing: harmless when it is repeated."""
    require_no_faults()
    return _respond(do())


def _body_to_digest() -> bytes:
    """Return what makes two requests the same; the boundary of a multipart body differs from one to the next."""
    parts = [request.query_string]
    if request.mimetype == "multipart/form-data":
        for name, value in request.form.items(multi=True):  # a part may come without a name
            parts.append(f"{name}={value}".encode())
        for name, file in request.files.items(multi=True):
            file.stream.seek(0)  # whoever received the file has read it
            digest = hashlib.sha256(file.stream.read()).hexdigest()
            file.stream.seek(0)
            parts.append(f"{name};{file.filename};{digest}".encode())
    else:
        parts.append(request.get_data())
    return b"\0".join(parts)


# ------------------------------------------------------------------ the answer


def answer(
    schema: Schema,
    thing: object,
    *,
    status: int = 200,
    version: int | None = None,
    location: str | None = None,
) -> Answer:
    """Return the answer that shows ``thing``; ``version`` becomes the ETag."""
    headers = {"Content-Type": JSON}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if location is not None:
        headers["Location"] = location
    return Answer(status, headers, orjson.dumps(schema.dump(thing)))


def page_answer(schema: Schema, page: Page[Any]) -> Answer:
    """Return one page of a list; ``schema`` is what ``api.openapi.page_of`` made."""
    return answer(schema, {"items": list(page.items), "next": page.next, "previous": page.previous})


def nothing() -> Answer:
    """Return the answer that tells only that it was done."""
    return Answer(204, {}, b"")


def _respond(made: Answer) -> Response:
    return Response(made.body, made.status, dict(made.headers))

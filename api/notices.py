"""Notices 消息: one's own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, mapping, plain, said, texts
from api.http import act, actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.notices import mark_all_read, mark_read
from workflows.queries.notices import NoticeRow, list_notices
from workflows.store import Store

resource = Resource("notices", "消息: in-app messages")
_MOST = 500


class NoticeShape(Schema):
    """One message; ``kind`` and ``content`` are data."""

    id = fields.String()
    kind = fields.String()
    content = mapping()
    case_id = said()
    created_at = Instant()
    read_at = Instant(allow_none=True)


class ReadBody(Given):
    """Which were read; none named means all."""

    ids = texts(_MOST)


class ReadShape(Schema):
    """How many were unread until now."""

    read = fields.Integer()


@resource.get("/notices", page_of(NoticeShape), query=Paging)
def list_of_notices(query: dict[str, Any]) -> Response:
    """List one's notices, the latest first."""

    def describe(row: NoticeRow) -> dict[str, Any]:
        return asdict(row) | {"content": plain(row.content)}

    return show(
        lambda store: page_answer(page_of(NoticeShape)(), list_notices(store, actor=actor(), **query).map(describe))
    )


@resource.post("/notices/read", ReadShape, body=ReadBody)
def read_notices(body: dict[str, Any]) -> Response:
    """Mark notices as read."""

    def change(store: Store) -> Answer:
        who = actor()
        number = mark_read(store, body["ids"], actor=who) if "ids" in body else mark_all_read(store, actor=who)
        return answer(ReadShape(), {"read": number})

    return act(change)

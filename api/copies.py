"""Copies 抄送: what was sent to oneself to read, and whom a case was sent to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.batches import EachesShape, each_answer
from api.case_shapes import CaseShape, describe_case
from api.cases import CaseQuery
from api.fields import Given, Instant, one_of, said, texts, truth
from api.http import act, act_on_each, actor, answer, application, page_answer, show
from api.lights import CaseLights
from api.openapi import Resource, page_of, split_both_ways
from workflows.batches import MOST_AT_ONCE, mark_copies_read
from workflows.copies import MOST_COPIES, copy_case, require_sender
from workflows.idempotency import Answer
from workflows.queries.case_filters import CaseFilter
from workflows.queries.copies import COPY_SORTS, CopyRow, list_copies, readers_of_case
from workflows.queries.paging import Page
from workflows.rights import see_case
from workflows.store import Store

resource = Resource("copies", "抄送: cases to read along")


class CopyQuery(CaseQuery):
    """Which copies to list: what cases are narrowed by, and whether they were read."""

    unread = truth()
    sort = one_of([*COPY_SORTS, *(f"-{name}" for name in COPY_SORTS)])


class CopyShape(Schema):
    """A case that was sent to one. ``step`` is that with whose end; ``sent_by`` is null when the diagram sent it."""

    id = fields.String()
    sent_at = Instant()
    read_at = Instant(allow_none=True)
    step = said()
    sent_by = said()
    sent_by_name = said()
    case = fields.Nested(CaseShape)


class ReaderShape(Schema):
    """Somebody whom a case was sent to."""

    code = fields.String()
    name = fields.String()
    step = said()
    sent_by_name = said()
    sent_at = Instant()
    read_at = Instant(allow_none=True)


class SendBody(Given):
    """Whom to send it to, by code."""

    people = texts(MOST_COPIES, required=True)


class ReadCopiesBody(Given):
    """Which copies were read."""

    ids = texts(MOST_AT_ONCE, required=True)


class SentShape(Schema):
    """To how many it was sent who had no such copy yet."""

    sent = fields.Integer()


@resource.get("/copies", page_of(CopyShape, both_ways=True), query=CopyQuery)
def list_of_copies(query: dict[str, Any]) -> Response:
    """List what was sent to one to read, the latest first."""

    def ask(store: Store) -> Answer:
        unread = query.pop("unread", None)
        wanted, paged = split_both_ways(query, CaseFilter)
        page = list_copies(store, wanted, actor=actor(), unread=unread, **paged)
        lights = CaseLights(store, [row.case.id for row in page.items])
        return page_answer(page_of(CopyShape, both_ways=True)(), page.map(lambda row: _describe(row, lights)))

    return show(ask)


def _describe(row: CopyRow, lights: CaseLights) -> dict[str, Any]:
    told = {name: value for name, value in asdict(row).items() if name != "case"}
    return told | {"sent_by": row.sent_by_code, "case": describe_case(row.case, lights)}


@resource.post("/copies/read", EachesShape, body=ReadCopiesBody)
def read_copies(body: dict[str, Any]) -> Response:
    """已阅: mark copies as read, each in a transaction of its own."""
    return act_on_each(lambda: each_answer(mark_copies_read(application(), body["ids"], actor=actor())))


@resource.get("/cases/<case_id>/copies", page_of(ReaderShape))
def list_of_readers(case_id: str) -> Response:
    """List whom a case was sent to, and when they read it."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(ReaderShape)(), Page(tuple(readers_of_case(store, case_id, actor=actor())), None))

    return show(ask)


@resource.post("/cases/<case_id>/copies", SentShape, body=SendBody)
def send_copies(body: dict[str, Any], case_id: str) -> Response:
    """抄送: let people read a case, who may by clearance."""

    def change(store: Store) -> Answer:
        return answer(SentShape(), {"sent": copy_case(store, case_id, body["people"], actor=actor())})

    return act(change, see=lambda store: require_sender(store, see_case(store, case_id, actor=actor()), actor=actor()))

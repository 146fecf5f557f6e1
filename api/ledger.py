"""The ledger 账本, for auditors: its chains, signed checkpoints over all of them, and the check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, day, mapping, said, text
from api.http import actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of, split
from workflows.idempotency import Answer
from workflows.queries.records import (
    RecordFilter,
    check_ledger,
    list_checkpoints,
    list_records,
    list_streams,
    search_records,
)
from workflows.store import Store
from workflows.tables import Role

resource = Resource("ledger", "账本: proof of what happened")
_LONGEST_STREAM = 120


class CheckpointShape(Schema):
    """A signed Merkle root over the heads of all chains, chained to the checkpoint before."""

    number = fields.Integer(attribute="id")
    at = Instant()
    size = fields.Integer()
    root = fields.String()
    prev = fields.String()
    algorithm = fields.String()
    key_id = fields.String()
    signature = fields.Function(lambda row: row.signature.hex(), metadata={"type": "string"})


class StreamQuery(Paging):
    """Which chains to list."""

    q = text(_LONGEST_STREAM)


class StreamShape(Schema):
    """One chain and its last link."""

    stream = fields.String()
    seq = fields.Integer()
    hash = fields.String()


class EventQuery(Paging):
    """The events of one chain, or of all chains by person, kind, case and days (`to` included)."""

    stream = text(_LONGEST_STREAM)
    person = text(_LONGEST_STREAM)
    kind = text(_LONGEST_STREAM)
    case = text(_LONGEST_STREAM)
    since = day(data_key="from")
    until = day(data_key="to")


class RecordShape(Schema):
    """One link of a chain."""

    stream = fields.String()
    seq = fields.Integer()
    kind = fields.String()
    at = Instant()
    actor = fields.String()
    on_behalf_of = said()
    via = fields.String()
    content = mapping()
    hash = fields.String()
    algorithm = fields.String()


class VerifyBody(Given):
    """Which chain to verify; none named means everything."""

    stream = text(_LONGEST_STREAM)


class LedgerFaultShape(Schema):
    """One thing that is wrong."""

    code = fields.String()
    stream = fields.String()
    seq = fields.Integer()
    detail = fields.String()


class ReportShape(Schema):
    """What was looked at, and what is wrong."""

    whole = fields.Boolean(attribute="is_whole")
    streams = fields.Integer()
    events = fields.Integer()
    checkpoints = fields.Integer()
    sealed = fields.Integer()
    covered_until = Instant(allow_none=True)
    faults = fields.List(fields.Nested(LedgerFaultShape))


@resource.get("/ledger/checkpoints", page_of(CheckpointShape), query=Paging)
def checkpoints(query: dict[str, Any]) -> Response:
    """List checkpoints, the latest first."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(CheckpointShape)(), list_checkpoints(store, actor=actor(), **query))

    return show(ask)


@resource.get("/ledger/streams", page_of(StreamShape), query=StreamQuery)
def streams(query: dict[str, Any]) -> Response:
    """List chains by name."""

    def ask(store: Store) -> Answer:
        page = list_streams(
            store, actor=actor(), text=query.get("q"), after=query.get("after"), limit=query.get("limit")
        )
        return page_answer(page_of(StreamShape)(), page)

    return show(ask)


@resource.get("/ledger/events", page_of(RecordShape), query=EventQuery)
def events(query: dict[str, Any]) -> Response:
    """List the links of a chain, or the events of all chains that a filter finds, the latest first."""

    def ask(store: Store) -> Answer:
        stream = query.pop("stream", None)
        wanted, paged = split(query, RecordFilter)
        if stream:
            page = list_records(store, stream, actor=actor(), **paged)
        else:
            page = search_records(store, wanted, actor=actor(), **paged)
        return page_answer(page_of(RecordShape)(), page.map(asdict))

    return show(ask)


@resource.post("/ledger/verify", ReportShape, body=VerifyBody)
def verify(body: dict[str, Any]) -> Response:
    """Verify one chain, or all of them with their checkpoints. Nothing is changed."""

    def check(store: Store) -> Answer:
        return answer(ReportShape(), check_ledger(store, actor=actor(), stream=body.get("stream")))

    actor().require_role(Role.AUDITOR)
    return show(check)

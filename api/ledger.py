"""The ledger 账本: signed checkpoints over all its chains."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Instant
from api.http import actor, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows.idempotency import Answer
from workflows.queries.checkpoints import list_checkpoints
from workflows.store import Store

resource = Resource("ledger", "账本: proof of what happened")


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


@resource.get("/ledger/checkpoints", page_of(CheckpointShape), query=Paging)
def checkpoints(query: dict[str, Any]) -> Response:
    """List checkpoints, the latest first. For auditors."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(CheckpointShape)(), list_checkpoints(store, actor=actor(), **query))

    return show(ask)

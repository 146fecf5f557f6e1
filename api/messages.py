"""Messages 来函: from other systems to whichever case waits for them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from api.case_shapes import CaseShape
from api.cases import plain_values, row_answer
from api.fields import Given, text, values
from api.http import act, actor
from api.openapi import Resource
from workflows.idempotency import Answer
from workflows.messages import Letter, require_sender, send_message
from workflows.store import Store
from workflows.store import people as stored_people

resource = Resource("messages", "消息投递: messages to a case that is found by what they carry")


class LetterBody(Given):
    """A message. ``correlation`` is the value that the waiting case expects, or the list of them."""

    name = text(300, required=True)
    correlation = fields.Raw(allow_none=True, load_default=None)
    payload = values(load_default=dict)
    unit = text(100, load_default=None)


@resource.post("/messages", CaseShape, body=LetterBody)
def send(body: dict[str, Any]) -> Response:
    """Deliver a message to the case that waits for it; if none does, open a case that it starts (for ``unit``)."""

    def change(store: Store) -> Answer:
        given = plain_values({"correlation": body["correlation"]}, "")
        letter = Letter(body["name"], plain_values(body["payload"], "/payload"), given["correlation"])
        unit_id = stored_people.need_unit(store, body["unit"]).id if body["unit"] is not None else None
        return row_answer(store, send_message(store, letter, unit_id=unit_id, actor=actor()))

    return act(change, see=lambda _store: require_sender(actor()))

"""Messages 来函, signals 广播 and data 数据通报: from other systems to whichever case or process waits for them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.case_shapes import CaseShape
from api.cases import plain_values, row_answer
from api.fields import Given, text, values
from api.http import act, actor, answer
from api.openapi import Resource
from workflows.broadcasts import Heard, broadcast_signal, require_broadcaster, tell_data
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
        return row_answer(store, send_message(store, letter, unit_id=_unit(store, body), actor=actor()))

    return act(change, see=lambda _store: require_sender(actor()))


class OpenedShape(Schema):
    """A case that was opened, by the process that it runs."""

    id = fields.String()
    definition = fields.String()
    title = fields.String()


class SignalBody(Given):
    """A signal. ``unit``: for which unit it opens cases where the diagram names none."""

    name = text(300, required=True)
    payload = values(load_default=dict)
    unit = text(100, load_default=None)


class DataBody(Given):
    """Data that conditions of start events read. ``unit``: for which unit cases are opened, as above."""

    variables = values(required=True)
    unit = text(100, load_default=None)


class HeardShape(Schema):
    """How many waiting cases were told (each takes it in its turn), and the cases that were opened."""

    told = fields.Integer()
    opened = fields.List(fields.Nested(OpenedShape))


@resource.post("/signals", HeardShape, body=SignalBody)
def broadcast(body: dict[str, Any]) -> Response:
    """Throw a signal: to every case that waits for it, and to every process in force that it starts."""

    def change(store: Store) -> Answer:
        payload = plain_values(body["payload"], "/payload")
        return _heard(broadcast_signal(store, body["name"], payload, unit_id=_unit(store, body), actor=actor()))

    return act(change, see=lambda _store: require_broadcaster(actor()))


@resource.post("/conditions", HeardShape, body=DataBody)
def tell(body: dict[str, Any]) -> Response:
    """Look at the conditions of start events with these data, and open a case of each process whose condition holds."""

    def change(store: Store) -> Answer:
        variables = plain_values(body["variables"], "/variables")
        return _heard(tell_data(store, variables, unit_id=_unit(store, body), actor=actor()))

    return act(change, see=lambda _store: require_broadcaster(actor()))


def _unit(store: Store, body: dict[str, Any]) -> str | None:
    return stored_people.need_unit(store, body["unit"]).id if body["unit"] is not None else None


def _heard(heard: Heard) -> Answer:
    opened = [{"id": case.id, "definition": case.process_key, "title": case.title} for case in heard.opened]
    return answer(HeardShape(), {"told": len(heard.told), "opened": opened})

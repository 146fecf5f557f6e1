"""Answers of acts on many things: what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from marshmallow import Schema, fields

from api.fields import said
from api.http import answer
from api.wording import word_error
from workflows.batches import Done
from workflows.idempotency import Answer


class EachShape(Schema):
    """One of many things; ``code`` and ``detail`` say why it was not done."""

    id = fields.String()
    done = fields.Boolean()
    code = said()
    detail = said()


class EachesShape(Schema):
    """What became of each, in the order given."""

    items = fields.List(fields.Nested(EachShape))


def each_answer(results: Sequence[Done]) -> Answer:
    """Return what became of each, in words of the reader's language."""
    items = [
        {
            "id": each.id,
            "done": each.fault is None,
            "code": each.fault.code if each.fault else None,
            "detail": word_error(each.fault).detail if each.fault else None,
        }
        for each in results
    ]
    return answer(EachesShape(), {"items": items})

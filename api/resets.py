"""Resets 重置: an element of a running case opens again, and what followed from it is withdrawn."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.case_shapes import CaseShape
from api.cases import row_answer
from api.fields import Given, said, text
from api.http import act, actor, answer, expected_version, show
from api.migrations import CheckQuery
from api.openapi import Resource
from workflows.idempotency import Answer
from workflows.resets import Effect, preview_reset, reset_case, reset_targets
from workflows.rights import require_case_version, require_governor
from workflows.running import require_running
from workflows.store import Store

resource = Resource("resets", "重置: an element of a running case opens again")


class ResetBody(Given):
    """Which element opens again, and why; ``near`` is an open task in the repeated scope that is meant."""

    to = text(120, required=True)
    near = text(60)
    reason = text(least=0, load_default="")


class TargetShape(Schema):
    """An element that can be opened again."""

    element_id = fields.String()
    name = fields.String()
    type = fields.String()
    clause = said()


class TargetsShape(Schema):
    """The elements that can be opened again now."""

    items = fields.List(fields.Nested(TargetShape))


class WithdrawnShape(Schema):
    """An open task that would be withdrawn."""

    id = fields.String()
    name = fields.String()


class EffectShape(Schema):
    """What a reset would do."""

    to = fields.String()
    withdrawn = fields.List(fields.Nested(WithdrawnShape))
    opened = fields.List(fields.String())
    children_cancelled = fields.Integer()
    timers_cleared = fields.Integer()


@resource.get("/cases/<case_id>/reset-targets", TargetsShape)
def targets(case_id: str) -> Response:
    """List the elements that the case has passed and that can be opened again."""

    def ask(store: Store) -> Answer:
        found = reset_targets(store, case_id, actor=actor())
        items = [{"element_id": e.id, "name": e.name or e.id, "type": e.type, "clause": e.clause} for e in found]
        return answer(TargetsShape(), {"items": items})

    return show(ask)


@resource.post("/cases/<case_id>/reset", CaseShape, body=ResetBody, query=CheckQuery, other={200: EffectShape})
def reset(body: dict[str, Any], query: dict[str, Any], case_id: str) -> Response:
    """重置: open an element again; what followed from it is withdrawn. With `check=true` only tell what would be.

    An element that nothing has passed is 409 `reset-not-possible`.
    """

    def change(store: Store) -> Answer:
        near = body.get("near")
        if query["check"]:
            return answer(EffectShape(), _told(preview_reset(store, case_id, body["to"], near=near, actor=actor())))
        case = reset_case(
            store,
            case_id,
            body["to"],
            body["reason"],
            near=near,
            actor=actor(),
            expected_version=expected_version(),
        )
        return row_answer(store, case)

    return act(
        change,
        see=lambda store: require_governor(store, case_id, actor=actor()),
        ready=lambda store: require_running(require_case_version(store, case_id, expected_version())),
    )


def _told(effect: Effect) -> dict[str, Any]:
    return {
        "to": effect.element.id,
        "withdrawn": [{"id": task.id, "name": task.name} for task in effect.withdrawn],
        "opened": list(effect.opened),
        "children_cancelled": effect.children,
        "timers_cleared": effect.timers,
    }

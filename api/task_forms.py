"""What a step asks for, and what was typed so far but not handed in."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, plain, said, text, texts, values
from api.http import act, actor, answer, expected_version, show
from api.openapi import Resource
from workflows.drafts import read_draft, save_draft
from workflows.forms import plain_json
from workflows.idempotency import Answer
from workflows.queries.task_forms import TaskForm, form_of_task
from workflows.rights import require_workable, require_worker
from workflows.store import Store
from workflows.tables import Draft

resource = Resource("task-forms", "表单与草稿: what a step asks for, and drafts")


_WORDS: tuple[str, ...] = ("comment", "late_reason", "copies")


class FormShape(Schema):
    """A form: fields for whoever draws it, a JSON Schema for whoever fills it in. A step without form asks nothing."""

    key = said()
    title = fields.String()
    digest = said()
    fields_ = fields.List(fields.Dict(), data_key="fields", attribute="fields")
    schema = fields.Dict(metadata={"description": "JSON Schema of `variables` in `complete`."})
    values = fields.Dict(metadata={"description": "What the case says so far for the form's fields."})
    signs = fields.Boolean(metadata={"description": "Completing is a signature: it needs a fresh password."})
    needs_late_reason = fields.Boolean()


class DraftShape(Schema):
    """What was typed so far; nothing yet is version 0."""

    variables = fields.Dict()
    comment = said()
    late_reason = said()
    copies = fields.List(fields.String())
    saved_at = Instant(allow_none=True)
    row_version = fields.Integer()


class DraftBody(Given):
    """What was typed, right or wrong; only fields of the form. Words beside it are kept where none are given."""

    variables = values(required=True)
    comment = text(4000, least=0)
    late_reason = text(4000, least=0)
    copies = texts(50)


@resource.get("/tasks/<task_id>/form", FormShape)
def form(task_id: str) -> Response:
    """Show what a step asks for."""
    return show(lambda store: answer(FormShape(), _describe(form_of_task(store, task_id, actor=actor()))))


@resource.get("/tasks/<task_id>/draft", DraftShape)
def get_draft(task_id: str) -> Response:
    """Show what was typed so far."""
    return show(lambda store: _told(read_draft(store, task_id, actor=actor())))


@resource.put("/tasks/<task_id>/draft", DraftShape, body=DraftBody)
def put_draft(body: dict[str, Any], task_id: str) -> Response:
    """Keep what was typed so far."""

    def change(store: Store) -> Answer:
        content = plain_json(body["variables"])
        words = {name: body[name] for name in _WORDS if name in body} or None
        kept = save_draft(store, task_id, content, actor=actor(), words=words, expected_version=expected_version())
        return _told(kept)

    return act(
        change,
        see=lambda store: require_worker(store, task_id, actor=actor()),
        ready=lambda store: require_workable(store, task_id, actor=actor(), expected_version=None),
    )


def _told(draft: Draft | None) -> Answer:
    if draft is None:
        return answer(DraftShape(), {"variables": {}, "copies": [], "saved_at": None, "row_version": 0}, version=0)
    words = draft.words or {}
    told = {name: words.get(name) for name in ("comment", "late_reason")} | {"variables": draft.content}
    told["copies"] = _names(words.get("copies"))
    told |= {"saved_at": draft.saved_at, "row_version": draft.row_version}
    return answer(DraftShape(), told, version=draft.row_version)


def _names(copies: object) -> list[str]:
    """Return whom to copy, as typed on a page in one line or as programs name them."""
    return (
        copies.split("、") if isinstance(copies, str) and copies else list(copies) if isinstance(copies, list) else []
    )


def _describe(shown: TaskForm) -> dict[str, Any]:
    told = {"values": plain(shown.values), "signs": shown.signs, "needs_late_reason": shown.is_late}
    return {**shown.described, **told}

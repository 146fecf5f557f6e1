"""一案双查: two investigations side by side, the facts that they share, and opening one of them again."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, anything, text, whole
from api.http import act, actor, answer, expected_version, show
from api.openapi import Resource
from workflows.idempotency import Answer
from workflows.queries.twins import TwinView, require_matter, twin_view
from workflows.rights import require_case_version
from workflows.shared_facts import add_fact, revise_fact
from workflows.store import Store
from workflows.tracks import reopen_track

resource = Resource("twins", "一案双查: two investigations of one matter on shared facts")


class StepShape(Schema):
    """A step of a track that waits."""

    task_id = fields.String()
    name = fields.String()
    person = fields.String(allow_none=True)
    due_at = Instant(allow_none=True)
    light = fields.String()


class TrackShape(Schema):
    """One of the two investigations; its conclusion is null while it is not for the reader."""

    case_id = fields.String(attribute="case.id")
    kind = fields.String(metadata={"description": "`person` or `leader`."})
    status = fields.String(attribute="case.status")
    light = fields.String(attribute="case.light")
    due_at = Instant(attribute="case.due_at", allow_none=True)
    opened_at = Instant()
    concluded_at = Instant(allow_none=True)
    released_at = Instant(allow_none=True)
    reopened = fields.Integer()
    steps = fields.List(fields.Nested(StepShape))
    conclusion = anything()
    opinion = fields.String(allow_none=True)


class FactShape(Schema):
    """One version of a shared fact."""

    number = fields.Integer()
    version = fields.Integer()
    title = fields.String()
    statement = fields.String(allow_none=True)
    source = fields.String()
    entered_at = Instant()
    entered_by = fields.String(allow_none=True)
    side = fields.String(metadata={"description": "`main`, `person` or `leader`: from where it was entered."})


class SharedFactShape(Schema):
    """A shared fact as of now, what came before, and what each track found of it."""

    now = fields.Nested(FactShape)
    before = fields.List(fields.Nested(FactShape))
    findings = anything()
    is_opposed = fields.Boolean()


class TwinShape(Schema):
    """A matter with its two investigations."""

    case_id = fields.String(attribute="row.id")
    status = fields.String(attribute="row.status")
    may_enter = fields.Boolean()
    tracks = fields.List(fields.Nested(TrackShape))
    earlier = fields.List(fields.Nested(TrackShape))
    facts = fields.List(fields.Nested(SharedFactShape))
    contradictions = anything()
    decisions = anything()


class FactBody(Given):
    """A fact: a title of one sentence and what happened."""

    title = text(200, required=True)
    statement = text(10_000, required=True)
    source = text(200, least=0, load_default="")


class RevisionBody(FactBody):
    """A correction of the version that was read."""

    version = whole(1, 10_000, required=True)


class ReopenBody(Given):
    """Why a track is opened again."""

    reason = text(required=True)


@resource.get("/cases/<case_id>/twin", TwinShape)
def twin(case_id: str) -> Response:
    """Show both investigations of the matter of a case (the main one or a track)."""
    return show(lambda store: answer(TwinShape(), twin_view(store, case_id, actor=actor())))


@resource.post("/cases/<case_id>/facts", SharedFactShape, status=201, body=FactBody)
def enter_fact(body: dict[str, Any], case_id: str) -> Response:
    """Add a fact: both investigations see it at once."""

    def change(store: Store) -> Answer:
        fact = add_fact(store, case_id, actor=actor(), **body)
        return _fact_answer(store, case_id, fact.number)

    return _on_matter(case_id, change)


@resource.post("/cases/<case_id>/facts/<int:number>", SharedFactShape, status=201, body=RevisionBody)
def correct_fact(body: dict[str, Any], case_id: str, number: int) -> Response:
    """Write a new version of a fact over the one that was read."""

    def change(store: Store) -> Answer:
        revise_fact(store, case_id, number, actor=actor(), **body)
        return _fact_answer(store, case_id, number)

    return _on_matter(case_id, change)


@resource.post("/cases/<case_id>/reopen", TrackShape, body=ReopenBody)
def reopen(body: dict[str, Any], case_id: str) -> Response:
    """Open a concluded track again, as long as its twin has not concluded too. For supervisors of the unit."""

    def change(store: Store) -> Answer:
        reopen_track(store, case_id, body["reason"], actor=actor())
        view = _flushed_view(store, case_id)
        return answer(TrackShape(), next(track for track in view.tracks if track.case.id == case_id))

    return _on_matter(case_id, change)


def _on_matter(case_id: str, change: Any) -> Response:
    def see(store: Store) -> None:
        require_matter(store, case_id, actor=actor())

    def ready(store: Store) -> None:
        require_case_version(store, case_id, expected_version())

    return act(change, see=see, ready=ready)


def _flushed_view(store: Store, case_id: str) -> TwinView:
    store.session.flush()  # the view reads rows
    return twin_view(store, case_id, actor=actor())


def _fact_answer(store: Store, case_id: str, number: int) -> Answer:
    view = _flushed_view(store, case_id)
    return answer(SharedFactShape(), next(fact for fact in view.facts if fact.now.number == number), status=201)

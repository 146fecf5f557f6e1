"""意见反馈 and reading preferences over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, one_of, said, text, truth
from api.http import act, actor, answer, expected_version, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows import feedback, preferences
from workflows.idempotency import Answer
from workflows.queries.feedback import list_feedback
from workflows.store import Store
from workflows.tables import FeedbackStatus

resource = Resource("feedback", "意见反馈: what readers say, and how they read")
_LONGEST = 2_000


class FeedbackShape(Schema):
    """What somebody said about a page, and what was answered."""

    id = fields.String()
    person = fields.String()
    person_name = fields.String()
    page = fields.String()
    text = fields.String()
    status = fields.String(metadata={"enum": [each.value for each in FeedbackStatus]})
    answer = fields.String()
    created_at = Instant()
    answered_by = said()
    answered_at = Instant(allow_none=True)


class GivenFeedbackShape(Schema):
    """What was kept."""

    id = fields.String()
    page = fields.String()
    text = fields.String()
    status = fields.String()
    answer = fields.String()
    created_at = Instant()


class FeedbackBody(Given):
    """An opinion; `page` is the address it is about."""

    page = text(300, least=0)
    text = text(_LONGEST, required=True)


class AnswerBody(Given):
    """What becomes of it."""

    status = one_of(tuple(FeedbackStatus), required=True)
    answer = text(_LONGEST, least=0)


class FeedbackQuery(Paging):
    """Which feedback."""

    status = one_of(tuple(FeedbackStatus))
    mine = truth()


class PreferencesShape(Schema):
    """How one reads the pages; `locale` null: what the browser asks for."""

    large = fields.Boolean()
    contrast = fields.Boolean()
    locale = said()


class PreferencesBody(Given):
    """What changes; what is absent stays."""

    large = truth()
    contrast = truth()
    locale = one_of(preferences.LOCALES)


@resource.get("/feedback", page_of(FeedbackShape), query=FeedbackQuery)
def list_of_feedback(query: dict[str, Any]) -> Response:
    """List everybody's feedback for administrators, else one's own, the latest first."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(FeedbackShape)(), list_feedback(store, actor=actor(), **query).map(asdict))

    return show(ask)


@resource.post("/feedback", GivenFeedbackShape, status=201, body=FeedbackBody)
def give(body: dict[str, Any]) -> Response:
    """Say something about a page."""

    def change(store: Store) -> Answer:
        return answer(GivenFeedbackShape(), feedback.give_feedback(store, actor=actor(), **body), status=201)

    return act(change)


@resource.post("/feedback/<feedback_id>/answer", GivenFeedbackShape, body=AnswerBody)
def answer_one(body: dict[str, Any], feedback_id: str) -> Response:
    """Say what becomes of it."""

    def change(store: Store) -> Answer:
        found = feedback.answer_feedback(store, feedback_id, actor=actor(), expected_version=expected_version(), **body)
        return answer(GivenFeedbackShape(), found, version=found.row_version)

    return act(change, see=lambda store: feedback.require_keeper(store, feedback_id, actor=actor()))


@resource.get("/me/preferences", PreferencesShape)
def show_preferences() -> Response:
    """Show how one reads the pages."""

    def ask(store: Store) -> Answer:
        found = preferences.preferences_of(store, actor=actor())
        return answer(PreferencesShape(), found or {"large": False, "contrast": False, "locale": None})

    return show(ask)


@resource.put("/me/preferences", PreferencesShape, body=PreferencesBody)
def change_preferences(body: dict[str, Any]) -> Response:
    """Say how one reads the pages."""

    def change(store: Store) -> Answer:
        return answer(PreferencesShape(), preferences.set_preferences(store, actor=actor(), **body))

    return act(change)

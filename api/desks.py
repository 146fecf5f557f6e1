"""What one keeps for one's own work: filters of lists and phrases."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, one_of, text, truth
from api.http import act, actor, answer, nothing, page_answer, show
from api.openapi import PREFIX, Resource, page_of
from workflows.desks import (
    LONGEST_NAME,
    LONGEST_PHRASE,
    add_phrase,
    arguments_of,
    choose_default,
    filters_of,
    phrases_of,
    remove_filter,
    remove_phrase,
    require_filter,
    save_filter,
)
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.store import Store
from workflows.tables import ListName, SavedFilter

resource = Resource("desks", "个人设置: saved filters and phrases")


class FilterQuery(Given):
    """Of which list."""

    list_name = one_of(tuple(ListName), data_key="list")


class FilterBody(Given):
    """A filter of a list under a name; one of the same name is replaced."""

    list_name = one_of(tuple(ListName), data_key="list", required=True)
    name = text(LONGEST_NAME, required=True)
    query = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    is_default = truth(load_default=False)


class DefaultBody(Given):
    """Whether the list opens with it."""

    is_default = truth(required=True)


class FilterShape(Schema):
    """A saved filter; ``query`` holds the arguments of the page."""

    id = fields.String()
    list_name = fields.String(data_key="list")
    name = fields.String()
    query = fields.Dict(keys=fields.String(), values=fields.String())
    is_default = fields.Boolean()


class PhraseBody(Given):
    """The phrase."""

    text = text(LONGEST_PHRASE, required=True)


class PhraseShape(Schema):
    """A phrase for opinions."""

    id = fields.String()
    text = fields.String()
    created_at = Instant()


def _filter(saved: SavedFilter) -> dict[str, Any]:
    return {
        "id": saved.id,
        "list_name": saved.list_name,
        "name": saved.name,
        "query": arguments_of(saved),
        "is_default": saved.is_default,
    }


@resource.get("/me/filters", page_of(FilterShape), query=FilterQuery)
def list_of_filters(query: dict[str, Any]) -> Response:
    """List one's saved filters."""

    def ask(store: Store) -> Answer:
        found = filters_of(store, query.get("list_name"), actor=actor())
        return page_answer(page_of(FilterShape)(), Page(tuple(_filter(each) for each in found), None))

    return show(ask)


@resource.post("/me/filters", FilterShape, status=201, body=FilterBody)
def make_filter(body: dict[str, Any]) -> Response:
    """Keep a filter."""

    def change(store: Store) -> Answer:
        saved = save_filter(
            store, body["list_name"], body["name"], body["query"], actor=actor(), is_default=body["is_default"]
        )
        return answer(FilterShape(), _filter(saved), status=201, location=f"{PREFIX}/me/filters/{saved.id}")

    return act(change)


@resource.put("/me/filters/<filter_id>", FilterShape, body=DefaultBody)
def set_default(body: dict[str, Any], filter_id: str) -> Response:
    """Let a list open with a filter, or whole again."""

    def change(store: Store) -> Answer:
        chosen = choose_default(store, filter_id, actor=actor(), is_default=body["is_default"])
        return answer(FilterShape(), _filter(chosen))

    return act(change, see=lambda store: require_filter(store, filter_id, actor()))


@resource.delete("/me/filters/<filter_id>", status=204)
def forget_filter(filter_id: str) -> Response:
    """Forget a filter."""

    def change(store: Store) -> Answer:
        remove_filter(store, filter_id, actor=actor())
        return nothing()

    return act(change)


@resource.get("/me/phrases", page_of(PhraseShape))
def list_of_phrases() -> Response:
    """List one's phrases."""
    return show(lambda store: page_answer(page_of(PhraseShape)(), Page(tuple(phrases_of(store, actor=actor())), None)))


@resource.post("/me/phrases", PhraseShape, status=201, body=PhraseBody)
def make_phrase(body: dict[str, Any]) -> Response:
    """Keep a phrase."""

    def change(store: Store) -> Answer:
        made = add_phrase(store, body["text"], actor=actor())
        return answer(PhraseShape(), made, status=201, location=f"{PREFIX}/me/phrases/{made.id}")

    return act(change)


@resource.delete("/me/phrases/<phrase_id>", status=204)
def forget_phrase(phrase_id: str) -> Response:
    """Forget a phrase."""

    def change(store: Store) -> Answer:
        remove_phrase(store, phrase_id, actor=actor())
        return nothing()

    return act(change)

"""年历: a unit's year of duties, and addresses by which calendar programs read it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.calendar_sheets import MEDIA_TYPE, calendar_of
from api.fields import Given, Instant, counted, said, text
from api.http import act, actor, answer, application, nothing, page_answer, show
from api.openapi import PREFIX, Resource, page_of
from workflows.calendar_feeds import create_feed, feeds_of, read_feed, revoke_feed
from workflows.clock import SHANGHAI
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.queries.years import UnitYear, unit_year
from workflows.store import Store
from workflows.transaction import read

resource = Resource("years", "年历: what a unit has to do in a year")
feeds = Resource("calendar-feeds", "日历订阅: an address with a secret, for programs that cannot log in", is_open=True)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_YEARS = (-1, 0, 1)  # what a feed holds, counted from this year


class YearQuery(Given):
    """Which year; without one, this year."""

    year = counted(_FIRST_YEAR, _LAST_YEAR)


class EntryShape(Schema):
    """One duty on one day. ``status``: planned, open, skipped; case and light only for who may see the case."""

    duty_id = fields.String()
    title = fields.String()
    clause = fields.String()
    period = fields.String()
    due_on = fields.Date()
    due_at = Instant()
    opens_on = fields.Date()
    provisional = fields.Boolean()
    status = fields.String(metadata={"enum": ["planned", "open", "skipped"]})
    reason = said()
    case_id = said()
    light = said(metadata={"description": "Key of the case's light."})
    ended_at = Instant(allow_none=True)


class OnEventShape(Schema):
    """A duty that an event brings about."""

    duty_id = fields.String()
    title = fields.String()
    clause = fields.String()


class UnitYearShape(Schema):
    """The duties of a unit in a year, in order of their days."""

    unit = fields.String(attribute="unit_code")
    unit_name = fields.String()
    year = fields.Integer()
    as_of = Instant()
    entries = fields.List(fields.Nested(EntryShape))
    on_event = fields.List(fields.Nested(OnEventShape))


class FeedBody(Given):
    """Of which unit."""

    unit = text(120, required=True)


class NewFeedShape(Schema):
    """A feed. ``address`` is shown this once."""

    id = fields.String()
    unit_name = fields.String()
    address = fields.String()


class FeedShape(Schema):
    """One of one's feeds that still work."""

    id = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    created_at = Instant()


def this_year(store: Store) -> int:
    """Return the year that it is in China."""
    return store.now.astimezone(SHANGHAI).year


def address_of(secret: str) -> str:
    """Return where a calendar program reads a feed."""
    return f"{request.url_root.rstrip('/')}{PREFIX}/calendar-feeds/{secret}.ics"


@resource.get("/units/<unit_code>/year", UnitYearShape, query=YearQuery)
def one_year(query: dict[str, Any], unit_code: str) -> Response:
    """Show a unit's year of duties."""

    def ask(store: Store) -> Answer:
        year = query.get("year") or this_year(store)
        return answer(UnitYearShape(), unit_year(store, unit_code, year, actor=actor()))

    return show(ask)


@resource.get("/me/calendar-feeds", page_of(FeedShape))
def list_of_feeds() -> Response:
    """List one's feeds."""

    def ask(store: Store) -> Answer:
        found = [
            {"id": feed.digest, "unit": unit.code, "unit_name": unit.name, "created_at": feed.created_at}
            for feed, unit in feeds_of(store, actor=actor())
        ]
        return page_answer(page_of(FeedShape)(), Page(tuple(found), None))

    return show(ask)


@resource.post("/me/calendar-feeds", NewFeedShape, status=201, body=FeedBody)
def make(body: dict[str, Any]) -> Response:
    """Make an address for one's calendar program."""

    def change(store: Store) -> Answer:
        made = create_feed(store, body["unit"], actor=actor())
        document = asdict(made) | {"address": address_of(made.secret)}
        return answer(NewFeedShape(), document, status=201)

    return act(change, is_keyed=False)


@resource.delete("/me/calendar-feeds/<feed_id>", status=204)
def revoke(feed_id: str) -> Response:
    """Take an address back."""

    def change(store: Store) -> Answer:
        revoke_feed(store, feed_id, actor=actor())
        return nothing()

    return act(change)


@feeds.get("/calendar-feeds/<secret>.ics", media_type=MEDIA_TYPE)
def feed(secret: str) -> Response:
    """Read a feed: last year, this year and the next."""
    found = read(application(), _years_of, secret)
    root = request.url_root.rstrip("/")
    text = calendar_of(found, lambda case_id: f"{root}/cases/{case_id}")
    response = Response(text, content_type=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "inline", filename=f"{found[0].unit_code}.ics")
    return response


def _years_of(store: Store, secret: str) -> list[UnitYear]:
    reading = read_feed(store, secret)
    now = this_year(store)
    return [unit_year(store, reading.unit_code, now + step, actor=reading.actor) for step in _YEARS]

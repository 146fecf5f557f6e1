"""The working-day calendar 日历: what kind of day it is, when so many working days end, and the years it rests on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.attachments import UPLOAD
from api.fields import Explained, Given, Instant, Nothing, counted, day, said, text, truth
from api.http import act, actor, answer, page_answer, show
from api.openapi import Paging, Resource, page_of
from workflows.calendars import Loading, approve_calendar, load_calendar, preview_calendar
from workflows.clock import SHANGHAI
from workflows.errors import RejectedError
from workflows.forms.remarks import refuse
from workflows.idempotency import Answer
from workflows.queries.calendars import count_deadline, list_calendars, list_days
from workflows.queries.paging import Page
from workflows.store import Store
from workflows.tables import CalendarVersion, Role

resource = Resource("calendar", "日历: working days and limits in working days")
_LARGEST_FILE = 512 * 1024
_MOST_WORKDAYS = 2_000


class DaysQuery(Given):
    """From which day to which, both included."""

    from_ = day(data_key="from", required=True)
    to = day(required=True)
    region = text(120)


class Start(fields.String):
    """A day or an instant."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        said_text = super()._deserialize(value, attr, data, **more)
        try:
            if "T" not in said_text:
                return date.fromisoformat(said_text)
            found = datetime.fromisoformat(said_text)
        except ValueError as fault:
            raise refuse("field-not-a-date-time", "Expected a day or an instant.") from fault
        return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


class DeadlineQuery(Given):
    """When it begins, and how many working days it has."""

    start = Start(required=True, metadata={"description": "`2026-12-30`, or an instant."})
    workdays = counted(0, _MOST_WORKDAYS, required=True)
    region = text(120)


class DayShape(Schema):
    """One day, and why it counts or not. ``provisional``: the year's notice is still missing (暂定)."""

    day = fields.Date()
    workday = fields.Boolean()
    reason = fields.String()
    name = fields.String()
    provisional = fields.Boolean()


class DeadlineShape(Schema):
    """A date with how it was counted. ``due_at`` is the midnight after ``last_day``."""

    start = Instant()
    workdays = fields.Integer()
    last_day = fields.Date(allow_none=True)
    due_at = Instant()
    provisional = fields.Boolean()
    calendar_version = fields.String()
    explanation = Explained(allow_none=True)


class LoadQuery(Given):
    """``check``: only tell what would move."""

    check = truth(load_default=False)


class YearShape(Schema):
    """One version of a year. ``waits``: it does not count before somebody else approves it."""

    id = fields.String()
    year = fields.Integer()
    version = fields.Integer()
    region = fields.String()
    status = fields.String()
    source = fields.String()
    created_at = Instant()
    created_by = said()
    approved_at = Instant(allow_none=True)
    waits = fields.Boolean()


class MoveShape(Schema):
    """What a year does to one limit. ``key`` is the limit's id."""

    key = fields.String()
    rule_key = fields.String()
    before = Instant()
    after = Instant()
    was_provisional = fields.Boolean()
    is_provisional = fields.Boolean()


class LoadingShape(Schema):
    """What loading did, or (while it waits for approval, or only was checked) would do."""

    id = said()
    year = fields.Integer()
    version = fields.Integer()
    waits = fields.Boolean()
    moves = fields.List(fields.Nested(MoveShape))


@resource.get("/calendar/days", page_of(DayShape), query=DaysQuery)
def days(query: dict[str, Any]) -> Response:
    """Tell what kind of day each day is."""

    def ask(store: Store) -> Answer:
        found = list_days(store, query["from_"], query["to"], region=query.get("region"))
        return page_answer(page_of(DayShape)(), Page(found, None).map(asdict))

    return show(ask)


@resource.get("/calendar/deadline", DeadlineShape, query=DeadlineQuery)
def deadline(query: dict[str, Any]) -> Response:
    """Count working days from a start, and explain the date."""

    def ask(store: Store) -> Answer:
        found = count_deadline(store, query["start"], query["workdays"], region=query.get("region"))
        document = {
            "start": found.started_at,
            "workdays": query["workdays"],
            "last_day": found.last_day,
            "due_at": found.due_at,
            "provisional": found.provisional,
            "calendar_version": found.calendar_version,
            "explanation": found.explanation.to_data(),
        }
        return answer(DeadlineShape(), document)

    return show(ask)


@resource.get("/calendar/years", page_of(YearShape), query=Paging)
def years(query: dict[str, Any]) -> Response:
    """List the versions of years, the latest first."""
    return show(lambda store: page_answer(page_of(YearShape)(), list_calendars(store, **query)))


@resource.post("/calendar/years", LoadingShape, status=201, query=LoadQuery, other={200: LoadingShape}, doc=UPLOAD)
def load(query: dict[str, Any]) -> Response:
    """Load a year: multipart, one part `file`. A correction waits for a second person. With `check=true`: only tell."""

    def change(store: Store) -> Answer:
        file = request.files.get("file")
        content = file.stream.read(_LARGEST_FILE + 1) if file is not None else b""
        if not content:
            raise RejectedError("Expected a multipart part named file, but there is none.", code="files-missing")
        if len(content) > _LARGEST_FILE:
            raise RejectedError(f"Expected at most {_LARGEST_FILE} bytes.", code="calendar-invalid")
        if query["check"]:
            found = preview_calendar(store, content, actor=actor())
            told = {"id": None, "year": found.year.year, "version": found.year.version, "waits": found.needs_approval}
            return answer(LoadingShape(), {**told, "moves": found.moves})
        return _told(load_calendar(store, content, actor=actor()), status=201)

    return act(change, see=lambda _store: actor().require_role(Role.FLOWADMIN))


@resource.post("/calendar/years/<version_id>/approve", LoadingShape, body=Nothing)
def approve(_body: dict[str, Any], version_id: str) -> Response:
    """Let a waiting version count: by somebody else than who loaded it."""

    def see(store: Store) -> None:
        store.need(CalendarVersion, version_id)
        actor().require_role(Role.FLOWADMIN)

    return act(lambda store: _told(approve_calendar(store, version_id, actor=actor()), status=200), see=see)


def _told(loading: Loading, *, status: int) -> Answer:
    version = loading.version
    told = {"id": version.id, "year": version.year, "version": version.version, "waits": loading.waits}
    return answer(LoadingShape(), {**told, "moves": loading.moves}, status=status)

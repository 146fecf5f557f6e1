"""The working-day calendar 日历: what kind of day it is, and when so many working days end."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Explained, Given, Instant, counted, day, text
from api.http import answer, page_answer, show
from api.openapi import Resource, page_of
from workflows.clock import SHANGHAI
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Unit
from workflows.deadlines.functions import ad_hoc_rule
from workflows.deadlines.rules import compute
from workflows.errors import FieldFault, RejectedError
from workflows.forms.remarks import refuse
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.store import Store

resource = Resource("calendar", "日历: working days and limits in working days")
_MOST_DAYS = 1_100
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
                return datetime.combine(date.fromisoformat(said_text), time(), tzinfo=SHANGHAI)
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


@resource.get("/calendar/days", page_of(DayShape), query=DaysQuery)
def days(query: dict[str, Any]) -> Response:
    """Tell what kind of day each day is."""

    def ask(store: Store) -> Answer:
        first, last = query["from_"], query["to"]
        if not 0 <= (last - first).days < _MOST_DAYS:
            message = f"Expected a period of 1 to {_MOST_DAYS} days."
            raise RejectedError(message, code="bad-period", faults=[FieldFault("/to", "bad-period", message)])
        calendar = store.application.law.calendar(store, query.get("region"))
        try:
            found = calendar.days(first, last)
        except DeadlineError as fault:
            raise _rejected(fault, "/from") from fault
        return page_answer(page_of(DayShape)(), Page(found, None).map(asdict))

    return show(ask)


@resource.get("/calendar/deadline", DeadlineShape, query=DeadlineQuery)
def deadline(query: dict[str, Any]) -> Response:
    """Count working days from a start, and explain the date."""

    def ask(store: Store) -> Answer:
        calendar = store.application.law.calendar(store, query.get("region"))
        try:
            found = compute(ad_hoc_rule(query["workdays"], Unit.WORKDAY), query["start"], calendar)
        except (DeadlineError, OverflowError) as fault:
            raise _rejected(fault, "/start") from fault
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


def _rejected(fault: Exception, pointer: str) -> RejectedError:
    code = fault.code if isinstance(fault, DeadlineError) else "year-unknown"
    return RejectedError(str(fault), code=code, faults=[FieldFault(pointer, code, str(fault))])

"""进度总览: counts, trend, bottlenecks and (where the law's data allows it) a ranking of units; the same as xlsx."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from api.fields import Given, Instant, mapping, one_of, said, text
from api.http import actor, answer, application, require_no_faults, show
from api.openapi import Resource
from api.overview_sheets import sheet_of_overview
from api.spreadsheets import MEDIA_TYPE
from workflows.idempotency import Answer
from workflows.queries.bottlenecks import bottlenecks
from workflows.queries.overview import Scope, overview, trend, upcoming
from workflows.queries.ranking import ranking
from workflows.store import Store
from workflows.transaction import read

resource = Resource("overview", "进度总览: how the work stands that the caller may see")
STEPS = ("week", "month")


class ScopeQuery(Given):
    """Of which unit (with all below) and family; without them, whatever the caller may see."""

    unit = text(120)
    definition = text(120, metadata={"description": "A definition's key."})


class OverviewQuery(ScopeQuery):
    """The scope, and whether the trend goes by weeks or months."""

    step = one_of(STEPS, load_default="week")


class UnitLineShape(Schema):
    """One line of the matrix: a unit with all below, or (``alone``) the chosen unit itself."""

    unit = fields.String(attribute="code")
    unit_name = fields.String(attribute="name")
    alone = fields.Boolean()
    cells = mapping(metadata={"description": "Definition key → light → number of open cases."})
    total = mapping()


class TrendShape(Schema):
    """One week or month: cases begun, ended, and that missed a limit."""

    first = fields.Date()
    last = fields.Date()
    started = fields.Integer()
    ended = fields.Integer()
    missed = fields.Integer()


class UpcomingShape(Schema):
    """Open tasks that fall due from ``first`` to ``last``."""

    days = fields.Integer()
    first = fields.Date()
    last = fields.Date()
    number = fields.Integer()
    lights = mapping()


class OverviewShape(Schema):
    """Open cases by light, unit and family, as of an instant; every number is the length of a list."""

    as_of = Instant()
    unit = said()
    families = mapping(metadata={"description": "Definition key → name."})
    total = mapping(metadata={"description": "Light → number of open cases."})
    by_family = mapping()
    lines = fields.List(fields.Nested(UnitLineShape))
    trend = fields.List(fields.Nested(TrendShape))
    upcoming = fields.List(fields.Nested(UpcomingShape))


class StepTimeShape(Schema):
    """One human step: seconds it took in the past year, and what waits there now."""

    element_id = fields.String()
    name = fields.String()
    clause = fields.String()
    done = fields.Integer()
    median = fields.Float(allow_none=True, metadata={"description": "Seconds."})
    p90 = fields.Float(allow_none=True, metadata={"description": "Seconds."})
    waiting = mapping(metadata={"description": "Light → number of open tasks."})
    heat = fields.Integer(metadata={"description": "0 nothing known, 1 to 5 by the median."})


class BottlenecksShape(Schema):
    """The human steps of a family in the order of its diagram."""

    definition = fields.String()
    version = fields.Integer()
    name = fields.String()
    since = Instant()
    steps = fields.List(fields.Nested(StepTimeShape))


class RankLineShape(Schema):
    """One unit. ``place`` is null when it had too few steps to be compared."""

    place = fields.Integer(allow_none=True)
    unit = fields.String(attribute="code")
    unit_name = fields.String(attribute="name")
    due = fields.Integer()
    late = fields.Integer()
    share = fields.Float()


class RankingShape(Schema):
    """Units by the share of steps done in time; never persons, never log-ins or time online."""

    as_of = Instant()
    first = fields.Date()
    last = fields.Date()
    basis = fields.String(attribute="rules.basis")
    least = fields.Integer(attribute="rules.least")
    lines = fields.List(fields.Nested(RankLineShape))


def _scope(query: dict[str, Any]) -> Scope:
    return Scope(query.get("unit"), query.get("definition"))


@resource.get("/overview", OverviewShape, query=OverviewQuery)
def whole_view(query: dict[str, Any]) -> Response:
    """Show how the open cases stand."""

    def ask(store: Store) -> Answer:
        found = overview(store, _scope(query), actor=actor())
        document = asdict(found) | {
            "unit": found.unit[0] if found.unit else None,
            "families": dict(found.families),
            "trend": trend(store, _scope(query), actor=actor(), step=query["step"]),
            "upcoming": upcoming(store, _scope(query), actor=actor()),
        }
        return answer(OverviewShape(), document)

    return show(ask)


@resource.get("/overview/bottlenecks/<key>", BottlenecksShape, query=ScopeQuery)
def slow_steps(query: dict[str, Any], key: str) -> Response:
    """Show how long each human step of a family takes, and what waits there."""
    return show(lambda store: answer(BottlenecksShape(), bottlenecks(store, key, _scope(query), actor=actor())))


@resource.get("/overview/ranking", RankingShape, query=ScopeQuery)
def places(query: dict[str, Any]) -> Response:
    """Rank units by outcome; 404 while `bpmn/overview.yaml` leaves it off."""
    return show(lambda store: answer(RankingShape(), ranking(store, _scope(query), actor=actor())))


@resource.get("/overview/export", media_type=MEDIA_TYPE, query=OverviewQuery)
def as_book(query: dict[str, Any]) -> Response:
    """Download the overview as xlsx: units and families, trend, steps, what falls due."""
    require_no_faults()
    return read(application(), sheet_of_overview, _scope(query), actor=actor(), step=query["step"])

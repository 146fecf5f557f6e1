"""Administration 管理: what the law says of every step, what reminds of its limits, and how the system runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from flask import Response
from flask_babel import gettext
from marshmallow import Schema, fields

from api.fields import Given, Instant, LightShape, day, one_of, said, text, truth
from api.http import actor, answer, application, page_answer, require_no_faults, show
from api.lights import describe_light
from api.openapi import Paging, Resource, page_of
from api.spreadsheets import MEDIA_TYPE, write_sheet
from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey
from workflows.idempotency import Answer
from workflows.queries.limits import Limit, StepSetting, list_reminders, list_steps, regions_of_law
from workflows.queries.operations import STATES, health_of, list_timers
from workflows.store import Store
from workflows.transaction import read

resource = Resource("administration", "管理: steps, reminders, lights, health")


class LadderRungShape(Schema):
    """One rung of a ladder; `at` is its moment in the example."""

    step = fields.String()
    action = fields.String(metadata={"enum": ["remind", "overdue", "escalate"]})
    workdays = fields.Integer()
    recipients = fields.String()
    channel = fields.String()
    outcome = fields.String()
    at = Instant(allow_none=True)


class CountedLimitShape(Schema):
    """A rule of a limit with what it gives for a step that opens on `start`."""

    rule = fields.String()
    title = fields.String()
    amount = fields.Integer(allow_none=True)
    unit = said()
    parameter = said()
    source = fields.String()
    near_amount = fields.Integer(allow_none=True)
    near_unit = said()
    near_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    provisional = fields.Boolean()
    rungs = fields.List(fields.Nested(LadderRungShape))
    fault = fields.String(metadata={"description": "Why no date can be told; empty when one is."})


class SettingShape(Schema):
    """A human step of a version in force."""

    definition = fields.String()
    definition_name = fields.String()
    version = fields.Integer()
    process = fields.String()
    element_id = fields.String()
    name = fields.String()
    lane = fields.String()
    owner = fields.String()
    form = fields.String()
    signs = fields.Boolean()
    clause = fields.String()
    limit = fields.Nested(CountedLimitShape, allow_none=True)


class SettingsShape(Schema):
    """Steps."""

    items = fields.List(fields.Nested(SettingShape))


class FamilyShape(Schema):
    """What reminds of the limits of one process."""

    definition = fields.String()
    definition_name = fields.String()
    version = fields.Integer()
    limits = fields.List(fields.Nested(CountedLimitShape))


class FamiliesShape(Schema):
    """Processes."""

    items = fields.List(fields.Nested(FamilyShape))


class RegionShape(Schema):
    """A region with its lights."""

    key = fields.String()
    name = fields.String()
    version = fields.Integer()
    lights = fields.List(fields.Nested(LightShape))


class RegionsShape(Schema):
    """Regions."""

    items = fields.List(fields.Nested(RegionShape))


class RuleQuery(Given):
    """In which region, and for a step that opens on which day (today)."""

    region = text(120)
    start = day()
    definition = text(120)


class StepQuery(RuleQuery):
    """Which steps."""

    q = text(120)
    limited = truth()


class BeatShape(Schema):
    """A background duty."""

    name = fields.String()
    ran_at = Instant(allow_none=True)
    note = fields.String()
    held_by = said()
    held_until = Instant(allow_none=True)


class RunningShape(Schema):
    """How the background work stands; `late` in seconds of the oldest work of each kind."""

    at = Instant()
    late = fields.Dict(values=fields.Integer())
    oldest_timer = Instant(allow_none=True)
    waiting = fields.Dict(values=fields.Integer())
    outbox = fields.Dict(values=fields.Integer())
    beats = fields.List(fields.Nested(BeatShape))


class TimerQuery(Paging):
    """Which timers."""

    state = one_of(STATES)


class TimerShape(Schema):
    """A timer that is still to fire."""

    id = fields.String()
    case_id = fields.String()
    case_title = fields.String()
    process = fields.String()
    unit_name = fields.String()
    kind = fields.String()
    step = fields.String()
    due_at = Instant()
    provisional = fields.Boolean()
    faults = fields.Integer()
    state = fields.String(metadata={"enum": list(STATES)})


@resource.get("/steps", SettingsShape, query=StepQuery)
def steps(query: dict[str, Any]) -> Response:
    """List every human step of the versions in force: who, by when, with which reminders, on which clause."""
    return show(lambda store: answer(SettingsShape(), {"items": [asdict(each) for each in list_steps(store, **query)]}))


@resource.get("/steps/export", media_type=MEDIA_TYPE, query=StepQuery)
def steps_as_sheet(query: dict[str, Any]) -> Response:
    """Download the steps that a filter finds as xlsx."""
    require_no_faults()
    return sheet_of_steps(read(application(), list_steps, **query))


@resource.get("/reminders", FamiliesShape, query=RuleQuery)
def reminders(query: dict[str, Any]) -> Response:
    """List the limits of every process in force with their lights and reminders, and the dates of an example."""

    def ask(store: Store) -> Answer:
        return answer(FamiliesShape(), {"items": [asdict(each) for each in list_reminders(store, **query)]})

    return show(ask)


@resource.get("/regions", RegionsShape)
def regions() -> Response:
    """List regions with the words, colours and shapes of their lights."""

    def ask(store: Store) -> Answer:
        found = [
            {
                "key": each.key,
                "name": each.name,
                "version": each.version,
                "lights": [describe_light(each.lights, key) for key in LightKey],
            }
            for each in regions_of_law(store)
        ]
        return answer(RegionsShape(), {"items": found})

    return show(ask)


@resource.get("/operations", RunningShape)
def operations() -> Response:
    """Show how late the background work is, what waits, and when each duty last ran."""
    return show(lambda store: answer(RunningShape(), health_of(store, actor=actor())))


@resource.get("/timers", page_of(TimerShape), query=TimerQuery)
def timers(query: dict[str, Any]) -> Response:
    """List timers that are still to fire, the next first."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(TimerShape)(), list_timers(store, actor=actor(), **query).map(asdict))

    return show(ask)


# ---------------------------------------------------------------------- xlsx


def sheet_of_steps(found: Iterable[StepSetting]) -> Response:
    """Return steps as a sheet."""
    headings = [
        gettext("流程"),
        gettext("版本"),
        gettext("环节"),
        gettext("标识"),
        gettext("由谁办"),
        gettext("表单"),
        gettext("签署"),
        gettext("时限规则"),
        gettext("时限"),
        gettext("截止（示例）"),
        gettext("提醒与督办"),
        gettext("依据"),
    ]
    day = application().clock.now().astimezone(SHANGHAI).date()
    content = write_sheet(gettext("环节设置"), headings, [_cells(each) for each in found])
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"steps-{day.isoformat()}.xlsx")
    return response


def _cells(each: StepSetting) -> list[Any]:
    limit = each.limit
    signs = gettext("是") if each.signs else ""
    who = [each.definition_name, each.version, each.name, each.element_id, each.owner, each.form, signs]
    when = [limit.title, word_amount(limit), limit.due_at, word_rungs(limit)] if limit else ["", "", None, ""]
    return [*who, *when, each.clause]


def word_amount(limit: Limit) -> str:
    """Return the length of a limit in words; empty where it ends on a day of the year."""
    units = {
        "hour": gettext("小时"),
        "day": gettext("日"),
        "workday": gettext("个工作日"),
        "month": gettext("个月"),
        "year": gettext("年"),
    }
    return f"{limit.amount} {units.get(limit.unit or '', limit.unit or '')}" if limit.amount is not None else ""


def word_rungs(limit: Limit) -> str:
    """Return the ladder of a limit in words, a line each rung."""
    actions = {"remind": gettext("提醒"), "overdue": gettext("记为逾期"), "escalate": gettext("提请督办")}
    return "\n".join(f"{word_offset(rung.workdays)} {actions.get(rung.action, rung.action)}" for rung in limit.rungs)


def word_offset(workdays: int) -> str:
    """Return how far a rung is from the last day of its limit, in words."""
    if workdays == 0:
        return str(gettext("最后一日"))
    if workdays < 0:
        return str(gettext("前 %(days)d 个工作日", days=-workdays))
    return str(gettext("后 %(days)d 个工作日", days=workdays))

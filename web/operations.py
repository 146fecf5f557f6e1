"""管理: 环节设置, 灯与提醒, 运行监控: what the law in force says of every step, and how the system runs."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from api.operations import sheet_of_steps, word_amount, word_offset
from web.blueprint import actor, ask, pages
from web.filters import arguments, day_of, text_of
from web.labels import choices
from workflows.deadlines.lights import LightKey
from workflows.queries.choices import process_choices
from workflows.queries.incidents import list_incidents
from workflows.queries.limits import list_reminders, list_steps, regions_of_law
from workflows.queries.operations import health_of, list_timers

_SOME = 10


@pages.get("/steps")
def step_list() -> str | Response:
    """Show every human step of the versions in force, or send them as xlsx."""
    limited = {"1": True, "0": False}.get(request.args.get("limited", ""))
    found = ask(list_steps, **_example(), q=text_of("q"), limited=limited)
    if request.args.get("format") == "xlsx":
        return sheet_of_steps(found)
    return render_template("steps.html", steps=found, **_shown("q", "limited"))


@pages.get("/reminders")
def reminder_list() -> str:
    """Show lights, thresholds and ladders of a process in force, with the dates that they give for an example."""
    shown = _shown()
    wanted = text_of("definition") or next((key for key, _name in shown["processes"]), None)
    shown["chosen"] = {**shown["chosen"], "definition": wanted}
    families = ask(list_reminders, **{**_example(), "definition": wanted})
    return render_template("reminders.html", families=families, lights=tuple(LightKey), **shown)


def _example() -> dict[str, Any]:
    return {"region": text_of("region"), "start": day_of("start"), "definition": text_of("definition")}


def _shown(*names: str) -> dict[str, Any]:
    regions = ask(regions_of_law)
    chosen = text_of("region")
    return {
        "regions": regions,
        "region": next((each for each in regions if each.key == chosen), regions[0] if regions else None),
        "processes": ask(process_choices),
        "chosen": arguments("region", "start", "definition", *names),
        "amount": word_amount,
        "offset": word_offset,
    }


@pages.get("/operations")
def operations_page() -> str:
    """Show how late the background work is, what waits, when each duty ran, and what needs somebody."""
    who = actor()
    return render_template(
        "operations.html",
        health=ask(health_of, actor=who),
        timers=ask(list_timers, actor=who, limit=_SOME).items,
        incidents=ask(list_incidents, actor=who, status="open", limit=_SOME).items,
    )


@pages.get("/timers")
def timer_list() -> str:
    """List timers that are still to fire."""
    page = ask(list_timers, actor=actor(), state=text_of("state"), after=text_of("after"))
    return render_template("timers.html", page=page, states=choices("timer"), chosen=arguments("state"))

"""进度总览: how the work stands, as charts and as the same tables; every number opens the list that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.overview_sheets import ranking_note, sheet_of_overview
from web.blueprint import actor, ask, pages
from web.dates import show_duration
from web.filters import text_of
from web.lights import looks, show_light
from workflows.deadlines.lights import LightKey
from workflows.queries.bottlenecks import Bottlenecks, bottlenecks
from workflows.queries.choices import process_choices, unit_choices
from workflows.queries.overview import SHOWN_LIGHTS, Overview, Scope, TrendLine, due_within, overview, trend, upcoming
from workflows.queries.ranking import is_ranking_shown, ranking
from workflows.queries.tasks import list_tasks

_NEXT = 8
_LONGEST_NAME = 14


@pages.get("/overview")
def overview_page() -> str | Response:
    """Show the overview, or send it as xlsx."""
    who, scope = actor(), Scope(text_of("unit"), text_of("definition"))
    step = "month" if request.args.get("step") == "month" else "week"
    if request.args.get("format") == "xlsx":
        return ask(sheet_of_overview, scope, actor=who, step=step)
    found = ask(overview, scope, actor=who)
    spans = ask(upcoming, scope, actor=who)
    slow = _slow(found, scope)
    periods = ask(trend, scope, actor=who, step=step)
    shown = ask(is_ranking_shown, actor=who)
    places = ask(ranking, scope, actor=who) if shown else None
    return render_template(
        "overview.html",
        found=found,
        scope=scope,
        step=step,
        lights=SHOWN_LIGHTS,
        units=ask(unit_choices),
        processes=ask(process_choices),
        bars=bars_of(found, scope),
        periods=periods,
        lines=lines_of(periods),
        spans=spans,
        next=ask(list_tasks, due_within(spans[-1].first, spans[-1].last, scope), actor=who, limit=_NEXT).items,
        slow=slow,
        marks=heat_of(slow) if slow else [],
        ranking=places,
        ranking_note=ranking_note(places.rules.basis) if places else "",
    )


def _slow(found: Overview, scope: Scope) -> Bottlenecks | None:
    """Return the steps of the chosen family, else of the one with the most open cases."""
    chosen = scope.definition or text_of("steps")
    if chosen is None and found.by_family:
        chosen = max(found.by_family, key=lambda key: (sum(found.by_family[key].values()), key))
    return ask(bottlenecks, chosen, scope, actor=actor()) if chosen else None


def bars_of(found: Overview, scope: Scope) -> dict[str, Any]:
    """Return the open cases of each unit by light, for the chart; a bar leads to its list."""
    city = looks().city
    return {
        "kind": "bars",
        "labels": [_short(line.name) for line in found.lines],
        "series": [
            {
                "name": show_light(key).name,
                "colour": city.show(LightKey(key)).chart,
                "values": [line.total.get(key, 0) for line in found.lines],
                "links": [
                    url_for(
                        "web.case_list",
                        unit=line.code,
                        alone="1" if line.alone else None,
                        definition=scope.definition,
                        status="open",
                        light=key,
                    )
                    for line in found.lines
                ],
            }
            for key in SHOWN_LIGHTS
        ],
    }


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def lines_of(periods: Sequence[TrendLine]) -> dict[str, Any]:
    """Return the trend for the chart; its tones are the style sheet's."""
    names = {"started": gettext("发起"), "ended": gettext("办结"), "missed": gettext("发生逾期")}
    return {
        "kind": "lines",
        "labels": [f"{period.first:%m-%d}" for period in periods],
        "series": [
            {"name": word, "tone": name, "values": [getattr(period, name) for period in periods]}
            for name, word in names.items()
        ],
    }


def heat_of(slow: Bottlenecks) -> list[dict[str, str]]:
    """Return what is painted on the diagram: one ramp by the median, and the figures as a badge of words."""
    marks = []
    for step in slow.steps:
        if not step.done and not step.waits:
            continue
        parts = [show_duration(step.median)] if step.done else []
        parts += [str(gettext("等 %(count)d", count=step.waits))] if step.waits else []
        marks.append({"element": step.element_id, "state": f"heat-{step.heat}", "badge": " · ".join(parts)})
    return marks

"""The overview as a workbook: the same numbers as on the page, with the instant they were true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask_babel import gettext

from api.spreadsheets import MEDIA_TYPE, Sheet, write_book
from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey
from workflows.queries.bottlenecks import StepTime, bottlenecks
from workflows.queries.lighting import lights_of_city
from workflows.queries.overview import SHOWN_LIGHTS, Overview, Scope, TrendLine, overview, trend, upcoming
from workflows.queries.ranking import is_ranking_shown, ranking
from workflows.store import Store

_DAY = 86_400


def ranking_note(basis: str) -> str:
    """Return the line that goes with every ranking, on the page and on paper."""
    told = gettext(
        "只按单位、只按责任事项的办理结果排列：按期办结率 = 到期环节中按期办结的 ÷ 到期环节。"
        "不统计登录、点击、在线时长，不排个人。依据：%(basis)s",
        basis=basis,
    )
    return str(told)


def sheet_of_overview(store: Store, scope: Scope, *, actor: Actor, step: str) -> Response:
    """Answer with the overview as a workbook."""
    found = overview(store, scope, actor=actor)
    as_of = gettext("截至 %(time)s", time=f"{found.as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    sheets = [
        Sheet(gettext("单位与流程"), _matrix_headings(store), list(_matrix(found)), as_of),
        Sheet(gettext("趋势"), trend_headings(), _trend(trend(store, scope, actor=actor, step=step)), as_of),
        Sheet(gettext("环节用时"), _step_headings(), list(_steps(store, found, scope, actor)), as_of),
        Sheet(
            gettext("即将到期"),
            [gettext("天数"), gettext("到"), gettext("待办")],
            _upcoming(store, scope, actor),
            as_of,
        ),
    ]
    if is_ranking_shown(store, actor=actor):
        sheets.append(_ranking(store, scope, actor))
    response = Response(write_book(sheets), mimetype=MEDIA_TYPE)
    day = found.as_of.astimezone(SHANGHAI).date()
    response.headers.set("Content-Disposition", "attachment", filename=f"overview-{day.isoformat()}.xlsx")
    return response


def _matrix_headings(store: Store) -> list[str]:
    lights = lights_of_city(store)
    names = [str(gettext(lights.show(LightKey(key)).name)) for key in SHOWN_LIGHTS]
    return [gettext("单位"), gettext("范围"), gettext("流程"), gettext("在办"), *names]


def _matrix(found: Overview) -> Iterator[list[Any]]:
    for line in found.lines:
        extent = gettext("本级") if line.alone else gettext("含下级")
        for key, name in found.families:
            cell = line.cells.get(key)
            if cell:
                yield [line.name, extent, name, sum(cell.values()), *(cell.get(light, 0) for light in SHOWN_LIGHTS)]
    total = [found.total.get(light, 0) for light in SHOWN_LIGHTS]
    yield [gettext("合计"), "", "", sum(found.total.values()), *total]


def trend_headings() -> list[str]:
    """Return what the columns of the trend are called."""
    return [gettext("从"), gettext("到"), gettext("发起"), gettext("办结"), gettext("发生逾期")]


def _trend(lines: Any) -> list[list[Any]]:
    def row(line: TrendLine) -> list[Any]:
        return [line.first, line.last, line.started, line.ended, line.missed]

    return [row(line) for line in lines]


def _step_headings() -> list[str]:
    took = [gettext("已办环节数"), gettext("用时中位数（天）"), gettext("用时 90 分位（天）")]
    return [gettext("流程"), gettext("环节"), *took, gettext("正在等待"), gettext("其中逾期")]


def _steps(store: Store, found: Overview, scope: Scope, actor: Actor) -> Iterator[list[Any]]:
    for key, name in found.families:
        for step in bottlenecks(store, key, scope, actor=actor).steps:
            if step.done or step.waits:
                yield [name, step.name, step.done, days(step, "median"), days(step, "p90"), *_waits(step)]


def days(step: StepTime, name: str) -> float | None:
    """Return a time of a step in days, None when nothing is known."""
    seconds = getattr(step, name)
    return None if seconds is None else round(seconds / _DAY, 1)


def _waits(step: StepTime) -> list[int]:
    return [step.waits, step.waiting.get("overdue", 0)]


def _upcoming(store: Store, scope: Scope, actor: Actor) -> list[list[Any]]:
    return [[each.days, each.last, each.number] for each in upcoming(store, scope, actor=actor)]


def _ranking(store: Store, scope: Scope, actor: Actor) -> Sheet:
    found = ranking(store, scope, actor=actor)
    headings = [gettext("位次"), gettext("单位"), gettext("到期环节"), gettext("其中逾期"), gettext("按期办结率")]
    rows = [[line.place, line.name, line.due, line.late, f"{line.share:.1%}"] for line in found.lines]
    return Sheet(gettext("按期办结率"), headings, rows, ranking_note(found.rules.basis))

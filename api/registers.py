"""Registers 台账: lists with their rows, problems, rectifications; as of any day, compared, exported as xlsx."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response
from flask_babel import gettext

from api.fields import Nothing
from api.http import act, actor, answer, application, page_answer, require_no_faults, show
from api.openapi import PREFIX, Resource, page_of
from api.register_shapes import (
    CompareQuery,
    ComparisonShape,
    CopiedShape,
    ListQuery,
    ListShape,
    ObjectionBody,
    ObjectionShape,
    ObjectionsShape,
    ProblemBody,
    ProblemEntryShape,
    ProblemQuery,
    RectificationQuery,
    RectificationShape,
    RowQuery,
    RowShape,
)
from api.spreadsheets import MEDIA_TYPE, write_sheet
from workflows.checklists.drafting import copy_last_year
from workflows.checklists.objections import raise_objection
from workflows.checklists.problems import Found, report_problem, require_reporter
from workflows.clock import SHANGHAI
from workflows.idempotency import Answer
from workflows.queries.checklists import (
    ListFilter,
    RowView,
    export_rows,
    list_checklists,
    list_rows,
    one_checklist,
)
from workflows.queries.comparisons import compare_lists, compare_versions
from workflows.queries.objections import objections_to
from workflows.queries.problems import (
    ProblemFilter,
    ProblemRow,
    RectificationRow,
    export_problems,
    export_rectifications,
    list_problems,
    list_rectifications,
    one_problem,
)
from workflows.rights import require_workable, require_worker
from workflows.store import Store
from workflows.transaction import read

resource = Resource("registers", "台账: lists, rows, problems, rectifications")


def _list_filter(query: dict[str, Any]) -> ListFilter:
    names = ("unit", "year", "status", "kind", "post", "holder", "light", "due_from", "due_to", "as_of")
    return ListFilter(
        text=query.get("q"), checklist_id=query.get("checklist"), **{name: query.get(name) for name in names}
    )


def _problem_filter(query: dict[str, Any]) -> ProblemFilter:
    names = ("unit", "year", "status", "severity", "traced", "as_of")
    return ProblemFilter(text=query.get("q"), **{name: query.get(name) for name in names})


def _page(query: dict[str, Any]) -> dict[str, Any]:
    return {"actor": actor(), "after": query.get("after"), "limit": query.get("limit")}


@resource.get("/checklists", page_of(ListShape), query=ListQuery)
def lists(query: dict[str, Any]) -> Response:
    """List the lists 责任清单, the newest year first."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(ListShape)(), list_checklists(store, _list_filter(query), **_page(query)))

    return show(ask)


@resource.get("/checklists/<checklist_id>", ListShape)
def one_list(checklist_id: str) -> Response:
    """Show one list; its rows are at `/checklist-rows?checklist=`."""

    def ask(store: Store) -> Answer:
        return answer(ListShape(), one_checklist(store, checklist_id, actor=actor()))

    return show(ask)


@resource.get("/checklists/<checklist_id>/comparison", ComparisonShape, query=CompareQuery)
def comparison(query: dict[str, Any], checklist_id: str) -> Response:
    """Compare a list row by row with another one (another year), or with its version before."""

    def ask(store: Store) -> Answer:
        other = query.get("with_")
        one_checklist(store, checklist_id, actor=actor())
        found = (
            compare_lists(store, other, checklist_id, actor=actor())
            if other
            else compare_versions(store, checklist_id, actor=actor())
        )
        return answer(ComparisonShape(), {"items": found})

    return show(ask)


@resource.get("/checklists/<checklist_id>/objections", ObjectionsShape)
def objections(checklist_id: str) -> Response:
    """Show the objections to a list and their answers."""

    def ask(store: Store) -> Answer:
        return answer(ObjectionsShape(), {"items": objections_to(store, checklist_id, actor=actor())})

    return show(ask)


@resource.post("/checklists/<checklist_id>/objections", ObjectionShape, status=201, body=ObjectionBody)
def object_to(body: dict[str, Any], checklist_id: str) -> Response:
    """公示意见: say something against a list while it is publicised."""

    def change(store: Store) -> Answer:
        made = raise_objection(store, checklist_id, body["text"], actor=actor(), row_no=body.get("row"))
        found = objections_to(store, checklist_id, actor=actor())
        return answer(ObjectionShape(), next(each for each in found if each.number == made.number), status=201)

    return act(change, see=lambda store: one_checklist(store, checklist_id, actor=actor()))


@resource.post("/checklists/<checklist_id>/problems", ProblemEntryShape, status=201, body=ProblemBody)
def report(body: dict[str, Any], checklist_id: str) -> Response:
    """列入问题清单: enter a problem found outside a regular check; its rectification opens by itself."""

    def change(store: Store) -> Answer:
        found = Found(body["fact"], body["basis"], body["severity"], body["traced"], body.get("row"))
        problem = report_problem(store, checklist_id, found, actor=actor())
        where = f"{PREFIX}/problems/{problem.id}"
        row = one_problem(store, problem.id, actor=actor())
        return answer(ProblemEntryShape(), row, status=201, location=where)

    return act(change, see=lambda store: require_reporter(store, checklist_id, actor=actor()))


@resource.get("/checklist-rows", page_of(RowShape), query=RowQuery)
def rows(query: dict[str, Any]) -> Response:
    """List the rows of lists 清单项目, by year, unit and number."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(RowShape)(), list_rows(store, _list_filter(query), **_page(query)))

    return show(ask)


@resource.get("/problems", page_of(ProblemEntryShape), query=ProblemQuery)
def problems(query: dict[str, Any]) -> Response:
    """List problems 问题, the latest found first."""

    def ask(store: Store) -> Answer:
        return page_answer(page_of(ProblemEntryShape)(), list_problems(store, _problem_filter(query), **_page(query)))

    return show(ask)


@resource.get("/problems/<problem_id>", ProblemEntryShape)
def problem_entry(problem_id: str) -> Response:
    """Show one problem with the cases that it opened."""

    def ask(store: Store) -> Answer:
        return answer(ProblemEntryShape(), one_problem(store, problem_id, actor=actor()))

    return show(ask)


@resource.get("/rectifications", page_of(RectificationShape), query=RectificationQuery)
def rectifications(query: dict[str, Any]) -> Response:
    """List rectifications 整改, the latest begun first."""

    def ask(store: Store) -> Answer:
        page = list_rectifications(store, _problem_filter(query), **_page(query))
        return page_answer(page_of(RectificationShape)(), page)

    return show(ask)


@resource.post("/tasks/<task_id>/copy-last-year", CopiedShape, body=Nothing)
def copy(_body: dict[str, Any], task_id: str) -> Response:
    """从上年度带出: put the rows of the unit's last list into the draft of this step."""

    def change(store: Store) -> Answer:
        draft = copy_last_year(store, task_id, actor=actor())
        return answer(CopiedShape(), {"rows": len(draft.content["rows"]), "row_version": draft.row_version})

    return act(
        change,
        see=lambda store: require_worker(store, task_id, actor=actor()),
        ready=lambda store: require_workable(store, task_id, actor=actor(), expected_version=None),
    )


# ---------------------------------------------------------------------- xlsx


@resource.get("/checklist-rows/export", media_type=MEDIA_TYPE, query=RowQuery)
def rows_as_sheet(query: dict[str, Any]) -> Response:
    """Download the rows that a filter finds as xlsx."""
    require_no_faults()
    return sheet_of_rows(read(application(), export_rows, _list_filter(query), actor=actor()))


@resource.get("/problems/export", media_type=MEDIA_TYPE, query=ProblemQuery)
def problems_as_sheet(query: dict[str, Any]) -> Response:
    """Download the problems that a filter finds as xlsx."""
    require_no_faults()
    return sheet_of_problems(read(application(), export_problems, _problem_filter(query), actor=actor()))


@resource.get("/rectifications/export", media_type=MEDIA_TYPE, query=RectificationQuery)
def rectifications_as_sheet(query: dict[str, Any]) -> Response:
    """Download the rectifications that a filter finds as xlsx."""
    require_no_faults()
    return sheet_of_rectifications(read(application(), export_rectifications, _problem_filter(query), actor=actor()))


def row_headings() -> dict[str, str]:
    """Return what the columns of a row are called."""
    return {
        "unit_name": gettext("单位"),
        "year": gettext("年度"),
        "no": gettext("编号"),
        "kind": gettext("清单"),
        "duty": gettext("责任"),
        "measure": gettext("措施"),
        "due_on": gettext("时限"),
        "holder_post": gettext("责任人（职务）"),
        "holder_name": gettext("责任人（姓名）"),
        "evidence": gettext("佐证"),
        "status": gettext("状态"),
        "light": gettext("灯"),
    }


def sheet_of_rows(found: Sequence[RowView]) -> Response:
    """Answer with rows of lists as a workbook."""
    return _sheet(gettext("清单台账"), row_headings(), found)


def sheet_of_problems(found: Sequence[ProblemRow]) -> Response:
    """Answer with problems as a workbook."""
    headings = {
        "number": gettext("编号"),
        "unit_name": gettext("单位"),
        "year": gettext("年度"),
        "row_no": gettext("清单项目"),
        "fact": gettext("问题事实"),
        "basis": gettext("依据"),
        "severity": gettext("程度"),
        "supervising_unit": gettext("检查单位"),
        "found_at": gettext("发现"),
        "closed_at": gettext("销号"),
        "status": gettext("状态"),
    }
    return _sheet(gettext("问题台账"), headings, found)


def sheet_of_rectifications(found: Sequence[RectificationRow]) -> Response:
    """Answer with rectifications as a workbook."""
    headings = {
        "title": gettext("整改"),
        "unit_name": gettext("单位"),
        "problem_number": gettext("问题编号"),
        "started_at": gettext("开始"),
        "due_at": gettext("截止"),
        "ended_at": gettext("办结"),
        "status": gettext("状态"),
    }
    return _sheet(gettext("整改台账"), headings, found)


def _words() -> dict[str, dict[str, str]]:
    """Return what the codes of a column are called on paper."""
    return {
        "kind": {
            "subject": gettext("主体责任清单"),
            "leadership": gettext("领导责任清单"),
            "supervision": gettext("监督责任清单"),
        },
        "severity": {"normal": gettext("一般"), "serious": gettext("严重")},
        "light": {
            "not_started": gettext("未开始"),
            "normal": gettext("正常"),
            "near": gettext("临期"),
            "overdue": gettext("逾期"),
            "done": gettext("已办结"),
        },
        "status": {
            "drafting": gettext("编制中"),
            "signing": gettext("签字中"),
            "publicity": gettext("公示中"),
            "in_force": gettext("生效"),
            "archived": gettext("已归档"),
            "open": gettext("未销号"),
            "closed": gettext("已销号"),
            "active": gettext("在办"),
            "suspended": gettext("中止"),
            "completed": gettext("已办结"),
            "cancelled": gettext("已撤销"),
        },
    }


def _sheet(title: str, headings: dict[str, str], found: Sequence[Any]) -> Response:
    words: Callable[[str, Any], Any] = _worded(_words())
    table = [[words(name, asdict(row)[name]) for name in headings] for row in found]
    content = write_sheet(title, list(headings.values()), table)
    day = application().clock.now().astimezone(SHANGHAI).date()
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"register-{day.isoformat()}.xlsx")
    return response


def _worded(words: dict[str, dict[str, str]]) -> Callable[[str, Any], Any]:
    def word(name: str, value: Any) -> Any:
        return words.get(name, {}).get(str(value), value)

    return word

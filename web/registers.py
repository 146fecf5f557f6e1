"""台账: lists with their rows, problems and rectifications; one list with its publicity, objections and problems."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.registers import sheet_of_problems, sheet_of_rectifications, sheet_of_rows
from api.wording import word_field
from web.blueprint import act, actor, ask, pages, wants_fragment
from web.filters import arguments, day_of, light_choices, light_of, text_of
from web.labels import choices
from workflows.checklists.drafting import copy_last_year
from workflows.checklists.objections import raise_objection
from workflows.checklists.problems import Found, report_problem
from workflows.errors import RejectedError
from workflows.queries.checklists import (
    ListFilter,
    export_rows,
    list_checklists,
    list_rows,
    one_checklist,
    other_lists,
)
from workflows.queries.choices import unit_choices
from workflows.queries.comparisons import compare_lists, compare_versions
from workflows.queries.objections import objections_to
from workflows.queries.problems import (
    ProblemFilter,
    export_problems,
    export_rectifications,
    list_problems,
    list_rectifications,
)

_REFUSED = 422
_YEARS = range(2000, 2201)


def _year() -> int | None:
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdecimal() and int(text[:6]) in _YEARS else None


def _lists() -> ListFilter:
    return ListFilter(
        text=text_of("q"),
        unit=text_of("unit"),
        year=_year(),
        status=text_of("status"),
        kind=text_of("kind"),
        post=text_of("post"),
        light=light_of(),
        due_from=day_of("from"),
        due_to=day_of("to"),
        as_of=day_of("as_of"),
    )


@pages.get("/checklists")
def checklist_list() -> str:
    """List the lists that the reader may see."""
    return _register(
        "checklists",
        ask(list_checklists, _lists(), actor=actor(), after=text_of("after")),
        "q",
        "unit",
        "year",
        "status",
        "as_of",
    )


@pages.get("/checklist-rows")
def checklist_rows() -> str | Response:
    """List the rows of lists, or send them as xlsx."""
    if request.args.get("format") == "xlsx":
        return sheet_of_rows(ask(export_rows, _lists(), actor=actor()))
    page = ask(list_rows, _lists(), actor=actor(), after=text_of("after"))
    names = ("q", "unit", "year", "status", "kind", "post", "light", "from", "to", "as_of")
    return _register("checklist_rows", page, *names)


def _problems() -> ProblemFilter:
    traced = {"yes": True, "no": False}.get(request.args.get("traced", ""))
    return ProblemFilter(
        text=text_of("q"),
        unit=text_of("unit"),
        year=_year(),
        status=text_of("status"),
        severity=text_of("severity"),
        traced=traced,
        as_of=day_of("as_of"),
    )


@pages.get("/problem-register")
def problem_list() -> str | Response:
    """List problems, or send them as xlsx."""
    if request.args.get("format") == "xlsx":
        return sheet_of_problems(ask(export_problems, _problems(), actor=actor()))
    page = ask(list_problems, _problems(), actor=actor(), after=text_of("after"))
    return _register("problem_register", page, "q", "unit", "year", "status", "severity", "traced", "as_of")


@pages.get("/rectifications")
def rectification_list() -> str | Response:
    """List rectifications, or send them as xlsx."""
    if request.args.get("format") == "xlsx":
        return sheet_of_rectifications(ask(export_rectifications, _problems(), actor=actor()))
    page = ask(list_rectifications, _problems(), actor=actor(), after=text_of("after"))
    return _register("rectifications", page, "q", "unit", "status", "as_of")


def _register(name: str, page: Any, *names: str) -> str:
    values: dict[str, Any] = {"page": page, "chosen": arguments(*names), "choices": choices, "lights": light_choices()}
    if wants_fragment():
        return render_template(f"{name}_table.html", **values)
    return render_template(f"{name}.html", units=ask(unit_choices), **values)


# ---------------------------------------------------------------------- one list


@pages.get("/checklists/<checklist_id>")
def checklist_page(checklist_id: str) -> str:
    """Show one list as of a day: its rows with their lights, objections and problems."""
    return _page(checklist_id)


def _page(checklist_id: str, faults: list[tuple[str, str]] | None = None, form: str = "") -> str:
    who, as_of = actor(), day_of("as_of")
    row = ask(one_checklist, checklist_id, actor=who, as_of=as_of)
    return render_template(
        "checklist.html",
        row=row,
        rows=ask(export_rows, ListFilter(checklist_id=checklist_id, as_of=as_of), actor=who),
        objections=ask(objections_to, checklist_id, actor=who),
        problems=[each for each in _problems_of(row.unit, row.year) if each.checklist_id == checklist_id],
        others=ask(other_lists, row, actor=who),
        chosen=arguments("as_of"),
        choices=choices,
        faults=faults or [],
        form=form,
        given=request.form,
    )


def _problems_of(unit: str, year: int) -> Any:
    return ask(export_problems, ProblemFilter(unit=unit, year=year), actor=actor())


@pages.get("/checklists/<checklist_id>/comparison")
def checklist_comparison(checklist_id: str) -> str:
    """Show two lists side by side, or a list and its version before."""
    who, other = actor(), text_of("with")
    row = ask(one_checklist, checklist_id, actor=who)
    found = (
        ask(compare_lists, other, checklist_id, actor=who) if other else ask(compare_versions, checklist_id, actor=who)
    )
    before = ask(one_checklist, other, actor=who) if other else None
    return render_template("checklist_comparison.html", row=row, before=before, found=found)


@pages.post("/checklists/<checklist_id>/objections")
def object_to(checklist_id: str) -> Response | str:
    """公示意见."""
    try:
        act(
            raise_objection,
            checklist_id,
            request.form.get("text", ""),
            actor=actor(),
            row_no=request.form.get("row", "").strip() or None,
        )
    except RejectedError as fault:
        return _refuse(checklist_id, fault, "objection")
    flash(gettext("意见已提交，处理后会答复您。"))
    return redirect(url_for("web.checklist_page", checklist_id=checklist_id))


@pages.post("/checklists/<checklist_id>/problems")
def report(checklist_id: str) -> Response | str:
    """列入问题清单."""
    given = request.form
    found = Found(
        given.get("fact", ""),
        given.get("basis", ""),
        given.get("severity", "normal"),
        given.get("traced") == "yes",
        given.get("row", "").strip() or None,
    )
    try:
        problem = act(report_problem, checklist_id, found, actor=actor())
    except RejectedError as fault:
        return _refuse(checklist_id, fault, "problem")
    flash(gettext("已列入问题清单：%(number)s。整改已开出。", number=problem.number))
    return redirect(url_for("web.checklist_page", checklist_id=checklist_id))


def _refuse(checklist_id: str, fault: RejectedError, form: str) -> Response:
    listed = [(f"{form}-{each.pointer.strip('/')}", word_field(each)) for each in fault.faults]
    return make_response(_page(checklist_id, listed, form), _REFUSED)


@pages.post("/tasks/<task_id>/copy-last-year")
def copy_rows(task_id: str) -> Response:
    """从上年度带出."""
    draft = act(copy_last_year, task_id, actor=actor())
    flash(gettext("已从上年度带出 %(count)d 项，请逐项核对。", count=len(draft.content["rows"])))
    return redirect(url_for("web.work_page", task_id=task_id))

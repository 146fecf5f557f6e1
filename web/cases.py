"""办件: lists, the page of one case with its diagram and equal step list, and what its supervisor may do."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import Response as PlainResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, application, ask, pages, wants_fragment
from web.dates import left
from web.filters import CASE_PERIODS, arguments, case_filter, kept_arguments, light_choices, text_of
from web.telling import names_for, told_variables
from workflows.cases import cancel_case, resume_case, suspend_case
from workflows.clock import SHANGHAI
from workflows.errors import FieldFault, RejectedError
from workflows.handing import stop_clock
from workflows.queries.casebook import CaseBook, Step, case_book, case_file
from workflows.queries.cases import case_events, deadlines_of_case, list_cases
from workflows.queries.choices import process_choices, unit_choices
from workflows.queries.definitions import read_bundle_file
from workflows.queries.escalations import EscalationFilter, list_escalations
from workflows.queries.incidents import list_incidents
from workflows.queries.twins import has_twins
from workflows.rights import require_governor, require_supervisor

_EVENTS = 100
_CONTAINERS = {"subProcess", "transaction", "adHocSubProcess"}


@pages.get("/cases")
def case_list() -> str:
    """List the cases that the reader may see, the latest first."""
    wanted = case_filter()
    values: dict[str, Any] = {
        "page": ask(list_cases, wanted, actor=actor(), after=text_of("after")),
        "chosen": arguments("q", "definition", "unit", "status", "light", "mine"),
        "narrowed": kept_arguments(*CASE_PERIODS, "alone"),
        "lights": light_choices(),
    }
    if wants_fragment():
        return render_template("cases_table.html", **values)
    return render_template("cases.html", units=ask(unit_choices), processes=ask(process_choices), **values)


@pages.get("/cases/<case_id>")
def case_page(case_id: str) -> str:
    """Show one case."""
    who = actor()
    book = ask(case_book, case_id, actor=who)
    return render_template(
        "case.html",
        book=book,
        row=book.row,
        marks=marks_of(book),
        deadlines=ask(deadlines_of_case, case_id, actor=who),
        events=ask(case_events, case_id, actor=who, after=text_of("after"), limit=_EVENTS) if book.may_read else None,
        escalations=ask(list_escalations, EscalationFilter(source_case_id=case_id), actor=who).items,
        incidents=ask(list_incidents, actor=who, case_id=case_id).items,
        variables=told_variables(book.variables, book.forms, names_for(book.forms, book.attachments, book.variables)),
        names={step.element_id: step.name for step in book.steps},
        twins=ask(has_twins, case_id) is not None,
    )


def marks_of(book: CaseBook) -> list[dict[str, str]]:
    """Return what is painted on the diagram, with a badge of words: colour alone says nothing."""
    marks = [
        {"element": step.element_id, "state": _paint(step), "badge": _badge(step)} for step in book.steps if step.state
    ]
    known = {mark["element"] for mark in marks}
    marks += [
        {"element": element, "state": "done", "badge": ""} for element in book.diagram.completed if element not in known
    ]
    marks += [{"element": flow, "state": "taken", "badge": ""} for flow in book.diagram.taken]
    return marks


def _paint(step: Step) -> str:
    """Return the marker of a step; a sub-process keeps its ground, so that what is inside can be read."""
    return "inside" if step.type in _CONTAINERS and step.state != "incident" else step.state


def _badge(step: Step) -> str:
    """Return the words on a step: days left, how often it was done."""
    words = {"incident": gettext("异常"), "cancelled": gettext("取消"), "active": gettext("办理中")}
    if step.state in {"near", "overdue", "active"}:
        due = min((visit.due_at for visit in step.visits if visit.done_at is None and visit.due_at), default=None)
        if due is not None:
            return left(due, application().clock.now())
    if step.type in _CONTAINERS and step.state != "incident":
        return ""
    if step.state == "done":
        if not step.is_human:
            return ""
        return str(gettext("已办 ×%(times)d", times=step.times) if step.times > 1 else gettext("已办"))
    return str(words.get(step.state, ""))


@pages.get("/cases/<case_id>/diagram.bpmn")
def case_diagram_file(case_id: str) -> Response:
    """Send the diagram that the case runs, as it was uploaded."""
    reference, file = ask(case_file, case_id, actor=actor())
    return PlainResponse(ask(read_bundle_file, reference, file), mimetype="application/xml")


# ------------------------------------------------------------------ what a supervisor may do


@pages.post("/cases/<case_id>/suspend")
def suspend(case_id: str) -> Response:
    """中止: nobody works on it until it is resumed."""
    ask(require_governor, case_id, actor=actor())
    act(suspend_case, case_id, _reason(), actor=actor())
    return _back(case_id, gettext("办件已中止。"))


@pages.post("/cases/<case_id>/resume")
def resume(case_id: str) -> Response:
    """恢复."""
    act(resume_case, case_id, actor=actor())
    return _back(case_id, gettext("办件已恢复。"))


@pages.post("/cases/<case_id>/cancel")
def cancel(case_id: str) -> Response:
    """撤销."""
    ask(require_governor, case_id, actor=actor())
    act(cancel_case, case_id, _reason(), actor=actor())
    return _back(case_id, gettext("办件已撤销。"))


@pages.post("/cases/<case_id>/clock-stops")
def add_clock_stop(case_id: str) -> Response:
    """Record that the clock stood: every running limit is counted anew."""
    ask(require_supervisor, case_id, actor=actor())
    act(stop_clock, case_id, from_at=_day("from"), to_at=_day("to"), ground=_reason(), actor=actor())
    return _back(case_id, gettext("已记录中止期间，时限已重新计算。"))


def _reason() -> str:
    text = request.form.get("reason", "").strip()
    if not text:
        fault = FieldFault("/reason", "reason-required", "Expected a reason.")
        raise RejectedError("Expected a reason.", code="invalid-form", faults=[fault])
    return text[:4000]


def _day(name: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(request.form.get(name, "")), time(), tzinfo=SHANGHAI)
    except ValueError as error:
        fault = FieldFault(f"/{name}", "field-not-a-date", "Expected a date.")
        raise RejectedError("Expected a date.", code="invalid-form", faults=[fault]) from error


def _back(case_id: str, told: str) -> Response:
    flash(told)
    return redirect(url_for("web.case_page", case_id=case_id))

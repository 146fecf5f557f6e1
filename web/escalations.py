"""升级审批 and the 督办台账: what is late, who must decide by when, and the decision as a form of the diagram."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import render_template, request
from werkzeug.wrappers import Response

from api.supervision import sheet_of_register
from web.blueprint import actor, ask, pages, wants_fragment
from web.filters import arguments, day_of, text_of
from web.labels import choices
from web.telling import handed_in, names_for
from workflows.queries.casebook import case_book
from workflows.queries.choices import names_of, unit_choices
from workflows.queries.desk import desk_of
from workflows.queries.escalations import EscalationFilter, escalation_detail, list_escalations
from workflows.queries.overview import midnight
from workflows.queries.supervision import export_register, register
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import TaskRow, list_tasks, submissions_of_case


@pages.get("/escalations")
def escalation_list() -> str:
    """List escalations; with ``waiting`` only those that the reader's posts must decide now."""
    wanted = EscalationFilter(
        kind=text_of("kind"),
        status=text_of("status"),
        unit=text_of("unit"),
        waiting=request.args.get("waiting") == "1",
    )
    return render_template(
        "escalations.html",
        page=ask(list_escalations, wanted, actor=actor(), after=text_of("after")),
        chosen=arguments("kind", "status", "unit", "waiting"),
        units=ask(unit_choices),
    )


@pages.get("/supervision")
def supervision_register() -> str | Response:
    """Show the register 督办台账 with what was done about each, or send it as xlsx."""
    first, last = day_of("from"), day_of("to")
    wanted = EscalationFilter(
        kind=text_of("kind"),
        status=text_of("status"),
        unit=text_of("unit"),
        outcome=text_of("outcome"),
        text=text_of("q"),
        running=request.args.get("running") == "1",
        proposed_from=midnight(first) if first else None,
        proposed_before=midnight(last + timedelta(days=1)) if last else None,
    )
    if request.args.get("format") == "xlsx":
        return sheet_of_register(ask(export_register, wanted, actor=actor()))
    values = {
        "page": ask(register, wanted, actor=actor(), after=text_of("after")),
        "chosen": arguments("q", "kind", "status", "unit", "outcome", "running", "from", "to"),
        "choices": choices,
    }
    if wants_fragment():
        return render_template("supervision_table.html", **values)
    return render_template("supervision.html", units=ask(unit_choices), **values)


@pages.get("/escalations/<escalation_id>")
def escalation_page(escalation_id: str) -> str:
    """Show one escalation: facts, the unit's statement, the levels it passed, and the decision that waits."""
    who = actor()
    detail = ask(escalation_detail, escalation_id, actor=who)
    book = ask(case_book, escalation_id, actor=who)
    done = ask(submissions_of_case, escalation_id, actor=who)
    names = names_for(book.forms, book.attachments, *(task.submission for task in done))
    waiting = ask(list_tasks, TaskFilter(scope="all", case_id=escalation_id), actor=who).items
    return render_template(
        "escalation.html",
        detail=detail,
        row=detail.row,
        holder=_name_of(detail.facts.get("source_assignee")),
        desk=ask(desk_of, detail.task_id, actor=who) if detail.task_id and _sees(detail.task_id, waiting) else None,
        tasks=[task for task in waiting if task.status in {"open", "claimed"}],
        done=[(task, handed_in(task, book.forms, names)) for task in done],
    )


def _sees(task_id: str, tasks: Iterable[TaskRow]) -> bool:
    return any(task.id == task_id for task in tasks)


def _name_of(code: str | None) -> str:
    return ask(names_of, "user", [code]).get(code, code) if code else ""

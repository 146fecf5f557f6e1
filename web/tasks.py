"""待办, 已办, 我发起的, 抄送我的: four tabs of one list. Claiming, one or many; giving back; 已阅."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_error
from web.blueprint import act, actor, application, ask, inside, pages, wants_fragment
from web.filters import (
    ARGUMENTS,
    TASK_NARROWING,
    arguments,
    kept_arguments,
    light_choices,
    own_case_filter,
    task_filter,
    text_of,
)
from workflows.batches import MOST_AT_ONCE, Done, claim_tasks, mark_copies_read
from workflows.desks import filters_of
from workflows.errors import NotFoundError
from workflows.queries.cases import list_cases, waiting_steps
from workflows.queries.choices import process_choices, unit_choices
from workflows.queries.copies import list_copies
from workflows.queries.notices import badges
from workflows.queries.tasks import list_tasks, task_detail
from workflows.rights import require_worker
from workflows.tables import ListName
from workflows.tasks import claim_task, release_task

_OWN = {"todo", "mine", "candidate", "done"}
_SCOPES = ("todo", "mine", "candidate", "all", "open", "completed", "counted")
_TOLD = 10
LIST_PAGES = {
    ListName.TODO: "web.task_list",
    ListName.DONE: "web.done_list",
    ListName.STARTED: "web.started_list",
    ListName.COPIED: "web.copied_list",
}


@pages.get("/tasks")
def task_list() -> Response | str:
    """List what the reader has to do, the most urgent first."""
    wanted = text_of("scope")
    return _list(ListName.TODO, wanted if wanted in _SCOPES else "todo")


@pages.get("/tasks/done")
def done_list() -> Response | str:
    """List what the reader has done, the latest first."""
    return _list(ListName.DONE, "done")


@pages.get("/tasks/started")
def started_list() -> Response | str:
    """List the cases that the reader has started, the latest first, and on whom they wait."""
    return _list(ListName.STARTED)


@pages.get("/tasks/copied")
def copied_list() -> Response | str:
    """List the cases that were sent to the reader to read, the latest first."""
    return _list(ListName.COPIED)


def _list(tab: ListName, scope: str = "") -> Response | str:
    saved = ask(filters_of, tab, actor=actor())
    default = next((each for each in saved if each.is_default), None)
    if default is not None and not request.args and default.query:
        return redirect(f"{url_for(LIST_PAGES[tab])}?{default.query}")
    values: dict[str, Any] = {
        "tab": tab.value,
        "scope": scope,
        "is_mine": scope in _OWN,
        "narrowed": kept_arguments(*TASK_NARROWING),
        "chosen": arguments(*ARGUMENTS),
        "is_narrowed": any(request.args.get(name) for name in ARGUMENTS),
        "lights": light_choices(),
        "saved": saved,
        "query": request.query_string.decode(),
        **_found(tab, scope),
    }
    if tab in {ListName.TODO, ListName.DONE} and values["page"].items:
        values["told"] = {"element": values["page"].items[0].name}
    if wants_fragment():
        return render_template("list_rows.html", **values)
    values |= {"units": ask(unit_choices), "processes": ask(process_choices), "counts": ask(badges, actor=actor())}
    return render_template("list.html", **values)


def _found(tab: ListName, scope: str) -> dict[str, Any]:
    """Return the page of rows, and where the cases of a list of cases stand."""
    place: Any = {"after": text_of("after", longest=2000), "before": text_of("before", longest=2000)}
    if tab in {ListName.TODO, ListName.DONE}:
        return {"page": ask(list_tasks, task_filter(scope), actor=actor(), **place)}
    wanted = own_case_filter(started_by_me=tab == ListName.STARTED)
    if tab == ListName.STARTED:
        page = ask(list_cases, wanted, actor=actor(), **place)
        return {"page": page, "waiting": ask(waiting_steps, [row.id for row in page.items])}
    unread = {"1": True, "0": False}.get(request.args.get("unread", ""))
    copies = ask(list_copies, wanted, actor=actor(), unread=unread, **place)
    return {"page": copies, "waiting": ask(waiting_steps, [row.case.id for row in copies.items])}


# ------------------------------------------------------------------ claiming, giving back


@pages.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> Response:
    """签收."""
    ask(require_worker, task_id, actor=actor())
    task = act(claim_task, task_id, actor=actor())
    flash(gettext("已签收“%(name)s”。", name=task.name))
    return redirect(inside(request.form.get("back"), url_for("web.work_page", task_id=task_id)))


@pages.post("/tasks/claim")
def claim_many() -> Response:
    """签收 what was ticked; what was refused is told row by row."""
    results = claim_tasks(application(), request.form.getlist("id")[:MOST_AT_ONCE], actor=actor())
    done = [each for each in results if each.fault is None]
    if done:
        flash(gettext("已签收 %(count)d 件。", count=len(done)))
    _tell_refused(results, _name_of)
    return _back_to_list("web.task_list", ticked=bool(results))


def _name_of(task_id: str) -> str:
    try:
        row = ask(task_detail, task_id, actor=actor()).row
    except NotFoundError:
        return str(gettext("一件待办"))
    return str(gettext("%(title)s：%(name)s", title=row.title, name=row.name))


@pages.post("/tasks/<task_id>/release")
def release(task_id: str) -> Response:
    """Give a claimed task back to its candidates."""
    task = act(release_task, task_id, actor=actor())
    flash(gettext("已退回待签收：“%(name)s”。草稿还在。", name=task.name))
    return redirect(url_for("web.task_list"))


# ------------------------------------------------------------------ copies


@pages.post("/tasks/copied/read")
def read_copies() -> Response:
    """已阅 what was ticked, or the one of the button."""
    results = mark_copies_read(application(), request.form.getlist("id")[:MOST_AT_ONCE], actor=actor())
    done = [each for each in results if each.fault is None]
    if done:
        flash(gettext("已阅 %(count)d 件。", count=len(done)))
    _tell_refused(results, lambda _id: str(gettext("一份抄送")))
    return _back_to_list("web.copied_list", ticked=bool(results))


def _tell_refused(results: Sequence[Done], name_of: Any) -> None:
    refused = [each for each in results if each.fault is not None]
    for each in refused[:_TOLD]:
        detail = word_error(each.fault).detail if each.fault else ""
        flash(gettext("没有办成：%(name)s。%(why)s", name=name_of(each.id), why=detail), "bad")
    if len(refused) > _TOLD:
        flash(gettext("另有 %(count)d 件没有办成。", count=len(refused) - _TOLD), "bad")


def _back_to_list(endpoint: str, *, ticked: bool) -> Response:
    if not ticked:
        flash(gettext("没有勾选任何一行。"), "bad")
    return redirect(inside(request.form.get("back"), url_for(endpoint)))

"""待办 and 已办: lists of tasks; claiming and giving back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, ask, inside, pages, wants_fragment
from web.filters import TASK_NARROWING, arguments, kept_arguments, light_choices, task_filter, text_of
from workflows.queries.choices import process_choices, unit_choices
from workflows.queries.notices import badges
from workflows.queries.tasks import list_tasks
from workflows.rights import require_worker
from workflows.tasks import claim_task, release_task

_OWN = {"todo", "mine", "candidate", "done"}
_SCOPES = {"todo", "mine", "candidate", "all", "open", "completed", "counted"}


@pages.get("/tasks")
def task_list() -> str:
    """List what the reader has to do, the most urgent first."""
    wanted = text_of("scope")
    return _list("tasks.html", wanted if wanted in _SCOPES else "todo")


@pages.get("/tasks/done")
def done_list() -> str:
    """List what the reader has done, the latest first."""
    return _list("done.html", "done")


def _list(template: str, scope: str) -> str:
    found = ask(list_tasks, task_filter(scope), actor=actor(), after=text_of("after"))
    values = {
        "page": found,
        "scope": scope,
        "chosen": arguments("q", "light", "unit", "definition", "from", "to"),
        "narrowed": kept_arguments(*TASK_NARROWING),
        "told": {"element": found.items[0].name} if found.items else {},
        "is_mine": scope in _OWN,
        "lights": light_choices(),
    }
    if wants_fragment():
        return render_template("tasks_table.html", **values)
    values |= {"units": ask(unit_choices), "processes": ask(process_choices), "counts": ask(badges, actor=actor())}
    return render_template(template, **values)


@pages.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> Response:
    """签收."""
    ask(require_worker, task_id, actor=actor())
    task = act(claim_task, task_id, actor=actor())
    flash(gettext("已签收“%(name)s”。", name=task.name))
    return redirect(inside(request.form.get("back"), url_for("web.work_page", task_id=task_id)))


@pages.post("/tasks/<task_id>/release")
def release(task_id: str) -> Response:
    """Give a claimed task back to its candidates."""
    task = act(release_task, task_id, actor=actor())
    flash(gettext("已退回待签收：“%(name)s”。草稿还在。", name=task.name))
    return redirect(url_for("web.task_list"))

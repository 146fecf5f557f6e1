"""工作台 and 帮助: what waits by light, what is due next, what was told last."""

from __future__ import annotations

from flask import render_template

from web.blueprint import actor, ask, pages
from web.help_topics import TOPICS
from workflows.queries.choices import startable_processes, units_to_start_for
from workflows.queries.escalations import EscalationFilter, list_escalations
from workflows.queries.notices import badges, list_notices
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import list_tasks

_NEXT = 3
_LATEST = 5
_STARTS = 8


@pages.get("/")
def home() -> str:
    """Show the desk."""
    who = actor()
    startable = ask(startable_processes) if ask(units_to_start_for, actor=who) else []
    return render_template(
        "home.html",
        counts=ask(badges, actor=who),
        upcoming=ask(list_tasks, TaskFilter(scope="todo"), actor=who, limit=_NEXT).items,
        notices=ask(list_notices, actor=who, limit=_LATEST).items,
        startable=startable[:_STARTS],
        more_starts=len(startable) > _STARTS,
        deciding=ask(list_escalations, EscalationFilter(waiting=True), actor=who, limit=_NEXT).items,
    )


@pages.get("/help")
def help_page() -> str:
    """Show what lights mean and how work is handed in."""
    return render_template("help.html", topics=TOPICS)

"""消息: what was told to the reader."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, ask, pages
from web.filters import text_of
from workflows.notices import mark_all_read
from workflows.queries.notices import list_notices


@pages.get("/notices")
def notice_list() -> str:
    """List notices, the latest first."""
    return render_template("notices.html", page=ask(list_notices, actor=actor(), after=text_of("after")))


@pages.post("/notices/read")
def read_notices() -> Response:
    """Mark all as read."""
    number = act(mark_all_read, actor=actor())
    flash(gettext("已标为已读：%(number)d 条。", number=number))
    return redirect(url_for("web.notice_list"))

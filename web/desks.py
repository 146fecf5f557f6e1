"""常用筛选 and 常用语: what somebody keeps for their own work."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_field
from web.blueprint import act, actor, ask, inside, pages
from web.filters import ARGUMENTS
from web.tasks import LIST_PAGES
from workflows.desks import (
    add_phrase,
    choose_default,
    phrases_of,
    remove_filter,
    remove_phrase,
    require_filter,
    save_filter,
)
from workflows.errors import RejectedError
from workflows.tables import ListName

_REFUSED = 422
_KEPT = {*ARGUMENTS, "scope", "sort"}


@pages.post("/tasks/filters/<list_name>")
def keep_filter(list_name: str) -> Response:
    """Keep the filter that the page shows, under a name."""
    if list_name not in {each.value for each in ListName}:
        abort(404)
    given = parse_qsl(request.form.get("query", ""))
    query = {name: value for name, value in given if name in _KEPT}
    try:
        saved = act(
            save_filter,
            list_name,
            request.form.get("name", ""),
            query,
            actor=actor(),
            is_default=request.form.get("is_default") == "1",
        )
    except RejectedError as fault:
        for each in fault.faults:
            flash(gettext("筛选没有保存：%(why)s", why=word_field(each)), "bad")
    else:
        flash(gettext("已保存筛选“%(name)s”。", name=saved.name))
    back = url_for(LIST_PAGES[ListName(list_name)])
    return redirect(inside(request.form.get("back"), back))


@pages.post("/tasks/filters/one/<filter_id>")
def change_filter(filter_id: str) -> Response:
    """Make a filter the one a list opens with, or no longer, or forget it."""
    saved = ask(require_filter, filter_id, actor())
    wanted = request.form.get("act")
    if wanted == "remove":
        act(remove_filter, filter_id, actor=actor())
        flash(gettext("已删除筛选“%(name)s”。", name=saved.name))
    else:
        act(choose_default, filter_id, actor=actor(), is_default=wanted == "default")
        told = gettext("打开列表时就用“%(name)s”。") if wanted == "default" else gettext("打开列表时不再用“%(name)s”。")
        flash(told % {"name": saved.name})
    return redirect(inside(request.form.get("back"), url_for(LIST_PAGES[ListName(saved.list_name)])))


@pages.get("/phrases")
def phrase_list() -> str:
    """Show one's phrases."""
    return _phrases()


@pages.post("/phrases")
def change_phrases() -> Response:
    """Keep a phrase, or forget one."""
    button, _, phrase_id = request.form.get("act", "add").partition(":")
    if button == "remove":
        act(remove_phrase, phrase_id, actor=actor())
        flash(gettext("已删除常用语。"))
        return redirect(url_for("web.phrase_list"))
    text = request.form.get("text", "")
    try:
        act(add_phrase, text, actor=actor())
    except RejectedError as fault:
        faults = [("f-text", word_field(each)) for each in fault.faults]
        return make_response(_phrases(faults, text), _REFUSED)
    flash(gettext("已加入常用语。"))
    return redirect(url_for("web.phrase_list"))


def _phrases(faults: list[tuple[str, str]] | None = None, text: str = "") -> str:
    return render_template("phrases.html", phrases=ask(phrases_of, actor=actor()), faults=faults or [], text=text)

"""双人复核: confirming and refusing what somebody else asked for; the requests stand in 流程库 and 日历."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, ask, inside, pages
from workflows.law_acts import confirm_approval, refuse_approval
from workflows.rights import require_second_person


@pages.post("/approvals/<approval_id>/confirm")
def confirm(approval_id: str) -> Response:
    """确认: it is carried out at once."""
    act(confirm_approval, approval_id, actor=actor())
    flash(gettext("已确认，立即生效。"))
    return redirect(_back())


@pages.post("/approvals/<approval_id>/refuse")
def refuse(approval_id: str) -> Response:
    """驳回."""
    ask(require_second_person, approval_id, actor=actor())
    act(refuse_approval, approval_id, request.form.get("reason", "")[:4000], actor=actor())
    flash(gettext("已驳回，没有任何改动。"))
    return redirect(_back())


def _back() -> str:
    return inside(request.form.get("back"), url_for("web.definition_list"))

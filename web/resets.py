"""重置: choose an element that the case has passed, see what is taken back, confirm with a reason."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from web.filters import text_of
from workflows.errors import RejectedError, WorkflowError, WrongStateError
from workflows.queries.cases import case_row
from workflows.resets import preview_reset, reset_case, reset_targets
from workflows.rights import require_governor

_REFUSED = 422
_LONGEST = 4_000
_MOST_ID = 120


@pages.get("/cases/<case_id>/reset")
def reset_page(case_id: str) -> str:
    """List the elements; with one chosen, tell what opening it again takes back."""
    ask(require_governor, case_id, actor=actor())
    return _page(case_id, text_of("to"), text_of("near"))


def _page(case_id: str, to: str | None, near: str | None, fault: WorkflowError | None = None, reason: str = "") -> str:
    effect = None
    if to is not None:
        try:
            effect = ask(preview_reset, case_id, to, near=near, actor=actor())
        except (RejectedError, WrongStateError) as found:
            fault = fault or found
    return render_template(
        "reset.html",
        row=ask(case_row, case_id, actor=actor()),
        targets=ask(reset_targets, case_id, actor=actor()),
        to=to,
        near=near,
        effect=effect,
        faults=_faults(fault),
        reason=reason,
    )


def _faults(fault: WorkflowError | None) -> list[tuple[str, str]]:
    if isinstance(fault, RejectedError) and fault.faults:
        return [("f-reason" if each.pointer == "/reason" else "", word_field(each)) for each in fault.faults]
    return [("", word_error(fault).detail)] if fault is not None else []


@pages.post("/cases/<case_id>/reset")
def reset_form(case_id: str) -> Response | str:
    """Open the element again."""
    ask(require_governor, case_id, actor=actor())
    to, near = request.form.get("to", "")[:_MOST_ID], request.form.get("near", "")[:_MOST_ID] or None
    reason = request.form.get("reason", "")[:_LONGEST]
    try:
        act(reset_case, case_id, to, reason, near=near, actor=actor())
    except (RejectedError, WrongStateError) as fault:
        return make_response(_page(case_id, to, near, fault, reason), _REFUSED)
    flash(gettext("办件已重置，从所选环节重新办理。"))
    return redirect(url_for("web.case_page", case_id=case_id))

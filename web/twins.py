"""一案双查: both investigations side by side, the facts that they share with their history, the gate between them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, ask, pages
from workflows.errors import FieldFault, RejectedError
from workflows.queries.twins import require_matter, twin_view
from workflows.shared_facts import add_fact, revise_fact
from workflows.tracks import reopen_track


@pages.get("/cases/<case_id>/twin")
def twin_page(case_id: str) -> str:
    """Show both investigations of the matter of a case."""
    view = ask(twin_view, case_id, actor=actor())
    return render_template("twin.html", view=view, row=view.row, case_id=case_id)


@pages.post("/cases/<case_id>/facts")
def enter_fact(case_id: str) -> Response:
    """Add a fact."""
    act(add_fact, case_id, actor=actor(), **_typed())
    flash(gettext("已记入共同事实，两查都看得见。"), "good")
    return redirect(url_for("web.twin_page", case_id=case_id, _anchor="facts"))


@pages.post("/cases/<case_id>/facts/<int:number>")
def correct_fact(case_id: str, number: int) -> Response:
    """Write a new version of a fact."""
    ask(require_matter, case_id, actor=actor())
    version = request.form.get("version", "")
    if not version.isascii() or not version.isdecimal():
        fault = FieldFault("/version", "field-not-a-number", "Expected the version that was read.")
        raise RejectedError("Expected the version that was read.", code="invalid-form", faults=[fault])
    act(revise_fact, case_id, number, version=int(version[:9]), actor=actor(), **_typed())
    flash(gettext("已更正，原来的版本保留在历史里。"), "good")
    return redirect(url_for("web.twin_page", case_id=case_id, _anchor=f"fact-{number}"))


@pages.post("/cases/<case_id>/reopen")
def reopen(case_id: str) -> Response:
    """Open a concluded track again."""
    main = ask(require_matter, case_id, actor=actor())
    reason = request.form.get("reason", "").strip()
    if not reason:
        fault = FieldFault("/reason", "reason-required", "Expected a reason.")
        raise RejectedError("Expected a reason.", code="invalid-form", faults=[fault])
    act(reopen_track, case_id, reason[:4000], actor=actor())
    flash(gettext("已重新打开，退回调查环节。"), "good")
    return redirect(url_for("web.twin_page", case_id=main))


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("title", "statement", "source")}

"""退回, 转办, 申请延期, 催办: plain pages with one question each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from workflows.clock import SHANGHAI
from workflows.errors import FieldFault, RejectedError
from workflows.escalations import request_extension
from workflows.handing import return_task, transfer_task, urge_task
from workflows.queries.choices import colleague_choices
from workflows.queries.desk import desk_of
from workflows.rights import require_transferrer, require_urger, require_worker

_REFUSED = 422
_LONGEST_REASON = 4_000
_MAY: Mapping[str, Callable[..., object]] = {
    "return": require_worker,
    "transfer": require_transferrer,
    "extend": require_worker,
    "urge": require_urger,
}


@pages.get("/tasks/<task_id>/return")
def return_page(task_id: str) -> str:
    """Ask where the work goes back to, and why."""
    return _page("return", task_id)


@pages.post("/tasks/<task_id>/return")
def return_form(task_id: str) -> Response | str:
    """退回."""

    def send_back() -> None:
        direct = request.form.get("then") == "direct"
        act(return_task, task_id, request.form.get("target", ""), _reason(), actor=actor(), direct=direct)

    return _try("return", task_id, send_back, gettext("已退回。"), url_for("web.task_list"))


@pages.get("/tasks/<task_id>/transfer")
def transfer_page(task_id: str) -> str:
    """Ask who of the same unit takes the work, and why."""
    return _page("transfer", task_id)


@pages.post("/tasks/<task_id>/transfer")
def transfer_form(task_id: str) -> Response | str:
    """转办."""

    def hand_over() -> None:
        act(transfer_task, task_id, request.form.get("to", ""), _reason(), actor=actor())

    return _try("transfer", task_id, hand_over, gettext("已转办。"), url_for("web.task_list"))


@pages.get("/tasks/<task_id>/extend")
def extend_page(task_id: str) -> str:
    """Ask for how much more time, and on what ground."""
    return _page("extend", task_id)


@pages.post("/tasks/<task_id>/extend")
def extend_form(task_id: str) -> Response | str:
    """申请延期: a supervisor decides."""

    def ask_for_time() -> None:
        ground = _text("ground", "/ground")
        days = request.form.get("workdays", "")
        act(
            request_extension,
            task_id,
            ground=ground,
            reason=_reason(),
            workdays=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else None,  # noqa: PLR2004 - decades
            until=_until(),
            actor=actor(),
        )

    told = gettext("已提交延期申请。批准之前，时限照常计算。")
    return _try("extend", task_id, ask_for_time, told, url_for("web.work_page", task_id=task_id))


@pages.get("/tasks/<task_id>/urge")
def urge_page(task_id: str) -> str:
    """Ask what to tell whoever holds the work."""
    return _page("urge", task_id)


@pages.post("/tasks/<task_id>/urge")
def urge_form(task_id: str) -> Response | str:
    """催办."""

    def urge() -> None:
        act(urge_task, task_id, _reason(), actor=actor())

    return _try("urge", task_id, urge, gettext("已催办。"), url_for("web.work_page", task_id=task_id))


def _page(name: str, task_id: str, faults: Sequence[tuple[str, str]] = ()) -> str:
    ask(_MAY[name], task_id, actor=actor())
    desk = ask(desk_of, task_id, actor=actor())
    values: Mapping[str, Any] = {"colleagues": ask(colleague_choices, desk.detail.row.unit_code)}
    return render_template(
        "handing.html", act=name, desk=desk, row=desk.detail.row, faults=faults, given=request.form, **values
    )


def _try(name: str, task_id: str, use_case: Any, told: str, target: str) -> Response | str:
    """Do it and say so; a fault of a field is said on the page where it was typed."""
    ask(_MAY[name], task_id, actor=actor())  # a missing right speaks before a missing reason
    try:
        use_case()
    except RejectedError as fault:
        listed = [(f"f-{f.pointer.strip('/')}", word_field(f)) for f in fault.faults]
        return make_response(_page(name, task_id, listed or [("", word_error(fault).detail)]), _REFUSED)
    flash(told)
    return redirect(target)


def _reason() -> str:
    return _text("reason", "/reason")


def _text(name: str, pointer: str) -> str:
    text = request.form.get(name, "").strip()
    if not text or len(text) > _LONGEST_REASON:
        code = "too-long" if text else "reason-required"
        fault = FieldFault(pointer, code, "Expected a reason.", (("maximum", _LONGEST_REASON),))
        raise RejectedError("Expected a reason.", code="invalid-form", faults=[fault])
    return text


def _until() -> datetime | None:
    """Return the end of the day that was asked for: limits end at its midnight."""
    try:
        day = date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)

"""办理: the page of one task. Drafts, rows, signing and handing in; every button works without a script."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response as JsonResponse
from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.problems import status_of
from api.wording import word_error
from web import form_data, form_view
from web.blueprint import COOKIE, act, actor, ask, logged_in, pages
from web.copies import codes_of, words_of
from web.dates import show_time
from web.telling import handed_in, names_for
from web.uploads import receive_posted_files
from web.words import NO_WORDS, Words, kept_words, typed_words, with_phrase
from workflows.accounts import LoginRefused, confirm_password
from workflows.checklists.drafting import rows_field
from workflows.copies import check_readers
from workflows.desks import phrases_of
from workflows.drafts import save_draft
from workflows.errors import FieldFault, RejectedError, StaleVersionError, WorkflowError
from workflows.ledger.hashing import SHOWN, canonical, digest
from workflows.queries.checklists import list_of_case
from workflows.queries.choices import names_of, person_choices, unit_choices
from workflows.queries.desk import Desk, check_submission, desk_of
from workflows.rights import require_worker
from workflows.tasks import Submission, complete_task

_REFUSED = 422
_STALE = 412


@pages.get("/tasks/<task_id>")
def work_page(task_id: str) -> str:
    """Show a task: to those who may work on it the form, to others what was handed in."""
    desk = ask(desk_of, task_id, actor=actor())
    return _page(desk, desk.typed, words=kept_words(desk.words))


def _page(
    desk: Desk,
    typed: Mapping[str, Any],
    faults: Sequence[FieldFault] = (),
    words: Words = NO_WORDS,
) -> str:
    drawing = form_view.draw(desk.form, typed, desk.around, faults) if desk.form and desk.acts.work else None
    told = (desk.detail.submission, *(each.submission for each in desk.before))
    names = names_for(desk.forms, desk.attachments, *told)
    listed = list(drawing.faults) if drawing else [(form_view.field_id(f.pointer), f.message) for f in faults]
    return render_template(
        "work.html",
        desk=desk,
        row=desk.detail.row,
        drawing=drawing,
        listed=listed,
        submitted=handed_in(desk.detail, desk.forms, names),
        before=[(earlier, handed_in(earlier, desk.forms, names)) for earlier in reversed(desk.before)],
        redraws=desk.form is not None and form_view.controls(desk.form),
        shows_rows=desk.form is not None and any(part.readonly and part.is_list for part in desk.form.walk()),
        **_names(desk, drawing),
        words=words,
        phrases=ask(phrases_of, actor=actor()) if desk.acts.work else (),
        left_over=sorted(desk.left_over.items()),
        list_tools=desk.acts.work and rows_field(desk.form) is not None,
        list_id=ask(list_of_case, desk.case.id),
    )


def _names(desk: Desk, drawing: form_view.Drawing | None) -> Mapping[str, Any]:
    """Return what fields of people, units and files show."""
    kinds = {str(part.type) for part in desk.form.walk()} if desk.form and drawing else set()
    chosen = drawing.codes.get("user", frozenset()) if drawing else frozenset()
    return {
        "units": ask(unit_choices) if "unit" in kinds else (),
        "people": ask(person_choices, near=desk.detail.row.unit_code, chosen=chosen) if "user" in kinds else (),
        "files": {file.id: file for file in desk.attachments},
    }


# ------------------------------------------------------------------ what the buttons do


@pages.post("/tasks/<task_id>")
def work_form(task_id: str) -> Response | str:
    """Do what the pressed button says: keep a draft, add or take a row, or hand in."""
    ask(require_worker, task_id, actor=actor())
    desk = ask(desk_of, task_id, actor=actor())
    try:
        typed = _typed(desk)
    except RejectedError as fault:
        flash(word_error(fault).detail)
        return make_response(_page(desk, _typed_without_files(desk), words=typed_words()), _REFUSED)
    words = typed_words()
    button, _, place = request.form.get("act", "save").partition(":")
    if button == "phrase":
        words = with_phrase(words, next((each.text for each in ask(phrases_of, actor=actor()) if each.id == place), ""))
    elif button == "add":
        form_data.add_row(typed, place)
    elif button == "remove":
        path, _, number = place.rpartition(":")
        form_data.remove_row(typed, path, int(number) if number.isdecimal() else -1)
    try:
        draft = act(
            save_draft, task_id, typed, actor=actor(), words=words.document(), expected_version=_draft_version()
        )
    except StaleVersionError:
        return _other_tab(task_id, typed, words)
    if button == "submit":
        return _hand_in(desk, typed, words)
    if button == "save":
        flash(gettext("草稿已保存 %(time)s", time=show_time(draft.saved_at)))
    return _page(ask(desk_of, task_id, actor=actor()), typed, words=words)


def _other_tab(task_id: str, typed: Mapping[str, Any], words: Words) -> Response:
    """Show what this page holds beside a newer draft: nothing is lost, and pressing once more decides for this one."""
    desk = ask(desk_of, task_id, actor=actor())
    told = gettext(
        "草稿在 %(time)s 已从另一个页面改动。下面是您在本页填写的内容，还没有保存；"
        "再按一次“保存草稿”或“提交”，就以本页为准。",
        time=show_time(desk.draft_saved_at),
    )
    flash(told, "bad")
    return make_response(_page(desk, typed, words=words), _STALE)


def _draft_version() -> int | None:
    text = request.form.get("draft_version", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _typed(desk: Desk) -> dict[str, Any]:
    received = receive_posted_files(desk.case.id, desk.detail.activity_id)
    return _read(desk, received)


def _typed_without_files(desk: Desk) -> dict[str, Any]:
    return _read(desk, {})


def _read(desk: Desk, received: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if desk.form is None:
        return {}
    return form_data.posted_values(desk.form, form_data.Posted(request.form, received), desk.typed)


def _hand_in(desk: Desk, typed: Mapping[str, Any], words: Words) -> Response | str:
    task_id = desk.detail.row.id
    values = form_data.for_submission(desk.form, typed, desk.around) if desk.form else {}
    try:
        clean, copies = _checked(desk, values, words)
        if desk.signs:
            return _sign_page(
                ask(desk_of, task_id, actor=actor()), clean, words, copies
            )  # with the draft as it is kept now
        submission = Submission(values, words.comment or None, late_reason=words.late_reason or None, copies=copies)
        act(complete_task, task_id, submission, actor=actor())
    except RejectedError as fault:
        desk = ask(desk_of, task_id, actor=actor())
        return make_response(_page(desk, typed, fault.faults, words), _REFUSED)
    return _done(desk)


def _done(desk: Desk) -> Response:
    flash(gettext("已办结“%(name)s”。", name=desk.detail.row.name))
    return redirect(url_for("web.task_list", _anchor=f"done-{desk.detail.row.id}"))  # a script forgets what it kept


def _checked(desk: Desk, values: Mapping[str, Any], words: Words) -> tuple[Mapping[str, Any], list[str]]:
    """Return the clean values and whom to copy, or raise ``RejectedError`` with the faults of both."""
    faults: list[FieldFault] = []
    clean: Mapping[str, Any] = {}
    copies: list[str] = []
    try:
        clean = ask(check_submission, desk.detail.row.id, values, actor=actor(), late_reason=words.late_reason)
    except RejectedError as fault:
        faults += fault.faults
    try:
        copies = _copies(desk, words)
    except RejectedError as fault:
        faults += fault.faults
    if faults:
        raise RejectedError("Expected the form to be filled in correctly.", code="invalid-form", faults=faults)
    return clean, copies


def _copies(desk: Desk, words: Words) -> list[str]:
    """Return the codes of whom to copy, or raise ``RejectedError`` for who cannot be found or may not read it."""
    codes = codes_of(words_of(words.copies))
    try:
        ask(check_readers, desk.case.id, codes, actor=actor())
    except RejectedError as fault:  # names stand in one line of the page
        raise RejectedError(
            str(fault), code=fault.code, faults=[replace(f, pointer="/copies") for f in fault.faults]
        ) from fault
    return codes


# ------------------------------------------------------------------ signing


def _sign_page(desk: Desk, clean: Mapping[str, Any], words: Words, copies: Sequence[str] = (), fault: str = "") -> str:
    """Show exactly what will be signed, nothing else, and ask for the password."""
    drawing = form_view.show(desk.form, clean, desk.around) if desk.form else None
    codes = drawing.codes if drawing else {}
    return render_template(
        "sign.html",
        desk=desk,
        row=desk.detail.row,
        drawing=drawing,
        words=words,
        seal=_seal(desk, words),
        copied=ask(names_of, "user", copies),
        fault=fault,
        units=list(ask(names_of, "unit", sorted(codes.get("unit", ()))).items()),
        people=list(ask(names_of, "user", sorted(codes.get("user", ()))).items()),
        files={file.id: file for file in desk.attachments},
    )


def _seal(desk: Desk, words: Words) -> str:
    """Return a digest of what the page shows: what is signed later must be the same."""
    return digest(SHOWN, canonical({"typed": dict(desk.typed), "words": list(words.document().values())}))


@pages.post("/tasks/<task_id>/sign")
def sign_form(task_id: str) -> Response | str:
    """Take the password and sign what was shown, if nobody changed it since."""
    ask(require_worker, task_id, actor=actor())
    desk = ask(desk_of, task_id, actor=actor())
    words = typed_words()
    values = form_data.for_submission(desk.form, desk.typed, desk.around) if desk.form else {}
    clean, copies = _checked(desk, values, words)
    if not secrets.compare_digest(request.form.get("seal", "").encode(), _seal(desk, words).encode()):
        told = gettext("您查看之后，草稿又被改动过。请核对下面的最新内容再签署。")
        return make_response(_sign_page(desk, clean, words, copies, told), _STALE)
    confirmed = act(confirm_password, request.cookies.get(COOKIE, ""), request.form.get("password", ""))
    if isinstance(confirmed, LoginRefused):
        told = gettext("密码不对，没有签署。")
        return make_response(_sign_page(desk, clean, words, copies, told), _REFUSED)
    submission = Submission(
        values,
        words.comment or None,
        late_reason=words.late_reason or None,
        confirmed_at=confirmed.confirmed_at,
        copies=copies,
    )
    act(complete_task, task_id, submission, actor=logged_in().actor)
    return _done(desk)


# ------------------------------------------------------------------ while one types


@pages.post("/tasks/<task_id>/draft")
def keep_draft(task_id: str) -> Response:
    """Keep what is being typed; answers a script with a sentence and the draft's version."""
    try:
        ask(require_worker, task_id, actor=actor())
        desk = ask(desk_of, task_id, actor=actor())
        typed = _typed_without_files(desk)
        kept = typed_words().document()
        draft = act(save_draft, task_id, typed, actor=actor(), words=kept, expected_version=_draft_version())
    except WorkflowError as fault:
        text = word_error(fault).detail
        if isinstance(fault, StaleVersionError):
            text = gettext("草稿已在别处改动，这里的内容没有保存。请复制需要的内容后刷新。")
        return _told_script(text, status_of(fault))
    return _told_script(gettext("草稿已保存 %(time)s", time=show_time(draft.saved_at)), 200, draft.row_version)


def _told_script(message: str, status: int, version: int | None = None) -> Response:
    answer: JsonResponse = jsonify(message=message, version=version)
    answer.status_code = status
    return answer


@pages.post("/tasks/<task_id>/fields")
def redraw_fields(task_id: str) -> str:
    """Return the fields again for what is typed now: choices may show or hide others, buttons add or take rows."""
    ask(require_worker, task_id, actor=actor())
    desk = ask(desk_of, task_id, actor=actor())
    typed = _typed_without_files(desk)
    button, _, place = request.form.get("act", "").partition(":")
    if button == "add":
        form_data.add_row(typed, place)
    elif button == "remove":
        path, _, number = place.rpartition(":")
        form_data.remove_row(typed, path, int(number) if number.isdecimal() else -1)
    drawing = form_view.draw(desk.form, typed, desk.around) if desk.form else None
    return render_template("fields_only.html", desk=desk, drawing=drawing, **_names(desk, drawing))

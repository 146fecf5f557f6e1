"""抄送: finding people by what was typed, and sending a case to them from its page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Response as PlainResponse
from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_field
from web.blueprint import act, actor, ask, pages
from workflows.copies import copy_case, require_sender
from workflows.errors import FieldFault, NotAllowedError, RejectedError
from workflows.queries.cases import case_row
from workflows.queries.copies import readers_of_case
from workflows.queries.people import PersonRow, list_people, people_named
from workflows.rights import see_case
from workflows.store import Store
from workflows.tables import Case

_REFUSED = 422
_MOST_FOUND = 8
_LONGEST = 60
_BETWEEN = re.compile(r"[、,，;；\n\t]+")
_WITH_CODE = re.compile(r"^.*[(（]([^()（）]+)[)）]$")


def words_of(text: str) -> list[str]:
    """Return the names that stand in a line, each once."""
    return list(dict.fromkeys(word.strip() for word in _BETWEEN.split(text) if word.strip()))


def codes_of(words: Sequence[str], *, least: int = 0) -> list[str]:
    """Return the codes of the people that were typed, or raise ``RejectedError`` for names of nobody or of several.

    A word is a code, a name that one person has, or a name with the code in brackets, as the suggestions write it.
    """
    faults, codes = [], []
    if len(words) < least:
        faults.append(FieldFault("/copies", "field-required", "Expected at least one name."))
    for word in words:
        bracketed = _WITH_CODE.match(word)
        found = ask(people_named, bracketed[1].strip() if bracketed else word)
        if len(found) == 1:
            codes.append(found[0].code)
            continue
        told = "、".join(f"{each.name}（{each.code}）" for each in found)
        params = (("person", word), ("found", told))
        wrong = "person-ambiguous" if found else "no-such-person"
        faults.append(FieldFault("/copies", wrong, f"Expected {word} to name one person.", params))
    if faults:
        raise RejectedError(f"Expected {len(faults)} name(s) to be other.", code="invalid-request", faults=faults)
    return codes


@pages.get("/people/find")
def find_people() -> PlainResponse:
    """Return a few people whose name contains a text, for the suggestions of a script."""
    text = request.args.get("q", "").strip()[:_LONGEST]
    found = ask(list_people, q=text, limit=_MOST_FOUND).items if text else ()
    answer: PlainResponse = jsonify([_suggest(each) for each in found])
    return answer


def _suggest(row: PersonRow) -> dict[str, str]:
    posts = "、".join(f"{post.unit_name} {post.name}" for post in row.posts[:2])
    return {"text": f"{row.name}（{row.code}）", "posts": posts}


@pages.get("/cases/<case_id>/copies")
def copies_page(case_id: str) -> str:
    """Show whom a case was sent to, and let those who work on it send it to others."""
    return _page(case_id)


@pages.post("/cases/<case_id>/copies")
def send_copies(case_id: str) -> Response:
    """抄送."""
    ask(_may_send, case_id)
    text = request.form.get("copies", "")
    words = words_of(text)
    try:
        sent = act(copy_case, case_id, codes_of(words, least=1), actor=actor())
    except RejectedError as fault:
        return make_response(_page(case_id, [("f-copies", word_field(each)) for each in fault.faults], text), _REFUSED)
    flash(gettext("已抄送 %(count)d 人。", count=sent) if sent else gettext("他们都已经收到过这份抄送。"))
    return redirect(url_for("web.copies_page", case_id=case_id))


def _may_send(store: Store, case_id: str) -> Case:
    case = see_case(store, case_id, actor=actor())
    require_sender(store, case, actor=actor())
    return case


def _page(case_id: str, faults: Sequence[tuple[str, str]] = (), text: str = "") -> str:
    readers = ask(readers_of_case, case_id, actor=actor())
    return render_template(
        "copies.html",
        row=ask(case_row, case_id, actor=actor()),
        readers=readers,
        mine=next((each for each in readers if each.code == actor().code and each.read_at is None), None),
        may_send=_is_offered(case_id),
        faults=faults,
        text=text,
    )


def _is_offered(case_id: str) -> bool:
    try:
        ask(_may_send, case_id)
    except NotAllowedError:
        return False
    return True

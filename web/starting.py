"""发起: choose a process and a unit, say what it is about, and begin."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from workflows.cases import start_case
from workflows.errors import FieldFault, RejectedError, WrongStateError
from workflows.queries.choices import startable_processes, units_to_start_for
from workflows.store import Store, people

_REFUSED = 422
_LONGEST = 300


@pages.get("/cases/new")
def start_page() -> str:
    """Ask what to begin, and for which unit."""
    return _page()


@pages.post("/cases/new")
def start_form() -> Response:
    """Begin a case."""
    try:
        case_id = act(_start, request.form)
    except RejectedError as fault:
        listed = [(f"f-{found.pointer.strip('/')}", word_field(found)) for found in fault.faults]
        return make_response(_page(listed or [("", word_error(fault).detail)]), _REFUSED)
    except WrongStateError as fault:
        return make_response(_page([("", word_error(fault).detail)]), 409)
    flash(gettext("已发起。"))
    return redirect(url_for("web.case_page", case_id=case_id))


def _start(store: Store, given: dict[str, str]) -> str:
    faults = [
        FieldFault(f"/{name}", "field-required", "Expected a choice.")
        for name in ("definition", "unit")
        if not given.get(name)
    ]
    if faults:
        raise RejectedError("Expected a process and a unit.", code="invalid-form", faults=faults)
    unit = people.need_unit(store, given["unit"])
    case = start_case(
        store,
        definition=given["definition"],
        unit_id=unit.id,
        actor=actor(),
        title=given.get("title", "").strip()[:_LONGEST] or None,
        business_key=given.get("business_key", "").strip()[:200] or None,
    )
    return case.id


def _page(faults: Sequence[tuple[str, str]] = ()) -> str:
    return render_template(
        "start.html",
        processes=ask(startable_processes),
        units=ask(units_to_start_for, actor=actor()),
        given=request.form,
        chosen=request.args.get("definition", ""),
        faults=faults,
    )

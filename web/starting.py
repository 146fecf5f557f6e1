"""发起: choose a process and a unit, say what it is about, and begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.problems import status_of
from api.wording import word_error, word_field
from web import form_data, form_view
from web.blueprint import act, actor, application, ask, pages
from workflows import forms
from workflows.cases import require_starter, start_case
from workflows.errors import FieldFault, NotFoundError, RejectedError, WrongStateError
from workflows.queries.choices import person_choices, startable_processes, unit_choices, units_to_start_for
from workflows.queries.starting import start_form
from workflows.store import Store, people

_REFUSED = 422
_LONGEST = 300
_LONGEST_KEY = 200


@pages.get("/cases/new")
def start_page() -> str:
    """Ask what to begin, and for which unit; a chosen process adds what it can be given."""
    return _page(request.args.get("definition", ""))


@pages.post("/cases/new")
def start_form_sent() -> Response:
    """Begin a case, or show what else the chosen process can be given."""
    definition = request.form.get("definition", "")
    if request.form.get("act") == "choose":
        return make_response(_page(definition))
    try:
        case_id = act(_start, definition)
    except RejectedError as fault:
        return make_response(_page(definition, fault.faults, word_error(fault).detail), _REFUSED)
    except (NotFoundError, WrongStateError) as fault:
        return make_response(_page(definition, (), word_error(fault).detail), status_of(fault))
    flash(gettext("已发起。"))
    return redirect(url_for("web.case_page", case_id=case_id))


def _start(store: Store, definition: str) -> str:
    faults = [
        FieldFault(f"/{name}", "field-required", "Expected a choice.")
        for name in ("definition", "unit")
        if not request.form.get(name)
    ]
    if faults:
        raise RejectedError("Expected a process and a unit.", code="invalid-form", faults=faults)
    unit = people.need_unit(store, request.form["unit"])
    require_starter(actor(), unit)
    form = start_form(store, definition)
    typed = {key: value for key, value in _typed(form).items() if value not in ("", [])}
    values = forms.validate(form, typed, forms.Surroundings(store.now))
    case = start_case(
        store,
        definition=definition,
        unit_id=unit.id,
        actor=actor(),
        title=request.form.get("title", "").strip()[:_LONGEST] or None,
        variables=values,
        business_key=request.form.get("business_key", "").strip()[:_LONGEST_KEY] or None,
    )
    return case.id


def _typed(form: forms.Form) -> dict[str, Any]:
    return form_data.posted_values(form, form_data.Posted(request.form, {}), {})


def _page(definition: str, faults: Sequence[FieldFault] = (), told: str = "") -> str:
    processes = ask(startable_processes)
    known = definition in dict(processes)
    form = ask(start_form, definition) if known else None
    around = forms.Surroundings(application().clock.now())
    drawing = form_view.draw(form, _typed(form), around, faults) if form else None
    inside = [fault for fault in faults if fault.pointer.startswith("/variables")]
    listed = [(f"f-{fault.pointer.strip('/')}", word_field(fault)) for fault in faults if fault not in inside]
    if drawing:
        listed += [found for found, fault in zip(drawing.faults, faults, strict=True) if fault in inside]
    return render_template(
        "start.html",
        processes=processes,
        units=ask(units_to_start_for, actor=actor()),
        all_units=ask(unit_choices) if form else (),
        people=ask(person_choices) if form and any(part.type == "user" for part in form.walk()) else (),
        given=request.form,
        chosen=definition if known else "",
        drawing=drawing,
        faults=listed or ([("", told)] if told else []),
    )

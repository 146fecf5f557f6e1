"""What a case may be given when a person begins it: the names that its title and its owners read from the start.

A diagram declares no start form yet, so the page asks for what the process would otherwise miss: each name with the
label, type and options that the bundle's own forms give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from workflows.engine.expressions import ExpressionError, ExpressionSyntaxError, compile_expression
from workflows.engine.process import Process
from workflows.forms import Field, FieldType, Form
from workflows.law import CompiledBundle
from workflows.queries.duties import list_duties
from workflows.queries.paging import MAX_LIMIT
from workflows.store import Store
from workflows.store.definitions import resolve_definition

_UNIT_OF = re.compile(r"unit\((\w+)\)")
_ROOTS = {"case", "unit", "region", "parameters", "today"}
_ASKABLE = {
    FieldType.TEXTFIELD,
    FieldType.TEXTAREA,
    FieldType.NUMBER,
    FieldType.DATETIME,
    FieldType.SELECT,
    FieldType.RADIO,
    FieldType.UNIT,
    FieldType.USER,
}


def start_form(store: Store, definition: str) -> Form:
    """Return a form of what a case of ``definition`` may be given at its start; all of it may be left out."""
    version = resolve_definition(store, definition)
    bundle = store.application.law.bundle(store, version.id)
    process = bundle.processes[version.key]
    units = {
        name: element.lane or name for element in process.elements.values() for name in _UNIT_OF.findall(element.owner)
    }
    written = {key for form in bundle.forms.values() for key in form.variables}
    names = [*_title_names(process), *sorted(units.keys() - written), *_duty_names(store, version.key)]
    fields = [_field(name, bundle, units) for name in dict.fromkeys(names) if name not in _ROOTS]
    return Form(f"start/{definition}", version.name, tuple(fields), bundle.definition_id)


def _title_names(process: Process) -> Iterable[str]:
    if not process.title:
        return ()
    try:
        return sorted(compile_expression(process.title).names)
    except (ExpressionSyntaxError, ExpressionError):
        return ()


def _duty_names(store: Store, key: str) -> list[str]:
    found: dict[str, None] = {}
    for duty in list_duties(store, definition=key, limit=MAX_LIMIT).items:
        found.update(dict.fromkeys(duty.content.get("variables") or ()))
    return list(found)


def _field(name: str, bundle: CompiledBundle, units: Mapping[str, str]) -> Field:
    """Return how to ask for a name: as the bundle's forms do, else as the unit of a lane, or as a line of text."""
    for form in bundle.forms.values():
        for part in form.walk():
            if part.key == name and part.type in _ASKABLE:
                return replace(part, readonly=False, required=False, hidden_when=None, default=None)
    kind = FieldType.UNIT if name in units else FieldType.TEXTFIELD
    return Field(f"start_{name}", kind, key=name, label=units.get(name, name))

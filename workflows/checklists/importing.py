"""Rows of a list from a sheet: read as people write them, judged row by row, kept in the draft only when all are right.

A cell holds the label of a choice or its value, the name of a person or unit or its code, a day. What is kept is
what would have been typed, so that the form judges it again when it is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from workflows import forms
from workflows.access import Actor
from workflows.checklists.drafting import ROWS, keep_rows, require_rows, rows_field
from workflows.errors import FieldFault, NotFoundError, RejectedError
from workflows.form_references import unknown_references
from workflows.forms import Field, FieldType
from workflows.rights import require_worker
from workflows.running import bundle_of
from workflows.store import Store, people
from workflows.tables import Case, Draft
from workflows.tasks import locked_task, surroundings_of_form

Cells = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Rows as they would be typed, and what is wrong: pointers are ``/rows/<number from 0>/<column>``."""

    rows: tuple[dict[str, Any], ...]
    faults: tuple[FieldFault, ...]


def columns_of(store: Store, task_id: str, *, actor: Actor) -> tuple[Field, tuple[Mapping[str, Any], ...]]:
    """Return the list that a step asks for and the rows that are typed so far, for those who work on it."""
    task = require_worker(store, task_id, actor=actor)
    part = _part(require_rows(store, task))
    draft = store.get(Draft, task_id)
    typed = draft.content.get(ROWS) if draft else None
    return part, tuple(row for row in typed if isinstance(row, Mapping)) if isinstance(typed, list) else ()


def read_rows(store: Store, task_id: str, cells: Cells, *, actor: Actor) -> ReadRows:
    """Judge rows without keeping anything."""
    task = require_worker(store, task_id, actor=actor)
    form = require_rows(store, task)
    part = _part(form)
    columns = _columns(part)
    typed = tuple({key: _typed(store, column, row[key]) for key, column in columns if key in row} for row in cells)
    case = store.need(Case, task.case_id)
    alone = replace(form, fields=(part,))
    around = surroundings_of_form(store, case, task, bundle=bundle_of(store, case))
    try:
        clean = forms.validate(alone, {ROWS: list(typed)}, around, pointer="")
    except RejectedError as fault:  # who is unknown is told beside what is wrong, not after it is mended
        told = {each.pointer for each in fault.faults}
        filled = [{key: value for key, value in row.items() if value != ""} for row in typed]
        unknown = unknown_references(store, alone, {ROWS: filled}, pointer="")
        return ReadRows(typed, (*fault.faults, *(each for each in unknown if each.pointer not in told)))
    return ReadRows(typed, tuple(unknown_references(store, alone, clean, pointer="")))


def import_rows(
    store: Store, task_id: str, cells: Cells, *, actor: Actor, expected_version: int | None = None
) -> Draft:
    """Put rows into the draft in place of those that stand there, or raise with every fault and keep nothing."""
    _case, task = locked_task(store, task_id, actor=actor)
    found = read_rows(store, task_id, cells, actor=actor)
    if found.faults:
        message = f"Expected rows without faults, but {len(found.faults)} cell(s) have one."
        raise RejectedError(message, code="rows-refused", faults=found.faults, count=len(found.faults))
    return keep_rows(store, task, found.rows, actor=actor, expected_version=expected_version)


def _part(form: forms.Form) -> Field:
    part = rows_field(form)
    if part is None:
        raise NotFoundError("Expected a list of rows.", code="no-rows-here")
    return part


def _columns(part: Field) -> list[tuple[str, Field]]:
    return [(column.key, column) for column in part.fields if column.key is not None and column.asks]


def _typed(store: Store, column: Field, value: Any) -> Any:
    """Return what would have been typed for a cell; what nothing fits stays as it is, and the form refuses it."""
    if isinstance(value, datetime):
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    if column.options:
        return next((option.value for option in column.options if text in {option.label, option.value}), text)
    found = _NAMED.get(column.type)
    return found(store, text) if found and text else text


def _person(store: Store, text: str) -> str:
    if people.find_person(store, text) is not None:
        return text
    same = people.people_called(store, text)
    return same[0].code if len(same) == 1 else text


def _unit(store: Store, text: str) -> str:
    if people.find_unit(store, text) is not None:
        return text
    same = people.units_called(store, text)
    return same[0].code if len(same) == 1 else text


_NAMED: Mapping[FieldType, Callable[[Store, str], str]] = {FieldType.USER: _person, FieldType.UNIT: _unit}

"""Drafting a list: take over last year's rows into the draft of the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows import forms
from workflows.access import Actor
from workflows.checklists.rows import rows_as_typed
from workflows.drafts import form_of, save_draft
from workflows.errors import WrongStateError
from workflows.forms import Field
from workflows.rights import require_worker
from workflows.store import Store, checklists
from workflows.tables import Draft, Task
from workflows.tasks import locked_task

ROWS = "rows"


def rows_field(form: forms.Form | None) -> Field | None:
    """Return the list of rows that a form asks for, None when it asks for none."""
    fields = form.fields if form is not None else ()
    return next((field for field in fields if field.key == ROWS and field.is_list and not field.readonly), None)


def copy_last_year(store: Store, task_id: str, *, actor: Actor, expected_version: int | None = None) -> Draft:
    """Put the rows of the unit's last list into the draft, limits moved into this year; what was typed there goes.

    Raises ``WrongStateError`` (``nothing-to-copy``) when the unit had no list in force before.
    """
    case, task = locked_task(store, task_id, actor=actor)
    require_worker(store, task_id, actor=actor)
    require_rows(store, task)
    checklist = checklists.of_case(store, case.id)
    before = checklists.newest_before(store, checklist.unit_id, checklist.year) if checklist else None
    if checklist is None or before is None:
        message = "Expected a list of an earlier year that came into force, but there is none."
        raise WrongStateError(message, code="nothing-to-copy")
    rows = rows_as_typed(store, before, year=checklist.year)
    return keep_rows(store, task, rows, actor=actor, expected_version=expected_version)


def require_rows(store: Store, task: Task) -> forms.Form:
    """Return the form of a step that asks for rows, or raise ``WrongStateError``."""
    form = form_of(store, task)
    if form is None or rows_field(form) is None:
        message = f"Expected task {task.id} to ask for rows, but it does not."
        raise WrongStateError(message, code="no-rows-here")
    return form


def keep_rows(
    store: Store,
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    expected_version: int | None = None,
) -> Draft:
    """Put rows into the draft of a step in place of those that stand there."""
    known = store.get(Draft, task.id)
    typed = {**(known.content if known else {}), ROWS: [dict(row) for row in rows]}
    return save_draft(store, task.id, typed, actor=actor, expected_version=expected_version)

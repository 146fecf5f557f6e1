"""The form of one task as programs get it: what it asks for, and what the case says so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows import forms
from workflows.access import Actor
from workflows.queries.tasks import task_detail
from workflows.running import bundle_of
from workflows.store import Store
from workflows.tables import Case, Task
from workflows.tasks import surroundings_of_form

_NO_FORM: Mapping[str, Any] = {
    "key": None,
    "digest": None,
    "fields": [],
    "schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    },
}


@dataclass(frozen=True, slots=True)
class TaskForm:
    """``described`` is the form; ``values`` what the case says for its fields; ``signs``: completing is a signature."""

    described: Mapping[str, Any]
    values: Mapping[str, Any]
    signs: bool
    is_late: bool


def form_of_task(store: Store, task_id: str, *, actor: Actor) -> TaskForm:
    """Return the form of a task, or raise ``NotFoundError``. A step without form asks for nothing."""
    detail = task_detail(store, task_id, actor=actor)
    task, case = store.need(Task, task_id), store.need(Case, detail.row.case_id)
    bundle = bundle_of(store, case)
    form = bundle.forms.get(task.form or "")
    element = bundle.processes[case.process_key].elements.get(task.element_id)
    is_late = task.due_at is not None and store.now >= task.due_at
    signs = bool(element and element.signs)
    if form is None:
        return TaskForm({**_NO_FORM, "title": task.name}, {}, signs, is_late)
    scope = surroundings_of_form(store, case, task, bundle=bundle).scope
    named = {part.key for part in form.fields if part.key} | {part.key for part in form.walk() if part.key}
    return TaskForm(
        forms.describe_form(form), {name: scope[name] for name in sorted(named) if name in scope}, signs, is_late
    )

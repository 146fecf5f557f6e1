"""Drafts 草稿: what was typed but not handed in, kept on the server with the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import forms
from workflows.access import Actor
from workflows.cases import require_version
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.queries.access import sees_task
from workflows.running import bundle_of
from workflows.store import Store
from workflows.tables import Case, Draft, Task
from workflows.tasks import candidate_post, locked_task, require_open

LEFT_OVER = "left_over"
_WORDS = ("comment", "late_reason", "copies")
_LARGEST = 512 * 1024  # bytes of one draft


def save_draft(
    store: Store,
    task_id: str,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    words: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> Draft:
    """Keep what was typed, valid or not; only fields of the form are taken. The last writer wins, by version.

    ``words`` is what is handed in beside the form: ``comment``, ``late_reason``, ``copies``; None keeps them.
    """
    case, task = locked_task(store, task_id, actor=actor)
    require_open(store, case, task)
    _require_worker(store, task, actor)
    form = bundle_of(store, case).forms.get(task.form or "")
    size = len(repr(content)) + len(repr(words))
    if size > _LARGEST:
        message = f"Expected a draft of at most {_LARGEST} bytes, but it has {size}."
        raise RejectedError(message, code="draft-too-large", maximum=_LARGEST)
    typed = dict(forms.validate_draft(form, content)) if form else {}
    draft = store.get(Draft, task_id)
    require_version(draft.row_version if draft else 0, expected_version)
    if draft is None:
        draft = Draft(task_id=task_id, person_id="", form_digest="", content={}, saved_at=store.now, row_version=0)
        store.add_later(draft)
    unplaced = left_over(draft, form)
    draft.person_id = actor.person_id or ""
    draft.form_digest = form.digest if form else ""
    draft.content, draft.saved_at = typed, store.now
    kept = draft.words or {} if words is None else {name: words[name] for name in _WORDS if words.get(name)}
    draft.words = {**kept, LEFT_OVER: unplaced} if unplaced else kept
    draft.row_version += 1
    return draft


def left_over(draft: Draft, form: forms.Form | None) -> dict[str, Any]:
    """Return what was typed into fields that the form of today no longer has: kept, so that it can be copied."""
    known = set(form.variables) if form else set()
    older = (draft.words or {}).get(LEFT_OVER, {})
    return {name: value for name, value in {**older, **(draft.content or {})}.items() if name not in known}


def read_draft(store: Store, task_id: str, *, actor: Actor) -> Draft | None:
    """Return what was typed so far, for those who may work on the task."""
    task = store.get(Task, task_id)
    if task is None or not sees_task(store, task, actor=actor):
        message = f"Expected task {task_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="task-not-found", id=task_id)
    _require_worker(store, task, actor)
    return store.get(Draft, task_id)


def _require_worker(store: Store, task: Task, actor: Actor) -> None:
    if task.assignee_id is not None and task.assignee_id == actor.person_id:
        return
    if task.assignee_id is not None or not candidate_post(store, task, actor)[0]:
        message = f"Expected {actor.code} to work on task {task.id}."
        raise NotAllowedError(message, code="not-assignee", id=task.id)


def form_of(store: Store, task: Task) -> forms.Form | None:
    """Return the form of a task as its case's version has it."""
    case = store.need(Case, task.case_id)
    return bundle_of(store, case).forms.get(task.form or "")

"""The desk of one task 办理: its form with what was typed, what the case says so far, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows import forms as form_files
from workflows.access import Actor
from workflows.drafts import left_over
from workflows.errors import FieldFault, RejectedError
from workflows.handing import return_targets
from workflows.law import CompiledBundle
from workflows.queries.cases import CaseRow, case_row
from workflows.queries.tasks import TaskDetail, submissions_of_case, task_detail
from workflows.running import bundle_of, forms_of
from workflows.store import Store
from workflows.store import evidence as stored_evidence
from workflows.tables import Attachment, Case, Draft, Role, Task, TaskStatus, Unit
from workflows.tasks import candidate_post, surroundings_of_form


@dataclass(frozen=True, slots=True)
class Acts:
    """What the actor may try with a task: what pages offer. The use cases decide again."""

    claim: bool = False
    release: bool = False
    work: bool = False
    send_back: bool = False
    transfer: bool = False
    extend: bool = False
    urge: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the page of a task shows.

    ``words`` is what the draft holds beside the form, ``left_over`` what it holds for fields that the form has no more.
    """

    detail: TaskDetail
    case: CaseRow
    form: form_files.Form | None
    forms: Mapping[str, form_files.Form]
    typed: Mapping[str, Any]
    draft_version: int
    draft_saved_at: datetime | None
    words: Mapping[str, Any]
    left_over: Mapping[str, Any]
    around: form_files.Surroundings
    clause: str
    documentation: str
    signs: bool
    is_late: bool
    acts: Acts
    before: Sequence[TaskDetail]
    attachments: Sequence[Attachment]
    targets: Sequence[tuple[str, str]]


def desk_of(store: Store, task_id: str, *, actor: Actor) -> Desk:
    """Return the desk of a task, or raise ``NotFoundError`` for what the actor may not see."""
    detail = task_detail(store, task_id, actor=actor)
    task, case = store.need(Task, task_id), store.need(Case, detail.row.case_id)
    bundle = bundle_of(store, case)
    element = bundle.processes[case.process_key].elements.get(
        task.element_id
    )  # none where the case has moved on to a version without it
    acts = _acts(store, case, task, actor, detail)
    draft = store.get(Draft, task_id) if acts.work or acts.release else None
    before = submissions_of_case(store, case.id, actor=actor)
    return Desk(
        detail=detail,
        case=case_row(store, case.id, actor=actor),
        form=bundle.forms.get(task.form or ""),
        forms=forms_of(store, case),
        typed=draft.content if draft else {},
        draft_version=draft.row_version if draft else 0,
        draft_saved_at=draft.saved_at if draft else None,
        words=(draft.words or {}) if draft else {},
        left_over=left_over(draft, bundle.forms.get(task.form or "")) if draft else {},
        around=surroundings_of_form(store, case, task, bundle=bundle),
        clause=element.clause if element else "",
        documentation=element.documentation if element else "",
        signs=bool(element and element.signs),
        is_late=task.due_at is not None and store.now >= task.due_at,
        acts=acts,
        before=[earlier for earlier in before if earlier.row.id != task_id],
        attachments=stored_evidence.attachments_of(store, case.id),
        targets=list(return_targets(store, case, task).items()) if acts.send_back else [],
    )


def _acts(store: Store, case: Case, task: Task, actor: Actor, detail: TaskDetail) -> Acts:
    is_open = task.status in {TaskStatus.OPEN, TaskStatus.CLAIMED} and case.status == "active"
    if not is_open or actor.person_id is None:
        return Acts()
    mine = task.assignee_id == actor.person_id
    claimable = task.status == TaskStatus.OPEN and candidate_post(store, task, actor)[0]
    works = mine or claimable
    supervises = actor.has_role(Role.SUPERVISOR, unit_path=store.need(Unit, task.unit_id).path)
    return Acts(
        claim=claimable,
        release=mine,
        work=works,
        send_back=works and bool(return_targets(store, case, task)),
        transfer=works or supervises,
        extend=works and detail.deadline_id is not None,
        urge=supervises or case.started_by == actor.person_id,
    )


def check_submission(
    store: Store, task_id: str, values: Mapping[str, Any], *, actor: Actor, late_reason: str | None
) -> Mapping[str, Any]:
    """Return the clean values of a form before it is signed, or raise ``RejectedError``. Writes nothing."""
    detail = task_detail(store, task_id, actor=actor)
    task, case = store.need(Task, task_id), store.need(Case, detail.row.case_id)
    bundle: CompiledBundle = bundle_of(store, case)
    form = bundle.forms.get(task.form or "")
    faults: list[FieldFault] = []
    clean: Mapping[str, Any] = {}
    if form is not None:
        try:
            clean = form_files.validate(form, values, surroundings_of_form(store, case, task, bundle=bundle))
        except RejectedError as fault:
            faults.extend(fault.faults)
    if task.due_at is not None and store.now >= task.due_at and not (late_reason or "").strip():
        faults.append(FieldFault("/late_reason", "late-reason-required", "The limit has passed: tell why."))
    if faults:
        raise RejectedError("Expected the form to be filled in correctly.", code="invalid-form", faults=faults)
    return clean

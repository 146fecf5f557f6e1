"""Human tasks 待办: claim 签收, release, complete 办结. Lock the case first, read the task after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows import forms, ledger, signing
from workflows.access import Actor
from workflows.cases import require_version
from workflows.clock import SHANGHAI
from workflows.copies import copy_by_diagram, copy_with_step
from workflows.engine.process import Element
from workflows.engine.types import Complete
from workflows.engine.values import to_json
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.evidence import require_attachments
from workflows.form_references import unknown_references
from workflows.granting import check_grant
from workflows.law import CompiledBundle
from workflows.queries.access import is_cleared, sees_task
from workflows.recusal import require_no_party
from workflows.running import bundle_of, carry_out, require_running, variables_at
from workflows.stages import note_decision
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import tasks as stored
from workflows.tables import Activity, Case, Draft, Task, TaskStatus, Unit


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person hands in with a task.

    ``confirmed_at`` is when the password was last given, for signing; ``copies`` are codes of people who get the case
    to read.
    """

    variables: Mapping[str, Any]
    comment: str | None = None
    attachments: Sequence[str] = ()
    late_reason: str | None = None
    confirmed_at: datetime | None = None
    copies: Sequence[str] = ()


_LONGEST_TEXT = 4000


def locked_task(store: Store, task_id: str, *, actor: Actor, expected_version: int | None = None) -> tuple[Case, Task]:
    """Lock a task's case and return both fresh. What the actor may not see is not found; then the version counts."""
    case = stored_cases.lock_case_of_task(store, task_id)
    task = stored.read_task(store, task_id)  # after the lock: nobody changes it any more
    if task is None or not (_works_on(store, case, task, actor) or sees_task(store, task, actor=actor)):
        message = f"Expected task {task_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="task-not-found", id=task_id)
    require_version(task.row_version, expected_version)
    return case, task


def _works_on(store: Store, case: Case, task: Task, actor: Actor) -> bool:
    """Whether the actor plainly may see the task, by the rows at hand; the full rule is a query of many parts."""
    mine = actor.person_id is not None and task.assignee_id == actor.person_id
    return is_cleared(store, case, actor) and (mine or candidate_post(store, task, actor)[0])


def require_open(store: Store, case: Case, task: Task) -> None:
    """Raise ``WrongStateError`` unless the task waits and its case runs and is not being cancelled."""
    if task.status not in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        message = f"Expected task {task.id} to be open, but it is {task.status}."
        raise WrongStateError(message, code=f"task-{task.status}", id=task.id)
    require_running(case)
    if stored_cases.is_being_cancelled(store, case):
        message = f"Expected case {case.id} to run, but it is being cancelled."
        raise WrongStateError(message, code="case-cancelling", id=case.id)


def candidate_post(store: Store, task: Task, actor: Actor) -> tuple[bool, str | None]:
    """Return whether the actor may take the task, and by which post (None: named in person)."""
    held = {post.post_id for post in actor.posts}
    rows = stored.candidates_of(store, task.id)
    for row in rows:
        if row.post_id is not None and row.post_id in held:
            return True, row.post_id
    mine = [row for row in rows if row.person_id is not None and row.person_id == actor.person_id]
    by_seat = next((row.seat_post_id for row in mine if row.seat_post_id in held), None)
    return by_seat is not None or any(row.seat_post_id is None for row in mine), by_seat


def claim_task(store: Store, task_id: str, *, actor: Actor, expected_version: int | None = None) -> Task:
    """Take a task that the actor is a candidate for. Claiming one's own again changes nothing."""
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    require_open(store, case, task)
    if task.assignee_id is not None and task.assignee_id == actor.person_id:
        return task
    _claim(store, case, task, actor)
    return task


def _claim(store: Store, case: Case, task: Task, actor: Actor) -> None:
    if task.status == TaskStatus.CLAIMED:
        message = f"Expected task {task.id} to be unclaimed, but somebody has claimed it."
        raise WrongStateError(message, code="task-claimed-by-other", id=task.id)
    require_no_party(store, case, task, actor)
    is_candidate, post_id = candidate_post(store, task, actor)
    if not is_candidate or actor.person_id is None:
        message = f"Expected {actor.code} to be a candidate of task {task.id}."
        raise NotAllowedError(message, code="not-candidate", id=task.id)
    task.status = TaskStatus.CLAIMED
    task.assignee_id, task.assignee_post_id, task.claimed_at = actor.person_id, post_id, store.now
    task.row_version += 1
    ledger.record(store, f"case:{case.id}", "task-claimed", {"task": task.id, "post": post_id}, actor=actor)


def release_task(store: Store, task_id: str, *, actor: Actor, expected_version: int | None = None) -> Task:
    """Give a claimed task back to its candidates. The draft stays with it."""
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    require_open(store, case, task)
    require_assignee(task, actor)
    task.status = TaskStatus.OPEN
    task.assignee_id = task.assignee_post_id = task.claimed_at = None
    task.row_version += 1
    ledger.record(store, f"case:{case.id}", "task-released", {"task": task.id}, actor=actor)
    return task


def require_assignee(task: Task, actor: Actor) -> None:
    """Raise ``NotAllowedError`` unless the task is the actor's own, through a post that the actor still holds."""
    still_holds = task.assignee_post_id is None or task.assignee_post_id in actor.post_ids
    if actor.person_id is None or task.assignee_id != actor.person_id or not still_holds:
        message = f"Expected {actor.code} to be the assignee of task {task.id}."
        raise NotAllowedError(message, code="not-assignee", id=task.id)


def take_in_hand(store: Store, case: Case, task: Task, actor: Actor) -> None:
    """Make sure the task is the actor's own: a candidate who acts on an unclaimed task claims it by that."""
    require_open(store, case, task)
    if task.status == TaskStatus.OPEN:
        _claim(store, case, task, actor)
    else:
        require_no_party(store, case, task, actor)
        require_assignee(task, actor)


def complete_task(
    store: Store, task_id: str, submission: Submission, *, actor: Actor, expected_version: int | None = None
) -> Task:
    """Hand in a task: its form is checked, a signature taken where the step asks for one, and the case goes on.

    Late work is accepted, sealed as late with its reason. Raises ``RejectedError`` with every faulty field,
    ``NotAllowedError`` for anyone but the assignee or a candidate, ``WrongStateError`` for a closed task.
    """
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    with store.session.no_autoflush:  # what is read below does not depend on what was written before it
        _hand_in(store, case, task, submission, actor)
    return task


def _hand_in(store: Store, case: Case, task: Task, submission: Submission, actor: Actor) -> None:
    take_in_hand(store, case, task, actor)
    bundle = bundle_of(store, case)
    values = _checked(store, case, task, submission, bundle=bundle)
    check_grant(store, case, task, values)
    _seal_words(store, case, task, submission, actor)
    activity = store.need(Activity, task.activity_id)
    element = bundle.processes[case.process_key].elements[task.element_id]
    if element.signs:
        signing.sign(
            store,
            activity,
            actor=actor,
            confirmed_at=submission.confirmed_at,
            shown={"task": task.name, "case": case.title, "values": to_json(dict(values))},
            files=_files(bundle.forms.get(task.form or ""), values, submission),
            post_id=task.assignee_post_id,
            read=_read_only(store, case, task, bundle),
        )
    task.submission = to_json(dict(values))
    task.completed_by, task.completed_post_id = actor.person_id, task.assignee_post_id
    content = {
        "task": task.id,
        "element": task.element_id,
        "attempt": activity.attempt,
        "fields": sorted(values),
        "attachments": sorted(submission.attachments),
        "late": task.due_at is not None and store.now >= task.due_at,
    }
    ledger.record(store, f"case:{case.id}", "task-completed", content, actor=actor)
    draft = store.get(Draft, task.id)
    if draft is not None:
        store.session.delete(draft)
    note_decision(store, case, task, values, actor=actor)
    _send_copies(store, case, task, element, submission, values, actor)
    carry_out(store, case, Complete(stored_cases.key_of(activity), values), actor=actor)


def _send_copies(
    store: Store,
    case: Case,
    task: Task,
    element: Element,
    submission: Submission,
    values: Mapping[str, Any],
    actor: Actor,
) -> None:
    """Send the copies that the assignee adds and those that the diagram names."""
    copy_with_step(store, case, task, submission.copies, actor=actor)
    if element.copy:
        seen = {**variables_at(store, case, stored_cases.key_of(store.need(Activity, task.activity_id))), **values}
        item = seen.get(element.item) if element.item else None
        copy_by_diagram(store, case, element.copy, actor=actor, variables=seen, item=item, task=task)


def _read_only(store: Store, case: Case, task: Task, bundle: CompiledBundle) -> Mapping[str, Any]:
    """Return what the form of a step only shows: it is signed together with what is filled in."""
    form = bundle.forms.get(task.form or "")
    named = [part.key for part in form.fields if part.readonly and part.key] if form else []
    scope = surroundings_of_form(store, case, task, bundle=bundle).scope if named else {}
    return {name: to_json(scope.get(name)) for name in named}


def surroundings_of_form(store: Store, case: Case, task: Task, *, bundle: CompiledBundle) -> forms.Surroundings:
    """Return what a form shows and its conditions see: the variables at its step, and the roots."""
    law = store.application.law
    region = law.region(store, case.region_version_id)
    key = stored_cases.key_of(store.need(Activity, task.activity_id))
    context = law.context(store, case, bundle=bundle, region=region, unit=store.need(Unit, case.unit_id))
    return forms.Surroundings(store.now, {**context.roots, **variables_at(store, case, key)}, context.functions)


def _checked(
    store: Store, case: Case, task: Task, submission: Submission, *, bundle: CompiledBundle
) -> Mapping[str, Any]:
    """Return the clean values of the form; a step without a form takes none."""
    faults: list[FieldFault] = []
    values: Mapping[str, Any] = {}
    form = bundle.forms.get(task.form) if task.form else None
    try:
        around = surroundings_of_form(store, case, task, bundle=bundle)
        values = forms.validate(form, submission.variables, around) if form else _none_expected(submission.variables)
        faults.extend(unknown_references(store, form, values) if form else ())
    except RejectedError as fault:
        if not fault.faults:
            raise
        faults.extend(fault.faults)
    for name, words in (("comment", submission.comment), ("late_reason", submission.late_reason)):
        if words and len(words) > _LONGEST_TEXT:
            params = (("maximum", _LONGEST_TEXT),)
            faults.append(FieldFault(f"/{name}", "too-long", f"Expected at most {_LONGEST_TEXT} characters.", params))
    if task.due_at is not None and store.now >= task.due_at and not (submission.late_reason or "").strip():
        faults.append(FieldFault("/late_reason", "late-reason-required", "The limit has passed: tell why."))
    if faults:
        message = f"Expected {len(faults)} field(s) of task {task.id} to be other."
        raise RejectedError(message, code="invalid-form", faults=faults)
    require_attachments(store, case.id, _files(form, values, submission))
    return values


def _files(form: forms.Form | None, values: Mapping[str, Any], submission: Submission) -> list[str]:
    """Return the attachments that come with a submission, those in fields of the form included."""
    named = forms.attachment_ids(form, values) if form else ()
    return list(dict.fromkeys([*submission.attachments, *named]))


def _none_expected(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    faults = [FieldFault(f"/variables/{name}", "unknown-field", "The step has no form.") for name in variables]
    if faults:
        message = "Expected no values, because the step has no form."
        raise RejectedError(message, code="invalid-form", faults=faults)
    return {}


def _seal_words(store: Store, case: Case, task: Task, submission: Submission, actor: Actor) -> None:
    """Keep opinion and reason of lateness as sealed values; the ledger gets their commitments."""
    if submission.comment:
        sealed = ledger.seal(store, submission.comment, "opinion")
        task.comment_id = sealed.id
        content = {"task": task.id, "opinion": ledger.reference(sealed)}
        ledger.record(store, f"case:{case.id}", "opinion-given", content, actor=actor)
    if submission.late_reason and task.due_at is not None and store.now >= task.due_at:
        sealed = ledger.seal(store, submission.late_reason, "late-reason")
        task.late_reason_id = sealed.id
        content = {
            "task": task.id,
            "due_at": task.due_at.astimezone(SHANGHAI).isoformat(),
            "reason": ledger.reference(sealed),
        }
        ledger.record(store, f"case:{case.id}", "task-late", content, actor=actor)

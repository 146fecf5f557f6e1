"""A human task opens: who may take it, by when, and the fact that reports will read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import engine
from workflows.candidates import Candidates, OwnerSyntaxError, parse_owner, resolve_owner
from workflows.case_deadlines import new_deadline, show_on_task
from workflows.engine.expressions import ExpressionError
from workflows.engine.types import ActivityKind, TaskOpened
from workflows.ladder import timers_of_ladder
from workflows.law import CompiledBundle
from workflows.parties import people_named
from workflows.snapshots import snapshot_of
from workflows.stages import note_decider
from workflows.store import Store, people
from workflows.store import cases as stored_cases
from workflows.store import recusals as stored_recusals
from workflows.store import tasks as stored
from workflows.store.bulk import insert_rows
from workflows.store.incidents import open_incident
from workflows.tables import (
    Activity,
    Case,
    Deadline,
    Occurrence,
    Recusal,
    StepFact,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
    Unit,
    new_id,
)

_NO_OWNER = "The step names no owner."


@dataclass(frozen=True, slots=True)
class _Opening:
    """A task that opens: rows that others refer to, and what is still to be written about them."""

    activity: Activity
    task: Task
    candidates: Candidates
    fault: str
    deadline: Deadline | None
    is_decision: bool
    kept_out: frozenset[str]


def open_tasks(
    store: Store,
    case: Case,
    opened: Sequence[tuple[Activity, TaskOpened]],
    *,
    process: engine.Process,
    bundle: CompiledBundle,
) -> None:
    """Open the tasks of a step. An owner that resolves to nobody is an incident, never a pass."""
    openings = [_open(store, case, activity, told, process, bundle) for activity, told in opened]
    if not openings:
        return
    store.session.flush()  # candidates, ladders and facts refer to tasks and limits
    named = [row for opening in openings for row in _candidate_rows(opening.task, opening.candidates)]
    insert_rows(store, TaskCandidate, named)
    limits = [opening.deadline for opening in openings if opening.deadline is not None]
    rungs = [row for limit in limits for row in timers_of_ladder(store, case, limit, bundle=bundle)]
    insert_rows(store, Timer, rungs)
    for opening in openings:
        _close_step(store, case, opening.task, opening.kept_out)
        if opening.fault:
            _nobody(store, case, opening.activity, opening.fault, opening.task.owner)
        if opening.is_decision:
            note_decider(store, case, opening.activity, opening.task)
    insert_rows(store, StepFact, [_fact(store, case, opening.task, bundle) for opening in openings])


def _open(
    store: Store,
    case: Case,
    activity: Activity,
    opened: TaskOpened,
    process: engine.Process,
    bundle: CompiledBundle,
) -> _Opening:
    element = process.elements[opened.activity.element_id]
    kept_out, fault_of_recusal = _kept_out(store, case, element.recuse, opened, process, bundle)
    owner = None if fault_of_recusal else element.owner  # whom to keep out cannot be told: nobody may take it
    candidates, fault = _candidates(store, case, owner, opened, process, bundle, kept_out)
    unit_id = candidates.posts[0][1] if candidates.posts else case.unit_id
    task = store.add_later(
        Task(
            id=new_id(),
            activity_id=activity.id,
            case_id=case.id,
            unit_id=unit_id,
            element_id=element.id,
            name=element.name or element.id,
            owner=element.owner or "",
            form=element.form or None,
            status=TaskStatus.OPEN,
            started_at=activity.opened_at,
        )
    )
    deadline = new_deadline(store, case, activity, element.deadline, bundle=bundle) if element.deadline else None
    if deadline is not None:
        show_on_task(task, deadline)
    is_decision = element.attributes.get("zc:decision") == "true"
    return _Opening(activity, task, candidates, fault_of_recusal or fault, deadline, is_decision, kept_out)


def _candidates(
    store: Store,
    case: Case,
    owner: str | None,
    opened: TaskOpened,
    process: engine.Process,
    bundle: CompiledBundle,
    kept_out: frozenset[str],
) -> tuple[Candidates, str]:
    nobody = Candidates(posts=(), persons=())
    if not owner:
        return nobody, _NO_OWNER
    variables = {**snapshot_of(store, case, process).variables, **opened.inner}
    try:
        found = resolve_owner(
            store,
            parse_owner(owner),
            unit_id=case.unit_id,
            variables=variables,
            item=_item(opened, process, bundle, variables),
            classification=case.classification,
            recused=stored_recusals.recused_ids(store, case) | kept_out,
            taken=lambda: stored.seated(store, case.id, opened.activity.element_id),
        )
    except OwnerSyntaxError as fault:
        return nobody, str(fault)
    return found, _nobody_answers(owner) if found.is_empty else ""


def _kept_out(
    store: Store,
    case: Case,
    expression: str,
    opened: TaskOpened,
    process: engine.Process,
    bundle: CompiledBundle,
) -> tuple[frozenset[str], str]:
    """Return who may not take a step (``zc:recuse``), with those who stand in for them, or why that cannot be told."""
    if not expression:
        return frozenset(), ""
    law = store.application.law
    region = law.region(store, case.region_version_id)
    context = law.context(store, case, bundle=bundle, region=region, unit=store.need(Unit, case.unit_id))
    try:
        codes = people_named(expression, {**snapshot_of(store, case, process).variables, **opened.inner}, context)
    except ExpressionError as fault:
        return frozenset(), f"Who may not take the step cannot be told: {fault}"
    found = [people.find_person(store, code) for code in sorted(codes)]
    ids = frozenset(person.id for person in found if person is not None)
    return ids | stored_recusals.delegates_of(store, ids) if ids else ids, ""


def _close_step(store: Store, case: Case, task: Task, kept_out: frozenset[str]) -> None:
    shared = {"root_case_id": stored_recusals.root_of(case), "case_id": case.id, "task_id": task.id}
    rows = [{**shared, "person_id": person_id, "since_at": store.now, "until_at": None} for person_id in kept_out]
    insert_rows(store, Recusal, rows)


def _item(opened: TaskOpened, process: engine.Process, bundle: CompiledBundle, variables: Mapping[str, Any]) -> object:
    """Return what ``item`` means at a step: its own, else that of the nearest repeated scope around it."""
    if opened.item is not None:
        return opened.item
    whole = bundle.processes[process.key.partition("#")[0]].elements  # an isolated body does not hold its own host
    scope = whole[opened.activity.element_id].scope
    while scope:
        host = whole[scope]
        if host.item:
            return variables.get(host.item)
        scope = host.scope
    return None


def find_candidates_again(store: Store, case: Case, activity: Activity) -> None:
    """Resolve a task's owner anew, after posts or holders changed; still nobody is an incident again."""
    task = stored.task_of_activity(store, activity.id)
    if task is None or task.status != TaskStatus.OPEN:
        return
    bundle = store.application.law.bundle(store, case.definition_id)
    process = bundle.processes[case.process_key]
    key = stored_cases.key_of(activity)
    waiting = snapshot_of(store, case, process).waiting
    inner = next((each.inner for each in waiting if each.activity == key), {})
    opened = TaskOpened(
        key, ActivityKind(activity.kind), item=inner.get(process.elements[key.element_id].item), inner=inner
    )
    kept_out = stored_recusals.recused_ids(store, case, task.id)
    candidates, fault = _candidates(store, case, task.owner, opened, process, bundle, kept_out)
    for row in stored.candidates_of(store, task.id):
        store.session.delete(row)
    stored.forget_candidates(store, task.id)
    store.session.flush()  # the new candidates may be the old ones
    insert_rows(store, TaskCandidate, _candidate_rows(task, candidates))
    if candidates.posts:
        task.unit_id = candidates.posts[0][1]
    task.row_version += 1
    if fault:
        _nobody(store, case, activity, fault, task.owner)


def find_owner_again(store: Store, case: Case, activity: Activity) -> None:
    """Resolve the owner of an open step that its diagram draws otherwise by now, and whom it keeps out."""
    task = stored.task_of_activity(store, activity.id)
    if task is None:
        return
    bundle = store.application.law.bundle(store, case.definition_id)
    process = bundle.processes[case.process_key]
    key = stored_cases.key_of(activity)
    waiting = snapshot_of(store, case, process).waiting
    inner = next((each.inner for each in waiting if each.activity == key), {})
    opened = TaskOpened(key, ActivityKind(activity.kind), inner=inner)
    expression = process.elements[key.element_id].recuse
    kept_out, fault = _kept_out(store, case, expression, opened, process, bundle)
    known = stored_recusals.recused_ids(store, case, task.id)
    _close_step(store, case, task, kept_out - known)
    store.session.flush()  # who is kept out is asked below
    find_candidates_again(store, case, activity)
    if fault:
        _nobody(store, case, activity, fault, task.owner)


def _candidate_rows(task: Task, candidates: Candidates) -> list[Mapping[str, Any]]:
    posts = [
        {"task_id": task.id, "post_id": post_id, "person_id": None, "seat_post_id": None}
        for post_id, _ in candidates.posts
    ]
    people = [
        {
            "task_id": task.id,
            "post_id": None,
            "person_id": person_id,
            "seat_post_id": candidates.seats.get(person_id),
        }
        for person_id in candidates.persons
    ]
    return [*posts, *people]


def _nobody_answers(owner: str) -> str:
    return f"Nobody answers to {owner!r} today."


def _nobody(store: Store, case: Case, activity: Activity, fault: str, owner: str) -> None:
    open_incident(
        store,
        case,
        element_id=activity.element_id,
        code="no-candidate",
        message=fault,
        activity_id=activity.id,
        params={"owner": owner} if fault in {_NO_OWNER, _nobody_answers(owner)} else {},
    )


def _fact(store: Store, case: Case, task: Task, bundle: CompiledBundle) -> Mapping[str, Any]:
    unit = store.need(Unit, task.unit_id)
    occurrence = store.get(Occurrence, case.occurrence_id) if case.occurrence_id else None
    region = store.application.law.region(store, case.region_version_id)
    return {
        "activity_id": task.activity_id,
        "case_id": case.id,
        "family": bundle.key,
        "element_id": task.element_id,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "region": region.key,
        "duty_id": occurrence.duty_id if occurrence else None,
        "period": occurrence.period if occurrence else None,
        "classification": case.classification,
        "opened_at": task.started_at,
        "first_due_at": task.due_at,
        "due_at": task.due_at,
        "near_at": task.near_at,
    }

"""Reset 重置: an administrator opens an element of a running case again, and what followed from it is withdrawn.

What an element would take back is asked of the engine, which changes nothing by it: the same answer is the preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows import engine, ledger, notices
from workflows.access import Actor
from workflows.approvals import require_reason
from workflows.cases import require_version
from workflows.engine.errors import EngineError
from workflows.engine.process import Element
from workflows.engine.types import ActivityKey, Step
from workflows.errors import FieldFault, NotFoundError, RejectedError, WrongStateError
from workflows.handing import people_on
from workflows.queries.access import sees_case
from workflows.rights import require_governor
from workflows.running import bundle_of, carry_out, process_of, require_running
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_tasks
from workflows.tables import Activity, Case, Role, Task, TaskStatus, Unit

_OPEN = {TaskStatus.OPEN, TaskStatus.CLAIMED}
_WORK = {
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "businessRuleTask",
    "task",
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What opening an element again would do: tasks that are withdrawn and opened, limits of calls, child cases."""

    element: Element
    withdrawn: tuple[Task, ...]
    opened: tuple[str, ...]
    children: int
    timers: int


def reset_case(
    store: Store,
    case_id: str,
    to: str,
    reason: str,
    *,
    near: str | None = None,
    actor: Actor,
    expected_version: int | None = None,
) -> Case:
    """Open the element ``to`` again; ``near`` is an open task that tells which of several repeated scopes is meant.

    For whoever supervises or administers the unit, with a reason. Raises ``RejectedError`` for an element that is
    not there, ``WrongStateError`` (``reset-not-possible``) for one that nothing has passed.
    """
    case = stored.lock_case(store, case_id)
    if not sees_case(store, case, actor=actor):
        message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    actor.require_role(Role.SUPERVISOR, Role.FLOWADMIN, unit_path=store.need(Unit, case.unit_id).path)
    require_version(case.row_version, expected_version)
    _require_at_work(store, case)
    element = _element(process_of(store, case), to)
    reason = require_reason(reason)
    command = engine.Reset(to, _near(store, case, near))
    tasks = list(stored_tasks.open_tasks(store, case.id))
    holders = {task.id: people_on(store, task) for task in tasks}
    sealed = ledger.seal(store, reason, "reset-reason")
    content = {"element": to, "reason": ledger.reference(sealed), **({"near": near} if near else {})}
    ledger.record(store, f"case:{case.id}", "case-reset", content, actor=actor)
    carry_out(store, case, command, actor=actor)
    _tell(store, case, element, [task for task in tasks if task.status not in _OPEN], holders)
    return case


def _require_at_work(store: Store, case: Case) -> None:
    require_running(case)
    if stored.is_being_cancelled(store, case):
        message = f"Expected case {case.id} to run, but it is being cancelled."
        raise WrongStateError(message, code="case-cancelling", id=case.id)
    if not case.state:
        message = f"Expected case {case.id} to have begun, but it has not."
        raise WrongStateError(message, code="case-not-begun", id=case.id)


def _element(process: engine.Process, element_id: str) -> Element:
    found = process.elements.get(element_id)
    if found is None:
        fault = FieldFault("/to", "not-a-reset-target", f"Expected {element_id} to be an element of the diagram.")
        raise RejectedError(fault.message, code="invalid-request", faults=[fault])
    return found


def _near(store: Store, case: Case, task_id: str | None) -> ActivityKey | None:
    if not task_id:
        return None
    task = store.get(Task, task_id)
    if task is None or task.case_id != case.id or task.status not in _OPEN:
        fault = FieldFault("/near", "not-an-open-task", "Expected an open task of this case.")
        raise RejectedError(fault.message, code="invalid-request", faults=[fault])
    return stored.key_of(store.need(Activity, task.activity_id))


def _tell(store: Store, case: Case, element: Element, gone: list[Task], holders: Mapping[str, list[str]]) -> None:
    told: dict[str, list[str]] = {}
    for task in gone:
        for person_id in holders[task.id]:
            told.setdefault(person_id, []).append(task.name)
    for person_id, names in told.items():
        content = {"title": case.title, "name": element.name or element.id, "gone": names}
        key = f"reset:{case.id}:{case.row_version}"
        notices.notify(store, person_id, "case-reset", content, key=key, case_id=case.id)


# ------------------------------------------------------------------ what it would do


def preview_reset(store: Store, case_id: str, to: str, *, near: str | None = None, actor: Actor) -> Effect:
    """Return what ``reset_case`` would take back and open, or raise as it does. Changes nothing."""
    case = require_governor(store, case_id, actor=actor)
    _require_at_work(store, case)
    element = _element(process_of(store, case), to)
    try:
        step = _try(store, case, engine.Reset(to, _near(store, case, near)))
    except EngineError as fault:
        raise WrongStateError(str(fault), code=fault.code, id=case.id) from fault
    return _effect(store, case, element, step)


def reset_targets(store: Store, case_id: str, *, actor: Actor) -> list[Element]:
    """Return the elements that can be opened again now, in the order of the diagram: what was passed."""
    case = require_governor(store, case_id, actor=actor)
    try:
        _require_at_work(store, case)
    except WrongStateError:
        return []
    found = []
    for element in process_of(store, case).elements.values():
        if element.type not in _WORK or element.attached_to:
            continue
        try:
            _try(store, case, engine.Reset(element.id))
        except EngineError:
            continue
        found.append(element)
    return found


def _try(store: Store, case: Case, command: engine.Reset) -> Step:
    law = store.application.law
    bundle, region = bundle_of(store, case), law.region(store, case.region_version_id)
    context = law.context(store, case, bundle=bundle, region=region, unit=store.need(Unit, case.unit_id))
    return engine.advance(process_of(store, case), case.state, command, context)


def _effect(store: Store, case: Case, element: Element, step: Step) -> Effect:
    process = process_of(store, case)
    closed = {each.activity for each in step.closed}
    tasks = stored_tasks.open_tasks(store, case.id)
    keys = {task.id: stored.key_of(store.need(Activity, task.activity_id)) for task in tasks}
    return Effect(
        element,
        tuple(task for task in tasks if keys[task.id] in closed),
        tuple(_name(process, each.activity.element_id) for each in step.tasks_opened),
        len(step.children_cancelled),
        len(step.timers_cleared),
    )


def _name(process: engine.Process, element_id: str) -> str:
    element = process.elements.get(element_id)
    return (element.name or element.id) if element else element_id

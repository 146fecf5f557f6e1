"""Start events that wait by themselves 定时发起: timers and conditions of definitions in force (BPMN 2.0.2 §10.5.2).

While a version is in force each has a row. A firing locks that row first, looks whether it is still due, and in one
transaction opens the case and writes down the next date: whoever asks, and however many at once, each date opens one
case. After a downtime every date that was missed is caught up, or only the last one where the diagram says
``zc:catchUp="last"``. A start that fails is tried again with growing pauses, and its fault stands beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workflows import engine
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.cases import begin_created
from workflows.creating import new_case
from workflows.engine import Process, StartPoint
from workflows.engine.errors import EngineError
from workflows.engine.expressions import ExpressionError
from workflows.engine.run.timers import Plan
from workflows.engine.types import Context
from workflows.engine.values import from_json, to_json
from workflows.errors import ConcurrentUpdateError, WrongStateError
from workflows.law import CompiledBundle
from workflows.start_units import root_unit, start_context, unit_of_start
from workflows.starting import processes_of
from workflows.store import Store
from workflows.store import definitions as stored_definitions
from workflows.store import starts as stored
from workflows.tables import Case, Definition, StartTrigger, StartTriggerKind, StartTriggerState, Unit
from workflows.transaction import read, run

LAST = "last"  # ``zc:catchUp``: of several missed dates only the last opens a case
_MOST_SKIPPED = 10_000  # dates that one transaction passes over
_LONGEST_PAUSE = timedelta(days=1)
_logger = logging.getLogger(__name__)


# ---------------------------------------------------------------------- into force and out of it


def arm_starts(store: Store, definition: Definition, replaced: Sequence[Definition] = ()) -> None:
    """Let the start events of a version that came into force wait, in place of those that it replaces.

    Where a timer says the same as before it goes on with its dates: a correction elsewhere in the diagram must not
    begin a count anew, nor repeat what has happened. Raises ``start-timer-unknown`` when a date cannot be told.
    """
    before = {_place(row): row for each in replaced for row in stored.triggers_of(store, each.id)}
    context = start_context(store, store.application.law.bundle(store, definition.id), root_unit(store))
    for process in processes_of(store, definition):
        for point in process.start_events:
            if point.timer is None and point.condition is None:
                continue
            row = _new_row(store, definition, process, point)
            old = before.get(_place(row))
            if old is not None and old.expression == row.expression:
                row.plan, row.due_at, row.holds, row.starts = old.plan, old.due_at, old.holds, old.starts
                row.last_at, row.last_case_id = old.last_at, old.last_case_id
            elif point.timer is not None:
                _plan_next(row, _first_plan(process, point, context))
            if row.kind == StartTriggerKind.TIMER and row.due_at is None:
                row.state = StartTriggerState.OVER
            store.add_later(row)


def drop_starts(store: Store, definition: Definition) -> None:
    """Let nothing more start by itself: the version is no longer in force."""
    for row in stored.lock_triggers_of(store, definition.id):
        row.state = StartTriggerState.DROPPED


def arm_missing(store: Store) -> int:
    """Arm definitions that came into force before start events were watched. Returns how many were looked at."""
    found = stored.unregistered_definitions(store)
    for definition in found:
        stored_definitions.lock_versions(store, definition.key)
        if not stored.triggers_of(store, definition.id):
            arm_starts(store, definition)
    return len(found)


def waits_by_itself(process: Process) -> bool:
    """Tell whether a start event of the process waits for a date or a condition."""
    return any(point.timer is not None or point.condition is not None for point in process.start_events)


def _new_row(store: Store, definition: Definition, process: Process, point: StartPoint) -> StartTrigger:
    timer, condition = point.timer, point.condition
    return StartTrigger(
        definition_id=definition.id,
        process_key=process.key,
        element_id=point.id,
        trigger=point.trigger,
        kind=StartTriggerKind.TIMER if timer is not None else StartTriggerKind.CONDITION,
        expression=timer.text if timer is not None else condition.text if condition is not None else "",
        plan={},
        holds=False,
        state=StartTriggerState.ARMED,
        starts=0,
        faults=0,
        fault="",
        armed_at=store.now,
    )


def _first_plan(process: Process, point: StartPoint, context: Context) -> Plan:
    try:
        return engine.plan_start(process, point, context)
    except EngineError as fault:
        raise WrongStateError(fault.message, code="start-timer-unknown", element=point.id) from fault


def _place(row: StartTrigger) -> tuple[str, str, int, str]:
    return row.process_key, row.element_id, row.trigger, row.kind


def _plan_next(row: StartTrigger, plan: Plan | None) -> None:
    row.plan = to_json(plan.to_memo()) if plan is not None else {}
    row.due_at = plan.due_at if plan is not None else None
    row.state = StartTriggerState.ARMED if plan is not None else StartTriggerState.OVER


# ---------------------------------------------------------------------- time


def fire_due(application: Application, limit: int = 200) -> int:
    """Open what is due, in order of the dates, then what a condition opens. Returns how much was done."""
    done = 0
    for trigger_id in read(application, stored.triggers_due, limit):
        done += _try(application, trigger_id)
    for trigger_id in read(application, conditions_changed):
        done += _try(application, trigger_id)
    return done


def _try(application: Application, trigger_id: str) -> int:
    try:
        return int(run(application, fire_start, trigger_id))
    except ConcurrentUpdateError:
        return 0  # somebody else has it, or the next round will
    except Exception as fault:
        _logger.exception("a case could not be started", extra={"action": "start_fault", "trigger": trigger_id})
        run(application, count_fault, trigger_id, f"{fault}")
        return 0


def fire_start(store: Store, trigger_id: str) -> bool:
    """Open the case of one start event, unless that is not due (any more). Returns whether anything was done."""
    row = stored.lock_trigger(store, trigger_id)
    if row.state != StartTriggerState.ARMED:
        return False
    definition = store.need(Definition, row.definition_id)
    bundle = store.application.law.bundle(store, definition.id)
    process, point = _point(bundle, row)
    opens = _date_has_come(store, row, process) if point.timer is not None else _became_true(store, row, bundle, point)
    if opens is None:
        return False
    if opens:
        unit = unit_of_start(store, bundle, process, point.id)
        case = open_started(store, definition, process.key, point, unit, {}, actor=system_actor())
        row.starts, row.last_at, row.last_case_id = row.starts + 1, store.now, case.id
    row.faults, row.fault, row.retry_at = 0, "", None
    return True


def _date_has_come(store: Store, row: StartTrigger, process: Process) -> bool | None:
    """Take the date that is due off the row: whether it opens a case, or None when none is due."""
    if row.due_at is None or row.due_at > store.now:
        return None
    following = Plan.from_memo(from_json(row.plan)).following()
    catches_up = process.elements[row.element_id].attributes.get("zc:catchUp", "").strip() != LAST
    passed = 0
    while not catches_up and following is not None and following.due_at <= store.now and passed < _MOST_SKIPPED:
        following, passed = following.following(), passed + 1
    _plan_next(row, following)
    return catches_up or following is None or following.due_at > store.now


def conditions_changed(store: Store) -> list[str]:
    """Return ids of conditions whose value is another than when they were last looked at."""
    changed = []
    for row in stored.armed_conditions(store):
        bundle = store.application.law.bundle(store, row.definition_id)
        if _holds(_point(bundle, row)[1], start_context(store, bundle, root_unit(store))) not in {None, row.holds}:
            changed.append(row.id)
    return changed


def _became_true(store: Store, row: StartTrigger, bundle: CompiledBundle, point: StartPoint) -> bool | None:
    """Write down whether a condition holds: it opens a case when it did not before (Table 10.84), None: no change."""
    holds = _holds(point, start_context(store, bundle, root_unit(store)))
    if holds is None or holds == row.holds:
        return None
    row.holds = holds
    return holds


def _holds(point: StartPoint, context: Context) -> bool | None:
    """Tell whether a condition holds; None when it cannot be decided."""
    if point.condition is None:
        return None
    try:
        return point.condition.test(context.roots, now=context.now, functions=context.functions)
    except ExpressionError:
        return None


def _point(bundle: CompiledBundle, row: StartTrigger) -> tuple[Process, StartPoint]:
    process = bundle.processes[row.process_key]
    wanted = row.element_id, row.trigger
    return process, next(point for point in process.start_events if (point.id, point.trigger) == wanted)


def count_fault(store: Store, trigger_id: str, fault: str) -> None:
    """Write down that a start failed, and when it is tried again: its date is not lost."""
    row = stored.lock_trigger(store, trigger_id)
    row.faults += 1
    row.fault = fault[:2_000]
    row.retry_at = store.now + min(timedelta(minutes=2 ** min(row.faults, 11)), _LONGEST_PAUSE)


# ---------------------------------------------------------------------- cases


def open_started(
    store: Store,
    definition: Definition,
    process_key: str,
    point: StartPoint,
    unit: Unit,
    variables: Mapping[str, Any],
    *,
    actor: Actor,
) -> Case:
    """Open a case by a trigger of a start event, and run its first automatic steps in this transaction."""
    region_id = store.application.law.region_for_unit(store, unit)
    case = store.add(new_case(store, definition, process_key, unit.id, region_id, actor=actor))
    start = {"variables": to_json(dict(variables)), "start_event": point.id, "trigger": point.trigger}
    begin_created(store, case, start, actor=actor)
    return case

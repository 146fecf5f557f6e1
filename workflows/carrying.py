"""A case that was judged fit is carried over to another version: rows, pins, work that goes on, limits, notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import ledger, notices
from workflows.access import Actor
from workflows.case_deadlines import move_deadline, open_deadline, show_on_task, stop_clocks
from workflows.engine.process import Element
from workflows.engine.types import ActivityKind
from workflows.handing import people_on
from workflows.moving import Move, Order
from workflows.opening import find_owner_again
from workflows.recusal import look_for_parties
from workflows.renames import drop_waits_that_change, rename_rows, without_waits_that_go_on
from workflows.steps import apply_step
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_tasks
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    LimitChoice,
    MigrationCase,
    MoveStatus,
    Task,
    TaskStatus,
    Unit,
)

GROUND = "migration"
_OPEN = {TaskStatus.OPEN, TaskStatus.CLAIMED}


def carry_over(
    store: Store, case: Case, move: Move, order: Order, row: MigrationCase, *, reason: str, actor: Actor
) -> None:
    """Write a move to a locked case and say so in the ledger; ``row`` is what remembers it."""
    row.status, row.at, row.history_seq = MoveStatus.MOVED, store.now, case.history_seq
    tasks = list(stored_tasks.open_tasks(store, case.id))
    holders = {task.id: people_on(store, task) for task in tasks}
    before = {task.id: _shown(task) for task in tasks}
    _record(store, case, move, order, row, reason=reason, actor=actor)
    drawn = order.old.processes[case.process_key].elements
    kept_out = {
        each.id: drawn[each.element_id].recuse
        for each in stored.open_activities(store, case.id).values()
        if each.element_id in drawn
    }
    rename_rows(store, case, move.places, move.step)
    case.definition_id, case.process_key = order.target.id, move.process.key
    case.recuses = case.recuses or move.process.keeps_out
    step = without_waits_that_go_on(move.step)
    drop_waits_that_change(store, case, step)
    apply_step(store, case, step, process=move.process, bundle=order.new, actor=actor)
    if case.status == CaseStatus.ACTIVE:
        _go_on(store, case, move, order, kept_out, actor=actor)
    store.session.flush()  # what is told below is read from rows
    changed = {task.id for task in tasks if task.status in _OPEN and _differs(before[task.id], task, order)}
    _tell(store, case, row, order, tasks, holders, changed)


def _shown(task: Task) -> tuple[Any, ...]:
    return task.name, task.form, task.owner, task.due_at


def _differs(before: tuple[Any, ...], task: Task, order: Order) -> bool:
    """Whether who holds a task would see another one: name, form, owner or date."""
    old, new = (bundle.forms.get(task.form or "") for bundle in (order.old, order.new))
    return _shown(task) != before or (old and old.digest) != (new and new.digest)


def _record(
    store: Store, case: Case, move: Move, order: Order, row: MigrationCase, *, reason: str, actor: Actor
) -> None:
    content: dict[str, Any] = {
        "migration": row.migration_id,
        "from": f"{order.source.key}:{order.source.version}",
        "to": f"{order.target.key}:{order.target.version}",
        "mapping": dict(sorted(move.mapping.items())),
        "limits": str(order.limits),
    }
    if reason:
        content["reason"] = ledger.reference(ledger.seal(store, reason, "migration-reason"))
    ledger.record(store, f"case:{case.id}", "case-migrated", content, actor=actor)


def _go_on(store: Store, case: Case, move: Move, order: Order, kept_out: Mapping[str, str], *, actor: Actor) -> None:
    """Let what is still open follow the new version: steps as it draws them, limits and timers as was chosen."""
    activities = stored.open_activities(store, case.id)
    for row in activities.values():
        element = move.process.elements.get(row.element_id)
        if element is not None and row.id in kept_out:  # what has just opened is as drawn
            _follow(store, case, row, element, kept_out[row.id])
    if order.limits is LimitChoice.RECOUNT:
        _recount(store, case, move, order, actor=actor)
    if move.process.recuse:
        law = store.application.law
        region, unit = law.region(store, case.region_version_id), store.need(Unit, case.unit_id)
        context = law.context(store, case, bundle=order.new, region=region, unit=unit)
        look_for_parties(store, case, move.process.recuse, context, actor=actor)


def _follow(store: Store, case: Case, row: Activity, element: Element, recuse: str) -> None:
    row.name = element.name
    task = stored_tasks.task_of_activity(store, row.id)
    if task is None:
        return
    is_elsewhere = (task.owner, recuse) != (element.owner, element.recuse)
    if (task.name, task.form or "", task.owner) != (element.name or element.id, element.form, element.owner):
        task.name, task.form, task.owner = element.name or element.id, element.form or None, element.owner
        task.row_version += 1
    if is_elsewhere:
        task.status = TaskStatus.OPEN
        task.assignee_id = task.assignee_post_id = task.claimed_at = None
        find_owner_again(store, case, row)


def _recount(store: Store, case: Case, move: Move, order: Order, *, actor: Actor) -> None:
    for timer, told in move.timers:
        timer.rule, timer.content = told.rule, {"expression": told.expression}
        if (timer.due_at, timer.provisional) != (told.due_at, told.provisional):
            content = {"timer": timer.id, "before": timer.due_at.isoformat(), "after": told.due_at.isoformat()}
            timer.due_at, timer.provisional = told.due_at, told.provisional
            ledger.record(store, f"case:{case.id}", "timer-moved", {"ground": GROUND, **content}, actor=actor)
    store.session.flush()  # events that keep a limit are found by its rule
    for deadline, count in move.limits:
        if deadline.done_at is not None:
            continue
        if count is not None:
            move_deadline(store, case, deadline, count, bundle=order.new, ground=GROUND, actor=actor)
            continue
        stop_clocks(store, [deadline])
        task = stored_tasks.task_of_activity(store, deadline.activity_id) if deadline.activity_id else None
        if task is not None:
            task.near_at = task.due_at = None
            task.provisional = False
            task.row_version += 1
    _begin_limits(store, case, move, order)


def _begin_limits(store: Store, case: Case, move: Move, order: Order) -> None:
    """Begin the limits that only the new version names, from when their work began."""
    running = {deadline.activity_id for deadline in stored_tasks.running_deadlines(store, case.id)}
    if move.process.deadline and None not in running:
        open_deadline(store, case, None, move.process.deadline, bundle=order.new)
    for row in stored.open_activities(store, case.id).values():
        element = move.process.elements.get(row.element_id)
        is_limited = element is not None and element.deadline and row.kind != ActivityKind.EVENT
        if not is_limited or stored_tasks.deadline_of_activity(store, row.id) is not None:
            continue
        assert element is not None  # noqa: S101 - see above
        deadline = open_deadline(store, case, row, element.deadline, bundle=order.new)
        task = stored_tasks.task_of_activity(store, row.id)
        if task is not None:
            show_on_task(task, deadline)
            task.row_version += 1
        fact = stored_tasks.fact_of(store, row.id)
        if fact is not None:
            fact.near_at, fact.due_at = deadline.near_at, deadline.due_at


def _tell(
    store: Store,
    case: Case,
    row: MigrationCase,
    order: Order,
    tasks: list[Task],
    holders: Mapping[str, list[str]],
    changed: set[str],
) -> None:
    """Tell who held a task that is gone or is another one now."""
    gone = [task for task in tasks if task.status not in _OPEN]
    told: dict[str, dict[str, list[str]]] = {}
    for kind, found in (("gone", gone), ("changed", [task for task in tasks if task.id in changed])):
        for task in found:
            now = people_on(store, task) if kind == "changed" else []
            for person_id in dict.fromkeys([*holders[task.id], *now]):
                told.setdefault(person_id, {"gone": [], "changed": []})[kind].append(task.name)
    for person_id, names in told.items():
        content = {"title": case.title, "version": order.target.version, **names}
        notices.notify(
            store, person_id, "case-migrated", content, key=f"migration:{row.migration_id}:{case.id}", case_id=case.id
        )

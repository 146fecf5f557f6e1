"""Limits of steps and cases: opened with their count, moved by stops, extensions and calendars, closed once.

A deadline pins its rule's version and the calendar's. Task rows repeat its dates so that a light is one SQL
expression, and each deadline arms the timers of the reminder ladder of its bundle.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.deadlines.lights import light_key
from workflows.deadlines.rules import ClockStop as Stop
from workflows.deadlines.rules import Deadline as Count
from workflows.deadlines.rules import DeadlineRule, Extension, compute
from workflows.errors import WorkflowError
from workflows.ladder import arm_ladder, disarm_ladder
from workflows.law import CompiledBundle
from workflows.store import Store
from workflows.store import tasks as stored
from workflows.tables import Activity, Case, Deadline, DeadlineChange, Task, new_id


class UnknownRuleError(WorkflowError):
    """A step names a deadline rule that its bundle does not have."""

    code = "deadline-rule-not-found"


def open_deadline(
    store: Store, case: Case, activity: Activity, rule_key: str, *, bundle: CompiledBundle
) -> Deadline:
    """Start a step's clock at the activity's opening and arm its ladder."""
    return _open(store, case, activity, rule_key, bundle=bundle)


def open_total_deadline(store: Store, case: Case, rule_key: str, *, bundle: CompiledBundle) -> Deadline:
    """Start the clock of the whole case; it runs on through returns and loops."""
    return _open(store, case, None, rule_key, bundle=bundle)


def _open(
    store: Store, case: Case, activity: Activity | None, rule_key: str, *, bundle: CompiledBundle
) -> Deadline:
    started_at = activity.opened_at if activity else case.started_at
    count = _count(store, case, rule_key, started_at, (), bundle=bundle)
    deadline = store.add(
        Deadline(
            case_id=case.id,
            activity_id=activity.id if activity else None,
            rule=count.rule_key,
            rule_version=count.rule_version,
            calendar_version=count.calendar_version,
            started_at=started_at,
            near_at=count.near_at,
            due_at=count.due_at,
            provisional=count.provisional,
            explanation=count.explanation.to_dict(),
            inputs={"extensions": []},
        )
    )
    arm_ladder(store, case, deadline, activity, bundle=bundle)
    return deadline


def rule_of(bundle: CompiledBundle, rule_key: str) -> DeadlineRule:
    """Return the rule that a step names, or raise ``UnknownRuleError``."""
    if rule_key not in bundle.deadlines:
        message = f"Expected rule {rule_key} in bundle {bundle.key}, but it is not there."
        raise UnknownRuleError(message, rule=rule_key)
    return bundle.deadlines[rule_key]


def _count(
    store: Store,
    case: Case,
    rule_key: str,
    started_at: datetime,
    extensions: tuple[Extension, ...],
    *,
    bundle: CompiledBundle,
) -> Count:
    law = store.application.law
    region = law.region(store, case.region_version_id)
    stops = [Stop(row.from_at, row.to_at or store.now, row.ground) for row in stored.clock_stops(store, case.id)]
    return compute(
        rule_of(bundle, rule_key),
        started_at,
        law.calendar(store),
        parameters=region.parameters(bundle),
        stops=stops,
        extensions=extensions,
    )


def recount(
    store: Store,
    case: Case,
    deadline: Deadline,
    *,
    bundle: CompiledBundle,
    ground: str,
    actor: Actor,
    note: str = "",
    extension: dict[str, Any] | None = None,
) -> bool:
    """Count a running deadline again after a stop, an extension or a new calendar. Returns whether it moved.

    The old date stays in a ``DeadlineChange``; the task, the facts and the ladder follow; the ledger tells why.
    """
    if extension is not None:
        deadline.inputs = {**deadline.inputs, "extensions": [*deadline.inputs.get("extensions", []), extension]}
    extensions = tuple(Extension.from_dict(item) for item in deadline.inputs.get("extensions", []))
    count = _count(store, case, deadline.rule, deadline.started_at, extensions, bundle=bundle)
    before = deadline.due_at
    deadline.near_at, deadline.due_at = count.near_at, count.due_at
    deadline.provisional, deadline.calendar_version = count.provisional, count.calendar_version
    deadline.explanation = count.explanation.to_dict()
    activity = store.get(Activity, deadline.activity_id) if deadline.activity_id else None
    _tell_task(store, deadline)
    disarm_ladder(store, deadline)
    arm_ladder(store, case, deadline, activity, bundle=bundle)
    if before == deadline.due_at:
        return False
    store.add_later(
        DeadlineChange(
            id=new_id(),
            deadline_id=deadline.id,
            ground=ground,
            before_due_at=before,
            after_due_at=deadline.due_at,
            approved_by=actor.person_id,
            note=note,
            changed_at=store.now,
        )
    )
    content = {"deadline": deadline.id, "ground": ground, "before": before, "after": deadline.due_at}
    ledger.record(store, f"case:{case.id}", "deadline-moved", content, actor=actor)
    return True


def _tell_task(store: Store, deadline: Deadline) -> None:
    if deadline.activity_id is None:
        return
    task = stored.task_of_activity(store, deadline.activity_id)
    if task is not None:
        show_on_task(task, deadline)
        task.row_version += 1
    fact = stored.fact_of(store, deadline.activity_id)
    if fact is not None:
        fact.near_at, fact.due_at = deadline.near_at, deadline.due_at
        fact.moves += 1


def show_on_task(task: Task, deadline: Deadline) -> None:
    """Repeat a deadline's dates on its task."""
    task.near_at, task.due_at, task.provisional = deadline.near_at, deadline.due_at, deadline.provisional


def close_deadline(store: Store, case: Case, activity: Activity | None, *, closing: str) -> None:
    """Stop a step's clock (``activity`` None: the case's) and take back the ladder steps still to come."""
    if activity is None:
        running = [row for row in stored.running_deadlines(store, case.id) if row.activity_id is None]
    else:
        found = stored.deadline_of_activity(store, activity.id)
        running = [found] if found is not None and found.done_at is None else []
        _close_fact(store, activity, closing)
    for deadline in running:
        deadline.done_at = store.now
        disarm_ladder(store, deadline)


def _close_fact(store: Store, activity: Activity, closing: str) -> None:
    fact = stored.fact_of(store, activity.id)
    if fact is None or fact.closed_at is not None:
        return
    fact.closed_at = store.now
    fact.closing = closing
    fact.light = light_key(
        started_at=fact.opened_at, near_at=fact.near_at, due_at=fact.due_at, done_at=None, now=store.now
    )

"""Limits of steps and cases: opened with their count, moved by stops, extensions and calendars, closed once.

A deadline pins its rule's version and the calendar's. Task rows repeat its dates so that a light is one SQL
expression, and each deadline arms the timers of the reminder ladder of its bundle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.deadlines.calendar import Calendar
from workflows.deadlines.explanation import ClockStop as Stop
from workflows.deadlines.explanation import Explanation, Extension
from workflows.deadlines.lights import light_key
from workflows.deadlines.revision import add_stop, extend, recompute
from workflows.deadlines.rules import AD_HOC, DeadlineRule, compute
from workflows.deadlines.rules import Deadline as Count
from workflows.errors import WorkflowError
from workflows.ladder import arm_ladder, disarm_ladders
from workflows.law import CompiledBundle
from workflows.stages import note_moved
from workflows.store import Store
from workflows.store import tasks as stored
from workflows.surroundings import parameters_of
from workflows.tables import Activity, Case, ClockStop, Deadline, DeadlineChange, Person, StepFact, Task, new_id


class UnknownRuleError(WorkflowError):
    """A step names a deadline rule that its bundle does not have."""

    code = "deadline-rule-not-found"


def open_deadline(
    store: Store,
    case: Case,
    activity: Activity | None,
    rule_key: str,
    *,
    bundle: CompiledBundle,
    limits: Mapping[str, Any] | None = None,
) -> Deadline:
    """Start the clock of a step at its opening (``activity`` None: of the whole case) and arm its ladder.

    The total limit of a case runs on through returns and loops; a step's begins anew with each attempt. A clock that
    stands at the opening begins to count when it runs again. ``limits`` are those of a case that begins.
    """
    deadline = new_deadline(store, case, activity, rule_key, bundle=bundle, limits=limits)
    store.session.flush()  # the ladder refers to it
    arm_ladder(store, case, deadline, bundle=bundle, is_new=True)
    return deadline


def new_deadline(
    store: Store,
    case: Case,
    activity: Activity | None,
    rule_key: str,
    *,
    bundle: CompiledBundle,
    limits: Mapping[str, Any] | None = None,
) -> Deadline:
    """Count a limit and add it, for the next flush. Whoever calls this arms its ladder after that."""
    started_at = activity.opened_at if activity else case.started_at
    region = store.application.law.region(store, case.region_version_id)
    count = compute(
        rule_of(bundle, rule_key),
        started_at,
        calendar_of(store, case),
        parameters=parameters_of(store, case, bundle=bundle, region=region, limits=limits),
        stops=_stops_after(store, case, started_at) if activity else (),
        near=region.lights.near if region.lights else None,
    )
    deadline = Deadline(id=new_id(), case_id=case.id, activity_id=activity.id if activity else None, inputs={})
    _write(deadline, count)
    return store.add_later(deadline)


def _stops_after(store: Store, case: Case, started_at: datetime) -> list[Stop]:
    """Return the recorded stops of a case's clock that last beyond ``started_at``."""
    return [
        Stop(row.from_at, row.to_at, row.ground, store.need(Person, row.approved_by).code)
        for row in stored.clock_stops(store, case.id)
        if row.to_at is not None and row.to_at > started_at
    ]


def calendar_of(store: Store, case: Case) -> Calendar:
    """Return the calendar that holds in the case's region."""
    law = store.application.law
    return law.calendar(store, law.region(store, case.region_version_id).key)


def rule_of(bundle: CompiledBundle, rule_key: str) -> DeadlineRule:
    """Return the rule that a step names, or raise ``UnknownRuleError``."""
    if rule_key not in bundle.deadlines:
        message = f"Expected rule {rule_key} in bundle {bundle.key}, but it is not there."
        raise UnknownRuleError(message, rule=rule_key)
    return bundle.deadlines[rule_key]


def explanation_of(deadline: Deadline) -> Explanation:
    """Return the count of a deadline as the pure package knows it."""
    return Explanation.from_data(deadline.explanation)


def _write(deadline: Deadline, count: Count) -> None:
    deadline.rule, deadline.rule_version = count.rule_key, count.rule_version
    deadline.calendar_version = count.calendar_version
    deadline.started_at, deadline.near_at, deadline.due_at = count.started_at, count.near_at, count.due_at
    deadline.provisional = count.provisional
    deadline.explanation = count.explanation.to_data()


def count_again(store: Store, case: Case, deadline: Deadline) -> Count:
    """Return what a deadline would be under today's calendar; nothing is written."""
    return recompute(explanation_of(deadline), calendar_of(store, case))


def count_extended(
    store: Store, case: Case, deadline: Deadline, extension: Extension, *, bundle: CompiledBundle
) -> Count:
    """Return what an extension would make of a deadline, or raise ``DeadlineError`` where its rule forbids it."""
    rule = None if deadline.rule == AD_HOC else rule_of(bundle, deadline.rule)
    return extend(explanation_of(deadline), extension, calendar_of(store, case), rule=rule)


def count_stopped(store: Store, case: Case, deadline: Deadline, stop: Stop, *, bundle: CompiledBundle) -> Count:
    """Return what a clock stop would make of a deadline."""
    rule = None if deadline.rule == AD_HOC else rule_of(bundle, deadline.rule)
    return add_stop(explanation_of(deadline), stop, calendar_of(store, case), rule=rule)


def move_deadline(
    store: Store,
    case: Case,
    deadline: Deadline,
    count: Count,
    *,
    bundle: CompiledBundle,
    ground: str,
    actor: Actor,
    note: str = "",
) -> bool:
    """Write a new count to a running deadline. Returns whether the date moved.

    The old date stays in a ``DeadlineChange``; the task, the facts and the ladder follow; the ledger tells why.
    """
    before = deadline.due_at
    _write(deadline, count)
    _tell_task(store, deadline, moved=before != deadline.due_at)
    note_moved(store, case, deadline)
    for timer in stored.events_of_limit(store, deadline):
        timer.due_at, timer.provisional = deadline.due_at, deadline.provisional
    disarm_ladders(store, [deadline])
    store.session.flush()  # the new arming looks at what was armed before
    arm_ladder(store, case, deadline, bundle=bundle)
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
    content = {
        "deadline": deadline.id,
        "ground": ground,
        "before": before.isoformat(),
        "after": deadline.due_at.isoformat(),
    }
    ledger.record(store, f"case:{case.id}", "deadline-moved", content, actor=actor)
    return True


def _tell_task(store: Store, deadline: Deadline, *, moved: bool) -> None:
    if deadline.activity_id is None:
        return
    task = stored.task_of_activity(store, deadline.activity_id)
    if task is not None:
        show_on_task(task, deadline)
        task.row_version += 1
    fact = stored.fact_of(store, deadline.activity_id)
    if fact is not None:
        fact.near_at, fact.due_at = deadline.near_at, deadline.due_at
        fact.moves += moved


def show_on_task(task: Task, deadline: Deadline) -> None:
    """Repeat a deadline's dates on its task."""
    task.near_at, task.due_at, task.provisional = deadline.near_at, deadline.due_at, deadline.provisional


def stop_clocks(store: Store, deadlines: Sequence[Deadline]) -> None:
    """Stop the clocks of limits that still run, and take back the ladder steps to come."""
    running = [deadline for deadline in deadlines if deadline.done_at is None]
    for deadline in running:
        deadline.done_at = store.now
    disarm_ladders(store, running)


def stop_total_clock(store: Store, case: Case) -> None:
    """Stop the clock of the case as a whole: it has ended."""
    stop_clocks(store, [row for row in stored.running_deadlines(store, case.id) if row.activity_id is None])


def close_fact(store: Store, fact: StepFact, closing: str, *, stops: Sequence[ClockStop]) -> None:
    """Write how and when a step closed; ``stops`` are those of its case. What is closed stays as it is."""
    if fact.closed_at is not None:
        return
    fact.closed_at = store.now
    fact.closing = closing
    fact.light = light_key(fact.opened_at, fact.near_at, fact.due_at, None, store.now)
    fact.stopped_seconds = _stopped_seconds(stops, fact.opened_at, store.now)


def _stopped_seconds(stops: Sequence[ClockStop], opened_at: datetime, now: datetime) -> int:
    """Return for how long the case's clock stood while the step was open: net time is gross less this."""
    total = 0.0
    for stop in stops:
        end = min(stop.to_at or now, now)
        total += max(0.0, (end - max(stop.from_at, opened_at)).total_seconds())
    return int(total)

"""Count open dates again under the calendar of today: limits of steps and cases, and timers of diagrams.

Whoever may see the task is told; the old date stays in a ``DeadlineChange``; the ledger says why.
"""

from __future__ import annotations

from datetime import date, datetime

from workflows import engine, ledger, notices
from workflows.access import Actor
from workflows.case_deadlines import calendar_of, count_again, move_deadline
from workflows.clock import SHANGHAI
from workflows.deadlines.count import start_of_day
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.functions import functions
from workflows.deadlines.rules import compute
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.types import DueDate
from workflows.ladder import arm_ladder, disarm_ladders
from workflows.running import bundle_of
from workflows.store import Store, ladders, people
from workflows.store import calendars as rows
from workflows.store import cases as stored_cases
from workflows.store import tasks as stored_tasks
from workflows.tables import Case, Deadline, Task, Timer, Unit

GROUND = "calendar"


def recount_deadline(store: Store, case: Case, deadline: Deadline, *, cause: str, actor: Actor) -> bool:
    """Count a running limit again and tell those who work on it. Returns whether the date moved."""
    before = deadline.due_at
    count = count_again(store, case, deadline)
    moved = move_deadline(
        store, case, deadline, count, bundle=bundle_of(store, case), ground=GROUND, actor=actor, note=cause
    )
    if moved:
        content = {
            "title": case.title,
            "before": before,
            "after": deadline.due_at,
            "provisional": deadline.provisional,
        }
        for person_id in _workers(store, deadline):
            key = f"{GROUND}:{cause}:{deadline.id}"
            notices.notify(store, person_id, "deadline-moved", content, key=key, case_id=case.id)
    return moved


def _workers(store: Store, deadline: Deadline) -> list[str]:
    """Return who holds or may claim the task of a limit; for the limit of a whole case, of its open tasks."""
    if deadline.activity_id is None:
        tasks = list(stored_tasks.open_tasks(store, deadline.case_id))
    else:
        task = stored_tasks.task_of_activity(store, deadline.activity_id)
        tasks = [task] if task is not None else []
    found: dict[str, None] = {}
    for task in tasks:
        found.update(dict.fromkeys(_workers_of(store, task)))
    return list(found)


def _workers_of(store: Store, task: Task) -> list[str]:
    if task.assignee_id is not None:
        return [task.assignee_id]
    candidates = stored_tasks.candidates_of(store, task.id)
    posts = [candidate.post_id for candidate in candidates if candidate.post_id]
    named = [candidate.person_id for candidate in candidates if candidate.person_id]
    return [*named, *(person.id for person in people.holders(store, posts))]


def recount_timers(store: Store, *, actor: Actor) -> int:
    """Count the provisional timers of diagrams again; return how many moved."""
    moved = 0
    for timer in rows.provisional_timers(store):
        case = stored_cases.lock_case(store, timer.case_id)
        plan = _timer_date(store, case, timer)
        if plan is None:
            continue
        before, timer.due_at, timer.provisional = timer.due_at, plan.at, plan.provisional
        if before != timer.due_at:
            moved += 1
            told = {"timer": timer.id, "before": before.isoformat(), "after": timer.due_at.isoformat()}
            ledger.record(store, f"case:{case.id}", "timer-moved", {"ground": GROUND, **told}, actor=actor)
    return moved


def recount_ladders(store: Store, year: int) -> int:
    """Arm again the ladders with a rung in a year: its working days count differently now. Returns how many."""
    first, last = start_of_day(date(year - 1, 12, 1)), start_of_day(date(year + 1, 2, 1))
    limits = ladders.limits_with_rungs(store, first, last)
    for deadline in limits:
        case = stored_cases.lock_case(store, deadline.case_id)
        disarm_ladders(store, [deadline])
        arm_ladder(store, case, deadline, bundle=bundle_of(store, case))
    return len(limits)


def _timer_date(store: Store, case: Case, timer: Timer) -> DueDate | None:
    """Return when a timer armed then would fire under today's calendar, None when that cannot be told any more."""
    law = store.application.law
    bundle = bundle_of(store, case)
    region = law.region(store, case.region_version_id)
    parameters = region.parameters(bundle)
    calendar = calendar_of(store, case)
    limit_of_host = stored_tasks.limit_of_event(store, timer)
    if limit_of_host is not None:
        return DueDate(limit_of_host.due_at, timer.rule, limit_of_host.provisional)
    try:
        if timer.rule is not None and timer.rule in bundle.deadlines:
            limit = compute(bundle.deadlines[timer.rule], timer.armed_at, calendar, parameters=parameters)
            return DueDate(limit.due_at, timer.rule, limit.provisional)
        unit = store.need(Unit, case.unit_id)
        roots = law.context(store, case, bundle=bundle, region=region, unit=unit).roots
        variables = engine.inspect(bundle.processes[case.process_key], case.state).variables
        value = compile_expression(timer.content["expression"]).evaluate(
            {**roots, **variables},
            now=timer.armed_at,
            functions=functions(calendar, timer.armed_at, bundle.deadlines, parameters),
        )
    except (DeadlineError, ExpressionError):
        return None
    return _as_due(value)


def _as_due(value: object) -> DueDate | None:
    if isinstance(value, DueDate):
        return value
    if isinstance(value, datetime):
        return DueDate(value if value.tzinfo else value.replace(tzinfo=SHANGHAI))
    return DueDate(start_of_day(value)) if isinstance(value, date) else None

"""Where the attempts of a case stand in another version of its diagram: names of rows follow the names of elements.

Closed attempts are renamed too: they tell where in the diagram of today they were, and a return or a seat looks for
them there. The ledger, the element history and the facts of finished steps keep the names that they were written in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.engine.types import ActivityKey, Step
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import migrations as rows
from workflows.store import tasks as stored_tasks
from workflows.tables import Activity, ActivityStatus, Case, TimerState

_LONGEST_STEP = 700
_ASIDE = "~"  # between the name of a timer that is over and its id: the name is used again


def places_of(
    activities: Sequence[Activity], renamed: Mapping[ActivityKey, ActivityKey], mapping: Mapping[str, str]
) -> dict[str, ActivityKey] | None:
    """Return where each attempt stands then, by its row; None when two would stand at one place.

    Open ones stand where the engine says. A closed one that finds its new place taken keeps its old name.
    """
    places: dict[str, ActivityKey] = {}
    taken: set[ActivityKey] = set()
    for row in sorted(activities, key=lambda each: each.status != ActivityStatus.OPEN):
        before = stored.key_of(row)
        wanted = renamed.get(before, before) if row.status == ActivityStatus.OPEN else _called(before, mapping)
        place = next((each for each in (wanted, before) if each not in taken), None)
        if place is None or (row.status == ActivityStatus.OPEN and place != wanted):
            return None
        places[row.id] = place
        taken.add(place)
    return places


def _called(key: ActivityKey, mapping: Mapping[str, str]) -> ActivityKey:
    around = [part.split(":") for part in key.scope_path.split("/") if part]
    path = "/".join(":".join([mapping.get(name, name), *rest]) for name, *rest in around)
    return replace(key, element_id=mapping.get(key.element_id, key.element_id), scope_path=path)


def rename_rows(store: Store, case: Case, places: Mapping[str, ActivityKey], step: Step) -> None:
    """Give the rows of a case the names that they have in the other version, before ``step`` is applied."""
    activities = rows.activities_of(store, case.id)
    moved = [row for row in activities if stored.key_of(row) != places[row.id]]
    now_called = {str(stored.key_of(row)): str(places[row.id]) for row in moved}
    for row in moved:
        row.element_id = f"{_ASIDE}{row.id}"
    store.session.flush()  # names may have been exchanged: no two may meet on the way
    for row in moved:
        place = places[row.id]
        row.element_id, row.scope_path = place.element_id, place.scope_path
        row.iteration, row.attempt = place.iteration, place.attempt
    _rename_work(store, case, {row.id: row for row in moved})
    _rename_timers(store, case, now_called, step)
    store.session.flush()  # the step finds them by their new names


def _rename_work(store: Store, case: Case, moved: Mapping[str, Activity]) -> None:
    for task in rows.tasks_of(store, case.id):
        row = moved.get(task.activity_id)
        if row is None:
            continue
        task.element_id = row.element_id
        fact = stored_tasks.fact_of(store, row.id)
        if fact is not None and fact.closed_at is None:
            fact.element_id = row.element_id
    for incident in stored.open_incidents(store, case.id):
        row = moved.get(incident.activity_id or "")
        if row is not None:
            incident.element_id = row.element_id


def _rename_timers(store: Store, case: Case, now_called: Mapping[str, str], step: Step) -> None:
    """Rename armed timers; those that are over step aside where their name is used again."""
    timers = rows.event_timers(store, case.id)
    armed = [timer for timer in timers if timer.state == TimerState.ARMED]
    names = {timer.id: now_called.get(timer.step, timer.step) for timer in armed}
    wanted = {(names[timer.id], timer.occurrence) for timer in armed}
    wanted |= {(str(timer.activity), timer.occurrence) for timer in step.timers_set}
    cleared = {(str(timer.activity), timer.occurrence) for timer in step.timers_cleared}
    for timer in timers:
        is_over = timer.state != TimerState.ARMED
        if is_over and (timer.step, timer.occurrence) in wanted:
            timer.step = _aside(timer.step, timer.id)
    again = {(str(timer.activity), timer.occurrence) for timer in step.timers_set} & cleared
    for timer in armed:
        if (names[timer.id], timer.occurrence) in again:
            timer.state, timer.step = TimerState.CANCELLED, _aside(timer.step, timer.id)
        elif names[timer.id] != timer.step:
            timer.step = _aside(timer.step, timer.id)
    store.session.flush()  # as above
    for timer in armed:
        if timer.state == TimerState.ARMED and timer.step.endswith(f"{_ASIDE}{timer.id}"):
            timer.step = names[timer.id]


def _aside(step: str, timer_id: str) -> str:
    return f"{step[: _LONGEST_STEP - len(timer_id) - 1]}{_ASIDE}{timer_id}"


def without_waits_that_go_on(step: Step) -> Step:
    """Leave open what a step closes and opens again under one name: the same attempt, waiting for something else."""
    again = {opened.activity for opened in step.opened} | {task.activity for task in step.tasks_opened}
    return replace(step, closed=tuple(each for each in step.closed if each.activity not in again))


def drop_waits_that_change(store: Store, case: Case, step: Step) -> None:
    """Forget subscriptions that a step ends and begins anew, so that the new rows find their place free."""
    begun = {(each.activity, each.kind, each.name) for each in step.subscriptions_set}
    activities = stored.open_activities(store, case.id)
    for each in step.subscriptions_cleared:
        row = activities.get(each.activity)
        if row is not None and (each.activity, each.kind, each.name) in begun:
            stored.drop_subscriptions(store, row.id, each.kind, each.name)
    store.session.flush()  # a deletion must come before the insertion of its like

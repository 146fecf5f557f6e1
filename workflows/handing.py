"""Handing work around: transfer 转办, return 退回, urge 催办, clock stops 中止."""

from __future__ import annotations

from datetime import datetime

from workflows import engine, ledger, notices
from workflows.access import Actor
from workflows.case_deadlines import count_stopped, move_deadline
from workflows.cases import require_version
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import ClockStop as Stop
from workflows.effects import give_task, tell_receiver
from workflows.engine.types import Return
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError
from workflows.queries.access import sees_case
from workflows.receivers import refused, require_receiver
from workflows.running import bundle_of, carry_out, process_of, require_running
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import people as stored_people
from workflows.store import tasks as stored
from workflows.store.recusals import recused_ids
from workflows.tables import Activity, Case, ClockStop, Person, Role, Task, Unit, new_id
from workflows.tasks import locked_task, require_open, take_in_hand

PREVIOUS = "previous"
STARTER = "starter"


def transfer_task(
    store: Store, task_id: str, to: str, reason: str, *, actor: Actor, expected_version: int | None = None
) -> Task:
    """Hand a task to another person of the same unit, with a reason. The receiver must claim it; the clock runs on.

    ``to`` is a person's code. Raises ``RejectedError`` for somebody outside the unit, ``NotAllowedError`` for anyone
    but the assignee, a candidate or a supervisor of the unit.
    """
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    unit = store.need(Unit, task.unit_id)
    if actor.has_role(Role.SUPERVISOR, unit_path=unit.path):
        require_open(store, case, task)
    else:
        take_in_hand(store, case, task, actor)
    person = _colleague(store, to, unit, case, task)
    give_task(store, task, person.id)
    sealed = ledger.seal(store, reason, "transfer-reason")
    content = {"task": task.id, "to": person.code, "reason": ledger.reference(sealed)}
    ledger.record(store, f"case:{case.id}", "task-transferred", content, actor=actor)
    tell_receiver(store, case, task, person.id)
    case.row_version += 1
    return task


def _colleague(store: Store, code: str, unit: Unit, case: Case, task: Task) -> Person:
    person = stored_people.find_person(store, code)
    if person is None or all(post.unit_id != unit.id for post in stored_people.held_posts(store, person.id)):
        raise refused("/to", "not-a-colleague", f"Expected {code} to hold a post at {unit.code}.")
    require_receiver(store, case, task, person)
    return person


def return_task(
    store: Store,
    task_id: str,
    target: str,
    reason: str,
    *,
    actor: Actor,
    direct: bool = False,
    expected_version: int | None = None,
) -> Task:
    """Send the work back: ``target`` is ``previous``, ``starter`` or an element id that a person completed before.

    The target opens with a new attempt and a new step limit; total limits run on. With ``direct`` it leads straight
    back to this step; without, everything behind it is done again. Raises ``WrongStateError``
    (``return-direct-not-possible``) where the target may be left by another way than its completion.
    """
    case, task = locked_task(store, task_id, actor=actor, expected_version=expected_version)
    take_in_hand(store, case, task, actor)
    element_id = _resolve_target(store, case, task, target)
    activity = store.need(Activity, task.activity_id)
    sealed = ledger.seal(store, reason, "return-reason")
    task.comment_id = sealed.id
    content = {"task": task.id, "target": element_id, "reason": ledger.reference(sealed), "direct": direct}
    ledger.record(store, f"case:{case.id}", "task-returned", content, actor=actor)
    carry_out(store, case, Return(stored_cases.key_of(activity), element_id, direct), actor=actor)
    return task


def return_targets(store: Store, case: Case, task: Task) -> dict[str, str]:
    """Return the steps that an open task can be sent back to, latest first: element id and name.

    They were completed by a person and lie on the way that the work took to this task.
    """
    key = stored_cases.key_of(store.need(Activity, task.activity_id))
    on_path = engine.return_targets(process_of(store, case), case.state, key)
    return {row.element_id: row.name for row in stored.finished_tasks(store, case.id) if row.element_id in on_path}


def _resolve_target(store: Store, case: Case, task: Task, target: str) -> str:
    done = list(return_targets(store, case, task))
    if target == PREVIOUS and done:
        return done[0]
    if target == STARTER and done:
        return done[-1]
    if target in done:
        return target
    fault = FieldFault("/target", "not-a-return-target", "Expected a step that somebody completed before this one.")
    message = f"Expected {target} to be a completed step of case {case.id}."
    raise RejectedError(message, code="not-a-return-target", faults=[fault])


def urge_task(store: Store, task_id: str, note: str, *, actor: Actor) -> Task:
    """Ask whoever holds a task to get on with it: a notice now, a line in the ledger. For starter and supervisors."""
    case, task = locked_task(store, task_id, actor=actor)
    require_open(store, case, task)
    unit = store.need(Unit, task.unit_id)
    if case.started_by != actor.person_id and not actor.has_role(Role.SUPERVISOR, unit_path=unit.path):
        message = f"Expected {actor.code} to have started the case or to supervise {unit.code}."
        raise NotAllowedError(message, code="missing-role", roles=[Role.SUPERVISOR])
    content = {"task": task.id, "name": task.name, "title": case.title, "note": note, "by": actor.name}
    kept_out = recused_ids(store, case, task.id)
    for person_id in (each for each in people_on(store, task) if each not in kept_out):
        notices.notify(
            store, person_id, "task-urged", content, key=f"urge:{task.id}:{store.now.isoformat()}", case_id=case.id
        )
    sealed = ledger.seal(store, note, "urge-note")
    ledger.record(
        store, f"case:{case.id}", "task-urged", {"task": task.id, "note": ledger.reference(sealed)}, actor=actor
    )
    return task


def people_on(store: Store, task: Task) -> list[str]:
    """Return who can act on a task now: the assignee, else today's holders of its candidate posts."""
    if task.assignee_id is not None:
        return [task.assignee_id]
    rows = stored.candidates_of(store, task.id)
    posts = [row.post_id for row in rows if row.post_id]
    holders = [row.person_id for row in stored.holders_of(store, posts, stored_people.today(store))] if posts else []
    return sorted({*holders, *(row.person_id for row in rows if row.person_id)})


def stop_clock(
    store: Store,
    case_id: str,
    *,
    from_at: datetime,
    to_at: datetime,
    ground: str,
    actor: Actor,
    expected_version: int | None = None,
) -> ClockStop:
    """Record a stop of a case's clock (中止/补正) with its ground: every running limit of the case is counted anew.

    Only whoever supervises the unit may; raises ``RejectedError`` for an empty or backward period.
    """
    case = stored_cases.lock_case(store, case_id)
    if not sees_case(store, case, actor=actor):
        message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    actor.require_role(Role.SUPERVISOR, unit_path=store.need(Unit, case.unit_id).path)
    require_version(case.row_version, expected_version)
    require_running(case)
    if to_at <= from_at or from_at < case.started_at:
        fault = FieldFault("/to", "bad-period", "Expected a period that begins after the case and ends after it began.")
        message = "Expected a period, but it ends before it begins."
        raise RejectedError(message, code="bad-period", faults=[fault])
    stop = ClockStop(
        id=new_id(), case_id=case.id, from_at=from_at, to_at=to_at, ground=ground, approved_by=actor.person_id
    )
    stored.add_clock_stop(store, stop)
    content = {"from": from_at.isoformat(), "to": to_at.isoformat(), "ground": ground}
    ledger.record(store, f"case:{case.id}", "clock-stopped", content, actor=actor)
    bundle = bundle_of(store, case)
    told = Stop(from_at, to_at, ground, actor.code)
    try:
        for deadline in stored.running_deadlines(store, case.id):
            count = count_stopped(store, case, deadline, told, bundle=bundle)
            move_deadline(store, case, deadline, count, bundle=bundle, ground="clock-stop", note=ground, actor=actor)
    except DeadlineError as fault:  # the stop reaches beyond the years that a calendar can count
        faults = [FieldFault("/to", fault.code, str(fault))]
        raise RejectedError(str(fault), code="bad-period", faults=faults) from fault
    case.row_version += 1
    return stop

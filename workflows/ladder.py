"""The ladder of a limit: reminder → overdue → escalation, as a decision table of the bundle says.

The table ``reminder_ladder`` (COLLECT) gives one row a rung: ``step`` (its key), ``action`` (``remind``, ``overdue``
or ``escalate``), ``workdays`` (working days from the last day of the limit: negative before, 0 the day itself,
positive after) and, by action, ``recipients``, ``channel`` and ``outcome``. Each rung is a timer row. A rung before
or on the last day is due when that day begins, a later one when its working day begins; ``overdue`` at 0 is due at
the very end of the limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflows import reminders
from workflows.access import Actor
from workflows.deadlines.calendar import Calendar
from workflows.deadlines.count import local_day, start_of_day
from workflows.engine.values import from_json, to_json
from workflows.stages import escalation_above
from workflows.store import Store
from workflows.store import tasks as stored
from workflows.store.bulk import insert_rows
from workflows.tables import Case, Deadline, Timer, TimerKind, TimerState, Unit

if TYPE_CHECKING:
    from workflows.law import CompiledBundle

TABLE = "reminder_ladder"
REMIND, OVERDUE, ESCALATE = "remind", "overdue", "escalate"


def arm_ladder(store: Store, case: Case, deadline: Deadline, *, bundle: CompiledBundle, is_new: bool = False) -> None:
    """Arm a timer for each rung of a running limit; a new one has none yet. Past reminders are left out."""
    before = () if is_new else stored.timers_of_deadline(store, deadline.id)
    insert_rows(store, Timer, timers_of_ladder(store, case, deadline, bundle=bundle, before=before))


def timers_of_ladder(
    store: Store, case: Case, deadline: Deadline, *, bundle: CompiledBundle, before: Sequence[Timer] = ()
) -> list[Mapping[str, Any]]:
    """Return the timer rows of a limit's rungs, beside those that it had ``before``; past reminders are left out."""
    law = store.application.law
    region = law.region(store, case.region_version_id)
    calendar = law.calendar(store, region.key)
    rows: list[Mapping[str, Any]] = []
    for rung in _rungs(store, case, deadline, bundle=bundle):
        due_at = _due_at(rung, deadline, calendar)
        if due_at <= store.now and rung["action"] == REMIND:
            continue
        step = f"{deadline.id}:{rung['step']}"
        same = [timer for timer in before if timer.step == step]
        if any(timer.state == TimerState.FIRED and timer.due_at == due_at for timer in same):
            continue
        timer = {
            "case_id": case.id,
            "host_activity_id": deadline.activity_id,
            "deadline_id": deadline.id,
            "kind": TimerKind.LADDER,
            "step": step,
            "occurrence": len(same),
            "due_at": due_at,
            "provisional": deadline.provisional,
            "rule": deadline.rule,
            "content": to_json(dict(rung)),
            "state": TimerState.ARMED,
            "armed_at": store.now,
        }
        rows.append(timer)
    return rows


def disarm_ladders(store: Store, deadlines: Sequence[Deadline]) -> None:
    """Take back the rungs of some limits that are still to come."""
    if deadlines:
        stored.cancel_timers_of_deadlines(store, [deadline.id for deadline in deadlines])


def _rungs(store: Store, case: Case, deadline: Deadline, *, bundle: CompiledBundle) -> Sequence[Mapping[str, Any]]:
    decision = bundle.decisions.get(TABLE)
    if decision is None:
        return ()
    law = store.application.law
    region = law.region(store, case.region_version_id)
    context = law.context(store, case, bundle=bundle, region=region, unit=store.need(Unit, case.unit_id))
    scope = {
        **context.roots,
        "family": bundle.key,
        "scope": "step" if deadline.activity_id else "case",
        "rule": deadline.rule,
        "provisional": deadline.provisional,
        "in_escalation": escalation_above(store, case) is not None,
    }
    found = decision.evaluate(scope, now=context.now, functions=context.functions)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else ()


def _due_at(rung: Mapping[str, Any], deadline: Deadline, calendar: Calendar) -> datetime:
    told = deadline.explanation["last_day"]  # the one word of the explanation that is needed here
    last_day = date.fromisoformat(told) if told else local_day(deadline.due_at)
    return rung_due_at(rung, last_day, deadline.due_at, calendar)


def rung_due_at(rung: Mapping[str, Any], last_day: date, due_at: datetime, calendar: Calendar) -> datetime:
    """Return when a rung takes effect on a limit that ends at ``due_at``, its last day being ``last_day``."""
    offset = int(rung["workdays"])
    if offset == 0:
        return due_at if rung["action"] == OVERDUE else start_of_day(last_day)
    at = start_of_day(calendar.step_workdays(last_day, offset))
    return max(at, due_at) if offset > 0 else at


def climb(store: Store, case: Case, timer: Timer, *, bundle: CompiledBundle, actor: Actor) -> None:
    """Let a rung take effect: reminders wait for the next digest, an escalation is proposed."""
    from workflows.escalations import propose_escalation  # noqa: PLC0415 - escalations start cases, which arm ladders

    deadline = store.need(Deadline, timer.deadline_id)
    rung = from_json(timer.content)
    if deadline.done_at is not None:
        return
    if rung["action"] == ESCALATE:
        propose_escalation(store, case, deadline, rung, bundle=bundle, actor=actor)
    reminders.remind(store, case, deadline, timer, rung)

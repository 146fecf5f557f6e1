"""Timers 定时: what is due, fired exactly once, in one transaction with its effect.

Whoever asks, and however many ask at once: a firing locks the timer's case first and then looks whether the timer
is still armed, and first in its case: after a downtime a cycle catches up before a later timer ends its step. A
timer whose effect fails three times is set aside with an incident, so that it stops nobody else.
"""

from __future__ import annotations

import logging

from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.engine.types import ActivityKey, Fire
from workflows.errors import ConcurrentUpdateError, WrongStateError
from workflows.ladder import climb
from workflows.running import bundle_of, carry_out
from workflows.store import Store
from workflows.store import cases as stored
from workflows.store import tasks as stored_timers
from workflows.store.incidents import open_incident
from workflows.tables import Case, CaseStatus, Timer, TimerKind, TimerState
from workflows.transaction import read, run

_logger = logging.getLogger(__name__)


def fire_due(application: Application, limit: int = 200) -> int:
    """Fire what is due, in order of the dates. Returns how many fired here; 0 means nothing is left to do."""
    fired = 0
    for timer_id in read(application, stored_timers.timers_due, limit):
        try:
            fired += run(application, fire_timer, timer_id)
        except ConcurrentUpdateError:
            continue  # it is still armed, or somebody else has fired it
        except Exception as fault:
            _logger.exception("a timer could not be fired", extra={"action": "timer_fault", "timer": timer_id})
            run(application, count_fault, timer_id, f"{type(fault).__name__}: {fault}")
    return fired


def fire_timer(store: Store, timer_id: str) -> bool:
    """Fire one timer unless somebody else has, it was taken back, its case is held, or an earlier one of it is due.

    Returns whether it fired.
    """
    case = stored.lock_case_of_timer(store, timer_id)
    timer, is_behind = stored_timers.read_timer(store, timer_id)
    if timer.state != TimerState.ARMED or timer.due_at > store.now or case.status != CaseStatus.ACTIVE or is_behind:
        return False
    stored.read_around(store, case)
    timer.state = TimerState.FIRED
    timer.fired_at = store.now
    timer.firings += 1
    _take_effect(store, case, timer, system_actor())
    return True


def _take_effect(store: Store, case: Case, timer: Timer, actor: Actor) -> None:
    if timer.kind == TimerKind.LADDER:
        climb(store, case, timer, bundle=bundle_of(store, case), actor=actor)
        return
    try:
        carry_out(store, case, Fire(ActivityKey.parse(timer.step), timer.occurrence), actor=actor)
    except WrongStateError as fault:
        _logger.warning(
            "a timer fired at nothing", extra={"action": "timer_stale", "timer": timer.id, "code": fault.code}
        )


def count_fault(store: Store, timer_id: str, fault: str) -> None:
    """Count a failed firing; at the third the timer waits for a human behind an incident."""
    case = stored.lock_case_of_timer(store, timer_id)
    timer = store.need_fresh(Timer, timer_id)
    timer.faults += 1
    if timer.faults == stored_timers.MAX_FAULTS:
        open_incident(
            store,
            case,
            element_id=timer.step[:120],
            code="timer-failed",
            message=fault,
            activity_id=timer.host_activity_id,
        )

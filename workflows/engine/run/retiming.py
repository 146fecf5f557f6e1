"""Counting a waiting timer anew: after a move onto another definition, or whenever what it rests on has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.engine.errors import StaleTimerError, TimerNotCountableError
from workflows.engine.run.faults import Fault
from workflows.engine.run.state import load_state, save_state
from workflows.engine.specs.catching import CatchEvent
from workflows.engine.types import ActivityKey, Context, TimerSet

if TYPE_CHECKING:
    from workflows.engine.process import Process


def retime(
    process: Process, state: bytes, activity: ActivityKey, occurrence: int, context: Context
) -> tuple[bytes, TimerSet] | None:
    """Plan an armed timer as if it were armed at ``context.now``; return the new state and the timer as it is then.

    None: a cycle that has fired already keeps its beat. Raises ``StaleTimerError`` when nothing is armed there and
    ``TimerNotCountableError`` when the date cannot be worked out.
    """
    case = load_state(process, state, context)
    token = next((token for token in case.tasks.values() if token.opened and token.key == activity), None)
    if token is None or not isinstance(token.task_spec, CatchEvent):
        raise StaleTimerError(f"Expected a timer at {activity}, but nothing waits there.")
    try:
        timer = token.task_spec.retime(token, occurrence)
    except Fault as fault:
        raise TimerNotCountableError(fault.message, element=activity.element_id) from fault
    return (save_state(case), timer) if timer is not None else None

"""Return … then direct (退回后直送): work goes back to an earlier step and from there straight to whom it came from.

The activity that sends back keeps its place as a *parked* token: closed for people, alive for joins and scopes. The
target opens once more as a *detour*: completed, it takes none of its flows, and the parked activity opens again with
the next attempt. So exactly one of the two is open, and what ran beside them goes on. Whatever withdraws one of the
two withdraws the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from workflows.engine.types import Closing, HistoryKind

if TYPE_CHECKING:
    from workflows.engine.run.case import Case
    from workflows.engine.run.token import Token

PARKED = "parked"  # holds the number of the detour
DETOUR = "detour"  # holds the number of the parked token


def park(case: Case, activity: Token, detour: Token) -> None:
    """Close an activity that waits for a detour, and keep its token where it is."""
    for child in activity.children:
        case.withdraw(child)
    activity.task_spec.withdrawn(activity)
    case.effects.record(HistoryKind.CANCELLED, activity.task_spec.element.id, activity.key)
    case.close(activity, Closing.RETURNED)
    activity._set_state(TaskState.WAITING)  # noqa: SLF001
    activity.memo[PARKED], detour.memo[DETOUR] = detour.id, activity.id


def come_back(detour: Token) -> None:
    """Open the parked activity again, with the next attempt: the detour is completed."""
    from workflows.engine.specs.node import next_attempt  # noqa: PLC0415 - nodes end detours

    case = detour.workflow
    parked = case.tasks.get(detour.memo.pop(DETOUR))
    if parked is None or parked.memo.pop(PARKED, None) is None:
        return
    parked.attempt = next_attempt(parked.scope, parked.task_spec.block, parked.round)
    parked._set_state(TaskState.READY)  # noqa: SLF001
    parked.task_spec._on_ready_hook(parked)  # noqa: SLF001


def partner_of(token: Token) -> Token | None:
    """Return the other of the two, None for a token on no detour."""
    number = token.memo.get(PARKED) or token.memo.get(DETOUR)
    return token.workflow.tasks.get(number) if number is not None else None

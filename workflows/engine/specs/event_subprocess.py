"""Event sub-processes: handlers that wait while their scope is active (BPMN 2.0.2 §10.3.5, §13.3.4, §13.5.3).

The start event of a handler waits as a token of its own beside the work of the scope (the listener). When it
happens, an instance of the handler begins as part of the scope's work; an interrupting one ends everything else first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.run.faults import Fault
from workflows.engine.run.timers import NEVER_FIRES
from workflows.engine.specs.activities import GIVEN, SubProcess
from workflows.engine.specs.catching import CatchEvent
from workflows.engine.types import Closing

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


class EventSubProcess(SubProcess):
    """The handler: a sub-process without flows in or out. Its scope is not over before its instances are (§13.3.4)."""


class Listener(CatchEvent):
    """The start event of a handler, while its scope is active (§10.5.2, event sub-process start events).

    A timer counts from the beginning of the scope. A non-interrupting one stays armed, like one on a border.
    """

    is_beside = True
    interrupting = True
    handler: EventSubProcess

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.queue(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        try:
            plans = self.plan(my_task)
        except Fault as fault:
            if fault.code != NEVER_FIRES:
                raise
            my_task.workflow.drop(my_task)
            return None
        self.arm(my_task, plans)
        return None

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it: what happens is told of the instance, waiting is not."""
        return False

    def happen(self, token: Token, index: int, payload: Mapping[str, Any]) -> None:
        """Begin an instance; an interrupting handler is then all that is left of the scope."""
        case, scope = token.workflow, token.scope
        if self.interrupting:
            self.disarm(token, fired=index)
            case.close(token, Closing.COMPLETED)
            case.drop(token)
            case.empty(scope)
        else:
            self.rearm(token, index)
        instance = case.spawn(scope, self.handler)
        if payload:
            instance.memo[GIVEN] = dict(payload)

"""Receive tasks (BPMN 2.0.2 §10.3.3, §13.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.engine.specs.activities import Activity
from workflows.engine.specs.catching import OPENED, CatchEvent
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


class ReceiveTask(Activity, CatchEvent):
    """Waits for its message and is done when it comes; it may have events on its border, unlike an event."""

    kind = ActivityKind.EVENT

    def _run_hook(self, my_task: Token) -> bool | None:
        if my_task.memo.pop(OPENED, False):
            return True
        return super()._run_hook(my_task)

    def prepare(self, token: Token) -> Any:
        """Plan nothing: a message has no date."""
        return self.plan(token)

    def begin(self, token: Token, prepared: Any) -> None:
        """Wait for the message."""
        self.arm(token, prepared)

"""Standard loops: one body, repeated while a condition holds (BPMN 2.0.2 §10.3.8, §13.3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.variables import VARIABLES, holds
from workflows.engine.specs.activities import Activity
from workflows.engine.specs.node import Node
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token

LOOP = "loop"
COUNTER = "loopCounter"


class StandardLoop(Activity):
    """Runs its body again while the condition holds, tested before or after each run, at most ``maximum`` times.

    ``memo["loop"]`` counts the runs that are over: ``loopCounter`` of the condition (Table 10.28); inside a run it is
    the number of that run, from 1. Only the run that goes on is kept, so the thousandth costs what the first did.
    """

    kind = ActivityKind.MULTI_INSTANCE
    is_scope = True
    is_many = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.body: Node
        self.condition: Expression | None = None
        self.test_before = False
        self.maximum: int | None = None

    def begin(self, token: Token, prepared: Any) -> None:
        """Look at the condition, or begin at once."""
        token.memo[LOOP] = {"done": 0, "runs": False}
        token.workflow.queue(token)

    def resume(self, token: Token) -> bool:
        """Begin the next run; True when there is none."""
        state = token.memo[LOOP]
        if state["runs"]:
            return False
        if not self._goes_on(token, state["done"]):
            return True
        instance = token._add_child(self.body)  # noqa: SLF001
        instance.round = state["done"]
        instance.memo[VARIABLES] = {COUNTER: state["done"] + 1}
        instance._set_state(TaskState.READY)  # noqa: SLF001
        state["runs"] = True
        self.body._on_ready_hook(instance)  # noqa: SLF001
        return False

    def _goes_on(self, token: Token, done: int) -> bool:
        if self.maximum is not None and done >= self.maximum:
            return False
        if self.condition is None or (done == 0 and not self.test_before):
            return True
        return holds(token, self.condition, {COUNTER: done})

    def inner_left(self, token: Token, inner: Token) -> None:
        """Count the run and look whether there is another."""
        token.memo[LOOP]["done"] += 1
        token.memo[LOOP]["runs"] = False
        token.workflow.queue(token)

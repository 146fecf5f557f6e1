"""The complex gateway (BPMN 2.0.2 §10.6.5, §13.4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import INCIDENT, Fault
from workflows.engine.run.variables import VARIABLES, holds
from workflows.engine.specs.gateways import InclusiveGateway
from workflows.engine.specs.node import ARRIVALS, CHOSEN, Arc

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token

USED = "used"  # the flows whose tokens began the phase that waits for a reset


class ComplexGateway(InclusiveGateway):
    """Waits until its activation condition holds, goes on, and then takes in what is still to come.

    While it waits for a start, ``activationCount`` is the number of incoming flows that have a token. Activated, it
    consumes one token of each of them, and a token stays before it that waits for the reset: until each other flow
    has a token or can get none any more, by the rule of the inclusive gateway. Then those tokens are consumed, and
    only flows whose condition holds then (``waitingForStart`` is false) get another one; the standard says so of
    conditions, and leaves flows without one open: they get theirs at the start only.
    """

    activation: Expression | None = None
    waits_for_all = True  # as far as anybody can tell without asking its condition

    @property
    def is_join(self) -> bool:
        """Tell whether tokens wait here."""
        return len(self.incoming) > 1 or self.activation is not None

    def _update_hook(self, my_task: Token) -> bool:
        passes = super()._update_hook(my_task)
        waiting = my_task.workflow.joins.get((my_task.scope.id, self.name))
        if waiting is not None and not passes:
            waiting._set_state(TaskState.STARTED)  # noqa: SLF001 - so that the run loop comes to it
            waiting.workflow.queue(waiting)
        return passes

    def is_complete(self, waiting: Token) -> bool:
        """Leave it to the run loop: the condition may fail."""
        return False

    # ------------------------------------------------------------------ waiting for a start

    def resume(self, token: Token) -> bool:
        """Look at the activation condition; never completes the token that waits."""
        if ARRIVALS not in token.memo or USED in token.memo:
            return False
        flows = {arrival[0] for arrival in token.memo[ARRIVALS]}
        if flows and self._is_activated(token, len(flows)):
            self.release(token)
        return False

    def _is_activated(self, token: Token, count: int) -> bool:
        if self.activation is None:
            return count >= len(self.incoming)
        return holds(token, self.activation, {"activationCount": count, "waitingForStart": True})

    def release(self, waiting: Token) -> None:
        """Go on, and leave a token behind that waits for the reset."""
        scope, flows = waiting.scope, {arrival[0] for arrival in waiting.memo[ARRIVALS]}
        super().release(waiting)
        behind = waiting.workflow.joins.get((scope.id, self.name)) or self.restore(scope, [])
        behind.memo[USED] = sorted(flows)

    def choose(self, token: Token) -> tuple[Arc, ...]:
        """Choose the flows of the first phase."""
        if CHOSEN in token.memo:  # of a reset: already chosen
            return self.chosen(token)
        token.memo[VARIABLES] = {"waitingForStart": True, "activationCount": len(self.incoming)}
        return self._conditions(token, first_only=False)

    # ------------------------------------------------------------------ waiting for the reset

    def try_release(self, token: Token) -> bool:
        """Reset when nothing more can come that belongs to the first phase."""
        if USED not in token.memo or INCIDENT in token.memo:
            return False
        arrived = {arrival[0] for arrival in token.memo[ARRIVALS]}
        others = [other for other in token.scope.children if other is not token and not other.task_spec.is_beside]
        if any(self._holds_back(other, arrived | set(token.memo[USED])) for other in others):
            return False
        try:
            self._reset(token)
        except Fault as fault:
            token.workflow.raise_incident(token, fault.code, fault.message, fault.params)
            return False
        return True

    def _reset(self, token: Token) -> None:
        nearest = {"activationCount": 0, "waitingForStart": False}
        held = [arc for arc in self.arcs if arc.condition is not None and holds(token, arc.condition, nearest)]
        taken = held or [arc for arc in self.arcs if arc.is_default]
        case, scope, used = token.workflow, token.scope, set(token.memo.pop(USED))
        arrivals: list[list[Any]] = token.memo[ARRIVALS]
        late = {arrival[0]: arrival for arrival in reversed(arrivals) if arrival[0] not in used}
        left = [arrival for arrival in arrivals if all(arrival is not each for each in late.values())]
        token.memo[ARRIVALS] = list(late.values())
        if taken:
            token.memo[CHOSEN] = [arc.id for arc in taken]
            super().release(token)
        else:
            case.drop(token)
        if left:
            again = self.restore(scope, left)
            again._set_state(TaskState.STARTED)  # noqa: SLF001
            case.queue(again)
        if not taken:
            scope.task_spec.inner_left(scope, token)

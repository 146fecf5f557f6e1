"""Events that throw: something is sent, told to the scopes around, or ended (BPMN 2.0.2 §10.5.3, §10.5.4, §13.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.engine.run.compensating import TERMINATED
from workflows.engine.run.throwing import broadcast, throw_error, throw_escalation
from workflows.engine.run.transfers import Transfers
from workflows.engine.specs.correlating import Correlation
from workflows.engine.specs.node import Arc, Node
from workflows.engine.specs.triggers import MESSAGE, SIGNAL
from workflows.engine.types import HistoryKind, MessageThrown, Outcome

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

THROWN = "thrown"


class NoneThrowEvent(Node):
    """An intermediate event without trigger: a milestone that a token passes (§10.5.4)."""


class EndEvent(Node):
    """Consumes a token (§10.5.3, §13.5.6)."""


class ThrowEvent(Node):
    """Throws and goes on, unless whatever catches it interrupts the scope: it has happened then all the same."""

    def _run_hook(self, my_task: Token) -> bool | None:
        key = my_task.key
        my_task.memo[THROWN] = True
        goes_on = self.throw(my_task)
        if my_task.is_alive:
            del my_task.memo[THROWN]
            return True if goes_on else None
        my_task.workflow.effects.record(HistoryKind.COMPLETED, self.element.id, key)
        return None

    def throw(self, token: Token) -> bool:
        """Throw; False when the token must wait for what that has set going."""
        raise NotImplementedError

    def is_entered(self, token: Token) -> bool:
        """Tell whether it may still be cancelled: what has thrown has completed."""
        return THROWN not in token.memo


class MessageThrowEvent(ThrowEvent):
    """Sends a message and goes on; who receives it is decided outside the case (§10.5.1, §13.5.4)."""

    message = ""
    correlation: Correlation | None = None
    inputs_given = Transfers()

    def throw(self, token: Token) -> bool:
        """Send it."""
        payload = self.inputs_given.values(token)
        carried = self.correlation.sent(token, payload) if self.correlation is not None else None
        token.workflow.effects.thrown.append(MessageThrown(token.key, MESSAGE, self.message, payload, carried))
        return True


class SignalThrowEvent(ThrowEvent):
    """Broadcasts a signal: to all that wait for it in this case, and by the application to all others (§10.5.5).

    It waits until everything else that is ready has run: of two branches that begin together, the one that throws
    must not be over before the other one listens.
    """

    signal = ""
    inputs_given = Transfers()

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.effects.record(HistoryKind.ENTERED, self.element.id, my_task.key)
        my_task.workflow.queue_last(my_task)

    def throw(self, token: Token) -> bool:
        """Broadcast it."""
        payload = self.inputs_given.values(token)
        token.workflow.effects.thrown.append(MessageThrown(token.key, SIGNAL, self.signal, payload))
        broadcast(token.workflow, self.signal, payload)
        return True


class EscalationThrowEvent(ThrowEvent):
    """Tells an enclosing activity something and goes on, unless the catcher interrupts it (§10.5.4, §13.5.4)."""

    code: str | None = None

    def throw(self, token: Token) -> bool:
        """Tell the scopes around."""
        throw_escalation(token.scope, self.code, token.key)
        return True


class ErrorEndEvent(ThrowEvent):
    """Ends its scope with an error: the nearest activity around that catches it goes on (§10.5.3, §13.5.6)."""

    code: str | None = None

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.workflow.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        my_task.memo[THROWN] = True
        self.throw(my_task)
        return None

    def throw(self, token: Token) -> bool:
        """End the scope."""
        throw_error(token.scope, self.code, token.key)
        return False


class TerminateEndEvent(ThrowEvent):
    """Ends its scope at once; the level above goes on (§10.5.3, §13.5.6). Wins over siblings that are ready too."""

    def _on_ready_hook(self, my_task: Token) -> None:
        case = my_task.workflow
        case.effects.record(HistoryKind.ENTERED, self.element.id, my_task.key)
        case.queue(my_task, first=True)

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.workflow.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        my_task.memo[THROWN] = True
        self.throw(my_task)
        return None

    def throw(self, token: Token) -> bool:
        """End the scope."""
        case, scope = token.workflow, token.scope
        scope.memo[TERMINATED] = True
        case.empty(scope)
        if scope is case.root:
            case.end(Outcome("terminated"))
        else:
            scope.task_spec.inner_left(scope, token)
        return False


class LinkThrowEvent(Node):
    """Goes on at the catching link of the same name and level, as if a flow led there (§10.5.4, link events)."""

    def lead_to(self, target: Node) -> None:
        """Connect the catching link."""
        self.leads_to((Arc("", target),))

    def take(self, token: Token, arc: Arc) -> Token:
        """Move on without a flow that the history could name."""
        return self.put(token, arc)


class LinkCatchEvent(Node):
    """Where the tokens of all throwing links of its name go on (§10.5.4)."""


class MultipleThrowEvent(ThrowEvent):
    """Throws all of its definitions, in the order of the document (§10.5.3, §10.5.4: all of them are the result)."""

    parts: tuple[ThrowEvent, ...] = ()

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.effects.record(HistoryKind.ENTERED, self.element.id, my_task.key)
        my_task.workflow.queue_last(my_task)

    def throw(self, token: Token) -> bool:
        """Throw what is left, until one of them must be waited for or has ended the scope."""
        token.memo.setdefault("part", 0)
        while token.memo["part"] < len(self.parts):
            part = self.parts[token.memo["part"]]
            token.memo["part"] += 1
            if not part.throw(token) or not token.is_alive:
                return False
        return True

    def resume(self, token: Token) -> bool:
        """Go on once the part that was waited for is done."""
        part: Any = self.parts[token.memo["part"] - 1]
        return part.resume(token) and self.throw(token)

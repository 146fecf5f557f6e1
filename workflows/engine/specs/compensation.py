"""Compensation and transactions (BPMN 2.0.2 §10.5.5, §10.7, §10.3.5, execution in §13.5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.engine.run.compensating import UNDO, take, take_all_inside, undo_next
from workflows.engine.run.throwing import catcher_at
from workflows.engine.specs.activities import SubProcess
from workflows.engine.specs.event_subprocess import EventSubProcess
from workflows.engine.specs.node import Node
from workflows.engine.specs.throws import THROWN, ThrowEvent
from workflows.engine.specs.triggers import CANCEL
from workflows.engine.types import ActivityKind, HistoryKind

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


class CompensationBorder(Node):
    """Says which activity undoes another one: never armed, no token comes here (§10.5.4, §10.7.1)."""


class CompensateThrowEvent(ThrowEvent):
    """Undoes what is completed in its scope, or one activity of it, the latest first (§10.5.4, §13.5.5).

    In an event sub-process it is the scope around that is undone. It waits until all is undone, unless
    ``waitForCompletion`` is false.
    """

    activity = ""
    waits = True
    carrier: Carrier

    def throw(self, token: Token) -> bool:
        """Start undoing."""
        pending = self._pending(token)
        if not pending:
            return True
        if not self.waits:
            token.workflow.spawn(token.scope, self.carrier).memo[UNDO] = pending
            return True
        token.memo[UNDO] = pending
        token.workflow.open(token)
        undo_next(token)
        return False

    def _pending(self, token: Token) -> list[list[Any]]:
        scope, pending = token.scope, []
        wanted = frozenset({self.activity}) if self.activity else None
        while isinstance(scope.task_spec, EventSubProcess):
            pending.append(take(scope, wanted))
            scope = scope.scope
        pending.append(take(scope, wanted))
        return [each for level in reversed(pending) for each in level]

    def resume(self, token: Token) -> bool:
        """Undo the next; True when nothing is left."""
        return undo_next(token)


class Carrier(Node):
    """Goes on undoing beside the token that has thrown and does not wait."""

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.queue(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        self.resume(my_task)
        return None

    def resume(self, token: Token) -> bool:
        """Undo the next; the carrier leaves without a trace when nothing is left."""
        if undo_next(token):
            token.workflow.drop(token)
            token.scope.task_spec.inner_left(token.scope, token)
        return False

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it."""
        return False


class UndoScope(Carrier):
    """A completed sub-process that is undone: its variables as they were, and what was completed inside (§10.7.3).

    Its compensation event sub-process decides what happens; without one, everything inside is undone (§13.5.5,
    default compensation).
    """

    kind = ActivityKind.SUB_PROCESS
    is_scope = True
    original: Node
    handler: EventSubProcess | None = None

    def enter(self, token: Token) -> None:
        """Take the next round of the sub-process: its activities need keys of their own."""
        token.previous = None
        passes = token.scope.memo.setdefault("passes", {})
        token.round = passes.get(self.original.block, 0)
        passes[self.original.block] = token.round + 1
        token.lineage = {}

    def _run_hook(self, my_task: Token) -> bool | None:
        if self.handler is not None:
            my_task.workflow.spawn(my_task, self.handler)
        else:
            my_task.memo[UNDO] = take(my_task)
            self._go_on(my_task)
        return None

    def inner_left(self, token: Token, inner: Token) -> None:
        """Look again."""
        token.workflow.queue(token)

    def resume(self, token: Token) -> bool:
        """Undo the next, or leave once the handler is over."""
        self._go_on(token)
        return False

    def _go_on(self, token: Token) -> None:
        if (UNDO not in token.memo or undo_next(token)) and not token.has_work:
            case, scope = token.workflow, token.scope
            case.withdraw(token)
            scope.task_spec.inner_left(scope, token)


class Transaction(SubProcess):
    """A sub-process whose completed work is undone when it is cancelled (§10.3.5, §13.5.5).

    Cancelled, it ends what still runs inside, undoes what was completed, and goes on at its cancel border event.
    An error that leaves it (a hazard) undoes nothing.
    """

    def cancel(self, token: Token) -> None:
        """Give the transaction up."""
        entries = take_all_inside(token)
        token.workflow.empty(token)
        token.memo[UNDO] = [[token.id, entry] for entry in entries]
        token.memo[CANCEL] = True
        token.workflow.queue(token)

    def resume(self, token: Token) -> bool:
        """Undo the next of a cancelled transaction, then leave it."""
        if CANCEL not in token.memo:
            return super().resume(token)
        if UNDO in token.memo and not undo_next(token):
            return False
        if not token.has_work:
            return self._leave(token)
        return False

    def _leave(self, token: Token) -> bool:
        case, host = token.workflow, token.scope
        for holder in (token, host) if host.task_spec.is_many else (token,):
            found = catcher_at(holder, CANCEL, None)
            if found is not None:
                found[0].task_spec.occur(*found)
                return False
        if host.task_spec.is_many:
            return True  # one instance of several: the whole goes on counting
        case.withdraw(token)
        host.task_spec.inner_left(host, token)
        return False


class CancelEndEvent(ThrowEvent):
    """Cancels the transaction around it (§10.5.3, §13.5.6)."""

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.workflow.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        my_task.memo[THROWN] = True
        self.throw(my_task)
        return None

    def throw(self, token: Token) -> bool:
        """Give the nearest transaction up."""
        for scope in token.scopes():
            if isinstance(scope.task_spec, Transaction):
                scope.task_spec.cancel(scope)
                break
        return False

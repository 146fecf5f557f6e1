"""Events: what starts, waits for, throws and ends (BPMN 2.0.2 §10.5, execution in §13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import Fault
from workflows.engine.run.throwing import throw_error, throw_escalation
from workflows.engine.run.timers import NEVER_FIRES, Plan, Timer, plan_timer
from workflows.engine.run.transfers import Transfers
from workflows.engine.run.variables import evaluate
from workflows.engine.specs.gateways import EventBasedGateway
from workflows.engine.specs.node import Node
from workflows.engine.types import Closing, HistoryKind, MessageThrown, Outcome, TimerSet

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

TIMER = "timer"
MESSAGE = "message"


class StartEvent(Node):
    """Where tokens begin (§10.5.2). What triggers it stands outside the case: by the time it runs, it has happened."""


class NoneThrowEvent(Node):
    """An intermediate event without trigger: a milestone that a token passes (§10.5.4)."""


class MessageThrowEvent(Node):
    """Sends a message and goes on; who receives it is decided outside the case (§10.5.1, §13.5.4)."""

    message = ""
    inputs_given = Transfers()

    def _run_hook(self, my_task: Token) -> bool | None:
        payload = self.inputs_given.values(my_task)
        my_task.workflow.effects.thrown.append(MessageThrown(my_task.key, MESSAGE, self.message, payload))
        return True


class EscalationThrowEvent(Node):
    """Tells an enclosing activity something and goes on, unless the catcher interrupts it (§10.5.4, §13.5.4)."""

    code: str | None = None

    def _run_hook(self, my_task: Token) -> bool | None:
        throw_escalation(my_task.scope, self.code, my_task.key)
        return True if my_task.is_alive else None


class EndEvent(Node):
    """Consumes a token (§10.5.3, §13.5.6)."""


class MessageEndEvent(MessageThrowEvent):
    """Sends a message as the token ends (§10.5.3)."""


class EscalationEndEvent(EscalationThrowEvent):
    """Throws an escalation as the token ends (§10.5.3)."""


class ErrorEndEvent(Node):
    """Ends its scope with an error: the nearest activity around that catches it goes on (§10.5.3, §13.5.6)."""

    code: str | None = None

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.workflow.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        my_task.memo["thrown"] = True
        throw_error(my_task.scope, self.code, my_task.key)
        return None

    def is_entered(self, token: Token) -> bool:
        """Tell whether it may still be cancelled: the error has completed it."""
        return "thrown" not in token.memo


class TerminateEndEvent(Node):
    """Ends its scope at once; the level above goes on (§10.5.3, §13.5.6). Wins over siblings that are ready too."""

    def _on_ready_hook(self, my_task: Token) -> None:
        case = my_task.workflow
        case.effects.record(HistoryKind.ENTERED, self.element.id, my_task.key)
        case.queue(my_task, first=True)

    def _run_hook(self, my_task: Token) -> bool | None:
        case, scope = my_task.workflow, my_task.scope
        case.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        my_task.memo["thrown"] = True
        case.empty(scope)
        if scope is case.root:
            case.end(Outcome("terminated"))
        else:
            scope.task_spec.inner_left(scope, my_task)
        return None

    def is_entered(self, token: Token) -> bool:
        """Tell whether it may still be cancelled: it has completed."""
        return "thrown" not in token.memo


class CatchEvent(Node):
    """Waits for a message or a timer in the normal flow (§10.5.4, §13.5.2)."""

    timer: Timer | None = None
    message = ""

    def _run_hook(self, my_task: Token) -> bool | None:
        self.arm(my_task, self.plan(my_task))
        return None

    def plan(self, token: Token) -> Plan | None:
        """Compute the first firing, as seen from ``token``, or raise ``Fault``; None for a message."""
        if self.timer is None:
            return None
        value = evaluate(token, self.timer.expression) if self.timer.expression is not None else None
        return plan_timer(self.timer, value, token.workflow.context.now)

    def arm(self, token: Token, plan: Plan | None) -> None:
        """Let ``token`` wait for the event from now on."""
        case = token.workflow
        token._set_state(TaskState.WAITING)  # noqa: SLF001
        case.open(token)
        if plan is None:
            case.effects.subscribe(token.key, MESSAGE, self.message)
        else:
            self._set_timer(token, plan)

    def _set_timer(self, token: Token, plan: Plan) -> None:
        assert self.timer is not None  # noqa: S101 - a plan exists for timers only
        token.memo[TIMER] = plan.to_memo()
        host = token.parent.key if self.is_boundary and token.parent is not None else None
        token.workflow.effects.set_timer(
            TimerSet(
                token.key, plan.occurrence, plan.due_at, self.timer.text, host, plan.rule, provisional=plan.provisional
            )
        )

    def disarm(self, token: Token, *, fired: bool = False) -> None:
        """Stop waiting. A fired timer is not cleared: whoever fired it knows."""
        effects = token.workflow.effects
        memo = token.memo.pop(TIMER, None)
        if memo is not None and not fired:
            effects.clear_timer(token.key, memo["occurrence"])
        elif memo is None and self.message and token.opened:
            effects.unsubscribe(token.key, MESSAGE, self.message)

    def withdrawn(self, token: Token) -> None:
        """Call off the timer or the subscription."""
        self.disarm(token)

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it: events behind an event-based gateway are only possible ones."""
        parent = token.parent
        return parent is None or not isinstance(parent.task_spec, EventBasedGateway)

    def happen(self, token: Token) -> None:
        """Go on from here: the event has happened."""
        self.disarm(token, fired=True)
        gateway = token.parent
        if gateway is not None and isinstance(gateway.task_spec, EventBasedGateway):
            gateway.task_spec.decide(gateway, token)
            token.workflow.effects.record(HistoryKind.ENTERED, self.element.id, token.key)
        token.complete()


class BoundaryEvent(CatchEvent):
    """Waits on the border of an activity while it is active (§10.5.4, §13.5.3).

    An interrupting one cancels the activity. Any other leaves it alone and stays armed: for the next message, and
    for as many rounds as its cycle has.
    """

    is_boundary = True
    interrupting = True
    trigger = ""  # message timer error escalation
    code: str | None = None  # of errors and escalations; None catches any

    def arm(self, token: Token, plan: Plan | None) -> None:
        """Let the event wait; errors and escalations need no subscription."""
        if self.trigger in ("error", "escalation"):
            token._set_state(TaskState.WAITING)  # noqa: SLF001
            return
        super().arm(token, plan)

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it: an armed event has not happened."""
        return not token.has_state(TaskState.WAITING)

    def happen(self, token: Token) -> None:
        """Interrupt the host, or go on beside it and stay armed."""
        if self.interrupting:
            self._interrupt(token)
        else:
            self._go_on_beside(token)

    def _interrupt(self, token: Token) -> None:
        host = token.parent
        assert host is not None  # noqa: S101 - a border event hangs on its activity
        self.disarm(token, fired=True)
        token.lineage = {block: passed for block, passed in token.lineage.items() if block != host.task_spec.block}
        token.move_to(host.scope)
        token.workflow.withdraw(host)
        token.workflow.effects.record(HistoryKind.ENTERED, self.element.id, token.key)
        token.complete()

    def _go_on_beside(self, token: Token) -> None:
        case = token.workflow
        plan = Plan.from_memo(token.memo[TIMER]).following() if TIMER in token.memo else None
        if TIMER in token.memo:
            del token.memo[TIMER]
            if plan is not None:
                self._set_timer(token, plan)
            else:
                case.close(token, Closing.COMPLETED)
        twin = token.scope._add_child(self)  # noqa: SLF001
        twin.round, twin.attempt, twin.lineage, twin.redo = token.round, token.attempt, token.lineage, token.redo
        case.effects.record(HistoryKind.ENTERED, self.element.id, twin.key)
        twin.complete()

    def catches(self, trigger: str, code: str | None) -> bool:
        """Tell whether an error or escalation with this code is caught here."""
        return self.trigger == trigger and (self.code is None or self.code == code)


class ArmedActivity(Node):
    """An activity with events on its border: they wait while it is active."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.borders: tuple[BoundaryEvent, ...] = ()

    def exits(self) -> list[Node]:
        """List what may follow: the normal flow and what starts at the border."""
        return [arc.target for arc in self.arcs] + list(self.borders)

    def arm_borders(self, token: Token) -> None:
        """Arm all border events or raise ``Fault`` with none of them armed."""
        for border, plan in self._plans(token):
            child = token._add_child(border)  # noqa: SLF001
            child.scope = token.scope
            child.lineage = {block: passed for block, passed in token.lineage.items() if block != self.block}
            child.redo = token.redo
            border.enter(child)
            border.arm(child, plan)

    def _plans(self, token: Token) -> list[tuple[BoundaryEvent, Plan | None]]:
        plans = []
        for border in self.borders:
            try:
                plans.append((border, border.plan(token)))
            except Fault as fault:
                if fault.code != NEVER_FIRES:
                    raise  # a cycle that is over only never happens: the work itself must not wait for it
        return plans

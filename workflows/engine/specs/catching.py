"""Events that wait (BPMN 2.0.2 §10.5.4, §13.5.2): for any of their triggers, or for all of them when parallel.

A waiting token remembers: ``timer`` the plan of each armed timer, ``seen`` the triggers of a parallel event that have
occurred, ``true`` the conditions that held when they were last looked at. Triggers are known by their position.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import INCIDENT, Fault
from workflows.engine.run.timers import NEVER_FIRES, Plan, plan_timer
from workflows.engine.run.token import LEAVING
from workflows.engine.run.variables import evaluate, write
from workflows.engine.specs.gateways import EventBasedGateway
from workflows.engine.specs.node import Node
from workflows.engine.specs.triggers import CONDITIONAL, TIMER, Trigger
from workflows.engine.types import Closing, Deliver, HistoryKind, TimerSet

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

SEEN = "seen"
TRUE = "true"
OPENED = "happened"  # the event has opened the case
PAST = "past"  # the last plan of a timer that a parallel event has seen: its cycle goes on from there
_UNKNOWN_NAME = "unknown-name"

CORRELATION = "correlation"  # by trigger: what its messages must carry, computed when the wait began

Plans = Mapping[int, Plan | str]  # when a timer fires, what a message must carry


class CatchEvent(Node):
    """Waits in the normal flow, or behind an event-based gateway (§10.5.4, §13.5.2)."""

    triggers: tuple[Trigger, ...] = ()
    parallel = False

    def open_case(self, token: Token, trigger: int | None) -> None:
        """Note that the case was opened here: behind an instantiating gateway, or at a receive task (§13.2)."""
        token.memo[OPENED] = True

    def _run_hook(self, my_task: Token) -> bool | None:
        if my_task.memo.pop(OPENED, False):
            return True
        self.arm(my_task, self.plan(my_task))
        return None

    # ------------------------------------------------------------------ beginning to wait

    def plan(self, token: Token) -> Plans:
        """Compute when each timer first fires and what messages must carry, as ``token`` sees it, or raise ``Fault``.

        A cycle that is over never fires; that is a fault only where nothing else could happen.
        """
        plans: dict[int, Plan | str] = {}
        for index, trigger in enumerate(self.triggers):
            if trigger.correlation is not None and (computed := trigger.correlation.computed(token)) is not None:
                plans[index] = computed
            if trigger.timer is None:
                continue
            value = evaluate(token, trigger.timer.expression) if trigger.timer.expression is not None else None
            try:
                plans[index] = plan_timer(trigger.timer, value, token.workflow.context.now)
            except Fault as fault:
                if fault.code != NEVER_FIRES or self.parallel or len(self.triggers) == 1:
                    raise
        return plans

    def arm(self, token: Token, plans: Plans) -> None:
        """Let ``token`` wait from now on; what is only thrown from inside needs no subscription."""
        token._set_state(TaskState.WAITING)  # noqa: SLF001
        if all(trigger.is_thrown for trigger in self.triggers):
            return
        token.workflow.open(token)
        for index in range(len(self.triggers)):
            if index not in token.memo.get(SEEN, ()):
                self._announce(token, index, plans.get(index))

    def _announce(self, token: Token, index: int, plan: Plan | str | None) -> None:
        trigger, case = self.triggers[index], token.workflow
        if isinstance(plan, Plan):
            self._set_timer(token, index, plan)
        elif trigger.is_named:
            if plan is not None:
                token.memo.setdefault(CORRELATION, {})[str(index)] = plan
            case.effects.subscribe(token.key, trigger.kind, trigger.name, self._expected(token, index))
        elif trigger.kind == CONDITIONAL:
            case.watch(token)

    def _set_timer(self, token: Token, index: int, plan: Plan) -> None:
        token.memo.setdefault(TIMER, {})[str(index)] = plan.to_memo()
        token.workflow.effects.set_timer(self._timer(token, index, plan))

    def _timer(self, token: Token, index: int, plan: Plan) -> TimerSet:
        timer = self.triggers[index].timer
        assert timer is not None  # noqa: S101 - a plan exists for timers only
        host = token.parent.key if self.is_boundary and token.parent is not None else None
        occurrence = self._occurrence(index, plan)
        return TimerSet(token.key, occurrence, plan.due_at, timer.text, host, plan.rule, provisional=plan.provisional)

    def _occurrence(self, index: int, plan: Plan) -> int:
        """Give the firings of all timers of an event numbers of their own."""
        timers = [number for number, trigger in enumerate(self.triggers) if trigger.timer is not None]
        return (plan.occurrence - 1) * len(timers) + timers.index(index) + 1

    def _armed(self, token: Token) -> list[int]:
        """List the triggers that may still occur."""
        if not token.opened or LEAVING in token.memo or not token.has_state(TaskState.WAITING | TaskState.STARTED):
            return []
        plans = _plans(token)
        seen = token.memo.get(SEEN, ())
        return [
            index
            for index, trigger in enumerate(self.triggers)
            if index not in seen and (index in plans if trigger.timer is not None else not trigger.is_thrown)
        ]

    # ------------------------------------------------------------------ what the run and the snapshot ask

    def awaits(self, token: Token) -> tuple[tuple[str, str], ...]:
        """List the messages and signals that the token waits for."""
        armed = [self.triggers[index] for index in self._armed(token)]
        return tuple(dict.fromkeys((trigger.kind, trigger.name) for trigger in armed if trigger.is_named))

    def expects(self, token: Token, kind: str, name: str) -> str | None:
        """Return what a message must carry: what was computed when the wait began, or what the conversation says."""
        index = self._awaiting(token, kind, name)
        return self._expected(token, index) if index is not None else None

    def accepts(self, token: Token, command: Deliver) -> bool:
        """Tell whether the token awaits the message: one that expects a value takes only what carries it (§8.4.2)."""
        index = self._awaiting(token, command.kind, command.name)
        if index is None:
            return False
        correlation, expected = self.triggers[index].correlation, self._expected(token, index)
        if correlation is None or expected is None:
            return True
        carried = command.correlation or correlation.read(command.payload, token.workflow.context)
        # a dialect's message says its value beside the payload: without one it was sent to this very case
        return carried == expected or (carried is None and not correlation.key)

    def _awaiting(self, token: Token, kind: str, name: str) -> int | None:
        fitting = ((index, self.triggers[index]) for index in self._armed(token))
        return next((index for index, trigger in fitting if (trigger.kind, trigger.name) == (kind, name)), None)

    def _expected(self, token: Token, index: int) -> str | None:
        own: Mapping[str, str] = token.memo.get(CORRELATION, {})
        correlation = self.triggers[index].correlation
        if correlation is None or str(index) in own:
            return own.get(str(index))
        return correlation.of_conversation(token.workflow)

    def timers(self, token: Token) -> list[TimerSet]:
        """List the armed timers."""
        return [self._timer(token, index, plan) for index, plan in _plans(token).items()]

    def retime(self, token: Token, occurrence: int) -> TimerSet | None:
        """Plan a timer anew as if it were armed now; None when it is not armed or has fired before."""
        for index, plan in _plans(token).items():
            if self._occurrence(index, plan) == occurrence and plan.occurrence == 1:
                anew = self.plan(token)[index]
                assert isinstance(anew, Plan)  # noqa: S101 - what has a plan is a timer
                token.memo[TIMER][str(index)] = anew.to_memo()
                return self._timer(token, index, anew)
        return None

    def is_watching(self, token: Token) -> bool:
        """Tell whether a condition must be looked at whenever a variable changes."""
        return any(self.triggers[index].kind == CONDITIONAL for index in self._armed(token))

    # ------------------------------------------------------------------ occurring

    def receive(self, token: Token, command: Deliver) -> None:
        """Take a message or signal that the token awaits."""
        index = self._awaiting(token, command.kind, command.name)
        assert index is not None  # noqa: S101 - whoever gives it has asked
        correlation, case = self.triggers[index].correlation, token.workflow
        self.occur(token, index, command.payload)
        if correlation is not None:
            correlation.begin(case, command.correlation or correlation.read(command.payload, case.context))

    def fire(self, token: Token, occurrence: int) -> bool:
        """Fire the timer with this number; False when it is not armed."""
        for index, plan in _plans(token).items():
            if self._occurrence(index, plan) == occurrence:
                self.occur(token, index)
                return True
        return False

    def look(self, token: Token) -> None:
        """Look at the conditions: each occurs when it becomes true (§10.5.5).

        One that cannot be decided yet, because a variable is null or not there, has not become true.
        """
        for index in self._armed(token):
            condition = self.triggers[index].condition
            if condition is None or INCIDENT in token.memo:
                continue
            held = set(token.memo.get(TRUE, ()))
            now_true = _is_true(token, condition)
            token.memo[TRUE] = sorted(held | {index} if now_true else held - {index})
            if now_true and index not in held:
                self.occur(token, index)
            if not token.is_alive:
                return

    def occur(self, token: Token, index: int, payload: Mapping[str, Any] | None = None) -> None:
        """Note that a trigger has occurred: the event happens with it, a parallel one with the last of them."""
        if self.parallel:
            self._calm(token, index, fired=True)
            token.memo[SEEN] = [*token.memo.get(SEEN, ()), index]
            if len(token.memo[SEEN]) < len(self.triggers):
                write(token.scope, payload or {})
                return
        self.happen(token, index, payload or {})

    def happen(self, token: Token, index: int, payload: Mapping[str, Any]) -> None:
        """Go on from here: the event has happened."""
        write(token.scope, payload)
        self.disarm(token, fired=index)
        gateway = token.parent
        if gateway is not None and isinstance(gateway.task_spec, EventBasedGateway):
            gateway.task_spec.decide(gateway, token)
            token.workflow.effects.record(HistoryKind.ENTERED, self.element.id, token.key)
        token.complete()

    # ------------------------------------------------------------------ no longer waiting

    def disarm(self, token: Token, *, fired: int | None = None) -> None:
        """Stop waiting. A fired timer is not cleared: whoever fired it knows."""
        for kind, name in self.awaits(token):
            token.workflow.effects.unsubscribe(token.key, kind, name)
        for index in _plans(token):
            self._calm(token, index, fired=index == fired)
        token.workflow.watching.pop(token.id, None)

    def _calm(self, token: Token, index: int, *, fired: bool) -> None:
        """Stop waiting for one trigger."""
        trigger, effects = self.triggers[index], token.workflow.effects
        if trigger.timer is not None:
            memo = _memos(token).pop(str(index))
            plan = Plan.from_memo(memo)
            if not fired:
                effects.clear_timer(token.key, self._occurrence(index, plan))
            elif self.parallel:
                token.memo.setdefault(PAST, {})[str(index)] = memo
            if not token.memo[TIMER]:
                del token.memo[TIMER]
        elif trigger.is_named:
            effects.unsubscribe(token.key, trigger.kind, trigger.name)

    def rearm(self, token: Token, index: int) -> None:
        """Wait again after the event has happened: for the next message, and for as many rounds as a cycle has."""
        token.wait_behind_the_others()
        if self.parallel:
            self._rearm_all(token)
        elif self.triggers[index].timer is not None:
            plan = _plans(token)[index].following()
            self._calm(token, index, fired=True)
            if plan is not None:
                self._set_timer(token, index, plan)
        if not self._armed(token):
            token.workflow.close(token, Closing.COMPLETED)

    def _rearm_all(self, token: Token) -> None:
        past = token.memo.pop(PAST, {})
        plans = {int(number): Plan.from_memo(memo).following() for number, memo in past.items()}
        if any(plan is None for plan in plans.values()):
            return  # one of all that are needed can never occur again
        del token.memo[SEEN]
        for index in range(len(self.triggers)):
            self._announce(token, index, plans.get(index))

    def withdrawn(self, token: Token) -> None:
        """Call off the timers and the subscriptions."""
        self.disarm(token)

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it: events behind an event-based gateway are only possible ones."""
        parent = token.parent
        return parent is None or not isinstance(parent.task_spec, EventBasedGateway)


def _memos(token: Token) -> dict[str, Any]:
    """Return the plans of the armed timers; a state of before several timers holds the only one bare."""
    memos: dict[str, Any] = token.memo.get(TIMER, {})
    if "due_at" in memos:
        memos = token.memo[TIMER] = {"0": memos}
    return memos


def _plans(token: Token) -> dict[int, Plan]:
    return {int(number): Plan.from_memo(memo) for number, memo in _memos(token).items()}


def _is_true(token: Token, condition: Any) -> bool:
    try:
        value = evaluate(token, condition)
    except Fault as fault:
        if fault.code != _UNKNOWN_NAME:
            token.workflow.raise_incident(token, fault.code, fault.message, fault.params)
        return False
    if value is not None and not isinstance(value, bool):
        message = f"Expected {condition.text!r} to be true or false, but it is neither."
        token.workflow.raise_incident(token, "not-boolean", message)
        return False
    return value is True

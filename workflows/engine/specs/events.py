"""Events at the border of an activity, and where tokens begin (BPMN 2.0.2 §10.5, execution in §13.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import Fault
from workflows.engine.run.timers import NEVER_FIRES
from workflows.engine.run.variables import write
from workflows.engine.specs.catching import SEEN, CatchEvent, Plans
from workflows.engine.specs.node import Node
from workflows.engine.types import HistoryKind

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


class StartEvent(Node):
    """Where tokens begin (§10.5.2). What triggers it stands outside the case: by the time it runs, it has happened."""


class ParallelStartEvent(CatchEvent):
    """A start event that needs all of its triggers (§10.5.2, parallel multiple).

    Nothing can be kept where no case is: the first trigger opens the case, the start event waits inside for the rest.
    """

    def open_case(self, token: Token, trigger: int | None) -> None:
        """Note the trigger that has opened the case; None: whoever opened it stands for all of them."""
        token.memo[SEEN] = list(range(len(self.triggers))) if trigger is None else [trigger]

    def _run_hook(self, my_task: Token) -> bool | None:
        if len(my_task.memo[SEEN]) == len(self.triggers):
            return True
        return super()._run_hook(my_task)


class BoundaryEvent(CatchEvent):
    """Waits on the border of an activity while it is active (§10.5.4, §13.5.3).

    An interrupting one cancels the activity. Any other leaves it alone and stays armed: for the next message, and
    for as many rounds as its cycle has.
    """

    is_boundary = True
    is_beside = True
    interrupting = True

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows it: an armed event has not happened."""
        return not token.has_state(TaskState.WAITING)

    def happen(self, token: Token, index: int, payload: Mapping[str, Any]) -> None:
        """Interrupt the host, or go on beside it and stay armed."""
        write(token.scope, payload)
        if self.interrupting:
            self._interrupt(token, index)
        else:
            self._go_on_beside(token, index)

    def _interrupt(self, token: Token, index: int) -> None:
        host = token.parent
        assert host is not None  # noqa: S101 - a border event hangs on its activity
        self.disarm(token, fired=index)
        token.lineage = {block: passed for block, passed in token.lineage.items() if block != host.task_spec.block}
        token.move_to(host.scope)
        token.workflow.withdraw(host)
        token.workflow.effects.record(HistoryKind.ENTERED, self.element.id, token.key)
        token.complete()

    def _go_on_beside(self, token: Token, index: int) -> None:
        self.rearm(token, index)
        twin = token.scope._add_child(self)  # noqa: SLF001
        twin.round, twin.attempt, twin.lineage, twin.redo = token.round, token.attempt, token.lineage, token.redo
        token.workflow.effects.record(HistoryKind.ENTERED, self.element.id, twin.key)
        twin.complete()


class ArmedActivity(Node):
    """An activity with events on its border: they wait while it is active."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.borders: tuple[BoundaryEvent, ...] = ()

    def exits(self) -> list[Node]:
        """List what may follow: the normal flow and what starts at the border."""
        return [arc.target for arc in self.arcs] + list(self.borders)

    def arm_borders(self, token: Token, borders: Sequence[BoundaryEvent] | None = None) -> None:
        """Arm all border events, or those given, or raise ``Fault`` with none of them armed."""
        for border, plans in self._plans(token, self.borders if borders is None else borders):
            child = token._add_child(border)  # noqa: SLF001
            child.scope = token.scope
            child.lineage = {block: passed for block, passed in token.lineage.items() if block != self.block}
            child.redo = token.redo
            border.enter(child)
            border.arm(child, plans)

    def _plans(self, token: Token, borders: Sequence[BoundaryEvent]) -> list[tuple[BoundaryEvent, Plans]]:
        plans = []
        for border in borders:
            try:
                plans.append((border, border.plan(token)))
            except Fault as fault:
                if fault.code != NEVER_FIRES:
                    raise  # a cycle that is over only never happens: the work itself must not wait for it
        return plans

"""The task specs of SpiffWorkflow as BPMN flow nodes: what every node does when a token reaches and leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.detours import DETOUR, come_back
from workflows.engine.run.faults import Fault
from workflows.engine.run.variables import holds
from workflows.engine.types import ActivityKind, Closing, Deliver, HistoryKind, TimerSet

if TYPE_CHECKING:
    from SpiffWorkflow.specs import WorkflowSpec

    from workflows.engine.expressions import Expression
    from workflows.engine.process import Element
    from workflows.engine.run.data_flow import DataFlow
    from workflows.engine.run.token import Lineage, Token
    from workflows.engine.run.transfers import Mappings


CHOSEN = "chosen"
ARRIVALS = "arrivals"  # tokens that wait at one place for others: flow, lineage and redo of each


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """A sequence flow as a token takes it (BPMN 2.0.2 §8.4.13). ``given`` tells whether the file names it."""

    id: str
    target: Node
    condition: Expression | None = None
    is_default: bool = False


class Node(TaskSpec):
    """A flow node. A token completes it at once and takes every outgoing flow (BPMN 2.0.2 §13.3.1, §13.2)."""

    kind = ActivityKind.EVENT
    is_scope = False
    is_boundary = False
    is_beside = False  # hangs on its parent without being part of its work
    is_many = False  # a host of several instances
    waits_for_all = False  # of a join: for one token of every flow
    # how it is undone once it has completed (§10.7): the handler of its border event, or what it holds itself
    is_undoable = False
    undone_by: Node | None = None
    undo_border = ""
    undo_scope: Node | None = None
    mappings: Mappings | None = None

    def __init__(self, net: WorkflowSpec, name: str, element: Element) -> None:
        super().__init__(net, name, data={}, defines={}, inputs=[], outputs=[], pre_assign=[], post_assign=[])
        self.element = element
        self.arcs: tuple[Arc, ...] = ()
        self.is_choosing = False
        self.data: DataFlow | None = None
        self.start_quantity = 1
        self.completion_quantity = 1
        self.block = name
        self.position = 0

    def leads_to(self, arcs: tuple[Arc, ...]) -> None:
        """Connect the outgoing flows, in the order of the document."""
        self.arcs = arcs
        self.is_choosing = any(arc.condition is not None or arc.is_default for arc in arcs)
        for arc in arcs:
            self.connect(arc.target)

    @property
    def is_join(self) -> bool:
        """Tell whether tokens wait here for others."""
        return False

    def exits(self) -> list[Node]:
        """List where a token that is here may go next, border events included."""
        return [arc.target for arc in self.arcs]

    @cached_property
    def followers(self) -> set[str]:
        """The names of the nodes in ``exits``: the net does not change once it is built."""
        return {following.name for following in self.exits()}

    def arcs_to(self, target: Node) -> list[Arc]:
        """List the flows that lead straight to a node."""
        return [arc for arc in self.arcs if arc.target is target]

    # ------------------------------------------------------------------ called by SpiffWorkflow's tasks

    def test(self) -> None:
        """Accept every node: the check has judged the diagram."""

    def _predict(self, my_task: Token, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Predict nothing."""

    def _update_hook(self, my_task: Token) -> bool:
        """Give an arriving token its place in the diagram's blocks; it is ready at once."""
        if self.start_quantity > 1:
            self._gather(my_task)
            return False
        self.enter(my_task)
        return True

    def _gather(self, token: Token) -> None:
        """Wait until as many tokens have come as the activity begins with (Table 10.3, §13.3.2)."""
        case, place = token.workflow, (token.scope.id, self.name)
        waiting = case.joins.setdefault(place, token)
        if waiting is token:
            token.memo[ARRIVALS] = []
            token._set_state(TaskState.WAITING)  # noqa: SLF001
            token.move_to(token.scope)
        else:
            case.drop(token)
        waiting.memo[ARRIVALS].append([token.flow, token.lineage, token.redo])
        if len(waiting.memo[ARRIVALS]) == self.start_quantity:
            del case.joins[place]
            case.close(waiting, Closing.COMPLETED)  # a deadlock had opened it
            waiting.lineage, waiting.redo = merge_lineages(waiting.memo.pop(ARRIVALS))
            waiting.previous = None
            self.enter(waiting)
            waiting._set_state(TaskState.FUTURE)  # noqa: SLF001
            waiting._ready()  # noqa: SLF001

    def _on_ready_hook(self, my_task: Token) -> None:
        case = my_task.workflow
        case.effects.record(HistoryKind.ENTERED, self.element.id, my_task.key)
        case.queue(my_task)

    def _run(self, my_task: Token) -> bool | None:
        """Fill the data inputs first: without them the node does not begin (§13.3.2)."""
        try:
            if self.data is not None:
                self.data.enter(my_task)
            if self.mappings is not None:
                self.mappings.begin(my_task)
        except Fault:
            my_task._set_state(TaskState.ERROR)  # noqa: SLF001 - as the library does when the hook fails
            raise
        done: bool | None = super()._run(my_task)
        return done

    def _run_hook(self, my_task: Token) -> bool | None:
        """Run the node: True completes it, None leaves it waiting."""
        return True

    def _on_error_hook(self, my_task: Token) -> None:
        """Leave the fault to the run loop."""

    def _on_complete_hook(self, my_task: Token) -> None:
        case = my_task.workflow
        for child in my_task.children:
            case.withdraw(child)
        case.close(my_task, Closing.COMPLETED)
        case.effects.record(HistoryKind.COMPLETED, self.element.id, my_task.key)
        if DETOUR in my_task.memo:
            come_back(my_task)
            return
        for arc in self.chosen(my_task) * self.completion_quantity:
            self.take(my_task, arc)

    # ------------------------------------------------------------------ what kinds of nodes change

    def leave(self, token: Token) -> None:
        """Decide whatever may fail before the token completes, or raise ``Fault``.

        Flows with conditions leave an activity as they leave an inclusive gateway, flows without one are always
        taken; the default is taken when no condition holds (§8.4.13, §13.3.1). No flow at all is an exception.
        """
        if self.mappings is not None:
            self.mappings.hand_out(token)
        if self.data is not None:
            self.data.leave(token)
        if not self.is_choosing or DETOUR in token.memo:
            return
        held = [arc for arc in self.arcs if arc.condition is not None and holds(token, arc.condition)]
        taken = [arc for arc in self.arcs if arc in held or (arc.condition is None and not arc.is_default)]
        if not held:
            taken += [arc for arc in self.arcs if arc.is_default]
        if not taken:
            raise Fault("no-condition-holds", "No outgoing condition holds, and there is no default flow.")
        token.memo[CHOSEN] = [arc.id for arc in taken]

    def chosen(self, token: Token) -> tuple[Arc, ...]:
        """Choose the outgoing flows that a completed token takes: all of them, unless they have conditions."""
        if CHOSEN not in token.memo:
            return self.arcs
        return tuple(arc for arc in self.arcs if arc.id in token.memo[CHOSEN])

    def resume(self, token: Token) -> bool:
        """Look again at a waiting token that was woken; True completes it."""
        return False

    def inner_left(self, token: Token, inner: Token) -> None:
        """Note that a token inside this scope has finished."""

    def withdrawn(self, token: Token) -> None:
        """Call off what the token, about to be cancelled, has set going outside."""

    def is_entered(self, token: Token) -> bool:
        """Tell whether the history knows the token: one that waits for others has not begun."""
        return ARRIVALS not in token.memo

    def try_release(self, token: Token) -> bool:
        """Release a waiting join if nothing can reach it any more."""
        return False

    def awaits(self, token: Token) -> tuple[tuple[str, str], ...]:
        """List the messages and signals (kind, name) that the token waits for; ``receive`` takes one of them."""
        return ()

    def expects(self, token: Token, kind: str, name: str) -> str | None:
        """Return what a message that the token awaits must carry; None: any will do."""
        return None

    def accepts(self, token: Token, command: Deliver) -> bool:
        """Tell whether the token awaits a message and it is meant for it."""
        return False

    def timers(self, token: Token) -> list[TimerSet]:
        """List the armed timers of the token; ``fire`` fires one of them."""
        return []

    def fire(self, token: Token, occurrence: int) -> bool:
        """Fire the timer with this number; False when it is not armed."""
        return False

    def is_watching(self, token: Token) -> bool:
        """Tell whether the token must be looked at whenever a variable changes."""
        return False

    # ------------------------------------------------------------------ moving

    def take(self, token: Token, arc: Arc) -> Token:
        """Put a token on a sequence flow; SpiffWorkflow updates it right after."""
        token.workflow.effects.record(HistoryKind.TAKEN, arc.id)
        return self.put(token, arc)

    def put(self, token: Token, arc: Arc) -> Token:
        """Put a token at the target of an arc."""
        child = token._add_child(arc.target)  # noqa: SLF001 - the library's own way to grow the tree
        child.scope = token.scope
        child.previous = token
        child.flow = arc.id
        child.lineage = token.lineage
        child.redo = token.redo
        return child

    def enter(self, token: Token) -> None:
        """Give the token its round and attempt: those of its block, a new one for each pass through the block."""
        previous = token.previous
        token.previous = None
        if previous is not None and self._continues(previous, token):
            token.round, token.attempt, token.lineage = previous.round, previous.attempt, previous.lineage
            return
        token.round, token.attempt = self._next_pass(token)
        lineage = {block: passed for block, passed in token.lineage.items() if block != self.block}
        lineage[self.block] = token.round
        token.lineage = lineage

    def _continues(self, previous: Token, token: Token) -> bool:
        spec = previous.task_spec
        return spec.block == self.block and spec.position + 1 == self.position and previous.scope is token.scope

    def _next_pass(self, token: Token) -> tuple[int, int]:
        memo = token.scope.memo
        if token.redo and self.block in token.redo:
            passed = token.redo[self.block]
            token.redo = {block: number for block, number in token.redo.items() if block != self.block} or None
            return passed, next_attempt(token.scope, self.block, passed)
        passes = memo.setdefault("passes", {})
        passed = passes.get(self.block, 0)
        passes[self.block] = passed + 1
        return passed, 1


def next_attempt(scope: Token, block: str, passed: int) -> int:
    """Count one more attempt at a block that a return took back."""
    attempts = scope.memo.setdefault("attempts", {})
    name = f"{block}:{passed}"
    attempts[name] = attempts.get(name, 1) + 1
    number: int = attempts[name]
    return number


def merge_lineages(arrivals: list[list[Any]]) -> tuple[Lineage, Lineage | None]:
    """Join the ways of tokens that become one."""
    lineage: Lineage = {}
    redo: Lineage = {}
    known = lineage.get
    for _, passed, again in arrivals:
        for block, number in passed.items():
            if known(block, -1) < number:  # in a net of everything to everything these are millions
                lineage[block] = number
        redo.update(again or {})
    return lineage, redo or None

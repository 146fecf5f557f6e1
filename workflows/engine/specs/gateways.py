"""Gateways: where tokens choose, split and meet (BPMN 2.0.2 §10.6, execution in §13.4)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import Fault
from workflows.engine.run.variables import holds
from workflows.engine.specs.node import ARRIVALS, CHOSEN, Arc, Node, merge_lineages
from workflows.engine.types import ActivityKind, Closing, HistoryKind

if TYPE_CHECKING:
    from workflows.engine.run.token import Token


class Gateway(Node):
    """Any gateway."""

    kind = ActivityKind.GATEWAY

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.memo[CHOSEN] = [arc.id for arc in self.choose(my_task)]
        return True

    def choose(self, token: Token) -> tuple[Arc, ...]:
        """Choose the outgoing flows or raise ``Fault``."""
        return self.arcs

    def leave(self, token: Token) -> None:
        """Nothing more to decide: the flows were chosen when the gateway ran."""

    def _conditions(self, token: Token, *, first_only: bool) -> tuple[Arc, ...]:
        taken = []
        for arc in self.arcs:
            if arc.is_default:
                continue
            if arc.condition is None or holds(token, arc.condition):
                taken.append(arc)
                if first_only:
                    break
        if not taken:
            taken = [arc for arc in self.arcs if arc.is_default]
        if not taken and self.arcs:
            raise Fault("no-condition-holds", "No outgoing condition holds, and the gateway has no default flow.")
        return tuple(taken)


class ExclusiveGateway(Gateway):
    """Passes each token on through the first flow whose condition holds, in document order (§10.6.2, §13.4.2)."""

    def choose(self, token: Token) -> tuple[Arc, ...]:
        """Choose one flow; none is an exception by §13.4.2, here an incident."""
        return self._conditions(token, first_only=True)


class Join(Gateway):
    """A gateway at which tokens meet: counts them for each incoming flow, one waiting token for all of them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.incoming: tuple[str, ...] = ()
        self.reaches: dict[str, frozenset[str]] = {}

    @property
    def is_join(self) -> bool:
        """Tell whether tokens wait here for others."""
        return len(self.incoming) > 1

    def _update_hook(self, my_task: Token) -> bool:
        if not self.is_join:
            return super()._update_hook(my_task)
        case = my_task.workflow
        place = (my_task.scope.id, self.name)
        waiting = case.joins.get(place)
        arrival = [my_task.flow, my_task.lineage, my_task.redo]
        if waiting is None:
            waiting = my_task
            my_task.memo[ARRIVALS] = []
            my_task._set_state(TaskState.WAITING)  # noqa: SLF001
            my_task.move_to(my_task.scope)
            case.joins[place] = my_task
        else:
            case.drop(my_task)
        waiting.memo[ARRIVALS].append(arrival)
        if self.is_complete(waiting):
            self.release(waiting)
        return False

    def is_complete(self, waiting: Token) -> bool:
        """Tell whether the arrived tokens are enough to go on, without looking at others."""
        arrivals = waiting.memo[ARRIVALS]
        # too few of them: without a look at each, which a gateway of thousands of flows would feel
        return len(arrivals) >= len(self.incoming) and set(self.incoming) <= {arrival[0] for arrival in arrivals}

    def release(self, waiting: Token) -> None:
        """Consume one token of each flow that has one, and run; tokens left over wait for the next round."""
        case = waiting.workflow
        used, left = _consume(waiting.memo.pop(ARRIVALS))
        del case.joins[waiting.scope.id, self.name]
        case.close(waiting, Closing.COMPLETED)  # a deadlock had opened it under the key that it waits with
        waiting.lineage, waiting.redo = merge_lineages(used)
        self.enter(waiting)
        self.remember(waiting, [arrival[0] for arrival in used])
        waiting._set_state(TaskState.FUTURE)  # noqa: SLF001 - a waiting task of the library may become ready
        waiting._ready()  # noqa: SLF001
        if left:
            self.restore(waiting.scope, left)

    def restore(self, scope: Token, arrivals: list[list[Any]]) -> Token:
        """Put tokens back before the gateway."""
        case = scope.workflow
        again = case.joins.get((scope.id, self.name))
        if again is None:
            again = scope._add_child(self, TaskState.WAITING)  # noqa: SLF001
            again.memo[ARRIVALS] = []
            case.joins[scope.id, self.name] = again
        again.memo[ARRIVALS].extend(arrivals)
        if self.is_complete(again):
            self.release(again)
        return again

    def remember(self, token: Token, flows: list[str]) -> None:
        """Keep in the lineage what a later return needs to know."""

    def is_entered(self, token: Token) -> bool:
        """Tell whether the gateway has run: a token waiting before it is not in the history."""
        return ARRIVALS not in token.memo


def _consume(arrivals: list[list[Any]]) -> tuple[list[list[Any]], list[list[Any]]]:
    used: dict[str, list[Any]] = {}
    left = []
    for arrival in arrivals:
        if arrival[0] in used:
            left.append(arrival)
        else:
            used[arrival[0]] = arrival
    return list(used.values()), left


class ParallelGateway(Join):
    """Waits for a token on each incoming flow, then puts one on each outgoing flow (§10.6.4, §13.4.1)."""

    waits_for_all = True


class InclusiveGateway(Join):
    """Takes every flow whose condition holds; joins once nothing more can arrive (§10.6.3, §13.4.3)."""

    def choose(self, token: Token) -> tuple[Arc, ...]:
        """Choose all flows whose condition holds, the default when none does; a single flow needs no condition."""
        return self._conditions(token, first_only=False)

    def remember(self, token: Token, flows: list[str]) -> None:
        """Keep which flows were consumed: unlike a parallel join, it need not be all of them."""
        lineage = dict(token.lineage)
        for flow in self.incoming:
            lineage.pop(flow, None)
        for flow in flows:
            lineage[flow] = token.round
        token.lineage = lineage

    def try_release(self, token: Token) -> bool:
        """Release the join when no token elsewhere can still reach an empty incoming flow.

        §13.4.3: a token that can reach an empty incoming flow without visiting the gateway holds it back, unless
        it can also reach a flow that has a token already.
        """
        arrived = {arrival[0] for arrival in token.memo[ARRIVALS]}
        for other in token.scope.children:
            if other is not token and not other.task_spec.is_beside and self._holds_back(other, arrived):
                return False
        self.release(token)
        return True

    def _holds_back(self, other: Token, arrived: set[str]) -> bool:
        reached = self._flows_reached_from(other.task_spec)
        return bool(reached - arrived) and not reached & arrived

    def _flows_reached_from(self, start: Node) -> frozenset[str]:
        """Find the incoming flows of this gateway on paths from ``start`` that do not visit the gateway."""
        if start.name not in self.reaches:
            self.reaches[start.name] = self._search(start)
        return self.reaches[start.name]

    def _search(self, start: Node) -> frozenset[str]:
        if start is self:
            return frozenset()
        specs = start._wf_spec.task_specs  # noqa: SLF001 - the library gives its nets no other way
        seen, pending = {start.name}, [start.name]
        for name in pending:  # grows while we walk; sets, because everything may lead to everything
            further = specs[name].followers - seen
            further.discard(self.name)
            seen |= further
            pending.extend(further)
        return frozenset(flow for name in seen for flow in self.feeders.get(name, ()))

    @cached_property
    def feeders(self) -> dict[str, list[str]]:
        """The flows that lead straight to this gateway, by the node that they leave."""
        found: dict[str, list[str]] = {}
        for spec in self._wf_spec.task_specs.values():
            for arc in spec.arcs_to(self):
                found.setdefault(spec.name, []).append(arc.id)
        return found


class EventBasedGateway(Gateway):
    """Waits for the first of the events behind it and takes only that path (§10.6.6, §13.4.4)."""

    def _run_hook(self, my_task: Token) -> bool | None:
        self.let_wait(my_task, self.arcs)
        return None

    def let_wait(self, token: Token, arcs: Iterable[Arc]) -> None:
        """Let the events behind these flows wait, or raise ``Fault`` with none of them waiting."""
        events = [(arc, arc.target.plan(token)) for arc in arcs]
        token.workflow.open(token)
        for arc, plan in events:
            child = token._add_child(arc.target)  # noqa: SLF001
            child.scope, child.previous, child.flow = token.scope, token, arc.id
            child.lineage, child.redo = token.lineage, token.redo
            self.enter_event(child)
            arc.target.arm(child, plan)

    @staticmethod
    def enter_event(child: Token) -> None:
        """Give an event behind the gateway its place before it has happened."""
        child.task_spec.enter(child)

    def decide(self, gateway: Token, event: Token) -> None:
        """Follow the event that happened; the others are called off."""
        case = gateway.workflow
        flow = next(arc.id for arc in self.arcs if arc.target is event.task_spec)
        event.move_to(gateway.scope)
        for other in gateway.children:
            case.withdraw(other)
        case.close(gateway, Closing.COMPLETED)
        case.effects.record(HistoryKind.COMPLETED, self.element.id, gateway.key)
        case.effects.record(HistoryKind.TAKEN, flow)
        case.drop(gateway)

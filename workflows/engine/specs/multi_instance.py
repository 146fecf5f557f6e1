"""Multi-instance activities: one body, many instances, one token around them (BPMN 2.0.2 §10.3.8, §13.3.7)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import ChildNotRunningError
from workflows.engine.run.children import UNIT, caught_around, values_for_child
from workflows.engine.run.compensating import DONE
from workflows.engine.run.faults import INCIDENT, Fault
from workflows.engine.run.held import Stored
from workflows.engine.run.throwing import throw_error
from workflows.engine.run.transfers import Transfers
from workflows.engine.run.variables import CLOSED, MI, VARIABLES, evaluate, holds, write
from workflows.engine.specs.activities import Activity
from workflows.engine.specs.behavior import FIRST, Telling
from workflows.engine.specs.node import Node
from workflows.engine.types import ActivityKind, ChildStarted, EndChild
from workflows.engine.values import from_json, to_json

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token

COUNTER = "loopCounter"


def _is_count(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return value >= 0 and value == int(value)


class MultiInstance(Activity):
    """Runs its body once for each item or number, at the same time or one after the other (§13.3.7).

    ``memo["mi"]`` counts: total, started, done; ``back`` holds what finished instances left until it is looked at.
    Border events belong to the whole. ``loopCounter`` numbers the instances from 1 (Table 10.30).
    """

    kind = ActivityKind.MULTI_INSTANCE
    is_scope = True
    is_many = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sequential = False
        self.cardinality: Expression | None = None
        self.collection: Expression | None = None
        self.completion: Expression | None = None
        self.item = ""
        self.own_item = ""
        self.output = ""
        self.output_item: Expression | None = None
        self.limit = 0
        self.tellings: tuple[Telling, ...] = ()
        self.first = 1  # dialects count from 0

    # ------------------------------------------------------------------ beginning

    def prepare(self, token: Token) -> Any:
        """Count the instances, once, at the beginning (§13.3.7)."""
        if self.collection is not None:
            items = evaluate(token, self.collection)
            if not isinstance(items, list | tuple):
                raise Fault("collection-not-a-list", f"Expected {self.collection.text} to be a list.")
            total, held = len(items), Stored.of(items)
        else:
            assert self.cardinality is not None  # noqa: S101 - the check demands one of the two
            number = evaluate(token, self.cardinality)
            if not _is_count(number):
                raise Fault("cardinality-not-a-number", f"Expected {self.cardinality.text} to be a whole number.")
            total, held = int(number), None
        if total > self.limit:
            message = f"{total} instances are more than the {self.limit} that fit into one case."
            raise Fault("multi-instance-too-large", message)
        state: dict[str, Any] = {"total": total, "items": held, "next": 0, "done": 0, "out": Stored(), "back": []}
        at_once = min(1, total) if self.sequential else total
        return state, [self.input_of(token, state, index) for index in range(at_once)]

    def begin(self, token: Token, prepared: Any) -> None:
        """Start the first instance, or all."""
        state, inputs = prepared
        token.memo[MI] = state
        for given in inputs:
            self._start(token, given)
        if not inputs:
            token.workflow.queue(token)

    def _start(self, token: Token, given: dict[str, Any]) -> None:
        state = token.memo[MI]
        state["next"] += 1
        self.start_instance(token, state["next"] - 1, given)

    def input_of(self, token: Token, state: dict[str, Any], index: int) -> dict[str, Any]:
        """Compute what an instance begins with, or raise ``Fault``: before anything of it is started."""
        local: dict[str, Any] = {COUNTER: index + self.first}
        if state["items"] is not None and self.item:
            local[self.item] = from_json(state["items"][index])
        if self.own_item:
            local.setdefault(self.own_item, None)
        return local

    def result_of(self, token: Token, index: int, left: dict[str, Any]) -> dict[str, Any]:
        """Compute what the conditions see of a finished instance, or raise ``Fault``."""
        return left

    def start_instance(self, token: Token, index: int, given: dict[str, Any]) -> None:
        """Set one instance going."""
        raise NotImplementedError

    # ------------------------------------------------------------------ instance by instance

    def resume(self, token: Token) -> bool:
        """Look at each finished instance in turn; True when the whole is done."""
        state = token.memo[MI]
        while state["back"]:
            index, left = state["back"][0]
            values = self.result_of(token, index, left)
            if self.output and self.output_item is not None:
                item = evaluate(token, self.output_item, values)
                earlier = [entry for entry in state["out"] if entry[0] != index]
                state["out"] = Stored([*earlier, [index, to_json(item)]])
            if self.tellings:
                self._tell(token, state, self._seen(state, index, values))
                if not token.is_alive:
                    return False
            if self._is_enough(token, state, index, values):
                return self._finish(token)
            state["done"] += 1
            state["back"].pop(0)
        if state["done"] >= state["total"]:
            return self._finish(token)
        self.go_on(token)
        if self.sequential and state["next"] == state["done"]:
            self._start(token, self.input_of(token, state, state["next"]))
        return False

    def go_on(self, token: Token) -> None:
        """Start again what an incident had stopped."""

    def _tell(self, token: Token, state: dict[str, Any], seen: dict[str, Any]) -> None:
        """Throw what is to be thrown with this instance, once."""
        number = state["done"] + 1
        if state.get("told", 0) >= number:
            return
        due = [each for each in self.tellings if each.condition is None or holds(token, each.condition, seen)]
        state["told"] = number
        for telling in due:
            if token.is_alive and (telling.when != FIRST or number == 1):
                telling.tell(token)

    def _is_enough(self, token: Token, state: dict[str, Any], index: int, values: dict[str, Any]) -> bool:
        if self.completion is None:
            return False
        return holds(token, self.completion, self._seen(state, index, values))

    def _seen(self, state: dict[str, Any], index: int, values: dict[str, Any]) -> dict[str, Any]:
        """Lay the counters of Table 10.30 over what the finished instance left."""
        done = state["done"] + 1
        counts = {"Instances": state["total"], "CompletedInstances": done, "ActiveInstances": state["next"] - done}
        counters = {f"{prefix}{name}": count for name, count in counts.items() for prefix in ("numberOf", "nrOf")}
        counters |= {"numberOfTerminatedInstances": 0, "nrOfTerminatedInstances": 0, COUNTER: index + self.first}
        nearest = {**values, **counters}
        if self.output:
            nearest[self.output] = self._collected(state)
        return nearest

    def _collected(self, state: dict[str, Any]) -> list[Any]:
        return [from_json(value) for _, value in sorted(state["out"], key=lambda entry: int(entry[0]))]

    def _finish(self, token: Token) -> bool:
        if self.output:
            collected = self._collected(token.memo[MI])
            write(token, {self.output: collected})
        return True


class MultiInstanceInside(MultiInstance):
    """Instances are tokens inside the host: for tasks, and for sub-processes that share the case's variables."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.body: Node

    def start_instance(self, token: Token, index: int, given: dict[str, Any]) -> None:
        """Put a token at the body; with an output item, what it writes stays its own."""
        instance = token._add_child(self.body)  # noqa: SLF001
        instance.round = index
        instance.memo[VARIABLES] = given
        if self.output and not self.own_item:
            instance.memo[CLOSED] = True
        if self.item in given:
            instance.memo["item"] = given[self.item]
        instance._set_state(TaskState.READY)  # noqa: SLF001
        self.body._on_ready_hook(instance)  # noqa: SLF001

    def inner_left(self, token: Token, inner: Token) -> None:
        """Keep what the instance left and look at it."""
        values = dict(inner.memo.get(VARIABLES, {})) if self.output or self.completion else {}
        token.memo[MI]["back"].append([inner.round, values])
        token.workflow.queue(token)


class MultiInstanceCases(MultiInstance):
    """Instances are cases of their own: for calls, and for sub-processes that are isolated.

    The host only counts: its state does not grow with what happens inside the children.
    """

    called = ""
    into = Transfers()
    back = Transfers()
    unit: Expression | None = None
    is_call = True
    body: Node

    def begin(self, token: Token, prepared: Any) -> None:
        """Start the children and remember which of them run."""
        prepared[0].update(open="0", failed=[])
        super().begin(token, prepared)

    def input_of(self, token: Token, state: dict[str, Any], index: int) -> dict[str, Any]:
        """Compute what the child case gets: what is mapped, an isolated body its item as well."""
        local = super().input_of(token, state, index)
        mapped = values_for_child(token, self.into, self.unit, local)
        return mapped if self.is_call else {**mapped, **local}

    def start_instance(self, token: Token, index: int, given: dict[str, Any]) -> None:
        """Ask for one child case."""
        self._mark(token, index, running=True)
        values = {name: value for name, value in given.items() if name != UNIT}
        token.workflow.effects.start_child(
            ChildStarted(token.key, index, self.called, values, unit=given.get(UNIT), caught=caught_around(token))
        )

    def child_ended(self, token: Token, command: EndChild) -> None:
        """Keep what the child brought back; its error is thrown here; a cancelled child is an incident."""
        if not self._runs(token, command.index):
            raise ChildNotRunningError(f"Expected {token.key} to wait for child {command.index}, but it does not.")
        self._mark(token, command.index, running=False)
        if command.outcome == "error":
            throw_error(token, command.code, token.key)
        elif command.outcome == "cancelled":
            token.memo[MI]["failed"].append(command.index)
            token.workflow.raise_incident(token, "child-cancelled", f"Child case {command.index} was cancelled.")
        else:
            if self.is_undoable:
                local = MultiInstance.input_of(self, token, token.memo[MI], command.index)
                token.memo.setdefault(DONE, []).append([self.name, local, None, 1])
            token.memo[MI]["back"].append([command.index, dict(command.variables)])
            token.workflow.queue(token)

    def result_of(self, token: Token, index: int, left: dict[str, Any]) -> dict[str, Any]:
        """Map what a called case brought back; of an isolated body everything is seen, and only its item kept."""
        local = super().input_of(token, token.memo[MI], index)
        if not self.is_call:
            return {**local, **left}
        mapped = self.back.values(token, {**local, **left})
        if not self.output:
            write(token, mapped)
        return {**local, **mapped}

    def go_on(self, token: Token) -> None:
        """Start again the children that were cancelled, after ``Retry``."""
        state = token.memo[MI]
        if state["failed"] and INCIDENT not in token.memo:
            again = [(index, self.input_of(token, state, index)) for index in state["failed"]]
            state["failed"] = []
            for index, given in again:
                self.start_instance(token, index, given)

    def withdrawn(self, token: Token) -> None:
        """Cancel the children that still run."""
        for index in range(token.memo.get(MI, {}).get("next", 0)):
            if self._runs(token, index):
                token.workflow.effects.cancel_child(token.key, index)

    def _finish(self, token: Token) -> bool:
        self.withdrawn(token)
        token.memo[MI]["next"] = 0
        return super()._finish(token)

    @staticmethod
    def _runs(token: Token, index: int) -> bool:
        return bool(int(token.memo[MI]["open"], 16) >> index & 1) if index >= 0 else False

    @staticmethod
    def _mark(token: Token, index: int, *, running: bool) -> None:
        mask = int(token.memo[MI]["open"], 16)
        token.memo[MI]["open"] = f"{mask | 1 << index if running else mask & ~(1 << index):x}"

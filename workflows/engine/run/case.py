"""One case while a command runs: SpiffWorkflow's workflow with an index of what is ready instead of searches.

Tokens move through the library's task tree: ``Task.run`` → our spec → ``Task.complete`` → children → ``_update``.
Nothing is predicted, a finished task leaves the tree, and no loop of this module recurses, so neither the length
of a chain nor the number of rounds of a loop costs anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from workflows.engine.run.compensating import OWNER, remember
from workflows.engine.run.detours import PARKED, partner_of
from workflows.engine.run.effects import Effects
from workflows.engine.run.faults import INCIDENT, Fault
from workflows.engine.run.token import LEAVING, Token
from workflows.engine.types import (
    ActivityKey,
    Closing,
    Context,
    HistoryKind,
    IncidentRaised,
    Outcome,
)

if TYPE_CHECKING:
    from workflows.engine.process import Process
    from workflows.engine.specs.node import Node

MAX_TOKENS = 20_000


class Case(Workflow):
    """The tokens of one case, what is ready among them, and what the command has caused so far."""

    def __init__(self, process: Process, context: Context) -> None:
        super().__init__(process.net, deserializing=True)
        self.process = process
        self.context = context
        self.effects = Effects()
        self.outcome: Outcome | None = None
        self.ready: deque[Token] = deque()
        self.last: deque[Token] = deque()  # ready, but only after everything else that is
        self.joins: dict[tuple[int, str], Token] = {}
        self.watching: dict[int, Token] = {}  # waits for a condition
        self.changed = True  # a variable, since the conditions were looked at
        self.numbers = 0
        self.root: Token

    # ------------------------------------------------------------------ the tree

    def next_number(self) -> int:
        """Hand out the id of a new token."""
        self.numbers += 1
        return self.numbers

    def spawn(self, scope: Token, spec: Node) -> Token:
        """Put a new token at ``spec`` inside ``scope`` and make it ready."""
        token = scope._add_child(spec)  # noqa: SLF001 - the library's own way to grow the tree
        spec._update(token)  # noqa: SLF001
        return token

    def queue(self, token: Token, *, first: bool = False) -> None:
        """Let the run loop come to this token."""
        if first:
            self.ready.appendleft(token)
        else:
            self.ready.append(token)

    def queue_last(self, token: Token) -> None:
        """Let the run loop come to this token once nothing else is ready."""
        self.last.append(token)

    def watch(self, token: Token) -> None:
        """Look at the conditions of this token, soon and whenever a variable changes."""
        self.watching[token.id] = token
        self.changed = True

    def _task_completed_notify(self, task: Token) -> None:
        """Prune: what follows a finished token hangs on its scope, the token itself is forgotten."""
        scope = task.scope
        if task.task_spec.is_undoable:
            remember(task)
        for child in task.children:
            child.move_to(scope)
        self.drop(task)
        scope.task_spec.inner_left(scope, task)

    def drop(self, token: Token) -> None:
        """Take one token without children out of the tree."""
        parent = token.parent
        if parent is not None:
            parent._children.pop(token.id, None)  # noqa: SLF001
        self.tasks.pop(token.id, None)
        owner = self.tasks.get(token.memo[OWNER]) if OWNER in token.memo else None
        if owner is not None:
            self.queue(owner)
        self.watching.pop(token.id, None)
        if self.joins.get((token.scope.id, token.task_spec.name)) is token:
            del self.joins[token.scope.id, token.task_spec.name]

    def withdraw(self, token: Token, closing: Closing = Closing.CANCELLED) -> None:
        """Cancel a token and everything inside it, innermost first; with a detour goes whoever waits for it."""
        if not token.is_alive:
            return
        doomed = [token]
        for each in doomed:  # grows while we walk: no recursion
            doomed.extend(each.children)
        partners = [partner for each in doomed if (partner := partner_of(each)) is not None]
        for each in reversed(doomed):
            each.task_spec.withdrawn(each)
            self._close_withdrawn(each, closing)
            each._set_state(TaskState.CANCELLED)  # noqa: SLF001
            self.drop(each)
        for partner in partners:
            self.withdraw(partner)

    def _close_withdrawn(self, token: Token, closing: Closing) -> None:
        if token.task_spec.is_entered(token) and PARKED not in token.memo:
            self.effects.record(HistoryKind.CANCELLED, token.task_spec.element.id, token.key)
        self.close(token, closing)

    def empty(self, scope: Token) -> None:
        """Cancel everything inside a scope, but not what hangs on its border."""
        for child in scope.children:
            if not child.task_spec.is_boundary:
                self.withdraw(child)

    # ------------------------------------------------------------------ open and closed

    def open(self, token: Token) -> None:
        """Mark the activity of ``token`` as open: it stays after the command unless something closes it."""
        if not token.opened:
            token.opened = True
            self.effects.open(token.key, token.task_spec.kind)

    def close(self, token: Token, closing: Closing) -> None:
        """Mark the activity of ``token`` as closed, if it was open."""
        if token.opened:
            token.opened = False
            self.effects.close(token.key, token.task_spec.kind, closing)
        if token.memo.pop(INCIDENT, None) is not None:
            self.effects.incidents.pop(token.key, None)

    # ------------------------------------------------------------------ the run loop

    def settle(self) -> None:
        """Run everything that is ready until the case waits or has ended."""
        fuel = self.context.fuel
        while self.outcome is None:
            if self.changed and self.watching:
                self._look_at_conditions()
            if not self.ready:
                if not self._wake_the_last() and not self._release_a_join():
                    break
                continue
            if fuel <= 0 or len(self.tasks) > MAX_TOKENS:
                self._stop_all("fuel-exhausted" if fuel <= 0 else "too-many-tokens")
                break
            made = self.numbers
            self._run(self.ready.popleft())
            fuel -= max(self.numbers - made, 1)  # a step that makes many tokens costs as many
        if self.outcome is None:
            self._report_deadlock()

    def _run(self, token: Token) -> None:
        if not token.is_alive:
            return
        try:
            if LEAVING in token.memo:
                token.complete()
            elif token.has_state(TaskState.READY):
                token.run()
            elif token.has_state(TaskState.STARTED) and token.task_spec.resume(token):
                token.complete()
        except Fault as fault:
            self.raise_incident(token, fault.code, fault.message, fault.params)

    def _look_at_conditions(self) -> None:
        """Let every condition that has become true take effect (BPMN 2.0.2 §10.5.5, conditional events)."""
        self.changed = False
        for token in list(self.watching.values()):
            if token.is_alive:
                token.task_spec.look(token)

    def _wake_the_last(self) -> bool:
        if self.last:
            self.ready.append(self.last.popleft())
        return bool(self.ready)

    def _release_a_join(self) -> bool:
        return any(join.task_spec.try_release(join) for join in list(self.joins.values()))

    def _stop_all(self, code: str) -> None:
        limit = self.context.fuel if code == "fuel-exhausted" else MAX_TOKENS
        for token in (*self.ready, *self.last):
            if token.is_alive:
                if token.has_state(TaskState.READY):
                    token._set_state(TaskState.ERROR)  # noqa: SLF001
                self.raise_incident(token, code, f"The case was stopped after {limit} automatic steps or tokens.")
        self.ready.clear()
        self.last.clear()

    def raise_incident(self, token: Token, code: str, message: str, params: Mapping[str, Any] | None = None) -> None:
        """Stop one token: it stays where it is until ``Retry``."""
        token.memo[INCIDENT] = {"code": code, "message": message, **({"params": dict(params)} if params else {})}
        # a border event that goes on waiting has the key of what has happened at it, and is open already
        if not (token.task_spec.is_boundary and self._waits_on(token.key)):
            self.open(token)
        self.effects.incidents[token.key] = IncidentRaised(token.key, code, message, params or {})

    def _waits_on(self, key: ActivityKey) -> bool:
        return any(other.opened and other.key == key for other in self.find(key.element_id))

    def retry(self, token: Token) -> None:
        """Let a stopped token run again."""
        token.memo.pop(INCIDENT)
        if token.has_state(TaskState.ERROR):
            token._set_state(TaskState.READY)  # noqa: SLF001
        self.changed = True
        self.queue(token)

    def _report_deadlock(self) -> None:
        """Say so when tokens are left that nothing can ever move: BPMN 2.0.2 lets them wait for ever (§13.4.1)."""
        waiting = [join for join in self.joins.values() if INCIDENT not in join.memo]
        if not waiting or any(self._is_live(token) for token in self.tasks.values()):
            return
        for join in waiting:
            message = "No token is left that could reach the missing incoming flows of this gateway."
            self.raise_incident(join, "deadlock", message)

    def _is_live(self, token: Token) -> bool:
        """Tell whether somebody outside may still move this token."""
        if not token.opened or self.joins.get((token.scope.id, token.task_spec.name)) is token:
            return False
        # a host of child cases has no tokens inside, only what waits on its border
        return not token.task_spec.is_scope or not token.has_work

    # ------------------------------------------------------------------ the end

    def end(self, outcome: Outcome, closing: Closing = Closing.CANCELLED) -> None:
        """End the case: whatever is still open is closed."""
        if self.outcome is not None:
            return
        for child in self.root.children:
            if child.is_alive:
                self.withdraw(child, closing)
        self.outcome = outcome
        self.ready.clear()
        self.last.clear()
        self.completed = True
        self.success = outcome.kind == "completed"

    def is_completed(self) -> bool:
        """Tell whether the case has reached its outcome, without searching the tree."""
        return self.outcome is not None

    # ------------------------------------------------------------------ small things

    def find(self, element_id: str) -> list[Token]:
        """List the tokens at one element, oldest first."""
        return [token for token in self.tasks.values() if token.task_spec.element.id == element_id]

    @property
    def variables(self) -> dict[str, Any]:
        """The case's own variables."""
        held: dict[str, Any] = self.root.memo["vars"]
        return held

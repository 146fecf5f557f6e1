"""A token: SpiffWorkflow's task, cheap enough to hold one for each thing that is alive.

SpiffWorkflow's own task hashes UUIDs, reads the wall clock and logs at each change of state, copies data from its
parent and predicts its children. A token has a small number as its id, keeps no data, and knows its scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.run.faults import Fault
from workflows.engine.types import ActivityKey

if TYPE_CHECKING:
    from workflows.engine.run.case import Case
    from workflows.engine.specs.node import Node

Lineage = dict[str, int]
# the work is done, but something that decides where the token goes has failed
LEAVING = "leaving"


class Token(Task):
    """One task of the tree. Children of an activity are what lives inside it; a finished token leaves the tree.

    ``round`` and ``attempt`` count as in ``ActivityKey``. ``lineage`` names the blocks (straight pieces of the
    diagram) that the token has come through in its scope, with their rounds, in order: what a return withdraws.
    ``redo`` are the rounds that a return took back, so that the second attempt keeps its round.
    """

    workflow: Case
    task_spec: Node
    scope: Token

    def __init__(self, case: Case, spec: Node, parent: Token | None, state: int, number: int) -> None:
        # deliberately not super().__init__: see the module's docstring
        self.id = number
        case.tasks[number] = self
        self.workflow = case
        self.task_spec = spec
        self._parent = parent.id if parent is not None else None
        self._children: dict[int, None] = {}
        self._state = state
        self.triggered = False
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        self.scope = parent if parent is not None else self
        self.round = 0
        self.attempt = 1
        self.lineage: Lineage = {}
        self.redo: Lineage | None = None
        self.opened = False
        self.flow = ""
        self.previous: Token | None = None
        if parent is not None:
            parent._children[number] = None  # noqa: SLF001 - tokens keep each other's books

    @property
    def memo(self) -> dict[str, Any]:
        """What the element remembers between two commands: plain data, kept in the state."""
        return self.internal_data

    @property
    def key(self) -> ActivityKey:
        """Name the activity that this token stands for."""
        return ActivityKey(self.task_spec.element.id, self.scope.inner_path, self.round, self.attempt)

    @property
    def inner_path(self) -> str:
        """The scope path of whatever lives inside this token."""
        steps = []
        token = self
        while token.scope is not token:
            steps.append(f"{token.task_spec.element.id}:{token.round}:{token.attempt}")
            token = token.scope
        return "/".join(reversed(steps))

    @property
    def is_alive(self) -> bool:
        return self.workflow.tasks.get(self.id) is self

    @property
    def has_work(self) -> bool:
        """Tell whether anything inside is still to be done: what waits on a border or in a handler does not count."""
        tasks = self.workflow.tasks
        return any(not tasks[number].task_spec.is_beside for number in self._children)

    def scopes(self) -> Iterator[Token]:
        """Walk from this token outwards to the process."""
        token = self
        yield token
        while token.scope is not token:
            token = token.scope
            yield token

    def _add_child(self, task_spec: Node, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state, self.workflow.next_number())

    def complete(self) -> None:
        """Complete the token; a fault while it leaves becomes an incident, and ``Retry`` leaves again."""
        try:
            self.task_spec.leave(self)
        except Fault as fault:
            self.memo[LEAVING] = True
            self._set_state(TaskState.STARTED)
            self.workflow.raise_incident(self, fault.code, fault.message, fault.params)
            return
        super().complete()

    def _set_state(self, value: int) -> None:
        self._state = value

    def wait_behind_the_others(self) -> None:
        """Begin to wait anew: the next message goes to whoever has waited longer."""
        tasks = self.workflow.tasks
        tasks[self.id] = tasks.pop(self.id)
        if self.parent is not None:
            self.move_to(self.parent)

    def move_to(self, parent: Token) -> None:
        """Hang the token under another one."""
        old = self.workflow.tasks.get(self._parent)
        if old is not None:
            old._children.pop(self.id, None)  # noqa: SLF001
        self._parent = parent.id
        parent._children[self.id] = None

"""Activities: the work itself (BPMN 2.0.2 §10.3, execution in §13.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.engine.errors import ChildNotRunningError
from workflows.engine.model import EXTERNAL
from workflows.engine.run.children import UNIT, caught_around, values_for_child
from workflows.engine.run.entering import begin_inside
from workflows.engine.run.throwing import throw_error
from workflows.engine.run.transfers import Transfers
from workflows.engine.run.variables import VARIABLES, inner, write
from workflows.engine.specs.events import ArmedActivity
from workflows.engine.specs.node import Node
from workflows.engine.types import ActivityKind, ChildStarted, EndChild, JobCreated, Outcome, TaskOpened

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token

GIVEN = "given"  # what the event brought that began a sub-process


class Activity(ArmedActivity):
    """Work that takes time: opens, waits to be finished from outside, completes (§13.3.2)."""

    def _run_hook(self, my_task: Token) -> bool | None:
        case = my_task.workflow
        prepared = self.prepare(my_task)
        self.arm_borders(my_task)
        case.open(my_task)
        self.begin(my_task, prepared)
        return None

    def prepare(self, token: Token) -> Any:
        """Evaluate all that may fail before anything is opened."""

    def begin(self, token: Token, prepared: Any) -> None:
        """Set the work going."""


class HumanTask(Activity):
    """A user task or a manual task: waits for a person (§10.3.3, §13.3.3).

    A plain ``task`` has no type (§10.3.3); here a person does it too, so it is a manual task.
    """

    kind = ActivityKind.USER_TASK

    def begin(self, token: Token, prepared: Any) -> None:
        """Announce the task."""
        local = token.memo.get(VARIABLES, {})
        opened = TaskOpened(token.key, self.kind, local.get("loopCounter"), token.memo.get("item"), inner(token))
        token.workflow.effects.tasks[token.key] = opened


class ManualTask(HumanTask):
    """Work outside any system, that a person reports as done (§10.3.3)."""

    kind = ActivityKind.MANUAL_TASK


class ServiceTask(Activity):
    """A job for the application: reaching it runs nothing, finishing or failing it comes from outside (§10.3.3)."""

    kind = ActivityKind.SERVICE_TASK
    operation = ""
    inputs_given = Transfers()
    result = ""
    headers: Mapping[str, str] = {}

    def prepare(self, token: Token) -> Any:
        """Evaluate the inputs."""
        return self.inputs_given.values(token)

    def begin(self, token: Token, prepared: Any) -> None:
        """Announce the job."""
        token.workflow.effects.jobs[token.key] = JobCreated(token.key, self.operation, prepared, self.headers)

    def finish(self, token: Token, variables: Mapping[str, Any]) -> None:
        """Write what the job answered and go on.

        With ``zc:result`` the answer is one variable: the value of ``result`` when nothing else came, else all. Without
        it a lone ``result`` goes nowhere, for the diagram does not ask for it; a worker outside means what it names.
        """
        only_result = set(variables) == {"result"}
        if self.result:
            variables = {self.result: variables["result"] if only_result else dict(variables)}
        elif only_result and self.operation != EXTERNAL:
            variables = {}
        write(token, variables)
        token.complete()


class SubProcess(Activity):
    """An embedded sub-process: a scope whose tokens live inside its own (§10.3.5, §13.3.4)."""

    kind = ActivityKind.SUB_PROCESS
    is_scope = True
    own: tuple[str, ...] = ()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.starts: tuple[Node, ...] = ()
        self.listeners: tuple[Node, ...] = ()

    def begin(self, token: Token, prepared: Any) -> None:
        """Let the event sub-processes inside wait, and put tokens at the start inside."""
        if self.own:
            held = token.memo.setdefault(VARIABLES, {})
            held.update({name: None for name in self.own if name not in held})
        write(token, token.memo.pop(GIVEN, {}))
        for listener in self.listeners:
            token.workflow.spawn(token, listener)
        if begin_inside(token):
            return
        for start in self.first(token):
            token.workflow.spawn(token, start)
        if not self.starts:
            token.workflow.queue(token)

    def first(self, token: Token) -> tuple[Node, ...]:
        """Choose where tokens begin."""
        return self.starts

    def inner_left(self, token: Token, inner: Token) -> None:
        """Complete once nothing lives inside any more."""
        token.workflow.queue(token)

    def resume(self, token: Token) -> bool:
        """Tell whether all tokens inside are gone."""
        return not token.has_work


class WholeProcess(SubProcess):
    """The process itself: the outermost scope, with the case's variables (§13.2)."""

    def inner_left(self, token: Token, inner: Token) -> None:
        """End the case once no work is left."""
        if not token.has_work:
            token.workflow.end(Outcome("completed"))

    def resume(self, token: Token) -> bool:
        """End at once when there was nothing to start."""
        if not token.has_work:
            token.workflow.end(Outcome("completed"))
        return False


class CallActivity(Activity):
    """Starts a case of its own and waits for it; only mapped variables pass (§10.3.6, §13.3.4)."""

    kind = ActivityKind.CALL_ACTIVITY
    called = ""
    into = Transfers()
    back = Transfers()
    unit: Expression | None = None

    def prepare(self, token: Token) -> Any:
        """Evaluate what goes in, and whom the child belongs to."""
        return values_for_child(token, self.into, self.unit)

    def begin(self, token: Token, prepared: Any) -> None:
        """Ask for the child case."""
        token.memo["child"] = True
        unit = prepared.pop(UNIT, None)
        token.workflow.effects.start_child(
            ChildStarted(token.key, 0, self.called, prepared, unit=unit, caught=caught_around(token))
        )

    def child_ended(self, token: Token, command: EndChild) -> None:
        """Go on when the child has ended well; its error is thrown here; a cancelled child is an incident."""
        if command.index != 0 or "child" not in token.memo:
            raise ChildNotRunningError(f"Expected {token.key} to wait for child {command.index}, but it does not.")
        del token.memo["child"]
        if command.outcome == "error":
            throw_error(token, command.code, token.key)
        elif command.outcome == "cancelled":
            token.workflow.raise_incident(token, "child-cancelled", "The called case was cancelled.")
        else:
            token.memo["back"] = dict(command.variables)
            token.workflow.queue(token)

    def resume(self, token: Token) -> bool:
        """Map what came back; after an incident, start the child again."""
        if "back" in token.memo:
            values = self.back.values(token, token.memo["back"])
            write(token, values)
            return True
        if "child" not in token.memo:
            self.begin(token, self.prepare(token))
        return False

    def withdrawn(self, token: Token) -> None:
        """Cancel the child case."""
        if "child" in token.memo:
            token.workflow.effects.cancel_child(token.key, 0)

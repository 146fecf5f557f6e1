"""Tasks that nobody waits for: they are done as soon as a token reaches them (BPMN 2.0.2 §10.3.3, §13.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.engine.expressions import ExpressionError
from workflows.engine.run.faults import Fault
from workflows.engine.run.variables import delete, evaluate, holds, visible, write
from workflows.engine.scripts import Script, Statement
from workflows.engine.specs.decision_shapes import SPREAD, shaped
from workflows.engine.specs.node import Node
from workflows.engine.specs.throws import MessageThrowEvent
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.decisions import Decision
    from workflows.engine.run.token import Token

_SHOWN = 200


class PassingTask(Node):
    """A service task without operation, or a rule task without decision: nothing says what to do, so it is done."""

    kind = ActivityKind.SERVICE_TASK


class BusinessRuleTask(Node):
    """Evaluates a DMN decision at once and goes on (§10.3.3)."""

    kind = ActivityKind.BUSINESS_RULE_TASK
    decision: Decision
    result = ""
    shape = ""  # as a dialect wants it; "spread" makes each output a variable

    def _run_hook(self, my_task: Token) -> bool | None:
        context = my_task.workflow.context
        try:
            value = self.decision.evaluate(visible(my_task), now=context.now, functions=context.functions)
        except ExpressionError as error:
            raise Fault(error.code, f"Decision {self.decision.id}: {error.message}") from error
        value = shaped(value, self.decision, self.shape)
        if self.shape == SPREAD and not self.result:
            write(my_task, value)
        elif self.result:
            write(my_task, {self.result: value})
        return True


class ScriptTask(Node):
    """Carries out its script line by line; a false assertion or a fault stops it (§10.3.3, §13.3.3).

    What the lines before a fault have written is taken back, so that ``Retry`` begins anew.
    """

    kind = ActivityKind.SERVICE_TASK
    script: Script

    def _run_hook(self, my_task: Token) -> bool | None:
        nearest: dict[str, object] = {}
        gone: set[str] = set()
        for statement in self.script.statements:
            self._carry_out(my_task, statement, nearest, gone)
        write(my_task, nearest)
        for name in gone:
            delete(my_task, name)
        return True

    @staticmethod
    def _carry_out(token: Token, statement: Statement, nearest: dict[str, object], gone: set[str]) -> None:
        name, expression = statement.name, statement.value
        if statement.kind == "delete":
            if name not in nearest and name not in visible(token):
                raise Fault("script-name-unknown", f"{statement.text}: there is no variable {name}.")
            nearest.pop(name, None)
            gone.add(name)
            return
        assert expression is not None  # noqa: S101 - only a deletion has none
        if statement.kind == "assert":
            if not holds(token, expression, nearest):
                raise Fault("assertion-failed", _message(token, statement, nearest))
            return
        value = evaluate(token, expression, nearest)
        if statement.kind == "append":
            held = nearest.get(name, visible(token).get(name))
            if not isinstance(held, list | tuple):
                raise Fault("script-not-a-list", f"{statement.text}: {name} is not a list.")
            value = [*held, value]
        if name:
            nearest[name] = value
            gone.discard(name)


def _message(token: Token, statement: Statement, nearest: dict[str, object]) -> str:
    if statement.message is None:
        return f"{statement.text} does not hold."
    return str(evaluate(token, statement.message, nearest))[:_SHOWN]


class SendTask(MessageThrowEvent):
    """Sends its message and is done, as a message throw event (§10.3.3, §13.3.3)."""

    kind = ActivityKind.SERVICE_TASK

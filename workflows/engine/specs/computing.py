"""A service task that only computes: dialects write an expression where others name code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.engine.run.variables import evaluate, write
from workflows.engine.specs.node import Node
from workflows.engine.types import ActivityKind

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token


class ComputingTask(Node):
    """Evaluates an expression, keeps the value under a name, and goes on (§10.3.3: the operation is the expression)."""

    kind = ActivityKind.SERVICE_TASK
    expression: Expression
    result = ""

    def _run_hook(self, my_task: Token) -> bool | None:
        value = evaluate(my_task, self.expression)
        if self.result:
            write(my_task, {self.result: value})
        return True

"""Ad-hoc sub-processes (BPMN 2.0.2 §10.3.5, §13.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.engine.run.variables import holds
from workflows.engine.specs.activities import SubProcess
from workflows.engine.specs.events import ArmedActivity

if TYPE_CHECKING:
    from workflows.engine.expressions import Expression
    from workflows.engine.run.token import Token
    from workflows.engine.specs.node import Node

MEMO = "adhoc"


class AdHocSubProcess(SubProcess):
    """Holds activities that its performers do in the order they like, as often as they like.

    Every activity without incoming flow is open from the beginning; in sequential order one after the other is, in
    the order of the document, for the performer's choice needs all of them open. After each activity the completion
    condition is looked at: true ends the sub-process, and cancels what is open unless ``cancelRemainingInstances`` is
    false; else the activity is open again. Without a condition each is done once (the standard leaves that open).
    """

    completion: Expression | None = None
    sequential = False
    cancels = True

    def begin(self, token: Token, prepared: Any) -> None:
        """Open all activities that wait for no other, or the first of them."""
        token.memo[MEMO] = {"next": 0, "left": [], "over": False}
        super().begin(token, prepared)

    def first(self, token: Token) -> tuple[Node, ...]:
        """Choose what is open at the beginning."""
        if not self.sequential:
            return self.starts
        token.memo[MEMO]["next"] = 1
        return self.starts[:1]

    def inner_left(self, token: Token, inner: Token) -> None:
        """Note which activity was finished."""
        if _is_activity(inner.task_spec):
            token.memo[MEMO]["left"].append(inner.task_spec.name)
        token.workflow.queue(token, first=True)  # the condition is looked at before anything else begins

    def resume(self, token: Token) -> bool:
        """Look at the condition once for each activity that was finished; True when the whole is done."""
        state = token.memo[MEMO]
        while state["left"]:
            if not state["over"] and self.completion is not None and holds(token, self.completion):
                if self.cancels:
                    token.workflow.empty(token)
                    return True
                state["over"] = True
            finished = state["left"].pop(0)
            if not state["over"] and self.completion is not None and not self.sequential:
                self._open_again(token, finished)
        if token.has_work:
            return False
        return self._is_done(token, state)

    def _open_again(self, token: Token, name: str) -> None:
        for start in self.starts:
            if start.name == name:
                token.workflow.spawn(token, start)

    def _is_done(self, token: Token, state: dict[str, Any]) -> bool:
        number = state["next"]
        if state["over"] or not self.sequential or (self.completion is None and number >= len(self.starts)):
            return True
        state["next"] = number + 1
        token.workflow.spawn(token, self.starts[number % len(self.starts)])
        return False


def _is_activity(spec: Node) -> bool:
    return isinstance(spec, ArmedActivity) or spec.element.type.endswith(("Task", "task"))

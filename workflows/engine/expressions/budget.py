"""What one evaluation may cost, and the meter that counts it. Time is counted in steps, never in seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.messages import MESSAGES
from workflows.engine.reasons import Reason

_MAX_NOTES = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds: ``steps`` of work, ``text`` characters of a string, ``items`` of a list, ``depth`` of nesting."""

    steps: int = 100_000
    text: int = 200_000
    items: int = 20_000
    depth: int = 100


class Run:
    """One evaluation: its clock, its zone, its functions, what is left of the budget, and why something was null."""

    def __init__(
        self,
        *,
        now: datetime,
        zone: tzinfo,
        functions: Mapping[str, Callable[..., Any]],
        budget: Budget,
        evaluate: Callable[[Any, Any, Run], Any],
    ) -> None:
        self.now = now
        self.zone = zone
        self.functions = functions
        self.budget = budget
        # Handed in, because functions such as `sort` call back into the evaluator that called them.
        self.evaluate = evaluate
        self.steps_left = budget.steps
        self.depth = 0
        self.notes: list[Reason] = []

    def spend(self, steps: int = 1) -> None:
        """Count work done, or raise ``ExpressionError`` when the budget is used up."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise ExpressionError("expression-too-costly", limit=self.budget.steps)

    def text(self, length: int) -> None:
        """Count a string of ``length`` characters that is about to be made."""
        if length > self.budget.text:
            raise ExpressionError("expression-result-too-large", limit=self.budget.text)
        self.spend(1 + length // 100)

    def items(self, count: int) -> None:
        """Count a list of ``count`` items that is about to be made or walked."""
        if count > self.budget.items:
            raise ExpressionError("expression-result-too-large", limit=self.budget.items)
        self.spend(1 + count)

    def enter(self) -> None:
        """Go one level deeper; the caller calls ``leave`` afterwards."""
        self.depth += 1
        if self.depth > self.budget.depth:
            raise ExpressionError("expression-too-deep", limit=self.budget.depth)

    def leave(self) -> None:
        self.depth -= 1

    def null(self, code: str, **params: Any) -> None:
        """Answer FEEL's null and remember why, so that an incident can say more than "null"."""
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(Reason(code, MESSAGES[code].format_map(params), params))

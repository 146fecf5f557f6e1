"""What goes wrong when a decision is asked: stable codes; `api/decision_wording.py` has the Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.messages import MESSAGES

DECISION_FAULTS: Mapping[str, str] = {
    "decision-not-unique": "Expected one rule of {decision} to match, but {count} do: {rules}.",
    "decision-rules-disagree": "The matching rules of {decision} must agree, but {first} and {second} do not.",
    "decision-aggregation-failed": "{aggregation} of {decision} has no result. {why}",
    "decision-input-type": "Expected a {type} for {name}, but got {value}.",
    "decision-input-not-allowed": "{value} is not among the allowed values of {name}.",
    "decision-output-type": "Expected a {type} for {name}, but got {value}.",
    "decision-output-not-allowed": "{value} is not among the allowed values of {name}.",
    "decision-result-type": "Expected a {type} as the result of {name}, but got {value}.",
}


class DecisionError(ExpressionError):
    """A decision that gives no answer for these values. ``element_id`` names the rule, input or output at fault."""

    sentences: Mapping[str, str] = MappingProxyType({**MESSAGES, **DECISION_FAULTS})

    def __init__(
        self, code: str, message: str = "", *, element_id: str = "", position: int = -1, **params: Any
    ) -> None:
        super().__init__(code, message, position=position, **params)
        self.element_id = element_id

    @classmethod
    def at(cls, element_id: str, error: ExpressionError) -> DecisionError:
        """Give the fault of an expression with the element that it stands in."""
        if isinstance(error, DecisionError):
            return error
        found = cls(error.code, error.message, element_id=element_id, position=error.position)
        found.params = error.params
        return found

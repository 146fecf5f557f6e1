"""What goes wrong with an expression: ``code`` and ``params`` are stable, ``position`` counts characters from 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.expressions.messages import MESSAGES
from workflows.engine.reasons import Reason

_SHOWN = 200


class ExpressionError(Exception):
    """An expression that could not be evaluated: an incident of the process, never of the server.

    ``message`` is for faults that the application's functions raise; those of the language have theirs in ``MESSAGES``.
    """

    sentences: Mapping[str, str] = MESSAGES

    def __init__(self, code: str, message: str = "", *, position: int = -1, **params: Any) -> None:
        self.code = code
        self.message = message or self.sentences[code].format_map(params).rstrip()
        self.position = position
        self.params = params
        super().__init__(self.message)

    @property
    def reason(self) -> Reason:
        """Give the fault as what a finding can carry."""
        return Reason(self.code, self.message, self.params)

    def reason_in(self, text: str) -> Reason:
        """Give the fault together with the expression and the place in it."""
        params = {"text": text[:_SHOWN], "place": max(self.position, 0) + 1, "why": self.reason}
        return Reason("in-expression", f"{text[:_SHOWN]!r}, character {params['place']}: {self.message}", params)


class ExpressionSyntaxError(ExpressionError):
    """A text that is no expression: refused at upload."""

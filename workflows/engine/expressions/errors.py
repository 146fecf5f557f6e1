"""What goes wrong with an expression: ``code`` is stable, ``position`` counts characters from 0."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that could not be evaluated: an incident of the process, never of the server."""

    def __init__(self, code: str, message: str, *, position: int = -1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position


class ExpressionSyntaxError(ExpressionError):
    """A text that is no expression: refused at upload."""

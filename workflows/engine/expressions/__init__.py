"""Expressions of diagrams and decision tables: FEEL, worked out by ourselves over plain data (docs/expressions.md)."""

from __future__ import annotations

from workflows.engine.expressions.budget import Budget, Run
from workflows.engine.expressions.errors import ExpressionError, ExpressionSyntaxError
from workflows.engine.expressions.expression import (
    MAX_LENGTH,
    PEOPLE_ZONE,
    Expression,
    begin_run,
    compile_expression,
)

__all__ = [
    "MAX_LENGTH",
    "PEOPLE_ZONE",
    "Budget",
    "Expression",
    "ExpressionError",
    "ExpressionSyntaxError",
    "Run",
    "begin_run",
    "compile_expression",
]

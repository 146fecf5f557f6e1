"""Expressions are compiled at upload; what cannot be compiled names its element."""

from __future__ import annotations

from workflows.engine.check.report import Report, Subject
from workflows.engine.expressions import Expression
from workflows.engine.model import Text
from workflows.engine.texts import TextFault, compile_text


def check_text(report: Report, file: str, subject: Subject, text: Text, *, fallback: str = "") -> bool:
    """Compile an expression; report it and return False when that fails."""
    try:
        expression = compile_text(text)
    except TextFault as fault:
        report.add(fault.code, file, subject, fallback=fallback, reason=fault.reason)
        return False
    return check_functions(report, file, subject, expression, fallback=fallback)


def check_functions(report: Report, file: str, subject: Subject, expression: Expression, *, fallback: str = "") -> bool:
    """Report functions that nobody will provide when the expression is evaluated."""
    unknown = sorted(expression.functions - report.functions) if report.functions is not None else []
    if unknown:
        report.add("expression-function-unknown", file, subject, fallback=fallback, functions=", ".join(unknown))
    return not unknown

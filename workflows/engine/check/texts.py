"""Expressions are compiled at upload; what cannot be compiled names its element."""

from __future__ import annotations

from workflows.engine.check.report import Report, Subject
from workflows.engine.model import Text
from workflows.engine.texts import TextFault, compile_text


def check_text(report: Report, file: str, subject: Subject, text: Text, *, fallback: str = "") -> bool:
    """Compile an expression; report it and return False when that fails."""
    try:
        compile_text(text)
    except TextFault as fault:
        report.add(fault.code, file, subject, fallback=fallback, reason=fault.message)
        return False
    return True

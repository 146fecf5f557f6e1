"""Texts of a diagram become expressions and timers: at upload, once."""

from __future__ import annotations

import re

from workflows.engine.expressions import Expression, ExpressionSyntaxError, compile_expression
from workflows.engine.expressions.syntax import Name
from workflows.engine.model import VARIABLE, EventDefinition, Text
from workflows.engine.reasons import Reason
from workflows.engine.run.cron import looks_like_cron
from workflows.engine.run.timers import Literal, Timer, read_literal
from workflows.engine.values import ValueFault

_QUOTED = re.compile(r"""=?\s*"([^"\\]*)"|'([^'\\]*)'""")
_SEGMENT = re.compile(r"[$#]\{")
_LIKE_ISO = re.compile(
    r"-?P(?:[\dTYMWDHS.,]*|T?\d+[a-z].*)|R-?\d*/.*|\d{4}-.*|\d+(?:d|h|m|s|ms)(?:\s*\d+(?:h|m|s|ms))*",
    re.IGNORECASE | re.DOTALL,
)


class TextFault(Exception):  # noqa: N818 - a remark on a file, not a failure of ours
    """A text that cannot be compiled: the finding's code, and why."""

    def __init__(self, code: str, reason: Reason) -> None:
        super().__init__(str(reason))
        self.code = code
        self.reason = reason


def compile_text(text: Text) -> Expression:
    """Compile an expression or raise ``TextFault``."""
    if text.language == VARIABLE:
        names = frozenset({text.body})
        return Expression(text.body, False, names, names, frozenset(), Name(0, text.body))  # noqa: FBT003
    try:
        return compile_expression(text.body, language=text.language or None)
    except ExpressionSyntaxError as error:
        code = error.code if error.code == "expression-language-not-supported" else "expression-invalid"
        raise TextFault(code, error.reason_in(text.body)) from error


def compile_timer(definition: EventDefinition) -> Timer:
    """Read a timer: an ISO literal (with or without quotes), an expression, or a deadline rule."""
    if definition.timer is None:
        call = compile_expression(f'deadline("{definition.deadline}")')
        return Timer("deadline", definition.deadline, expression=call)
    text = definition.timer.body.strip()
    kind, cron = definition.timer_kind, definition.cron
    quoted = _QUOTED.fullmatch(text)
    literal = next(given for given in quoted.groups() if given is not None).strip() if quoted else text
    if _SEGMENT.search(text) and not quoted:  # PT${hours}H is put together when it is armed
        return Timer(kind, text, expression=compile_text(definition.timer), cron=cron)
    if quoted or _LIKE_ISO.fullmatch(literal) or (kind == "timeCycle" and looks_like_cron(literal)):
        return Timer(kind, text, literal=_literal(kind, literal, cron), cron=cron)
    return Timer(kind, text, expression=compile_text(definition.timer), cron=cron)


def _literal(kind: str, text: str, cron: str) -> Literal:
    try:
        value = read_literal(kind, text, cron)
    except ValueFault as fault:
        raise TextFault("timer-invalid", Reason(fault.code, fault.message, {"text": text[:200]})) from fault
    if getattr(value, "repetitions", None) == 0:
        message = f"{text!r} repeats zero times and so never fires."
        raise TextFault("timer-invalid", Reason("cycle-of-zero", message, {"text": text}))
    return value

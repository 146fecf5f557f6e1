"""Scripts of script tasks, read as lines of a few kinds and never run as a program (BPMN 2.0.2 §10.3.3).

A script without a format, or said to be Python, may hold ``name = expression``, ``name += expression`` (and ``-=``,
``*=``, ``/=``), ``name.append(expression)``, ``del name``, ``assert expression, text``, ``pass``, blanks and comments.
A script in FEEL or JUEL is one expression, whose value goes to the result variable. Every expression is compiled by
our own evaluator; a line of any other kind, and any other language, is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.engine.expressions import Expression
from workflows.engine.model import Text
from workflows.engine.reasons import Reason
from workflows.engine.texts import TextFault, compile_text

PYTHON = ("", "python", "text/x-python", "application/x-python", "text/python", "application/python", "python3")
_ONE_EXPRESSION = re.compile(r"(text/|application/)?(x-)?(feel|juel)(-expression)?", re.IGNORECASE)
_NAME = r"(?P<name>[^\W\d]\w*)"
_ASSIGN = re.compile(_NAME + r"\s*(?P<operator>[-+*/]?)=(?!=)\s*(?P<value>.+)", re.DOTALL)
_APPEND = re.compile(_NAME + r"\s*\.\s*append\s*\((?P<value>.+)\)", re.DOTALL)
_DELETE = re.compile(r"del\s+" + _NAME)
_ASSERT = re.compile(r"assert\b\s*(?P<value>.+)", re.DOTALL)
_WORDS = re.compile(r"(import|from|def|class|for|while|if|elif|else|try|with|return|raise|global|print|lambda)\b")
_OPEN, _CLOSE = "([{", ")]}"
_SHOWN = 80
MAX_SCRIPT = 20_000


@dataclass(frozen=True, slots=True)
class Statement:
    """One line: ``set`` or ``append`` a name, ``delete`` it, or ``assert``. ``text`` is shown when it fails."""

    kind: str
    text: str
    name: str = ""
    value: Expression | None = None
    message: Expression | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script: its lines in order."""

    statements: tuple[Statement, ...]

    @property
    def written(self) -> frozenset[str]:
        """Name the variables that it changes."""
        return frozenset(each.name for each in self.statements if each.name)

    @property
    def reads(self) -> frozenset[str]:
        """Name the variables that it may read before it has written them."""
        written: set[str] = set()
        read: set[str] = set()
        for each in self.statements:
            for expression in (each.value, each.message):
                read |= (expression.possible_names if expression is not None else frozenset()) - written
            if each.kind in ("append", "delete") and each.name not in written:
                read.add(each.name)
            written.add(each.name)
        return frozenset(read)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """List everything that it evaluates."""
        both = ((each.value, each.message) for each in self.statements)
        return tuple(expression for pair in both for expression in pair if expression is not None)


def compile_script(text: Text, result: str = "") -> Script:
    """Compile a script or raise ``TextFault``; ``result`` names the variable that takes a lone expression's value."""
    language = text.language.strip().lower()
    if len(text.body) > MAX_SCRIPT:
        message = f"The script has more than {MAX_SCRIPT} characters."
        raise TextFault("script-statement-not-supported", Reason("script-too-long", message, {"limit": MAX_SCRIPT}))
    if language in PYTHON:
        statements = tuple(_statement(line, result) for line in _lines(text.body))
        if result and [each for each in statements if each.kind == "set"] != list(statements):
            raise _refused(text.body.strip())
        return Script(statements)
    if _ONE_EXPRESSION.fullmatch(language):
        word = "juel" if "juel" in language else "feel"
        body = text.body.strip()
        return Script((Statement("set", body[:_SHOWN], result, compile_text(Text(body, word))),))
    message = f"Scripts in {text.language!r} are not run."
    raise TextFault("script-language-not-supported", Reason("script-language", message, {"language": text.language}))


def _statement(line: str, result: str) -> Statement:
    shown = line[:_SHOWN]
    if found := _DELETE.fullmatch(line):
        return Statement("delete", shown, found["name"])
    if found := _ASSERT.fullmatch(line):
        value, message = _condition_and_text(found["value"])
        return Statement("assert", shown, "", _compile(value), _compile(message) if message else None)
    if _WORDS.match(line):
        raise _refused(line)
    if found := _APPEND.fullmatch(line):
        return Statement("append", shown, found["name"], _compile(found["value"]))
    if found := _ASSIGN.fullmatch(line):
        name, operator, value = found["name"], found["operator"], found["value"].strip()
        return Statement("set", shown, name, _compile(f"{name} {operator} ({value})" if operator else value))
    if result:
        return Statement("set", shown, result, _compile(line))
    raise _refused(line)


def _refused(line: str) -> TextFault:
    reason = Reason("script-line", f"The line {line[:_SHOWN]!r} is not run.", {"line": line[:_SHOWN]})
    return TextFault("script-statement-not-supported", reason)


def _compile(text: str) -> Expression:
    return compile_text(Text(text.strip(), "python"))


def _condition_and_text(text: str) -> tuple[str, str]:
    for position, sign, depth in _signs(text):
        if sign == "," and not depth:
            return text[:position], text[position + 1 :].strip()
    return text, ""


def _lines(body: str) -> Iterator[str]:
    """Cut a script at line ends and semicolons that stand outside brackets and texts; comments are left out."""
    body = body.replace("\r\n", "\n").replace("\\\n", " ")
    begin, pieces = 0, []
    for position, sign, depth in _signs(body):
        if sign == "#":
            end = body.find("\n", position)
            pieces.append(body[begin:position])
            begin = len(body) if end < 0 else end
        elif sign in "\n;" and not depth:
            pieces.append(body[begin:position])
            yield from _piece(pieces)
            begin, pieces = position + 1, []
    pieces.append(body[begin:])
    yield from _piece(pieces)


def _piece(pieces: list[str]) -> Iterator[str]:
    line = "".join(pieces).strip()
    if line and line != "pass":
        yield line


def _signs(text: str) -> Iterator[tuple[int, str, int]]:
    """Walk over the signs outside of texts and comments, each with its depth of brackets."""
    depth, position = 0, 0
    while position < len(text):
        sign = text[position]
        if sign in "\"'":
            position = _end_of_text(text, position)
            continue
        depth += (sign in _OPEN) - (sign in _CLOSE)
        yield position, sign, max(depth, 0)
        if sign == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
            continue
        position += 1


def _end_of_text(text: str, begin: int) -> int:
    quote = text[begin] * 3 if text.startswith(text[begin] * 3, begin) else text[begin]
    position = begin + len(quote)
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    return len(text)

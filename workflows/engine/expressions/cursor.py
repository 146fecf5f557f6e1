"""The place in the tokens where a parser stands, with its limits on nesting and on work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.syntax import Node
from workflows.engine.expressions.tokens import Token
from workflows.engine.reasons import Reason

MAX_NESTING = 50
WANTED = {
    "end": "the end of the text",
    "name": "a name",
    "value": "a value",
    "operator": "an operator or the end of the text",
    "quoted": "a text in quotes behind @",
    "range-end": "the end of a range",
    "key": "a key and ':'",
}


def wanted(what: str) -> Reason:
    """Name what a reader looks for."""
    return Reason(f"wanted-{what}", WANTED[what])


def _either(expected: tuple[str | Reason, ...]) -> str | Reason:
    if len(expected) == 1:
        return expected[0]
    return Reason("wanted-one-of", " or ".join(map(str, expected)), {"choices": list(expected)})


class Cursor:
    """Looks at tokens and takes them. A parser that reads operands in other modules hands itself to them."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.nesting = 0
        # A range read twice (see `operands.read_range_end`) may do so inside another: bound the whole.
        self.work_left = 50 * len(tokens) + 100

    def expression(self) -> Node:
        """Read a whole expression."""
        raise NotImplementedError

    def sum(self) -> Node:
        """Read an expression without comparison or logic, as the end of a range is."""
        raise NotImplementedError

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.work_left -= 1
        if self.work_left < 0:
            raise self.fault("expression-too-deep", limit=MAX_NESTING)
        if token.kind != "end":
            self.index += 1
        return token

    def sees(self, *texts: str) -> bool:
        return self.token.kind in ("operator", "keyword") and self.token.text in texts

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.sees(*texts) else None

    def expect(self, *texts: str) -> Token:
        if not self.sees(*texts):
            raise self.unexpected(*texts)
        return self.take()

    def expect_name(self) -> str:
        if self.token.kind != "name":
            raise self.unexpected(wanted("name"))
        return self.take().text

    def unexpected(self, *expected: str | Reason) -> ExpressionSyntaxError:
        """Say what should stand here instead of what does."""
        text = self.token.text
        found = Reason("token", repr(text), {"text": text}) if self.token.kind != "end" else wanted("end")
        return self.fault("syntax", wanted=_either(expected), found=found)

    def names_since(self, mark: int) -> set[str]:
        """Give the names among the tokens taken since the index ``mark``."""
        return {token.text for token in self.tokens[mark : self.index] if token.kind == "name"}

    def fault(self, code: str, **params: Any) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(code, position=self.token.position, **params)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Go one level deeper, or raise ``expression-too-deep``."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.fault("expression-too-deep", limit=MAX_NESTING)
        yield
        self.nesting -= 1

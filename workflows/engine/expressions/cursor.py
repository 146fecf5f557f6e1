"""The place in the tokens where a parser stands, with its limits on nesting and on work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.syntax import Node
from workflows.engine.expressions.tokens import Token

MAX_NESTING = 50


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
            raise self.fault("expression-too-deep", "The expression is too intricate to be read.")
        if token.kind != "end":
            self.index += 1
        return token

    def sees(self, *texts: str) -> bool:
        return self.token.kind in ("operator", "keyword") and self.token.text in texts

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.sees(*texts) else None

    def expect(self, *texts: str) -> Token:
        if not self.sees(*texts):
            raise self.unexpected(" or ".join(repr(text) for text in texts))
        return self.take()

    def expect_name(self) -> str:
        if self.token.kind != "name":
            raise self.unexpected("a name")
        return self.take().text

    def unexpected(self, wanted: str) -> ExpressionSyntaxError:
        found = repr(self.token.text) if self.token.kind != "end" else "the end of the text"
        return self.fault("syntax", f"Expected {wanted}, but found {found}.")

    def names_since(self, mark: int) -> set[str]:
        """Give the names among the tokens taken since the index ``mark``."""
        return {token.text for token in self.tokens[mark : self.index] if token.kind == "name"}

    def fault(self, code: str, message: str = "", **params: Any) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(code, message, position=self.token.position, **params)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Go one level deeper, or raise ``expression-too-deep``."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.fault("expression-too-deep", f"The expression is nested deeper than {MAX_NESTING} levels.")
        yield
        self.nesting -= 1

"""Read expressions of Python into ``syntax``: those over plain data. Everything else is refused by its name.

What the words mean is in ``operations``; Python itself never sees the text.
"""

from __future__ import annotations

import re

from workflows.engine.expressions.cursor import Cursor, wanted
from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.kinds import is_number
from workflows.engine.expressions.lexicon import Lexicon, cut, unescaped
from workflows.engine.expressions.operations import python_functions, python_methods
from workflows.engine.expressions.syntax import (
    Call,
    Comprehension,
    Fold,
    If,
    ListOf,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Operation,
    Pick,
    Postfix,
    Round,
)
from workflows.engine.expressions.tokens import Token

_CONSTANTS = {"True": True, "False": False, "None": None}
_REFUSED = frozenset(
    {
        "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "except", "finally", "from",
        "global", "import", "lambda", "nonlocal", "pass", "raise", "return", "try", "while", "with", "yield",
    }
)  # fmt: skip
_REFUSED_SIGNS = frozenset({":=", "=", "~", "&", "|", "^", "<<", ">>", "@", "->", ";", "...", "+=", "-=", "*=", "/="})
_LEXICON = Lexicon(
    keywords=frozenset({*_CONSTANTS, *_REFUSED, "and", "or", "not", "in", "is", "if", "else", "for"}),
    space=re.compile(r"(?:[\s\u00a0\u3000]+|#[^\n]*)+"),
    operator=re.compile(r"\*\*|//|<<|>>|[=!<>]=|[-+*/:]=|->|\.\.\.|[-+*/%<>()\[\]{},.:=~&|^@;]"),
    escape=re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL),
    escapes={"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "\n": "", "0": "\0"},
    strict_escapes=False,
    prefixes=True,
)
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(8)
_LEVELS = {
    "or": _OR, "and": _AND, "<": _COMPARISON, "<=": _COMPARISON, ">": _COMPARISON, ">=": _COMPARISON,
    "==": _COMPARISON, "!=": _COMPARISON, "in": _COMPARISON, "is": _COMPARISON, "+": _SUM, "-": _SUM,
    "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT,
}  # fmt: skip
_MAX_ROUNDS = 5
_FIELD = re.compile(r"\{\{|\}\}|[{}]")


def parse_python(text: str) -> tuple[Node, bool]:
    """Read the whole of ``text``; also say whether it counts positions from 0, which no reader of FEEL would expect."""
    parser = _Parser(cut(text, _LEXICON)[0])
    node = parser.whole()
    return node, parser.counts_from_zero


class _Parser(Cursor):
    counts_from_zero = False

    def whole(self) -> Node:
        node = self.expression()
        if self.sees(","):
            node = ListOf(node.position, (node, *self._items_behind()))
        if self.token.kind != "end":
            self._refuse()
            raise self.unexpected(wanted("operator"))
        return node

    def _items_behind(self) -> list[Node]:
        items = []
        while self.accept(",") and not (self.sees(")", "]") or self.token.kind == "end"):
            items.append(self.expression())
        return items

    def _refuse(self) -> None:
        """Refuse by name what Python has and a condition over data does not need."""
        if self.token.kind in ("operator", "keyword") and self.token.text in (*_REFUSED, *_REFUSED_SIGNS):
            raise self.fault("word-not-run", word=self.token.text)

    def expression(self) -> Node:
        with self.nested():
            chosen = self._binary(_OR)
            if not self.accept("if"):
                return chosen
            condition = self._binary(_OR)
            self.expect("else")
            return If(chosen.position, _truth(condition), chosen, self.expression())

    def sum(self) -> Node:
        return self._binary(_SUM)

    def _level(self) -> int | None:
        token = self.token
        if token.kind not in ("operator", "keyword"):
            return None
        if token.text == "not":
            return _COMPARISON if self.ahead().text == "in" and self.ahead().kind == "keyword" else None
        return _LEVELS.get(token.text)

    def _binary(self, lowest: int) -> Node:
        if lowest > _NOT and self.sees("not"):
            raise self.unexpected(wanted("value"))
        left = self._unary()
        while (level := self._level()) is not None and level >= lowest:
            left = self._comparisons(left) if level == _COMPARISON else self._chain(left, level)
        return left

    def _chain(self, first: Node, level: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self._level() == level:
            rest.append((self.take().text, self._binary(level + 1)))
        if level in (_OR, _AND):
            return Pick(first.position, rest[0][0], (first, *(operand for _, operand in rest)))
        return Fold(first.position, first, tuple((f"python.{sign}", operand) for sign, operand in rest))

    def _comparisons(self, left: Node) -> Node:
        """Read ``a < b < c``, which is ``a < b and b < c``."""
        found: list[Node] = []
        while self._level() == _COMPARISON:
            position = self.token.position
            negated, sign = self._comparator()
            right = self._set() if sign == "in" and self.sees("{") else self._binary(_SUM)
            if sign == "is" and not (
                isinstance(right, Literal) and (right.value is None or right.value is bool(right.value))
            ):
                raise ExpressionSyntaxError("word-not-run", position=position, word="is")
            answer: Node = Operation(position, f"python.{sign}", (left, right))
            found.append(Not(position, answer) if negated else answer)
            left = right
        return found[0] if len(found) == 1 else Logic(found[0].position, "and", tuple(found))

    def _comparator(self) -> tuple[bool, str]:
        sign = self.take().text
        if sign == "not":
            self.expect("in")
            return True, "in"
        return (sign == "is" and self.accept("not") is not None), sign

    def _set(self) -> Node:
        """Read the set behind ``in``, where it is worth a list; a dictionary stays one."""
        mark = self.index
        start = self.take()
        if not self.sees("}"):
            first = self.expression()
            if self.sees(",", "}"):
                items = [first]
                while self.accept(",") and not self.sees("}"):
                    items.append(self.expression())
                self.expect("}")
                return ListOf(start.position, tuple(items))
        self.index = mark
        return self._binary(_SUM)

    def _unary(self) -> Node:
        start = self.token
        if self.accept("not"):
            with self.nested():
                return Operation(start.position, "python.not", (self._binary(_NOT),))
        if self.accept("-", "+"):
            with self.nested():
                operand = self._binary(_SIGN)
            if isinstance(operand, Literal) and is_number(operand.value):
                return Literal(start.position, -operand.value if start.text == "-" else operand.value)
            return Operation(start.position, "python.minus" if start.text == "-" else "python.plus", (operand,))
        base = self._postfix()
        if not self.accept("**"):
            return base
        with self.nested():
            return Fold(start.position, base, (("python.**", self._binary(_SIGN)),))

    def _postfix(self) -> Node:
        value = self._operand()
        while self.sees(".", "[", "("):
            position = self.token.position
            if self.accept("."):
                value = self._part(value, position)
            elif self.accept("["):
                value = self._item(value, position)
            else:
                value = self._call(value, position)
        return value

    def _part(self, value: Node, position: int) -> Node:
        name = self.expect_name()
        if not self.sees("("):
            return Operation(position, "python.part", (value, Literal(position, name)))
        if name not in python_methods.ARITIES:
            raise ExpressionSyntaxError("method-not-run", position=position, method=name)
        arguments, named = self._arguments()
        least, most = python_methods.ARITIES[name]
        if named or not least <= len(arguments) <= most:
            raise ExpressionSyntaxError("arguments-not-run", position=position, function=f".{name}()")
        return Operation(position, f"python..{name}()", (value, *arguments))

    def _item(self, value: Node, position: int) -> Node:
        bounds: list[Node | None] = [None if self.sees(":", "]") else self.expression()]
        while len(bounds) < 3 and self.accept(":"):  # noqa: PLR2004 - low, high, step
            bounds.append(None if self.sees(":", "]") else self.expression())
        self.expect("]")
        if len(bounds) == 1:
            key = bounds[0]
            if key is None:
                raise ExpressionSyntaxError("segment-empty", position=position)
            self.counts_from_zero |= not (isinstance(key, Literal) and isinstance(key.value, str))
            return Operation(position, "python.item", (value, key))
        self.counts_from_zero = True
        given = [bound or Literal(position, None) for bound in (*bounds, None)[:3]]
        return Operation(position, "python.cut", (value, *given))

    def _call(self, function: Node, position: int) -> Node:
        if not isinstance(function, Name):
            raise ExpressionSyntaxError("word-not-run", position=position, word="(...)(...)")
        name = function.name
        arguments, named = self._arguments()
        if name not in python_functions.ARITIES and not (arguments and named):
            return Postfix(function.position, Name(function.position, name), (Call(position, arguments, tuple(named)),))
        if name == "sorted" and _reversing(named):
            name, named = "sorted reverse", []
        least, most = python_functions.ARITIES.get(name, (1, 1))
        if named or not least <= len(arguments) <= most:
            raise ExpressionSyntaxError("arguments-not-run", position=position, function=f"{function.name}()")
        return Operation(function.position, f"python.{name}()", arguments)

    def _arguments(self) -> tuple[tuple[Node, ...], list[tuple[str, Node]]]:
        self.expect("(")
        arguments: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.sees(")"):
            if self.token.kind == "name" and self.ahead().text == "=" and self.ahead().kind == "operator":
                name = self.take().text
                self.take()
                named.append((name, self.expression()))
            else:
                arguments.append(self._maybe_comprehension(self.expression()))
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(arguments), named

    def _maybe_comprehension(self, body: Node) -> Node:
        if not self.sees("for"):
            return body
        rounds = []
        while self.accept("for"):
            names = [self.expect_name()]
            while self.accept(","):
                names.append(self.expect_name())
            self.expect("in")
            source = self._binary(_OR)
            tests = []
            while self.accept("if"):
                tests.append(self._binary(_OR))
            rounds.append(Round(tuple(names), source, tuple(tests)))
            if len(rounds) > _MAX_ROUNDS:
                raise self.fault("too-many-iterators", limit=_MAX_ROUNDS)
        return Comprehension(body.position, tuple(rounds), body)

    def _operand(self) -> Node:
        token = self.token
        if token.kind == "number":
            return Literal(self.take().position, token.value)
        if token.kind in ("string", "formatted"):
            return self._texts()
        if token.kind == "name":
            return Name(self.take().position, token.text, variable=True)
        if token.kind == "keyword" and token.text in _CONSTANTS:
            return Literal(self.take().position, _CONSTANTS[token.text])
        if self.sees("("):
            return self._parentheses()
        if self.sees("["):
            return self._brackets()
        if self.sees("{"):
            return self._braces()
        self._refuse()
        raise self.unexpected(wanted("value"))

    def _texts(self) -> Node:
        """Read one or several texts beside each other, which are one."""
        start = self.token.position
        parts: list[Node] = []
        while self.token.kind in ("string", "formatted"):
            token = self.take()
            parts += [Literal(token.position, token.value)] if token.kind == "string" else self._fields(token)
        texts = [part.value for part in parts if isinstance(part, Literal) and isinstance(part.value, str)]
        if len(texts) == len(parts):
            return Literal(start, "".join(texts))
        return Operation(start, "python.f-string()", tuple(parts))

    def _fields(self, token: Token) -> list[Node]:
        """Read the body of an f-string: texts and plain ``{expression}`` fields."""
        body, parts, position = str(token.value), [], 0
        raw = "r" in token.text[:2].lower()
        while found := _FIELD.search(body, position):
            parts.append(self._literal(body[position : found.start()], token.position + position, raw=raw))
            position = found.end()
            if found.group() == "{":
                node, position = self._field(body, found.end(), token.position)
                parts.append(node)
            elif found.group() == "}":
                raise ExpressionSyntaxError("format-not-run", position=token.position + found.start())
            else:
                parts.append(Literal(token.position + found.start(), found.group()[0]))
        return [*parts, self._literal(body[position:], token.position + position, raw=raw)]

    def _literal(self, text: str, position: int, *, raw: bool) -> Node:
        return Literal(position, text if raw else unescaped(text, position, _LEXICON))

    def _field(self, body: str, start: int, offset: int) -> tuple[Node, int]:
        if "\\" in body[start:].partition("}")[0]:
            raise ExpressionSyntaxError("format-not-run", position=offset + start)
        try:
            tokens, end = cut(body, _LEXICON, start, braced=True)
        except ExpressionSyntaxError as error:
            raise ExpressionSyntaxError("format-not-run", position=offset + start) from error
        inner = _Parser([Token(t.kind, t.text, t.position + offset, t.value) for t in tokens])
        inner.nesting = self.nesting + 1
        if inner.sees(":", "!") or inner.token.kind == "end":
            raise ExpressionSyntaxError("segment-empty", position=offset + start)
        node = inner.expression()
        if inner.token.kind != "end":
            raise inner.fault("format-not-run")
        self.counts_from_zero |= inner.counts_from_zero
        return node, end + 1

    def _parentheses(self) -> Node:
        start = self.take()
        if self.accept(")"):
            return ListOf(start.position, ())
        inner = self._maybe_comprehension(self.expression())
        if self.sees(","):
            inner = ListOf(start.position, (inner, *self._items_behind()))
        self.expect(")")
        return inner

    def _brackets(self) -> Node:
        start = self.take()
        if self.accept("]"):
            return ListOf(start.position, ())
        first = self._maybe_comprehension(self.expression())
        if isinstance(first, Comprehension) and self.accept("]"):
            return first
        items = (first, *self._items_behind())
        self.expect("]")
        return ListOf(start.position, items)

    def _braces(self) -> Node:
        start = self.take()
        pairs: list[Node] = []
        while not self.sees("}"):
            key = self.expression()
            if self.sees(",", "}", "for"):
                raise ExpressionSyntaxError("word-not-run", position=start.position, word="{...}")
            self.expect(":")
            pairs += (key, self.expression())
            if self.sees("for") and len(pairs) == 2:  # noqa: PLR2004 - a key and its value
                body = self._maybe_comprehension(ListOf(start.position, tuple(pairs)))
                self.expect("}")
                return Operation(start.position, "python.dict_of_pairs", (body,))
            if not self.accept(","):
                break
        self.expect("}")
        return Operation(start.position, "python.dict", tuple(pairs))


def _truth(node: Node) -> Node:
    return Operation(node.position, "python.truth", (node,))


def _reversing(named: list[tuple[str, Node]]) -> bool:
    """Recognize ``reverse=True``."""
    return len(named) == 1 and named[0][0] == "reverse" and getattr(named[0][1], "value", None) is True

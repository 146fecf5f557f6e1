"""Read what stands between operators: literals, lists, ranges, contexts, ``if``, ``for``, functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.engine.expressions.cursor import Cursor, wanted
from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.syntax import (
    Call,
    ContextOf,
    For,
    FunctionOf,
    If,
    Iterator,
    ListOf,
    Literal,
    Name,
    Node,
    Postfix,
    Quantified,
    RangeOf,
    TypeName,
)

_CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_TYPES = (
    "date and time",
    "days and time duration",
    "years and months duration",
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "list",
    "context",
    "function",
    "range",
    "Any",
    "Null",
)
_MAX_ITERATORS = 10
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


def read_operand(cursor: Cursor) -> Node:
    """Read one operand, or raise ``ExpressionSyntaxError``."""
    token = cursor.token
    if token.kind in ("number", "string"):
        cursor.take()
        return Literal(token.position, token.value)
    if token.kind == "name":
        cursor.take()
        return Name(token.position, token.text)
    if token.kind == "keyword" and token.text == "is" and cursor.ahead().text == "(":
        cursor.take()
        return Name(token.position, "is")
    if token.kind == "keyword" and token.text in _CONSTANTS:
        cursor.take()
        return Literal(token.position, _CONSTANTS[token.text])
    reader = _READERS.get(token.text) if token.kind in ("keyword", "operator") else None
    if reader is None:
        raise cursor.unexpected(wanted("value"))
    return reader(cursor)


def read_type(cursor: Cursor) -> TypeName:
    """Read the name of a type behind ``instance of``."""
    words = [cursor.take().text]
    while cursor.token.kind in ("name", "keyword") and any(
        name.startswith(" ".join([*words, cursor.token.text])) for name in _TYPES
    ):
        words.append(cursor.take().text)
    name = " ".join(words)
    if name not in _TYPES:
        raise cursor.fault("unknown-type", type=name)
    if name not in _READ_INSIDE or not cursor.accept("<"):
        return TypeName(name)
    with cursor.nested():
        return _READ_INSIDE[name](cursor)


def _item_type(name: str) -> Callable[[Cursor], TypeName]:
    def read(cursor: Cursor) -> TypeName:
        argument = read_type(cursor)
        cursor.expect(">")
        return TypeName(name, argument)

    return read


def _context_type(cursor: Cursor) -> TypeName:
    """Read ``a: number, b: string>``."""
    entries: list[tuple[str, TypeName]] = []
    while not cursor.sees(">"):
        key = read_key(cursor)
        if key is None:
            raise cursor.unexpected(wanted("key"))
        entries.append((key, read_type(cursor)))
        if not cursor.accept(","):
            break
    cursor.expect(">")
    return TypeName("context", entries=tuple(entries))


def _function_type(cursor: Cursor) -> TypeName:
    """Read ``number, string> -> boolean``."""
    parameters: list[TypeName] = []
    while not cursor.sees(">"):
        parameters.append(read_type(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(">")
    cursor.expect("->")
    return TypeName("function", parameters=tuple(parameters), result=read_type(cursor))


_READ_INSIDE: Mapping[str, Callable[[Cursor], TypeName]] = {
    "list": _item_type("list"),
    "range": _item_type("range"),
    "context": _context_type,
    "function": _function_type,
}


def read_key(cursor: Cursor) -> str | None:
    """Read ``key:`` of a context or a named argument, with blanks if it has any; None when no key stands here."""
    if cursor.token.kind == "string" and cursor.ahead().text == ":" and cursor.ahead().kind == "operator":
        key = str(cursor.take().value)
        cursor.take()
        return key
    count = 0
    while cursor.ahead(count).kind in ("name", "keyword"):
        count += 1
    if count == 0 or cursor.ahead(count).kind != "operator" or cursor.ahead(count).text != ":":
        return None
    key = " ".join(cursor.take().text for _ in range(count))
    cursor.take()
    return key


def _at_literal(cursor: Cursor) -> Node:
    position = cursor.take().position
    if cursor.token.kind != "string":
        raise cursor.unexpected(wanted("quoted"))
    argument = Literal(cursor.token.position, cursor.take().value)
    return Postfix(position, Name(position, "@"), (Call(position, (argument,), ()),))


def _brackets(cursor: Cursor) -> Node:
    start = cursor.take()
    if cursor.accept("]"):
        return ListOf(start.position, ())
    first = cursor.expression()
    if cursor.accept(".."):
        return _range(cursor, start.position, first, low_included=True)
    items = [first]
    while cursor.accept(","):
        items.append(cursor.expression())
    cursor.expect("]")
    return ListOf(start.position, tuple(items))


def _parentheses(cursor: Cursor) -> Node:
    start = cursor.take()
    inner = cursor.expression()
    if cursor.accept(".."):
        return _range(cursor, start.position, inner, low_included=False)
    cursor.expect(")")
    return inner


def _open_range(cursor: Cursor) -> Node:
    start = cursor.take()
    low = cursor.sum()
    cursor.expect("..")
    return _range(cursor, start.position, low, low_included=False)


def _range(cursor: Cursor, position: int, low: Node, *, low_included: bool) -> Node:
    """Read the end of a range. ``[1..5[`` and ``[1..xs[1]]`` both begin alike: try the filter first."""
    mark, nesting = cursor.index, cursor.nesting
    try:
        high = cursor.sum()
        closing = cursor.expect("]", ")", "[").text
    except ExpressionSyntaxError:
        cursor.index, cursor.nesting = mark, nesting
        high = _high_before_open_bracket(cursor)
        closing = cursor.expect("[").text
    return RangeOf(position, low, high, low_included, closing == "]")


def _high_before_open_bracket(cursor: Cursor) -> Node:
    """Read the high end up to the ``[`` that closes the range: the first one that no ``]`` answers, else the first."""
    answered: list[int] = []
    opened: list[int] = []
    for index in range(cursor.index, len(cursor.tokens)):
        token = cursor.tokens[index]
        if token.kind != "operator":
            continue
        if token.text in _OPENING:
            opened.append(index)
        elif token.text in _CLOSING and opened:
            answered.append(opened.pop())
        elif token.text in _CLOSING:
            break
    closing = [index for index in (*opened, *sorted(answered)) if cursor.tokens[index].text == "["]
    if not closing:
        raise cursor.unexpected(wanted("range-end"))
    return _sum_until(cursor, closing[0])


def _sum_until(cursor: Cursor, index: int) -> Node:
    tokens = cursor.tokens
    end = tokens[index]
    cursor.tokens = [*tokens[:index], type(end)("end", end.text, end.position)]
    try:
        high = cursor.sum()
        if cursor.token.kind != "end":
            raise cursor.unexpected(wanted("range-end"))
        return high
    finally:
        cursor.tokens = tokens


def _context(cursor: Cursor) -> Node:
    start = cursor.take()
    entries: list[tuple[str, Node]] = []
    while not cursor.sees("}"):
        key = read_key(cursor)
        if key is None:
            raise cursor.unexpected(wanted("key"))
        if any(known == key for known, _ in entries):
            raise cursor.fault("key-twice", key=key)
        entries.append((key, cursor.expression()))
        if not cursor.accept(","):
            break
    cursor.expect("}")
    return ContextOf(start.position, tuple(entries))


def _if(cursor: Cursor) -> Node:
    start = cursor.take()
    condition = cursor.expression()
    cursor.expect("then")
    then = cursor.expression()
    cursor.expect("else")
    return If(start.position, condition, then, cursor.expression())


def _iterators(cursor: Cursor) -> tuple[Iterator, ...]:
    iterators = []
    while True:
        name = cursor.expect_name()
        cursor.expect("in")
        source = cursor.expression()
        end = cursor.expression() if cursor.accept("..") else None
        iterators.append(Iterator(name, source, end))
        if len(iterators) > _MAX_ITERATORS:
            raise cursor.fault("too-many-iterators", limit=_MAX_ITERATORS)
        if not cursor.accept(","):
            return tuple(iterators)


def _for(cursor: Cursor) -> Node:
    start = cursor.take()
    iterators = _iterators(cursor)
    cursor.expect("return")
    mark = cursor.index
    body = cursor.expression()
    return For(start.position, iterators, body, "partial" in cursor.names_since(mark))


def _quantified(cursor: Cursor) -> Node:
    start = cursor.take()
    iterators = _iterators(cursor)
    cursor.expect("satisfies")
    return Quantified(start.position, start.text == "every", iterators, cursor.expression())


def _function(cursor: Cursor) -> Node:
    start = cursor.take()
    cursor.expect("(")
    parameters: list[str] = []
    while not cursor.sees(")"):
        parameters.append(cursor.expect_name())
        if cursor.accept(":"):
            read_type(cursor)
        if not cursor.accept(","):
            break
    cursor.expect(")")
    if cursor.sees("external"):
        raise cursor.fault("external-function")
    return FunctionOf(start.position, tuple(parameters), cursor.expression())


_READERS: Mapping[str, Callable[[Cursor], Node]] = {
    "@": _at_literal,
    "[": _brackets,
    "(": _parentheses,
    "]": _open_range,
    "{": _context,
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}

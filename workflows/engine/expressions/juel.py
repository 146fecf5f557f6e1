"""Read the Java expression language ``${...}`` (JSR 245, EL 2.2) into ``syntax``; what it means is in ``operations``.

A text may have several segments, which join to a text; one alone keeps its value. Methods are those of a short table
with a meaning on plain data; every other call is refused by its name.
"""

from __future__ import annotations

import re

from workflows.engine.expressions.cursor import Cursor, wanted
from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.lexicon import Lexicon, cut
from workflows.engine.expressions.operations.juel_values import ARITIES
from workflows.engine.expressions.syntax import Call, Fold, If, Literal, Logic, Name, Node, Operation, Postfix

_WORDS = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%", "and": "&&", "or": "||", "not": "!",
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_LEXICON = Lexicon(
    keywords=frozenset({*_WORDS, *_CONSTANTS, "empty", "instanceof"}),
    space=re.compile(r"[\s\u00a0\u3000]+"),
    operator=re.compile(r"&&|\|\||[=!<>]=|->|\+=|[-+*/%<>!?:()\[\],.={};]"),
    escape=re.compile(r"\\(?:.|\Z)", re.DOTALL),
    escapes={"\\": "\\", '"': '"', "'": "'"},
    strict_escapes=True,
    prefixes=False,
)
_OPENING = re.compile(r"\\?[$#]\{")
_LEVELS = {
    sign: level
    for level, signs in enumerate((("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%")))
    for sign in signs
}
_JUNCTIONS = {"||": "or", "&&": "and"}
_LITERAL = re.compile(r"\s*(?:(true)|(false)|(-?[0-9]{1,34}))\s*", re.IGNORECASE)
# what a process engine's own object offers besides variables
_OF_THE_MACHINE = frozenset(
    {
        "id", "processInstanceId", "rootProcessInstanceId", "superExecution", "processBusinessKey", "businessKey",
        "processInstance", "processDefinitionId", "parentId", "eventName", "currentActivityId", "currentActivityName",
        "activityInstanceId", "parentActivityInstanceId", "currentTransitionId", "tenantId", "variables",
        "variableNames", "variablesLocal", "bpmnModelInstance", "bpmnModelElementInstance", "currentFlowElement",
        "processEngineServices", "processEngine", "variableScope", "variableScopeKey",
    }
)  # fmt: skip


def parse_template(text: str) -> Node:
    """Read ``text`` with its segments ``${...}``; without any it is a literal (EL 2.2, 1.2)."""
    parts: list[Node] = []
    position = 0
    while found := _OPENING.search(text, position):
        _add_literal(parts, text[position : found.start()], position)
        if found.group().startswith("\\"):
            _add_literal(parts, found.group()[1:], found.start())
            position = found.end()
            continue
        tokens, position = cut(text, _LEXICON, found.end(), braced=True)
        parts.append(_Parser(tokens).whole())
        position += 1
    if not parts:
        return Literal(0, _literal_value(text))
    _add_literal(parts, text[position:].rstrip(), position)
    return parts[0] if len(parts) == 1 else Operation(0, "juel.join", tuple(parts))


def _add_literal(parts: list[Node], text: str, position: int) -> None:
    """Keep what stands beside segments."""
    if text.strip() or (text and parts):  # blanks before the first segment or behind the last say nothing
        parts.append(Literal(position, text))


def _literal_value(text: str) -> object:
    found = _LITERAL.fullmatch(text)
    if found is None:
        return text
    return int(found.group(3)) if found.group(3) else bool(found.group(1))


class _Parser(Cursor):
    choices = 0  # how many `? :` wait for their colon, which then begins no name of a function

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise self.fault("segment-empty")
        node = self.expression()
        if self.token.kind != "end":
            self.refuse_word()
            raise self.unexpected(wanted("operator"))
        return node

    def refuse_word(self) -> None:
        """Refuse by name what later versions of the language have and this one does not."""
        if self.sees("=", ";", "->", "+=", "{", "instanceof"):
            raise self.fault("word-not-run", word=self.token.text)

    def expression(self) -> Node:
        with self.nested():
            start = self.token.position
            condition = self._binary(0)
            if not self.accept("?"):
                return condition
            self.choices += 1
            then = self.expression()
            self.choices -= 1
            self.expect(":")
            return If(start, _truth(condition), then, self.expression())

    def _level(self) -> int | None:
        token = self.token
        return _LEVELS.get(_WORDS.get(token.text, token.text)) if token.kind in ("operator", "keyword") else None

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while (level := self._level()) is not None and level >= lowest:
            left = self._chain(left, level)
        return left

    def _chain(self, first: Node, level: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self._level() == level:
            sign = self.take().text
            rest.append((_WORDS.get(sign, sign), self._binary(level + 1)))
        if rest[0][0] in _JUNCTIONS:
            operands = tuple(_truth(operand) for operand in (first, *(operand for _, operand in rest)))
            return Logic(first.position, _JUNCTIONS[rest[0][0]], operands)
        return Fold(first.position, first, tuple((f"juel.{sign}", operand) for sign, operand in rest))

    def _unary(self) -> Node:
        start = self.token
        if self.accept("!", "not"):
            name = "juel.not"
        elif self.accept("-"):
            name = "juel.minus"
        elif self.accept("empty"):
            name = "juel.empty"
        else:
            return self._value()
        with self.nested():
            return Operation(start.position, name, (self._unary(),))

    def _value(self) -> Node:
        token = self.token
        if token.kind == "name" and token.text == "execution" and self.ahead().text in (".", "["):
            value = self._execution()
        elif token.kind == "name" and self.ahead().text == "(" and self.ahead().kind == "operator":
            value = self._function()
        else:
            value = self._operand()
        while self.sees(".", "["):
            value = self._step(value)
        return value

    def _operand(self) -> Node:
        token = self.token
        if token.kind in ("number", "string"):
            return Literal(self.take().position, token.value)
        if token.kind == "keyword" and token.text in _CONSTANTS:
            return Literal(self.take().position, _CONSTANTS[token.text])
        if token.kind == "name":
            self.take()
            if not self.choices and self.sees(":") and self.ahead().kind == "name" and self.ahead(2).text == "(":
                raise self.fault("function-not-run", function=f"{token.text}:{self.ahead().text}")
            return Name(token.position, token.text, variable=True)
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        self.refuse_word()
        raise self.unexpected(wanted("value"))

    def _step(self, value: Node) -> Node:
        position = self.token.position
        if self.accept("["):
            key = self.expression()
            self.expect("]")
            return Operation(position, "juel.part", (value, key))
        self.take()
        name = self._word()
        if self.sees("("):
            return self._method(value, name, position)
        return Operation(position, "juel.part", (value, Literal(position, name)))

    def _word(self) -> str:
        """Take the name behind a dot, which may be a word of the language."""
        return self.take().text if self.token.kind == "keyword" else self.expect_name()

    def _method(self, value: Node, name: str, position: int) -> Node:
        if name not in ARITIES:
            raise ExpressionSyntaxError("method-not-run", position=position, method=name)
        arguments = self._arguments()
        if len(arguments) != ARITIES[name]:
            raise ExpressionSyntaxError("arguments-not-run", position=position, function=f".{name}()")
        return Operation(position, f"juel..{name}()", (value, *arguments))

    def _arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        arguments: list[Node] = []
        while not self.sees(")"):
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(arguments)

    def _function(self) -> Node:
        """Read a call of the application's functions, or of FEEL's with one word."""
        name = self.take()
        call = Call(name.position, self._arguments(), ())
        return Postfix(name.position, Name(name.position, name.text), (call,))

    def _execution(self) -> Node:
        """Read ``execution.getVariable('x')`` and ``execution.x`` as the variable that they mean."""
        start = self.take()
        position = self.token.position
        if not self.accept("."):
            raise self.fault("property-not-run", property="execution[...]")
        name = self._word()
        if not self.sees("("):
            if name in _OF_THE_MACHINE:
                raise ExpressionSyntaxError("property-not-run", position=position, property=f"execution.{name}")
            return Name(position, name, variable=True)
        if name not in ("getVariable", "hasVariable"):
            raise ExpressionSyntaxError("method-not-run", position=position, method=f"execution.{name}")
        arguments = self._arguments()
        if len(arguments) != 1 or not isinstance(arguments[0], Literal) or not isinstance(arguments[0].value, str):
            raise ExpressionSyntaxError("arguments-not-run", position=position, function=f"execution.{name}()")
        variable = Name(start.position, arguments[0].value, variable=True)
        if name == "getVariable":
            return variable
        asks = Name(position, "is defined")
        return Postfix(position, asks, (Call(position, (variable,), ()),))


def _truth(node: Node) -> Node:
    return Operation(node.position, "juel.truth", (node,))

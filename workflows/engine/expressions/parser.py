"""Read FEEL (DMN 1.5, chapter 10), with Python's spelling of comparisons beside FEEL's own, into ``syntax``.

Precedence climbing over flat chains: depth grows with brackets only, and those are counted. Nothing here looks at
values; what the words mean is said in ``evaluator``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from workflows.engine.expressions.cursor import Cursor, wanted
from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.kinds import is_number
from workflows.engine.expressions.operands import read_key, read_operand, read_type
from workflows.engine.expressions.syntax import (
    Arithmetic,
    Attribute,
    Between,
    Call,
    Comparison,
    Filter,
    In,
    InstanceOf,
    Literal,
    Logic,
    Negation,
    Node,
    Not,
    Postfix,
    RangeOf,
    Test,
    UnaryComparison,
    UnaryTests,
)
from workflows.engine.expressions.tokens import Phrases, phrase_patterns, tokenize

_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _OPERAND = range(7)
_PRECEDENCE = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "**": _POWER}
_COMPARATORS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_WORDS = ("in", "between", "instance", "is")
_SPACED_ATTRIBUTES = {("time", "offset"), ("start", "included"), ("end", "included")}


@lru_cache(maxsize=64)
def _known(names: frozenset[str]) -> Phrases:
    """Prepare the names of a file once; its expressions are many."""
    return phrase_patterns(names)


def parse_expression(text: str, phrases: Phrases, known_names: Iterable[str] = ()) -> Node:
    """Read the whole of ``text`` as one expression."""
    parser = _Parser(tokenize(text, (*_known(frozenset(known_names)), *phrases)))
    node = parser.expression()
    parser.expect_end()
    return node


def parse_unary_tests(text: str, phrases: Phrases, known_names: Iterable[str] = ()) -> Node:
    """Read ``text`` as the cell of a decision table: ``-``, ``> 5``, ``"a","b"``, ``not([1..3])``."""
    parser = _Parser(tokenize(text, (*_known(frozenset(known_names)), *phrases)))
    return parser.unary_tests()


class _Parser(Cursor):
    def expect_end(self) -> None:
        if self.sees("=", "==", "!=", "<", "<=", ">", ">=", *_WORDS):
            raise self.fault("chained-comparison")
        if self.token.kind != "end":
            raise self.unexpected(wanted("operator"))

    def expression(self) -> Node:
        with self.nested():
            return self._binary(_OR)

    def sum(self) -> Node:
        with self.nested():
            return self._binary(_SUM)

    def _binary(self, lowest: int) -> Node:
        left = self._operand()
        while (level := self._level()) is not None and level >= lowest:
            if level != _COMPARISON:
                left = self._chain(left, level)
                continue
            left = self._comparison(left)
            if self._level() == _COMPARISON:
                self.expect_end()
        return left

    def _level(self) -> int | None:
        token = self.token
        if token.kind == "keyword":
            negated_in = token.text == "not" and self.ahead().text == "in" and self.ahead().kind == "keyword"
            return _COMPARISON if token.text in _WORDS or negated_in else _PRECEDENCE.get(token.text)
        if token.kind == "operator":
            return _COMPARISON if token.text in _COMPARATORS else _PRECEDENCE.get(token.text)
        return None

    def _chain(self, first: Node, level: int) -> Node:
        operators: list[str] = []
        operands: list[Node] = []
        while self._level() == level:
            operators.append(self.take().text)
            operands.append(self._binary(level + 1))
        if level in (_OR, _AND):
            return Logic(first.position, operators[0], (first, *operands))
        return Arithmetic(first.position, first, tuple(zip(operators, operands, strict=True)))

    def _comparison(self, left: Node) -> Node:
        operator = self.take()
        position = operator.position
        match operator.text:
            case "in":
                return In(position, left, self._in_tests())
            case "not":
                self.expect("in")
                return Not(position, In(position, left, self._in_tests()))
            case "between":
                low = self.sum()
                self.expect("and")
                return Between(position, left, low, self.sum())
            case "instance":
                self.expect("of")
                return InstanceOf(position, left, read_type(self))
            case "is":
                sign = "!=" if self.accept("not") else "="
                return Comparison(position, sign, left, self.sum())
        return Comparison(position, _COMPARATORS[operator.text], left, self.sum())

    def _operand(self) -> Node:
        start = self.token
        if self.accept("not"):
            with self.nested():
                return Not(start.position, self._binary(_COMPARISON))
        signs = 0
        while self.accept("-"):
            signs += 1
        operand = self._postfix(read_operand(self))
        if not signs:
            return operand
        if isinstance(operand, Literal) and is_number(operand.value):
            return Literal(start.position, -operand.value if signs % 2 else operand.value)
        # An even number of signs still asks for a number: --"a" is null, not "a".
        once = Negation(start.position, operand)
        return once if signs % 2 else Negation(start.position, once)

    def _postfix(self, base: Node) -> Node:
        steps: list[Attribute | Filter | Call] = []
        while True:
            position = self.token.position
            if self.accept("."):
                steps.append(Attribute(position, self._attribute_name()))
            elif self.accept("["):
                steps.append(self._filter(position))
            elif self.accept("("):
                steps.append(self._call(position))
            else:
                return Postfix(base.position, base, tuple(steps)) if steps else base

    def _attribute_name(self) -> str:
        if (self.token.text, self.ahead().text) in _SPACED_ATTRIBUTES:
            return f"{self.take().text} {self.take().text}"
        if self.token.kind == "keyword":
            return self.take().text
        return self.expect_name()

    def _filter(self, position: int) -> Filter:
        test = self.expression()
        self.expect("]")
        if isinstance(test, Literal) and is_number(test.value) and test.value == 0:
            raise ExpressionSyntaxError("index-zero", position=position)
        return Filter(position, test)

    def _call(self, position: int) -> Call:
        arguments: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.sees(")"):
            key = read_key(self)
            if key is None:
                arguments.append(self.expression())
            else:
                named.append((key, self.expression()))
            if not self.accept(","):
                break
        self.expect(")")
        if arguments and named:
            raise self.fault("arguments-mixed")
        return Call(position, tuple(arguments), tuple(named))

    def _in_tests(self) -> tuple[Test, ...]:
        mark = self.index
        if self.accept("("):
            tests = self._tests()
            # `(1..5]` is a range, and `(a) + b` a sum: those are read again as one test.
            if self.accept(")") and self._level() not in (_SUM, _PRODUCT, _POWER) and not self.sees("[", "."):
                return tests
            self.index = mark
        return (self._test(),)

    def _tests(self) -> tuple[Test, ...]:
        tests = [self._test(whole=True)]
        while self.accept(","):
            tests.append(self._test(whole=True))
        return tuple(tests)

    def _test(self, *, whole: bool = False) -> Test:
        start, mark = self.token, self.index
        if operator := self.accept("<", "<=", ">", ">=", "=", "==", "!="):
            condition = _unary(start.position, operator.text, self.sum())
        else:
            condition = self.expression() if whole else self.sum()
        return Test(start.position, condition, "?" in self.names_since(mark))

    def unary_tests(self) -> Node:
        start = self.token
        if start.text == "-" and self.ahead().kind == "end":
            return UnaryTests(start.position, (), negated=False)
        if self.sees("not") and self.ahead().text == "(":
            tests = self._negated_tests()
            if tests is not None:
                return UnaryTests(start.position, tests, negated=True)
        tests = self._tests()
        self.expect_end()
        return UnaryTests(start.position, tests, negated=False)

    def _negated_tests(self) -> tuple[Test, ...] | None:
        """Read ``not(...)`` around the whole cell; None when it is only the beginning of an expression."""
        mark = self.index
        self.take()
        self.take()
        tests = self._tests()
        if self.accept(")") and self.token.kind == "end":
            return tests
        self.index = mark
        return None


def _unary(position: int, operator: str, operand: Node) -> Node:
    if operator in ("<", "<="):
        return RangeOf(position, None, operand, low_included=False, high_included=operator == "<=")
    if operator in (">", ">="):
        return RangeOf(position, operand, None, low_included=operator == ">=", high_included=False)
    return UnaryComparison(position, _COMPARATORS[operator], operand)

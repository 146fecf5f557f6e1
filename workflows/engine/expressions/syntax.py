"""The abstract syntax that every front end makes: frozen data, nothing else.

Chains (``a + b + c``, ``a and b``, ``a.b.c``) are flat tuples, so that a long expression is not a deep one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    position: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """``variable``: never a function of FEEL, as names are in the other languages."""

    name: str
    variable: bool = False


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """An interval; a missing end (None) is unbounded, as in the unary test ``> 5``."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    test: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Postfix(Node):
    """``base`` followed by attributes, filters and calls, applied from left to right."""

    base: Node
    steps: tuple[Attribute | Filter | Call, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Operands of one precedence, applied from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: str  # "and" | "or"
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str  # = != < <= > >=
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class TypeName:
    """``argument`` is of a list or a range, ``entries`` are a context's, ``parameters`` and ``result`` a function's."""

    name: str
    argument: TypeName | None = None
    entries: tuple[tuple[str, TypeName], ...] = ()
    parameters: tuple[TypeName, ...] | None = None
    result: TypeName | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type_name: TypeName


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    name: str
    source: Node
    end: Node | None = None  # `for i in 1..n`


@dataclass(frozen=True, slots=True)
class For(Node):
    """``uses_partial``: the body reads the results so far, which are copied for each round only then."""

    iterators: tuple[Iterator, ...]
    body: Node
    uses_partial: bool


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """What another language than FEEL does with operands that were all worked out: a name in ``operations``."""

    name: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Fold(Node):
    """Operations of two operands applied from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Pick(Node):
    """``and``, ``or`` of Python: the operand that decides, not a truth value."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """``for names in source if tests`` of a comprehension; several names take an item apart."""

    names: tuple[str, ...]
    source: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    rounds: tuple[Round, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Native(Node):
    """A part that is no expression, such as a decision table: worked out by ``apply(scope, run)``."""

    apply: Callable[[Any, Any], Any]
    names: frozenset[str]
    functions: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """A test such as ``= x`` or ``!= x`` of the input value."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One test of an input value; ``uses_input`` when it names the value itself (``? > 5 and ? < 9``)."""

    condition: Node
    uses_input: bool


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """The cell of a decision table. No tests (``-``) means anything matches."""

    tests: tuple[Test, ...]
    negated: bool

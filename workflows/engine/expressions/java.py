"""Read conditions in Java and MVEL, as jBPM writes them, where they hold no code: comparison, logic, property access.

What is left then is the Java expression language, which ``juel`` reads. Methods, arithmetic (whole numbers divide
otherwise there) and statements are refused by their names, and in Java ``==`` of a text, which asks for identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.engine.expressions.errors import ExpressionSyntaxError
from workflows.engine.expressions.juel import parse_template
from workflows.engine.expressions.syntax import Fold, If, Literal, Logic, Name, Node, Operation, Postfix

_RETURN = re.compile(r"(\s*)return\b(.*)", re.DOTALL)
_SEGMENT = re.compile(r"\s*[$#]\{")
_COMPARISONS = frozenset({"juel.==", "juel.!=", "juel.<", "juel.<=", "juel.>", "juel.>="})
_IDENTITY = frozenset({"juel.==", "juel.!="})
_OPERATIONS = frozenset({"juel.not", "juel.minus", "juel.truth", "juel.part"})
_MACHINE = frozenset({"kcontext", "context", "execution"})


def parse_java(text: str, *, compares_identity: bool) -> Node:
    """Read a condition, or raise ``ExpressionSyntaxError`` by the name of what is not run."""
    found = _RETURN.fullmatch(text)
    body = found[2] if found else text
    body = body.rstrip().removesuffix(";")
    tree = parse_template(body if _SEGMENT.match(body) else f"${{{body}}}")
    for node in _nodes(tree):
        refused = _refused(node, compares_identity=compares_identity)
        if refused:
            raise ExpressionSyntaxError("word-not-run", position=node.position, word=refused)
    return tree


def _refused(node: Node, *, compares_identity: bool) -> str:
    """Name what of a node is not run; empty when it is."""
    match node:
        case Name() if node.name in _MACHINE:
            return node.name
        case Operation() if node.name not in _OPERATIONS:
            return node.name.removeprefix("juel.").removeprefix(".")
        case Postfix():
            return f"{node.base.name}()" if isinstance(node.base, Name) else "()"
        case Fold():
            return _refused_fold(node, compares_identity=compares_identity)
    return ""


def _refused_fold(node: Fold, *, compares_identity: bool) -> str:
    operands = [node.first, *(operand for _, operand in node.rest)]
    has_text = any(isinstance(operand, Literal) and isinstance(operand.value, str) for operand in operands)
    for name, _ in node.rest:
        sign = name.removeprefix("juel.")
        if name not in _COMPARISONS:
            return sign
        if compares_identity and has_text and name in _IDENTITY:
            return f'{sign} "…"'
    return ""


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    inside: tuple[Node, ...] = ()
    match node:
        case Operation() | Logic():
            inside = node.operands
        case Fold():
            inside = (node.first, *(operand for _, operand in node.rest))
        case If():
            inside = (node.condition, node.then, node.otherwise)
    for each in inside:
        yield from _nodes(each)

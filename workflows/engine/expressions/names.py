"""Which names an expression reads from outside: for checks at upload and for knowing what a body depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from workflows.engine.expressions import syntax
from workflows.engine.expressions.errors import ExpressionSyntaxError


@dataclass(slots=True)
class Names:
    """``certain`` names must exist, ``possible`` ones may be parts of a list's items; ``functions`` are called.

    ``variables`` are those of the certain ones that cannot be functions of FEEL.
    """

    certain: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    possible: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def free_names(node: syntax.Node) -> Names:
    """Collect what ``node`` does not bind itself."""
    found = Names()
    _visit(node, frozenset(), unsure=False, found=found)
    return found


def _visit(node: Any, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    visit: Callable[..., None] = _VISITORS.get(type(node), _visit_parts)
    visit(node, bound, unsure=unsure, found=found)


def _visit_name(node: syntax.Name, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if node.name not in bound:
        (found.possible if unsure else found.certain).add(node.name)
        if node.variable and not unsure:
            found.variables.add(node.name)


def _visit_context(node: syntax.ContextOf, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    for key, value in node.entries:
        _visit(value, bound, unsure=unsure, found=found)
        bound |= {key}


def _visit_rounds(node: syntax.For | syntax.Quantified, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    for iterator in node.iterators:
        _visit(iterator.source, bound, unsure=unsure, found=found)
        _visit(iterator.end, bound, unsure=unsure, found=found)
        bound |= {iterator.name}
    _visit(node.body, bound | {"partial"} if isinstance(node, syntax.For) else bound, unsure=unsure, found=found)


def _visit_comprehension(node: syntax.Comprehension, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    for turn in node.rounds:
        _visit(turn.source, bound, unsure=unsure, found=found)
        bound |= set(turn.names)
        _visit(turn.tests, bound, unsure=unsure, found=found)
    _visit(node.body, bound, unsure=unsure, found=found)


def _visit_function(node: syntax.FunctionOf, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    _visit(node.body, bound | set(node.parameters), unsure=unsure, found=found)


def _visit_tests(node: syntax.In | syntax.UnaryTests, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if isinstance(node, syntax.In):
        _visit(node.value, bound, unsure=unsure, found=found)
    for test in node.tests:
        _visit(test.condition, bound | {"?"}, unsure=unsure, found=found)


def _visit_parts(node: Any, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if isinstance(node, tuple):
        for item in node:
            _visit(item, bound, unsure=unsure, found=found)
    elif isinstance(node, syntax.Node) and not isinstance(node, syntax.Literal):
        for part in fields(node):
            value = getattr(node, part.name)
            if isinstance(value, syntax.Node | tuple):
                _visit(value, bound, unsure=unsure, found=found)


def _refuse_methods(node: syntax.Postfix) -> None:
    """Refuse ``x.upper()`` at upload: variables are data, so that nothing reached from one can be called."""
    for step in node.steps[1:]:
        if isinstance(step, syntax.Call):
            raise ExpressionSyntaxError("method-call", position=step.position)


def _visit_postfix(node: syntax.Postfix, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if isinstance(node.base, syntax.Literal) or (isinstance(node.base, syntax.Name) and node.base.name not in bound):
        _refuse_methods(node)
    asks_for_name = False
    if isinstance(node.base, syntax.Name) and isinstance(node.steps[0], syntax.Call):
        if node.base.name not in bound:
            found.functions.add(node.base.name)
        asks_for_name = node.base.name == "is defined"
    else:
        _visit(node.base, bound, unsure=unsure, found=found)
    for step in node.steps:
        if isinstance(step, syntax.Filter):
            _visit(step.test, bound | {"item"}, unsure=True, found=found)
        elif isinstance(step, syntax.Call):
            _visit(step.arguments, bound, unsure=unsure or asks_for_name, found=found)
            for _, value in step.named:
                _visit(value, bound, unsure=unsure or asks_for_name, found=found)


def _visit_native(node: syntax.Native, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    (found.possible if unsure else found.certain).update(node.names - bound)
    if not unsure:
        found.variables.update(node.names - bound)
    found.functions.update(node.functions - bound)


_VISITORS: Mapping[type[Any], Callable[..., None]] = {
    syntax.Name: _visit_name,
    syntax.Native: _visit_native,
    syntax.Postfix: _visit_postfix,
    syntax.ContextOf: _visit_context,
    syntax.For: _visit_rounds,
    syntax.Quantified: _visit_rounds,
    syntax.Comprehension: _visit_comprehension,
    syntax.FunctionOf: _visit_function,
    syntax.In: _visit_tests,
    syntax.UnaryTests: _visit_tests,
}

"""Which names an expression reads from outside: for checks at upload and for knowing what a body depends on."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from workflows.engine.expressions import syntax
from workflows.engine.expressions.errors import ExpressionSyntaxError


@dataclass(slots=True)
class Names:
    """``certain`` names must exist, ``possible`` ones may be parts of a list's items; ``functions`` are called."""

    certain: set[str] = field(default_factory=set)
    possible: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def free_names(node: syntax.Node) -> Names:
    """Collect what ``node`` does not bind itself."""
    found = Names()
    _visit(node, frozenset(), unsure=False, found=found)
    return found


def _visit(node: Any, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if isinstance(node, syntax.Name):
        if node.name not in bound:
            (found.possible if unsure else found.certain).add(node.name)
    elif isinstance(node, syntax.Postfix):
        _visit_postfix(node, bound, unsure=unsure, found=found)
    elif isinstance(node, syntax.ContextOf):
        for key, value in node.entries:
            _visit(value, bound, unsure=unsure, found=found)
            bound |= {key}
    elif isinstance(node, syntax.For | syntax.Quantified):
        for iterator in node.iterators:
            _visit(iterator.source, bound, unsure=unsure, found=found)
            _visit(iterator.end, bound, unsure=unsure, found=found)
            bound |= {iterator.name}
        _visit(node.body, bound | {"partial"} if isinstance(node, syntax.For) else bound, unsure=unsure, found=found)
    elif isinstance(node, syntax.FunctionOf):
        _visit(node.body, bound | set(node.parameters), unsure=unsure, found=found)
    elif isinstance(node, syntax.In | syntax.UnaryTests):
        if isinstance(node, syntax.In):
            _visit(node.value, bound, unsure=unsure, found=found)
        for test in node.tests:
            _visit(test.condition, bound | {"?"}, unsure=unsure, found=found)
    else:
        _visit_parts(node, bound, unsure=unsure, found=found)


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
            message = "Values have no methods; write the function first, such as upper case(x) or count(xs)."
            raise ExpressionSyntaxError("not-a-function", message, position=step.position)


def _visit_postfix(node: syntax.Postfix, bound: frozenset[str], *, unsure: bool, found: Names) -> None:
    if isinstance(node.base, syntax.Name) and node.base.name not in bound:
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

"""Who is a party to a matter, as a diagram says it: the expression ``zc:recuse`` of a process or a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.types import Context


def people_named(expression: str, variables: Mapping[str, Any], context: Context) -> frozenset[str]:
    """Return the codes that a ``zc:recuse`` names, or raise ``ExpressionError`` when it names no people.

    What a step writes only later stands there as ``if is defined(x) then x else []``: a name that nobody has written
    is a fault like everywhere (0021), for a misspelt name would shut out nobody in silence.
    """
    value = compile_expression(expression).evaluate(
        {**context.roots, **variables}, now=context.now, functions=context.functions
    )
    listed = value if isinstance(value, list) else [] if value is None else [value]
    wrong = [item for item in listed if not isinstance(item, str)]
    if wrong:
        message = f"Expected {expression} to give codes of people, but it gives {wrong[0]!r}."
        raise ExpressionError("recusal-not-people", message)
    return frozenset(item for item in listed if item.strip())

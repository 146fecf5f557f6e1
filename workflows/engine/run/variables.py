"""Variables belong to the case, not to the token (BPMN 2.0.2 §10.4.1): scopes, and who sees and writes what.

The process holds the case's variables. A sub-process holds those that it declares as properties, one instance of
a multi-instance activity its item, its ``loopCounter`` and, when it hands out an output item, all that it writes.
An expression sees its own scope first, then outwards, then the roots of the context.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, cast

from workflows.engine.errors import InvalidVariableError
from workflows.engine.expressions import Expression, ExpressionError
from workflows.engine.run.faults import Fault
from workflows.engine.values import ValueFault, to_json

if TYPE_CHECKING:
    from workflows.engine.run.token import Token

_SHOWN = 500  # characters of a text that a fault tells
VARIABLES = "vars"
MI = "mi"  # what a multi-instance activity counts
STORED = ("items", "out")  # … and what of it stays as it was stored: there is one entry for each instance
OWN = "outputs"  # names that are written inside and nowhere else
CLOSED = "own"  # everything written inside stays inside


def visible(token: Token, nearest: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Lay the scopes over one another as an expression at ``token`` sees them; ``nearest`` lies on top."""
    layers = [nearest] if nearest is not None else []
    layers += [scope.memo[VARIABLES] for scope in token.scopes() if VARIABLES in scope.memo]
    layers.append(token.workflow.context.roots)
    return ChainMap(*(cast("MutableMapping[str, Any]", layer) for layer in layers))


def inner(token: Token) -> dict[str, Any]:
    """Return what the scopes between ``token`` and its case hold, nearer ones over farther ones."""
    held: dict[str, Any] = {}
    for scope in token.scopes():
        if scope.scope is not scope:
            held = {**scope.memo.get(VARIABLES, {}), **held}
    return held


def write(token: Token, values: Mapping[str, Any]) -> None:
    """Write each variable where it lives: the nearest scope that has it, else the case."""
    for name, value in values.items():
        holder = _holder(token, name)
        holder.memo[VARIABLES][name] = value
        token.workflow.changed = True
        if holder.scope is holder:
            token.workflow.effects.variables[name] = value


def delete(token: Token, name: str) -> None:
    """Take a variable away from where it lives. The application hears that it is null now."""
    holder = _holder(token, name)
    holder.memo[VARIABLES].pop(name, None)
    token.workflow.changed = True
    if holder.scope is holder:
        token.workflow.effects.variables[name] = None


def _holder(token: Token, name: str) -> Token:
    scope = token
    for scope in token.scopes():
        held = scope.memo.get(VARIABLES)
        if held is not None and (name in held or CLOSED in scope.memo or name in scope.memo.get(OWN, ())):
            return scope
    return scope


def evaluate(token: Token, expression: Expression, nearest: Mapping[str, Any] | None = None) -> Any:
    """Evaluate an expression of the diagram at ``token`` or raise ``Fault``."""
    context = token.workflow.context
    try:
        return expression.evaluate(visible(token, nearest), now=context.now, functions=context.functions)
    except ExpressionError as error:
        raise _fault(expression, error) from error


def holds(token: Token, expression: Expression, nearest: Mapping[str, Any] | None = None) -> bool:
    """Decide a condition or raise ``Fault``: null is neither true nor false, and nobody may be sent on a guess."""
    context = token.workflow.context
    try:
        return expression.test(visible(token, nearest), now=context.now, functions=context.functions)
    except ExpressionError as error:
        raise _fault(expression, error) from error


def _fault(expression: Expression, error: ExpressionError) -> Fault:
    why = _told(error.reason.plain())
    return Fault(error.code, f"{expression.text}: {error.message}", expression=expression.text[:_SHOWN], why=why)


def _told(value: Any) -> Any:
    """Give what a fault tells as JSON, whatever kind of value it speaks of."""
    if isinstance(value, Mapping):
        return {str(name): _told(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_told(member) for member in value]
    return value if value is None or isinstance(value, bool | int) else str(value)[:_SHOWN]


def require_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of variables that come from outside, or raise ``InvalidVariableError``."""
    plain = {}
    for name, value in values.items():
        if not name:
            raise InvalidVariableError("Expected a variable to have a name.", name=name)
        try:
            to_json(value)
        except ValueFault as fault:
            raise InvalidVariableError(f"Variable {name}: {fault.message}", name=name) from fault
        plain[name] = value
    return plain

"""Call a function: of the expression itself, of the language, or of the application."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Builtin, Closure, Foreign, adopt, kind, plain
from workflows.engine.iso8601 import ValueFault


def invoke(function: Any, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    """Call ``function`` with either ``arguments`` or ``named`` ones, or raise ``ExpressionError``."""
    run.spend()
    run.enter()
    try:
        if isinstance(function, Closure):
            return _closure(function, arguments, named, run)
        if isinstance(function, Builtin):
            return _builtin(function, arguments, named, run)
        if isinstance(function, Foreign):
            return _foreign(function, arguments, named, run)
    finally:
        run.leave()
    raise ExpressionError("not-a-function", f"Expected a function to call, but got a {kind(function)}.")


def _closure(function: Closure, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = dict(zip(function.parameters, arguments, strict=False)) | dict(named)
    if len(arguments) > len(function.parameters) or set(given) != set(function.parameters):
        expected = ", ".join(function.parameters)
        raise ExpressionError("function-arguments", f"Expected the arguments ({expected}).")
    return run.evaluate(function.body, function.scope.under(given), run)


def _builtin(function: Builtin, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = list(arguments) if not named else _positional(function, named)
    if not any(_fits(signature, len(given)) for signature in function.signatures):
        known = " or ".join(f"{function.name}({', '.join(signature)})" for signature in function.signatures)
        raise ExpressionError("function-arguments", f"Expected {known}, but got {len(given)} arguments.")
    try:
        return function.apply(run, *given)
    except (ValueFault, ArithmeticError) as error:
        run.null(f"{function.name} has no result ({error})")
        return None


def call_builtin(function: Builtin, arguments: Sequence[Any], run: Run) -> Any:
    """Call a function of FEEL from the operations of another language."""
    return _builtin(function, arguments, {}, run)


def _fits(signature: tuple[str, ...], count: int) -> bool:
    if signature and signature[-1] == "...":
        return count >= len(signature) - 1
    optional = sum(name.endswith("?") for name in signature)
    return len(signature) - optional <= count <= len(signature)


def _positional(function: Builtin, named: Mapping[str, Any]) -> list[Any]:
    """Order named arguments by the first signature that has exactly their names."""
    for signature in function.signatures:
        names = [name.removesuffix("?") for name in signature if name != "..."]
        required = {name for name in signature if not name.endswith("?") and name != "..."}
        if required <= set(named) <= set(names):
            last = max((index for index, name in enumerate(names) if name in named), default=-1)
            return [named.get(name) for name in names[: last + 1]]
    known = " or ".join(f"({', '.join(signature)})" for signature in function.signatures)
    raise ExpressionError("function-arguments", f"{function.name} knows the arguments {known}.")


def _foreign(function: Foreign, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = [plain(argument, run) for argument in arguments]
    by_name = {key: plain(value, run) for key, value in named.items()}
    try:
        inspect.signature(function.apply).bind(*given, **by_name)
    except TypeError as error:
        raise ExpressionError("function-arguments", f"{function.name}: {error}.") from error
    except ValueError:
        pass  # a callable without a signature says by itself what it misses
    try:
        answer = function.apply(*given, **by_name)
    except ExpressionError:
        raise
    except ValueFault as error:
        raise ExpressionError(error.code, f"{function.name}: {error.message}") from error
    except Exception as error:
        raise ExpressionError("function-failed", f"{function.name} failed: {error}") from error
    return adopt(answer, run)

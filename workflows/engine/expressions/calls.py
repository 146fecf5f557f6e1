"""Call a function: of the expression itself, of the language, or of the application."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.errors import ExpressionError
from workflows.engine.expressions.kinds import Builtin, Closure, Foreign, Procedure, adopt, plain, told
from workflows.engine.iso8601 import ValueFault
from workflows.engine.reasons import Reason

_SHOWN = 60


def invoke(function: Any, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    """Call ``function`` with either ``arguments`` or ``named`` ones, or raise ``ExpressionError``."""
    run.spend()
    run.enter()
    try:
        if isinstance(function, Closure):
            return _closure(function, arguments, named, run)
        if isinstance(function, Procedure):
            return function.apply(run, _given(function.parameters, arguments, named))
        if isinstance(function, Builtin):
            return _builtin(function, arguments, named, run)
        if isinstance(function, Foreign):
            return _foreign(function, arguments, named, run)
    finally:
        run.leave()
    raise ExpressionError("not-a-function", got=told(function))


def _closure(function: Closure, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = _given(function.parameters, arguments, named)
    return run.evaluate(function.body, function.scope.under(given), run)


def _given(parameters: Sequence[str], arguments: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Put arguments to the parameters of a function that a diagram defines."""
    given = dict(zip(parameters, arguments, strict=False)) | dict(named)
    if len(arguments) > len(parameters) or set(given) != set(parameters):
        raise ExpressionError("function-arguments", function="function", known=f"({', '.join(parameters)})")
    return given


def _builtin(function: Builtin, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = list(arguments) if not named else _positional(function, named)
    if function.unwraps:
        # A list of one is its item where one is asked for (DMN 1.5, 10.3.2.9.4).
        given = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in given]
    if not any(fits(signature, len(given)) for signature in function.signatures):
        raise ExpressionError("function-arguments", function=function.name, known=_signatures(function))
    try:
        return function.apply(run, *given)
    except (ValueFault, ArithmeticError) as error:
        run.null("function-no-result", function=function.name, why=_why(error, given))
        return None


def call_builtin(function: Builtin, arguments: Sequence[Any], run: Run) -> Any:
    """Call a function of FEEL from the operations of another language."""
    return _builtin(function, arguments, {}, run)


def _signatures(function: Builtin) -> str:
    return " / ".join(f"({', '.join(signature)})" for signature in function.signatures)


def _why(error: Exception, given: Sequence[Any]) -> Reason:
    """Tell what a text or a number did wrong."""
    if isinstance(error, ValueFault):
        return Reason(error.code, error.message, {"text": _text_of(given)})
    return Reason("number-out-of-range", "the number is out of range")


def _text_of(given: Sequence[Any]) -> str:
    return next((argument[:_SHOWN] for argument in given if isinstance(argument, str)), "")


def fits(signature: tuple[str, ...], count: int) -> bool:
    """Say whether a call with ``count`` arguments is one of ``signature``."""
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
    raise ExpressionError("function-arguments", function=function.name, known=_signatures(function))


def _foreign(function: Foreign, arguments: Sequence[Any], named: Mapping[str, Any], run: Run) -> Any:
    given = [plain(argument, run) for argument in arguments]
    by_name = {key: plain(value, run) for key, value in named.items()}
    known: Any = "(...)"
    try:
        known = inspect.signature(function.apply)
        known.bind(*given, **by_name)
    except TypeError as error:
        raise ExpressionError("function-arguments", function=function.name, known=str(known)) from error
    except ValueError:
        pass  # a callable without a signature says by itself what it misses
    try:
        answer = function.apply(*given, **by_name)
    except ExpressionError:
        raise
    except ValueFault as error:
        raise ExpressionError(error.code, f"{function.name}: {error.message}", text=_text_of(given)) from error
    except Exception as error:
        raise ExpressionError("function-failed", function=function.name, detail=str(error)[:200]) from error
    return adopt(answer, run)

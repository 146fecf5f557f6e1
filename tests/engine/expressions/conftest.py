"""One way to evaluate: at a fixed instant, on the variables that the test names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from workflows.engine.expressions import Budget, ExpressionError, compile_expression

NOW = datetime(2026, 10, 1, 17, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def feel() -> Callable[..., Any]:
    """Evaluate ``feel("a + 1", a=1)``."""

    def evaluate(text: str, /, budget: Budget = Budget(), functions: Any = None, **scope: Any) -> Any:
        return compile_expression(text).evaluate(scope, now=NOW, functions=functions or {}, budget=budget)

    return evaluate


@pytest.fixture
def python() -> Callable[..., Any]:
    """Evaluate an expression that its file declares to be Python."""

    def evaluate(text: str, /, budget: Budget = Budget(), functions: Any = None, **scope: Any) -> Any:
        expression = compile_expression(text, language="python")
        return expression.evaluate(scope, now=NOW, functions=functions or {}, budget=budget)

    return evaluate


@pytest.fixture
def passes() -> Callable[..., bool]:
    """Apply unary tests: ``passes("> 5", 6)``."""

    def apply(cell: str, value: Any, **scope: Any) -> bool:
        return compile_expression(cell, unary=True).passes(value, scope, now=NOW)

    return apply


@pytest.fixture
def fails() -> Callable[..., str]:
    """Give the code of the error that compiling or evaluating raises."""

    def code(
        text: str, /, budget: Budget = Budget(), functions: Any = None, language: str | None = None, **scope: Any
    ) -> str:
        with pytest.raises(ExpressionError) as caught:
            compile_expression(text, language=language).evaluate(
                scope, now=NOW, functions=functions or {}, budget=budget
            )
        return caught.value.code

    return code

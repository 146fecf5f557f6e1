"""What the other languages do where FEEL does something else: an operation a name, over worked-out operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.expressions.operations import juel_values, python_functions, python_methods, python_values

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **{f"juel.{name}": apply for name, apply in juel_values.OPERATIONS.items()},
    **{f"python.{name}": apply for name, apply in python_values.OPERATIONS.items()},
    **{f"python.{name}()": apply for name, apply in python_functions.FUNCTIONS.items()},
    **{f"python..{name}()": apply for name, apply in python_methods.METHODS.items()},
}

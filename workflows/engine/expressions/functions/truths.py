"""Functions on any value (DMN 1.5, 10.3.4.2 and 10.3.4.10), and the two of FEEL's dialects that everybody writes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from workflows.engine.expressions.budget import Run
from workflows.engine.expressions.compare import equal
from workflows.engine.expressions.kinds import Builtin, kind


def _is(run: Run, left: Any, right: Any) -> bool:
    if kind(left) != kind(right):
        return False
    if isinstance(left, time | datetime) and left.utcoffset() != right.utcoffset():
        return False
    return equal(left, right, run) is True


def _get_or_else(_run: Run, value: Any, default: Any) -> Any:
    return default if value is None else value


def _is_defined(_run: Run, value: Any) -> bool:
    # The evaluator answers for names that do not exist; what got here has a value, be it null.
    return value is not None


FUNCTIONS = (
    Builtin("is", (("value1", "value2"),), _is),
    Builtin("get or else", (("value", "default"),), _get_or_else),
    Builtin("is defined", (("value",),), _is_defined),
)

"""All functions of the language by name."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.expressions.functions import collections, contexts, numbers, ranges, temporal, texts, truths
from workflows.engine.expressions.kinds import Builtin

_ALL = (
    *truths.FUNCTIONS,
    *texts.FUNCTIONS,
    *numbers.FUNCTIONS,
    *collections.FUNCTIONS,
    *contexts.FUNCTIONS,
    *temporal.FUNCTIONS,
    *ranges.FUNCTIONS,
)
BUILTINS: Mapping[str, Builtin] = {function.name: function for function in _ALL}

"""All functions of the language by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.engine.expressions.functions import collections, contexts, numbers, ranges, temporal, texts, truths
from workflows.engine.expressions.kinds import Builtin

_OF_LISTS = frozenset({"string", "string join"})
_SINGLE = tuple(
    function if function.name in _OF_LISTS else replace(function, unwraps=True)
    for function in (*texts.FUNCTIONS, *numbers.FUNCTIONS, *temporal.FUNCTIONS)
)
_ALL = (*truths.FUNCTIONS, *_SINGLE, *collections.FUNCTIONS, *contexts.FUNCTIONS, *ranges.FUNCTIONS)
BUILTINS: Mapping[str, Builtin] = {function.name: function for function in _ALL}

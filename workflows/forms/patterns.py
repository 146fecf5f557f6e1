"""Patterns that a form may demand of a text: only those whose cost is bounded before they are ever run.

Python's ``re`` backtracks. A pattern is taken only if the number of ways to match it, counted over its parts with the
longest text allowed, stays small; what cannot be counted (references, look-around) is refused.
"""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined] # the parser of re itself: it has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_TEXT = 100  # the longest text a pattern is held against, where the form says nothing
MAX_PATTERN = 300
MAX_WAYS = 1_000_000
EMAIL = r"^[^@\s]+@[^@\s]+$"
_SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT)


class _UncountableError(Exception):
    """The pattern has a part whose cost has no bound that we can tell."""


def judge(pattern: object, length: int) -> str:
    """Return why ``pattern`` is refused for texts of up to ``length`` characters, or nothing."""
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN:
        return f"it is not a text of at most {MAX_PATTERN} characters"
    try:
        parsed = parser.parse(pattern)
        ways = _sequence(parsed, length)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it cannot be read ({error})"
    except _UncountableError as error:
        return f"it contains {error}"
    anchored = pattern.startswith("^")
    if ways * (1 if anchored else length) > MAX_WAYS:
        return "it can match in too many ways"
    return ""


def _sequence(parts: Any, length: int) -> int:
    ways = 1
    for code, argument in parts:
        ways = min(ways * _part(code, argument, length), MAX_WAYS + 1)
    return ways


def _part(code: Any, argument: Any, length: int) -> int:
    if code in _SINGLE:
        return 1
    if code is codes.BRANCH:
        return sum(_sequence(branch, length) for branch in argument[1])
    if code is codes.SUBPATTERN:
        return _sequence(argument[-1], length)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, most, body = argument
        most = min(int(most), length)
        once = _sequence(body, length)
        ways = max(most - int(least) + 1, 1)
        return ways if once == 1 else min(once ** min(most, 64), MAX_WAYS + 1) * ways
    raise _UncountableError(str(code).lower())


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches, anywhere unless the pattern is anchored."""
    return re.search(pattern, text) is not None

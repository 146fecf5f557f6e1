"""Patterns that a form may demand of a text. They run on RE2: time linear in the text, whatever the pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from workflows.engine.reasons import Reason

MAX_PATTERN = 1_000
_MEMORY = 1 << 20
EMAIL = r"^[^@\s]+@[^@\s]+$"


def judge(pattern: object) -> Reason | None:
    """Return why ``pattern`` is refused, None when it is not."""
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN:
        message = f"it is not a text of at most {MAX_PATTERN} characters"
        return Reason("pattern-not-a-text", message, {"most": MAX_PATTERN})
    try:
        _compile(pattern)
    except re2.error as error:
        return Reason("pattern-unreadable", f"it cannot be read ({error})", {"pattern": pattern[:200]})
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches, anywhere unless the pattern is anchored."""
    return _compile(pattern).search(text) is not None


@lru_cache(maxsize=500)
def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)

"""Reasons inside findings and faults in Chinese, by code and parameters (`workflows/engine/reasons.py`).

A parameter that is itself a reason is worded too; a list is joined. A code without words here tells its English
sentence: an administrator must be told in any language rather than not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS: Mapping[str, str] = {
    "in-expression": "“{text}”第 {place} 字处：{why}",
}


class _Params(dict[str, Any]):
    """Fills what a text does not get with nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def word_reason(reason: Any) -> str:
    """Return the Chinese sentence of a reason given as plain data; anything else is what it says."""
    if isinstance(reason, list | tuple):
        return "、".join(word_reason(item) for item in reason)
    if not isinstance(reason, Mapping) or "code" not in reason:
        return str(reason)
    text = REASONS.get(str(reason["code"]))
    if text is None:
        return str(reason.get("message") or reason["code"])
    return text.format_map(word_params(reason.get("params") or {}))


def word_params(params: Mapping[str, Any]) -> _Params:
    """Return ``params`` with every reason among them worded."""
    return _Params({name: word_reason(value) for name, value in params.items()})

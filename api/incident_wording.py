"""What an incident tells beside its code, in the reader's language: from the parameters that it keeps.

Incidents that keep none (those of older releases, and those that quote another system) tell their message as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale, gettext

from api.reason_wording import word_reason


def word_incident(message: str, params: Mapping[str, Any]) -> str:
    """Return why a process stopped, for people."""
    if "expression" in params and "why" in params:
        return str(gettext("%(expression)s：%(why)s", expression=params["expression"], why=_reason(params["why"])))
    if "owner" in params:
        owner = params["owner"]
        named = gettext("由谁办写的是 %(owner)s，今天没有人。", owner=owner) if owner else gettext("没有写由谁办。")
        return str(named)
    if "told" in params:
        return str(gettext("原话：%(told)s", told=params["told"]))
    return message


def is_worded(params: Mapping[str, Any]) -> bool:
    """Tell whether an incident has words in the reader's language."""
    return bool(params.keys() & {"expression", "owner", "told"})


def _reason(why: Any) -> str:
    is_chinese = str(get_locale() or "zh").startswith("zh")
    return word_reason(why) if is_chinese else str(why.get("message", "") if isinstance(why, Mapping) else why)

"""Filters of lists: they stand in the address, so that a list can be kept, sent and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request

from web.lights import show_light
from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey
from workflows.queries.task_filters import TaskFilter

_INSTANT = timedelta(microseconds=1)
_LONGEST = 200


def text_of(name: str) -> str | None:
    """Return an argument of the address, None when it is empty."""
    return request.args.get(name, "").strip()[:_LONGEST] or None


def day_of(name: str) -> date | None:
    """Return a day of the address; what is no day is no filter."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def light_of(name: str = "light") -> str | None:
    """Return a light of the address."""
    wanted = text_of(name)
    return wanted if wanted in {key.value for key in LightKey} else None


def task_filter(scope: str) -> TaskFilter:
    """Return what the address asks for; ``due_at`` is exclusive: a limit ends at the following midnight."""
    first, last = day_of("from"), day_of("to")
    return TaskFilter(
        scope=scope,
        light=light_of(),
        unit=text_of("unit"),
        definition=text_of("definition"),
        due_from=_midnight(first) + _INSTANT if first else None,
        due_before=_midnight(last + timedelta(days=1)) + _INSTANT if last else None,
        text=text_of("q"),
    )


def light_choices() -> list[tuple[str, str]]:
    """Return the lights that open work may show."""
    return [(key, show_light(key).name) for key in (LightKey.OVERDUE, LightKey.NEAR, LightKey.NORMAL)]


def arguments(*names: str) -> Mapping[str, Any]:
    """Return the arguments as they were given, to show them again."""
    return {name: request.args.get(name, "") for name in names}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)

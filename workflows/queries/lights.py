"""The light of a task or limit as one SQL expression: the cases of ``workflows.deadlines.lights.light_key``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case

from workflows.deadlines.lights import LightKey


def light_of(kind: Any, now: datetime) -> ColumnElement[str]:
    """Return the light key of a mapped class with ``started_at, near_at, due_at, done_at`` at ``now``."""
    return case(
        (and_(kind.done_at.is_not(None), kind.done_at <= now), LightKey.DONE.value),
        (kind.started_at > now, LightKey.NOT_STARTED.value),
        (and_(kind.due_at.is_not(None), kind.due_at <= now), LightKey.OVERDUE.value),
        (
            and_(kind.near_at.is_not(None), kind.near_at <= now, kind.near_at != kind.due_at),
            LightKey.NEAR.value,
        ),
        else_=LightKey.NORMAL.value,
    )

"""The one clock. Everything that asks for the time gets it from here, so that a virtual year runs the same code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved, and only moves forward."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            message = "Expected an aware datetime, but it has no time zone."
            raise ValueError(message)
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Jump to ``instant``; one in the past is ignored."""
        self._now = max(self._now, instant.astimezone(UTC))

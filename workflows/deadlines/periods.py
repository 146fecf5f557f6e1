"""Periods of a duty (期次): the key that names one, and the day it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum


class Period(StrEnum):
    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


def period_key(day: date, period: Period, *, years: int = 1) -> str:
    """Name the period in which ``day`` lies: 2026, 2026H2, 2026Q3, 2026-11, 2026W47 (ISO week), 2026-11-20.

    ``years`` above 1 names a span of years that ends with the day's: 2026-2030.
    """
    if period is Period.YEAR:
        return str(day.year) if years == 1 else f"{day.year - years + 1}-{day.year}"
    if period is Period.HALF_YEAR:
        return f"{day.year}H{(day.month + 5) // 6}"
    if period is Period.QUARTER:
        return f"{day.year}Q{(day.month + 2) // 3}"
    if period is Period.MONTH:
        return f"{day.year}-{day.month:02}"
    if period is Period.WEEK:
        iso = day.isocalendar()
        return f"{iso.year}W{iso.week:02}"
    return day.isoformat()


def names_each_once(days: Iterable[date], period: Period) -> bool:
    """Tell whether no two of ``days`` have the same key."""
    keys = [period_key(day, period) for day in days]
    return len(keys) == len(set(keys))


def coarsest_period(days: Sequence[date]) -> Period:
    """Return the longest period that names each of ``days`` by a key of its own."""
    return next((period for period in Period if names_each_once(days, period)), Period.DAY)

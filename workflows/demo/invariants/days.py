"""Which days are worked, from the calendar rows alone: an own reading of the notices' data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

_SATURDAY = 5
_ONE = timedelta(days=1)


class WorkingDays:
    """The days that notices free or make worked; all others are worked from Monday to Friday."""

    def __init__(self, years: Iterable[tuple[str, int, Mapping[str, Any]]]) -> None:
        self.loaded: set[int] = set()
        self._versions: dict[tuple[str, int], dict[date, bool]] = {}
        for region, year, content in years:  # later versions replace earlier ones
            named = {date.fromisoformat(str(day)): False for day in content.get("off_days") or {}}
            named |= {date.fromisoformat(str(day)): True for day in content.get("make_up_days") or {}}
            self._versions[region or "", year] = named
            if not region:
                self.loaded.add(year)
        self._named: dict[str, dict[date, bool]] = {}

    def knows(self, day: date) -> bool:
        """Whether a notice for the day's year is loaded."""
        return day.year in self.loaded

    def is_worked(self, day: date, region: str = "") -> bool:
        """Whether people work on a day; in years without a notice, only weekends are known to be free."""
        named = self._of(region).get(day)
        return day.weekday() < _SATURDAY if named is None else named

    def step(self, day: date, amount: int, region: str = "") -> date:
        """Return the working day that is ``amount`` after a day (before it, when negative)."""
        direction = _ONE if amount > 0 else -_ONE
        while amount:
            day += direction
            if self.is_worked(day, region):
                amount -= 1 if amount > 0 else -1
        return day

    def worked(self, first: date, last: date, region: str = "") -> dict[date, bool]:
        """Return every day from ``first`` to ``last`` whose year is loaded, and whether it is worked."""
        span = (first + timedelta(n) for n in range((last - first).days + 1))
        return {day: self.is_worked(day, region) for day in span if self.knows(day)}

    def _of(self, region: str) -> dict[date, bool]:
        if region not in self._named:
            merged: dict[date, bool] = {}
            for (whose, _), named in sorted(self._versions.items()):
                if whose in {"", region}:
                    merged |= named
            self._named[region] = merged
        return self._named[region]

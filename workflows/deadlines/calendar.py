"""The working-day calendar: announced years, and beyond them the statutory pattern, marked provisional.

A day is free on weekends and on the days that the State Council's yearly notice frees; weekend days named there are
worked (调休). Years without a notice follow the pattern of the statutory holidays; no 调休 is guessed for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.pattern import LAST_YEAR, StatutoryPattern

_SATURDAY = 5
_DECEMBER = 12
ONE_DAY = timedelta(days=1)


class CalendarStatus(StrEnum):
    """Where a year comes from. ``INVENTED`` is for demonstrations and tests and is shown as such."""

    ANNOUNCED = "announced"
    INVENTED = "invented"


class DayReason(StrEnum):
    """Why a day counts or not; pages translate it, the holiday's own name stands in ``DayKind.name``."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True)
class DayKind:
    """One day: worked or free, why, and whether the year's notice is still missing (暂定)."""

    day: date
    workday: bool
    reason: DayReason
    name: str = ""
    provisional: bool = False


@dataclass(frozen=True)
class CalendarYear:
    """One loaded year, or a region's additions to it (``region`` set).

    ``off_days`` and ``make_up_days`` give each day its reason. A correction is a further ``version`` of the same year.
    Days of December of the year before may be named: a New Year notice may move them.
    """

    year: int
    version: int
    source: str
    status: CalendarStatus
    off_days: Mapping[date, str]
    make_up_days: Mapping[date, str] = field(default_factory=dict)
    region: str | None = None


@dataclass(frozen=True)
class Calendar:
    """Immutable calendar of some years. ``build`` checks them; ``with_year`` gives the next calendar."""

    years: Mapping[int, CalendarYear]
    overlays: Mapping[int, CalendarYear]
    pattern: StatutoryPattern
    region: str | None = None
    loaded: tuple[CalendarYear, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def build(cls, years: Iterable[CalendarYear], pattern: StatutoryPattern, *, region: str | None = None) -> Calendar:
        """Return the calendar of ``region``: national years, and that region's overlays over them.

        Of several versions of one year the highest counts. ``loaded`` keeps all of them, other regions' too.
        """
        given = tuple(years)
        national: dict[int, CalendarYear] = {}
        overlays: dict[int, CalendarYear] = {}
        for loaded in sorted(given, key=lambda candidate: candidate.version):
            if loaded.region is None:
                national[loaded.year] = loaded
            elif loaded.region == region:
                overlays[loaded.year] = loaded
        if not national:
            raise DeadlineError("calendar-empty", "Expected at least one national calendar year, but there is none.")
        return cls(MappingProxyType(national), MappingProxyType(overlays), pattern, region, given)

    def for_region(self, region: str | None) -> Calendar:
        """Return the calendar of another region from the same loaded years."""
        return Calendar.build(self.loaded, self.pattern, region=region)

    def with_year(self, year: CalendarYear) -> Calendar:
        """Return a calendar that also knows ``year`` (or knows its new version)."""
        return Calendar.build([*self.loaded, year], self.pattern, region=self.region)

    @property
    def first_year(self) -> int:
        return min(self.years)

    @property
    def announced_until(self) -> date:
        """The last day that no later notice is expected to fill in: the end of the last year without a gap."""
        year = self.first_year
        while year + 1 in self.years:
            year += 1
        return date(year, 12, 31)

    def is_workday(self, day: date) -> DayKind:
        """Tell what kind of day it is, or raise `DeadlineError` outside the years that can be told."""
        known = self._known.get(day)
        if known is not None:
            return known
        self.check_year(day.year)
        provisional = day.year not in self.years
        if provisional and (name := self._pattern_days(day.year).get(day)) is not None:
            return DayKind(day, workday=False, reason=DayReason.HOLIDAY, name=name, provisional=True)
        weekend = day.weekday() >= _SATURDAY
        reason = DayReason.WEEKEND if weekend else DayReason.WEEKDAY
        return DayKind(day, workday=not weekend, reason=reason, provisional=provisional)

    def days(self, first: date, last: date) -> tuple[DayKind, ...]:
        """Tell every day from ``first`` to ``last``, both included."""
        return tuple(self.is_workday(day) for day in day_range(first, last))

    def workday_on_or_after(self, day: date) -> date:
        """Return ``day`` itself when it is worked, else the first working day after it."""
        while not self.is_workday(day).workday:
            day += ONE_DAY
        return day

    def workday_on_or_before(self, day: date) -> date:
        """Return ``day`` itself when it is worked, else the last working day before it."""
        while not self.is_workday(day).workday:
            day -= ONE_DAY
        return day

    def step_workdays(self, day: date, amount: int) -> date:
        """Return the ``amount``-th working day after ``day`` (before it when negative); 0 is ``day`` itself."""
        step = ONE_DAY if amount > 0 else -ONE_DAY
        for _ in range(abs(amount)):
            day += step
            while not self.is_workday(day).workday:
                day += step
        return day

    def count_workdays(self, first: date, last: date) -> int:
        """Count the working days from ``first`` to ``last``, both included."""
        return sum(kind.workday for kind in self.days(first, last))

    def festival(self, name: str, year: int) -> date:
        """Return the day a statutory festival falls on (春节: the first day of the lunar year)."""
        self.check_year(year)
        return self.pattern.festival(name, year)

    def version_of(self, years: Iterable[int]) -> str:
        """Name the versions of ``years``: ``2026:1+2027:p1`` (p: the pattern's version, provisional).

        A deadline keeps this text of the years it touched, so it changes only when a day of its own may have changed.
        """
        parts = []
        tagged = [(year, self._tag(year)) for year in sorted(set(years))]
        # consecutive years of one tag have one difference of year and rank
        for (tag, _), run in groupby(enumerate(tagged), key=lambda entry: (entry[1][1], entry[1][0] - entry[0])):
            span = [year for _, (year, _) in run]
            parts.append(f"{span[0]}:{tag}" if len(span) == 1 else f"{span[0]}-{span[-1]}:{tag}")
        return "+".join(parts)

    @property
    def version(self) -> str:
        """Name the versions of all loaded years."""
        return self.version_of(self.years)

    def check_year(self, year: int) -> None:
        """Raise `DeadlineError` for a year whose days nobody can tell."""
        if year < self.first_year:
            raise DeadlineError(
                "calendar-before-first-year",
                f"Expected a day from {self.first_year} on, but it lies in {year}.",
                year=year,
                first=self.first_year,
            )
        if year > LAST_YEAR:
            raise DeadlineError(
                "calendar-beyond-range",
                f"Expected a day up to {LAST_YEAR}, but it lies in {year}.",
                year=year,
                last=LAST_YEAR,
            )

    def _tag(self, year: int) -> str:
        national = str(self.years[year].version) if year in self.years else f"p{self.pattern.version}"
        overlay = self.overlays.get(year)
        return national if overlay is None else f"{national}/{overlay.region}:{overlay.version}"

    def _pattern_days(self, year: int) -> Mapping[date, str]:
        cached = self._pattern_cache.get(year)
        if cached is None:
            cached = self._pattern_cache[year] = self.pattern.off_days(year)
        return cached

    @cached_property
    def _pattern_cache(self) -> dict[int, Mapping[date, str]]:
        return {}

    @cached_property
    def _known(self) -> Mapping[date, DayKind]:
        """Days that a loaded year names. A later year's notice wins over an earlier one; a region over the nation."""
        known: dict[date, DayKind] = {}
        for layer in (self.years, self.overlays):
            for year in sorted(layer):
                known.update(_named_days(layer[year]))
        return known


def _named_days(loaded: CalendarYear) -> Iterator[tuple[date, DayKind]]:
    for day, name in loaded.off_days.items():
        yield day, DayKind(day, workday=False, reason=DayReason.HOLIDAY, name=name)
    for day, name in loaded.make_up_days.items():
        yield day, DayKind(day, workday=True, reason=DayReason.MAKE_UP, name=name)


def day_range(first: date, last: date) -> Iterator[date]:
    """Yield the days from ``first`` to ``last``, both included; nothing when ``last`` is earlier."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def belongs_to_year(day: date, year: int) -> bool:
    """Tell whether a notice for ``year`` may name ``day``: its own days, or December of the year before."""
    return day.year == year or (day.year == year - 1 and day.month == _DECEMBER)

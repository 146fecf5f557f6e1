"""The statutory holidays of every year (全国年节及纪念日放假办法), for years whose notice is not out yet.

Lunar days and solar terms come from `borax` (MIT; tables 1900-2100). The pattern itself is data
(`bpmn/calendars/pattern.yaml`): this module knows only how a day is named, not which days are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from borax.calendars.lunardate import LunarDate, TermUtils

from workflows.deadlines.errors import DeadlineError

LAST_YEAR = 2100


class DayBasis(StrEnum):
    """How a festival's day is found in a year."""

    SOLAR = "solar"  # month and day of the common calendar
    LUNAR = "lunar"  # month and day of the lunar calendar
    TERM = "term"  # a solar term, by name (清明)


@dataclass(frozen=True, slots=True)
class StatutoryHoliday:
    """One festival: how its day is found, and which days around it are free by law."""

    name: str
    basis: DayBasis
    month: int = 0
    day: int = 0
    term: str = ""
    first_offset: int = 0
    length: int = 1

    def festival(self, year: int) -> date:
        """Return the festival's own day in ``year``."""
        if self.basis is DayBasis.LUNAR:
            found: date = LunarDate(year, self.month, self.day).to_solar_date()
            return found
        if self.basis is DayBasis.TERM:
            term_day: date = TermUtils.day_start_from_term(year, self.term)
            return term_day
        return date(year, self.month, self.day)

    def off_days(self, year: int) -> tuple[date, ...]:
        """Return the free days in ``year``, earliest first."""
        first = self.festival(year) + timedelta(days=self.first_offset)
        return tuple(first + timedelta(days=offset) for offset in range(self.length))


@dataclass(frozen=True, slots=True)
class StatutoryPattern:
    """The holidays that the law frees in every year."""

    version: int
    source: str
    holidays: tuple[StatutoryHoliday, ...]

    def off_days(self, year: int) -> Mapping[date, str]:
        """Return the free days of ``year`` with the festival's name; nothing else is guessed."""
        return {day: holiday.name for holiday in self.holidays for day in holiday.off_days(year)}

    def festival(self, name: str, year: int) -> date:
        """Return the day of the festival ``name`` in ``year``, or raise `DeadlineError`."""
        for holiday in self.holidays:
            if holiday.name == name:
                return holiday.festival(year)
        raise DeadlineError("festival-unknown", f"Expected a statutory festival, but got {name!r}.", name=name)

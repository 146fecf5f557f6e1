"""Calendar files: a year of the State Council's notice, a region's additions, the statutory pattern.

The format is told in `docs/deadlines.md`. A file is checked wholly before anything of it is used: a day of another
year, a weekday as make-up day, a day both free and worked are faults with the day's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from workflows.deadlines.calendar import Calendar, CalendarStatus, CalendarYear, belongs_to_year
from workflows.deadlines.data_files import Faults, Reader, parse_document
from workflows.deadlines.pattern import LAST_YEAR, DayBasis, StatutoryHoliday, StatutoryPattern

_FIRST_YEAR = 1990
_SATURDAY = 5
_MONTH_DAY = re.compile(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
_REGION = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
_STATUSES = {status.value: status for status in CalendarStatus}
PATTERN_FILE = "pattern.yaml"


def read_calendar_year(content: bytes | str, file: str = "calendar") -> CalendarYear:
    """Return the year that a file tells, or raise `DataFaultsError` with every fault."""
    faults = Faults(file)
    reader = Reader(parse_document(content, file), "", faults)
    year = reader.integer("year", low=_FIRST_YEAR, high=LAST_YEAR)
    version = reader.integer("version", low=1, high=999)
    source = reader.text("source")
    status = reader.choice("status", _STATUSES)
    region = reader.text("region", "")
    if region and not _REGION.match(region):
        message = f"Expected a region key (a-z, 0-9, _ and -), but found {region!r}."
        reader.fault("region", "bad-key", message, key=region)
    off_days = reader.dates("off_days", {}) if region else reader.dates("off_days")
    make_up_days = reader.dates("make_up_days", {})
    reader.close()
    _check_days(faults, year, off_days, make_up_days)
    faults.check()
    return CalendarYear(
        year, version, source, status or CalendarStatus.INVENTED, off_days, make_up_days, region=region or None
    )


def _check_days(faults: Faults, year: int, off_days: dict[date, str], make_up_days: dict[date, str]) -> None:
    for field, days in (("off_days", off_days), ("make_up_days", make_up_days)):
        for day in days:
            if not belongs_to_year(day, year):
                message = f"Expected a day of {year} (or of December {year - 1}), but found {day}."
                faults.add(f"{field}.{day}", "wrong-year", message, day=str(day), year=year)
    for day in sorted(off_days.keys() & make_up_days.keys()):
        message = f"Expected {day} free or worked, but it is both."
        faults.add(f"make_up_days.{day}", "free-and-worked", message, day=str(day))
    for day in make_up_days:
        if day.weekday() < _SATURDAY:
            message = f"Expected a Saturday or Sunday as make-up day, but {day} is a weekday and worked anyway."
            faults.add(f"make_up_days.{day}", "make-up-on-weekday", message, day=str(day))


def read_pattern(content: bytes | str, file: str = PATTERN_FILE) -> StatutoryPattern:
    """Return the statutory pattern that a file tells, or raise `DataFaultsError`."""
    faults = Faults(file)
    reader = Reader(parse_document(content, file), "", faults)
    version = reader.integer("version", low=1, high=999)
    source = reader.text("source")
    holidays = [
        _read_holiday(Reader(item, f"holidays[{index}]", faults)) for index, item in enumerate(reader.items("holidays"))
    ]
    reader.close()
    faults.check()
    return StatutoryPattern(version, source, tuple(holidays))


def _read_holiday(reader: Reader) -> StatutoryHoliday:
    name = reader.text("name")
    length = reader.integer("days", low=1, high=10)
    offset = reader.integer("first", 0, low=-10, high=10)
    solar, lunar, term = reader.text("solar", ""), reader.text("lunar", ""), reader.text("term", "")
    reader.close()
    if sum(bool(value) for value in (solar, lunar, term)) != 1:
        reader.fault("name", "day-unclear", "Expected exactly one of solar, lunar and term.")
        return StatutoryHoliday(name, DayBasis.TERM)
    if term:
        if term != "清明":  # the only solar term that is a holiday
            message = f"Expected the only solar term that is a holiday, but found {term!r}."
            reader.fault("term", "unknown-value", message, value=term, allowed="清明")
        return StatutoryHoliday(name, DayBasis.TERM, term=term, first_offset=offset, length=length)
    if not _MONTH_DAY.match(solar or lunar):
        message = "Expected a month and day such as 05-01."
        reader.fault("solar" if solar else "lunar", "not-a-month-day", message, value=solar or lunar)
        return StatutoryHoliday(name, DayBasis.TERM)
    month, day = (int(part) for part in (solar or lunar).split("-"))
    basis = DayBasis.SOLAR if solar else DayBasis.LUNAR
    return StatutoryHoliday(name, basis, month, day, first_offset=offset, length=length)


def calendar_year_document(year: CalendarYear) -> dict[str, Any]:
    """Return the year as plain data, in the order and shape of a calendar file."""
    document: dict[str, Any] = {
        "year": year.year,
        "version": year.version,
        "status": year.status.value,
        "source": year.source,
        "off_days": {str(day): year.off_days[day] for day in sorted(year.off_days)},
        "make_up_days": {str(day): year.make_up_days[day] for day in sorted(year.make_up_days)},
    }
    return document if year.region is None else {"region": year.region, **document}


def write_calendar_year(year: CalendarYear) -> str:
    """Return the text of a calendar file that `read_calendar_year` reads back unchanged."""
    document = calendar_year_document(year)
    for name in ("off_days", "make_up_days"):  # as YAML dates, which need no quotes
        document[name] = {date.fromisoformat(day): reason for day, reason in document[name].items()}
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    return text


def load_calendar_years(folder: Path) -> tuple[CalendarYear, ...]:
    """Read every year under ``folder`` (and its sub-folders, one a region), or raise all faults of all files."""
    years: list[CalendarYear] = []
    faults = Faults(str(folder))
    seen: dict[tuple[str | None, int, int], str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.name == PATTERN_FILE:
            continue
        year = read_calendar_year(path.read_bytes(), path.name)
        key = (year.region, year.year, year.version)
        if key in seen:
            message = f"Expected {year.year} version {year.version} once, but {seen[key]} tells it too."
            faults.add(path.name, "year-twice", message, year=year.year, version=year.version)
        seen[key] = path.name
        years.append(year)
    faults.check()
    return tuple(years)


def load_calendar(folder: Path, *, extra: Iterable[CalendarYear] = (), region: str | None = None) -> Calendar:
    """Build the calendar of ``folder`` (``bpmn/calendars``) and of the years in ``extra``."""
    pattern = read_pattern((folder / PATTERN_FILE).read_bytes())
    return Calendar.build([*load_calendar_years(folder), *extra], pattern, region=region)

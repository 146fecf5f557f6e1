"""Years that the `chinesecalendar` package knows, as calendar years of ours.

Used to write `bpmn/calendars/*.yaml` once a newer package knows a further year, and by the test that compares the
two. Nothing at run time reads the package: a date must not change because a dependency was updated.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version as package_version

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

from workflows.deadlines.calendar import CalendarStatus, CalendarYear

_NAMES = {
    Holiday.new_years_day: "元旦",
    Holiday.spring_festival: "春节",
    Holiday.tomb_sweeping_day: "清明节",
    Holiday.labour_day: "劳动节",
    Holiday.dragon_boat_festival: "端午节",
    Holiday.national_day: "国庆节",
    Holiday.mid_autumn_festival: "中秋节",
    Holiday.anti_fascist_70th_day: "抗战胜利70周年纪念日",
}


def library_years() -> tuple[int, ...]:
    """Return the years the package knows, earliest first."""
    return tuple(sorted({day.year for day in holidays}))


def read_library_year(year: int, *, version: int = 1) -> CalendarYear:
    """Return ``year`` as the package tells it."""
    source = f"国务院办公厅{year}年部分节假日安排通知（据 chinesecalendar {package_version('chinesecalendar')} 数据）"
    off_days = {day: _off_reason(day, name) for day, name in sorted(holidays.items()) if day.year == year}
    make_up = {day: f"{_name(name)}调休上班" for day, name in sorted(workdays.items()) if day.year == year}
    return CalendarYear(year, version, source, CalendarStatus.ANNOUNCED, off_days, make_up)


def _off_reason(day: date, name: str) -> str:
    return f"{_name(name)}（调休）" if day in in_lieu_days else _name(name)


def _name(name: str) -> str:
    return _NAMES[Holiday(name)]

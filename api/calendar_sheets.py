"""A unit's year as iCalendar (RFC 5545): one all-day event for each duty, on the last working day that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask_babel import gettext
from icalendar import Calendar, Event

from workflows.queries.years import Entry, UnitYear

MEDIA_TYPE = "text/calendar; charset=utf-8"
_REFRESH = timedelta(hours=6)


def calendar_of(years: Sequence[UnitYear], link_to: Callable[[str], str]) -> bytes:
    """Return the years of one unit as one calendar; ``link_to`` gives the page of a case."""
    calendar = Calendar()
    calendar.add("prodid", "-//Zecheng//zecheng//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = gettext("%(unit)s · 责任事项", unit=years[0].unit_name)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for year in years:
        for entry in year.entries:
            calendar.add_component(_event(year, entry, link_to))
    text: bytes = calendar.to_ical()
    return text


def _event(year: UnitYear, entry: Entry, link_to: Callable[[str], str]) -> Event:
    event = Event()
    event.add("uid", f"{entry.duty_id}.{entry.period}.{year.unit_code}@zecheng")
    event.add("dtstamp", year.as_of)
    event.add("dtstart", entry.due_on)
    event.add("dtend", entry.due_on + timedelta(days=1))
    event.add("summary", _summary(entry))
    event.add("description", _description(entry))
    event.add("categories", [gettext("责任事项")])
    event.add("status", "TENTATIVE" if entry.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if entry.case_id is not None:
        event.add("url", link_to(entry.case_id))
    return event


def _summary(entry: Entry) -> str:
    marks = {"done": gettext("已办结"), "overdue": gettext("逾期"), "near": gettext("临期")}
    mark = gettext("暂定") if entry.provisional else marks.get(entry.light or "", "")
    return f"【{mark}】{entry.title}" if mark else entry.title


def _description(entry: Entry) -> str:
    lines = [gettext("依据：%(clause)s", clause=entry.clause), gettext("期次：%(period)s", period=entry.period)]
    lines.append(gettext("开出：%(day)s", day=entry.opens_on.isoformat()))
    if entry.provisional:
        lines.append(gettext("日期暂定：那一年的放假安排还没有公布。"))
    return "\n".join(lines)

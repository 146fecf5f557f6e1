"""日历: the days of a month with their reasons, the count of a date, and loading a year."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, application, ask, pages
from web.dates import local
from web.filters import day_of, text_of
from workflows.calendars import load_calendar, preview_calendar
from workflows.deadlines.rules import Deadline
from workflows.errors import RejectedError
from workflows.queries.approvals import list_approvals
from workflows.queries.calendars import count_deadline, list_calendars, list_days, tell_moves
from workflows.tables import Role

_MOST_WORKDAYS = 500
_LARGEST_FILE = 512 * 1024
_WEEK = 7
_MOST_TOLD = 200


@pages.get("/calendar")
def calendar_page() -> str:
    """Show one month, and count a date if the address asks for it."""
    today = local(application().clock.now()).date()
    first = _month(today)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = ask(list_days, weeks[0][0], weeks[-1][-1])
    return render_template(
        "calendar.html",
        first=first,
        previous=(first - timedelta(days=1)).replace(day=1),
        following=(first + timedelta(days=32)).replace(day=1),
        weeks=[days[start : start + _WEEK] for start in range(0, len(days), _WEEK)],
        today=today,
        years=ask(list_calendars).items,
        waiting={row.subject: row for row in ask(list_approvals, actor=actor(), status="waiting").items},
        counted=_counted(),
        chosen={"start": text_of("start") or today.isoformat(), "workdays": text_of("workdays") or ""},
    )


def _month(today: date) -> date:
    try:
        return date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return today.replace(day=1)


def _counted() -> Deadline | None:
    start, text = day_of("start"), text_of("workdays") or ""
    if start is None or not text.isascii() or not text.isdecimal() or not 0 < int(text[:6]) <= _MOST_WORKDAYS:
        return None
    return ask(count_deadline, start, int(text))


@pages.post("/calendar/preview")
def preview_year() -> str:
    """Show which dates a year would move, before anything counts."""
    actor().require_role(Role.FLOWADMIN)
    content = _file()
    preview = ask(preview_calendar, content, actor=actor())
    return render_template(
        "calendar_preview.html",
        preview=preview,
        moved=ask(tell_moves, preview.moves[:_MOST_TOLD], actor=actor()),
        content=content.decode("utf-8", "replace"),
    )


@pages.post("/calendar/load")
def load_year() -> Response:
    """Load a year; a correction waits for a second person."""
    loading = act(load_calendar, request.form.get("content", "")[:_LARGEST_FILE], actor=actor())
    told = (
        gettext("已载入，等待另一人批准后生效。")
        if loading.waits
        else gettext("已载入并生效，移动了 %(number)d 个时限。", number=len(loading.moves))
    )
    flash(told)
    return redirect(url_for("web.calendar_page"))


def _file() -> bytes:
    file = request.files.get("file")
    content = file.stream.read(_LARGEST_FILE + 1) if file is not None and file.filename else b""
    if not content or len(content) > _LARGEST_FILE:
        raise RejectedError("Expected a calendar file.", code="files-missing" if not content else "calendar-invalid")
    return content

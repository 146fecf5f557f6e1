"""年历: a unit's whole year of duties as a page, as a sheet for the wall, and as an address for calendar programs."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.years import address_of
from web.blueprint import act, actor, application, ask, pages
from web.filters import text_of
from workflows.calendar_feeds import NewFeed, create_feed, feeds_of, revoke_feed
from workflows.clock import SHANGHAI
from workflows.queries.choices import home_unit, unit_choices
from workflows.queries.years import Entry, UnitYear, unit_year

_FIRST, _LAST = 2000, 2099
_PAPERS = ("a4", "a3")


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its weeks (0 stands for a day of another month), what falls due, and on which days."""

    number: int
    weeks: Sequence[Sequence[int]]
    entries: Sequence[Entry]
    days: frozenset[int]
    provisional_days: frozenset[int]


@pages.get("/year")
def year_page() -> str:
    """Show the year of a unit; without one, of the reader's own."""
    return _page()


def _page(made: NewFeed | None = None) -> str:
    who = actor()
    today = application().clock.now().astimezone(SHANGHAI).date()
    code = text_of("unit") or request.form.get("unit", "").strip() or ask(home_unit, actor=who)
    paper = text_of("paper")
    found = ask(unit_year, code, _year(today), actor=who)
    return render_template(
        "year.html",
        found=found,
        months=months_of(found),
        today=today,
        units=ask(unit_choices),
        paper=paper if paper in _PAPERS else None,
        feeds=ask(feeds_of, actor=who),
        made=made,
        address=address_of(made.secret) if made else "",
    )


def _year(today: date) -> int:
    text = request.args.get("year", "")
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == len("2026") else today.year
    return year if _FIRST <= year <= _LAST else today.year


def months_of(found: UnitYear) -> list[Month]:
    """Return the twelve months with their weeks, Monday first."""
    weeks = calendar.Calendar(firstweekday=calendar.MONDAY)
    months = []
    for number in range(1, 13):
        entries = found.month(number)
        days = frozenset(entry.due_on.day for entry in entries)
        provisional = frozenset(entry.due_on.day for entry in entries if entry.provisional)
        months.append(Month(number, weeks.monthdayscalendar(found.year, number), entries, days, provisional))
    return months


@pages.post("/year/feeds")
def make_feed() -> str:
    """Make an address for the reader's calendar program and show it, once."""
    who = actor()
    unit = request.form.get("unit", "").strip() or ask(home_unit, actor=who)
    return _page(act(create_feed, unit, actor=who))


@pages.post("/year/feeds/<feed_id>/revoke")
def take_feed_back(feed_id: str) -> Response:
    """Take an address back."""
    act(revoke_feed, feed_id, actor=actor())
    flash(gettext("订阅地址已收回。"))
    return redirect(url_for("web.year_page"))

"""Filters of lists: they stand in the address, so that a list can be kept, sent and gone back to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from web.lights import show_light
from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey
from workflows.queries.case_filters import CaseFilter
from workflows.queries.copies import COPY_SORTS
from workflows.queries.task_filters import TASK_SORTS, TaskFilter
from workflows.tables import CaseStatus

_INSTANT = timedelta(microseconds=1)
_LONGEST = 200
_MOST_DIGITS = 5


ARGUMENTS = (
    "q",
    "light",
    "unit",
    "definition",
    "version",
    "from",
    "to",
    "left_from",
    "left_to",
    "status",
    "unread",
    "element",
    "done_from",
    "late",
)  # what a filter of a list of one's own may hold


def text_of(name: str, *, longest: int = _LONGEST) -> str | None:
    """Return an argument of the address, None when it is empty."""
    return request.args.get(name, "").strip()[:longest] or None


def whole_of(name: str) -> int | None:
    """Return a whole number of the address; what is none is no filter."""
    text = request.args.get(name, "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def day_of(name: str) -> date | None:
    """Return a day of the address; what is no day is no filter."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def light_of(name: str = "light") -> str | None:
    """Return a light of the address."""
    wanted = text_of(name)
    return wanted if wanted in {key.value for key in LightKey} else None


def task_filter(scope: str) -> TaskFilter:
    """Return what the address asks for; ``due_at`` is exclusive: a limit ends at the following midnight."""
    return TaskFilter(
        scope=scope,
        light=light_of(),
        sort=sort_of(TASK_SORTS),
        **_shared(),
        element=text_of("element"),
        done_from=_midnight(done) if (done := day_of("done_from")) else None,
        late=request.args.get("late") == "1",
    )


def own_case_filter(*, started_by_me: bool) -> CaseFilter:
    """Return what the address asks for in a list of one's own cases; the limit is the next one that runs."""
    status = text_of("status")
    return CaseFilter(
        status=status if status in set(CaseStatus) else None,
        light=light_of(),
        started_by_me=started_by_me,
        sort=sort_of(COPY_SORTS),
        **_shared(),
    )


def _shared() -> dict[str, Any]:
    first, last = day_of("from"), day_of("to")
    return {
        "unit": text_of("unit"),
        "definition": text_of("definition"),
        "version": whole_of("version"),
        "due_from": _midnight(first) + _INSTANT if first else None,
        "due_before": _midnight(last + timedelta(days=1)) + _INSTANT if last and last < date.max else None,
        "left_least": whole_of("left_from"),
        "left_most": whole_of("left_to"),
        "text": text_of("q"),
    }


def sort_of(names: Collection[str]) -> str | None:
    """Return by which column the address sorts."""
    wanted = text_of("sort") or ""
    return wanted if wanted.removeprefix("-") in names else None


CASE_PERIODS = ("started_from", "started_to", "ended_from", "ended_to", "missed_from", "missed_to")
TASK_NARROWING = ("element", "done_from", "late")


def case_filter() -> CaseFilter:
    """Return which cases the address asks for; periods are days, the last one included."""
    return CaseFilter(
        definition=text_of("definition"),
        unit=text_of("unit"),
        unit_alone=request.args.get("alone") == "1",
        status=text_of("status"),
        light=light_of(),
        text=text_of("q"),
        started_by_me=request.args.get("mine") == "1",
        started_from=_begin("started_from"),
        started_before=_after("started_to"),
        ended_from=_begin("ended_from"),
        ended_before=_after("ended_to"),
        missed_from=_begin("missed_from"),
        missed_before=_after("missed_to"),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A filter without a field of its own: it stays when others change, and is told above the list."""

    name: str
    value: str
    word: str


def kept_arguments(*names: str) -> list[Kept]:
    """Return those of the arguments that were given."""
    return [Kept(name, request.args[name], str(_WORDS[name])) for name in names if request.args.get(name)]


_WORDS: Mapping[str, Any] = {
    "alone": _("不含下级单位"),
    "started_from": _("发起 从"),
    "started_to": _("发起 到"),
    "ended_from": _("办结 从"),
    "ended_to": _("办结 到"),
    "missed_from": _("发生逾期 从"),
    "missed_to": _("发生逾期 到"),
    "element": _("环节"),
    "done_from": _("办结 从"),
    "late": _("逾期的"),
}


def _begin(name: str) -> datetime | None:
    day = day_of(name)
    return _midnight(day) if day else None


def _after(name: str) -> datetime | None:
    day = day_of(name)
    return _midnight(day + timedelta(days=1)) if day and day < date.max else None


def light_choices() -> list[tuple[str, str]]:
    """Return the lights that open work may show."""
    return [(key, show_light(key).name) for key in (LightKey.OVERDUE, LightKey.NEAR, LightKey.NORMAL)]


def arguments(*names: str) -> Mapping[str, Any]:
    """Return the arguments as they were given, to show them again."""
    return {name: request.args.get(name, "") for name in names}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)

"""Recurring duties: which periods there are, when the case of each opens, and when it is due.

A recurrence is an RRULE of days in China, or statutory festivals (春节 has no RRULE: it follows the moon), or both.
Each anchor day names one period. The case opens a lead time before the anchor and is due on it, or later by an offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from dateutil.rrule import rrule, rruleset, rrulestr

from workflows.deadlines.calendar import ONE_DAY, Calendar
from workflows.deadlines.count import add_months, check_amount, start_of_day
from workflows.deadlines.data_files import Faults, Reader, as_date
from workflows.deadlines.explanation import Anchor, AnchorKind, Confidence, Roll, Threshold, Unit
from workflows.deadlines.pattern import LAST_YEAR
from workflows.deadlines.periods import Period, coarsest_period, names_each_once, period_key
from workflows.deadlines.rule_files import UNITS
from workflows.deadlines.rules import Deadline, DeadlineRule, compute, whole_parameter

# A Monday that begins a year and a five-year plan: intervals are counted from here
_EPOCH = date(2001, 1, 1)
_PROBE = (date(2024, 1, 1), date(2035, 12, 31))
_PARTS = re.compile(r"^[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*$")
_FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY"}
_BY_PARTS = {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYSETPOS"}
_KNOWN_PARTS = {"FREQ", "INTERVAL", "UNTIL", "WKST", *_BY_PARTS}
_MOST_INTERVAL = 60
_COMPLETED = {"YEARLY": "BYMONTH=12;BYMONTHDAY=-1", "MONTHLY": "BYMONTHDAY=-1", "WEEKLY": "BYDAY=FR"}
_DAY_UNITS = {name: unit for name, unit in UNITS.items() if unit is not Unit.HOUR}
_STEPS = {Unit.WORKDAY: 2, Unit.DAY: 1, Unit.MONTH: 31, Unit.YEAR: 366}
_HOLIDAYS = 40  # more free days than any run of working days can hide


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a duty falls due, again and again.

    ``lead`` is how long before the anchor the case opens (``lead_parameter``: the region's parameter that may replace
    its amount). A ``rule`` with a limit of its own decides when the case is due; one without is due on the anchor, or
    ``offset`` after it, and gives that date its name, source and confidence.
    """

    rule: DeadlineRule
    lead: Threshold
    lead_parameter: str | None = None
    rrule: str | None = None
    festivals: tuple[str, ...] = ()
    period: Period | None = None
    offset: Threshold | None = None
    first_day: date = _EPOCH


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One period of a duty. ``deadline`` runs from the opening and explains the due date."""

    period: str
    anchor: date
    opens_on: date
    opens_at: datetime
    due_at: datetime
    provisional: bool
    deadline: Deadline


def occurrences(
    recurrence: Recurrence,
    calendar: Calendar,
    *,
    since: date,
    until: date,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[Occurrence, ...]:
    """Return the periods whose case opens from ``since`` to ``until``, both included, in order of opening.

    A newly announced year may move an opening by days: callers look back far enough and rely on the period's key.
    """
    given = parameters or {}
    lead = _lead(recurrence, given)
    span = timedelta(days=lead.amount * _STEPS[lead.unit] + _HOLIDAYS)
    last = min(until + span, date(LAST_YEAR, 12, 31))
    found = [
        _occurrence(recurrence, calendar, anchor, key, lead, given)
        for anchor, key in _anchors(recurrence, calendar, since, last)
    ]
    return tuple(sorted((each for each in found if since <= each.opens_on <= until), key=lambda each: each.opens_on))


def _lead(recurrence: Recurrence, parameters: Mapping[str, Any]) -> Threshold:
    amount = whole_parameter(parameters, recurrence.lead_parameter, recurrence.rule.key)
    if amount is None:
        return recurrence.lead
    check_amount(amount, recurrence.lead.unit)
    return replace(recurrence.lead, amount=amount)


def _occurrence(
    recurrence: Recurrence,
    calendar: Calendar,
    anchor: date,
    key: str,
    lead: Threshold,
    parameters: Mapping[str, Any],
) -> Occurrence:
    opens_on, opens_provisional = _opening(lead, calendar, anchor)
    opens_at = start_of_day(opens_on)
    deadline = compute(_due_rule(recurrence, anchor, opens_on), opens_at, calendar, parameters=parameters)
    provisional = opens_provisional or deadline.provisional
    return Occurrence(key, anchor, opens_on, opens_at, deadline.due_at, provisional, deadline)


def _due_rule(recurrence: Recurrence, anchor: date, opens_on: date) -> DeadlineRule:
    rule, offset = recurrence.rule, recurrence.offset
    if _has_limit(rule):
        return rule
    rule = replace(
        rule, anchor=Anchor(AnchorKind.MONTH_DAY, anchor.month, anchor.day, years=anchor.year - opens_on.year)
    )
    return rule if offset is None else replace(rule, amount=offset.amount, unit=offset.unit)


def _has_limit(rule: DeadlineRule) -> bool:
    return rule.anchor is not None or rule.amount is not None


def _opening(lead: Threshold, calendar: Calendar, anchor: date) -> tuple[date, bool]:
    """Return the day a case opens, and whether that rests on a year not announced yet."""
    if lead.unit is Unit.WORKDAY:
        day = calendar.step_workdays(anchor, -lead.amount)
        return day, calendar.is_workday(anchor - ONE_DAY).provisional
    if lead.unit is Unit.DAY:
        return anchor - timedelta(days=lead.amount), False
    return add_months(anchor, -lead.amount * (12 if lead.unit is Unit.YEAR else 1)), False


def _anchors(recurrence: Recurrence, calendar: Calendar, first: date, last: date) -> Iterator[tuple[date, str]]:
    first = max(first, recurrence.first_day)
    if recurrence.rrule is not None:
        years = _years_of_span(recurrence.rrule)
        period = recurrence.period or _derived_period(recurrence.rrule)
        for day in _rrule_days(recurrence.rrule, first, last):
            yield day, period_key(day, period, years=years)
    for name in recurrence.festivals:
        for year in range(first.year, last.year + 1):
            day = calendar.festival(name, year)
            if first <= day <= last:
                yield day, f"{year}-{name}"


@lru_cache(maxsize=256)
def _rrule_days(text: str, first: date, last: date) -> tuple[date, ...]:
    found = _rrule(text).between(datetime.combine(first, time.min), datetime.combine(last, time.max), inc=True)
    return tuple(moment.date() for moment in found)


@lru_cache(maxsize=256)
def _rrule(text: str) -> rrule | rruleset:
    return rrulestr(_completed(text), dtstart=datetime.combine(_rrule_start(text), time.min))


def _parts(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(";"))


def _is_bare(parts: Mapping[str, str]) -> bool:
    """Tell whether a rule names no day: it then means the last day of its period."""
    return not _BY_PARTS & parts.keys()


def _completed(text: str) -> str:
    """Give a rule that names no day the last day of its period (Friday of a week)."""
    parts = _parts(text)
    return f"{text};{_COMPLETED[parts['FREQ']]}" if _is_bare(parts) else text


def _rrule_start(text: str) -> date:
    """Return the start from which intervals of months and years end with their period."""
    parts = _parts(text)
    if not _is_bare(parts) or parts["FREQ"] == "WEEKLY":
        return _EPOCH
    return add_months(_EPOCH, (_interval(parts) - 1) * (12 if parts["FREQ"] == "YEARLY" else 1))


def _interval(parts: Mapping[str, str]) -> int:
    return int(parts.get("INTERVAL", "1"))


def _years_of_span(text: str) -> int:
    parts = _parts(text)
    return _interval(parts) if parts["FREQ"] == "YEARLY" and _is_bare(parts) else 1


def _derived_period(text: str) -> Period:
    return coarsest_period(_rrule_days(text, *_PROBE))


def read_recurrence(data: Any, rule: DeadlineRule, *, file: str = "duties", path: str = "recurrence") -> Recurrence:
    """Return the recurrence that ``data`` tells, or raise `DataFaultsError` with every fault.

    ``rule`` is the duty's limit, or names it (`duty_rule`). ``kind``, ``freq``, ``count`` and ``anchor`` may stand in
    ``data`` as the text's own words; dates come from ``rrule`` and ``festivals`` alone.
    """
    faults = Faults(file)
    reader = Reader(data, path, faults)
    for name in ("kind", "freq", "count", "anchor"):
        reader.raw(name, None)
    rrule = reader.text("rrule", "") or None
    festivals = tuple(str(name) for name in reader.items("festivals", []))
    period = reader.choice("period", {period.value: period for period in Period}, None)
    lead, lead_parameter = _read_length(reader, "lead")
    offset = _read_length(reader, "offset")[0] if reader.has("offset") else None
    roll = reader.choice("roll", {roll.value: roll for roll in Roll}, rule.roll.value) or rule.roll
    first_day = as_date(reader.raw("from", _EPOCH))
    reader.close()
    if first_day is None:
        reader.fault("from", "not-a-date", "Expected a date such as 2026-01-01.")
    if offset is not None and _has_limit(rule):
        reader.fault("offset", "offset-beside-rule", f"Expected no offset: the rule {rule.key} has a limit of its own.")
    if rrule is None and not festivals:
        reader.fault("rrule", "recurrence-missing", "Expected an rrule or festivals, but there is neither.")
    if rrule is not None:
        _check_rrule(reader, rrule, period)
    faults.check()
    return Recurrence(
        replace(rule, roll=roll), lead, lead_parameter, rrule, festivals, period, offset, first_day or _EPOCH
    )


def _read_length(reader: Reader, name: str) -> tuple[Threshold, str | None]:
    section = reader.mapping(name)
    if section is None:
        reader.fault(name, "missing", "Expected an amount and unit, but the field is missing.", field=name)
        return Threshold(0, Unit.DAY), None
    unit = section.choice("unit", _DAY_UNITS)
    amount = section.integer("amount", low=0, high=1_000)
    parameter = section.text("parameter", "") if name == "lead" else ""
    section.close()
    return Threshold(amount, unit or Unit.DAY), parameter or None


def _check_rrule(reader: Reader, rrule: str, period: Period | None) -> None:
    if not _is_supported(rrule):
        message = f"Expected an RRULE of years, months or weeks without COUNT, hours and DTSTART, but found {rrule!r}."
        reader.fault("rrule", "rrule-not-supported", message, rrule=rrule)
        return
    try:
        days = _rrule_days(rrule, *_PROBE)
    except (ValueError, KeyError, TypeError) as error:
        reader.fault("rrule", "not-an-rrule", f"Expected an RRULE, but found {rrule!r}: {error}.", rrule=rrule)
        return
    if not days:
        reader.fault("rrule", "rrule-empty", f"Expected days, but {rrule!r} gives none in twelve years.", rrule=rrule)
    elif period is not None and not names_each_once(days, period):
        message = f"Expected a period that names each day once, but two days fall into one {period}."
        reader.fault("period", "period-not-unique", message, period=period.value)


def _is_supported(rrule: str) -> bool:
    """Refuse what gives no days, and what dateutil would search for without end (an interval of 0)."""
    if not _PARTS.match(rrule):
        return False
    parts = _parts(rrule)
    interval = parts.get("INTERVAL", "1")
    return (
        parts.get("FREQ") in _FREQUENCIES
        and parts.keys() <= _KNOWN_PARTS
        and interval.isdecimal()
        and 1 <= int(interval) <= _MOST_INTERVAL
    )


def duty_rule(key: str, title: str, *, source: str = "", article: str = "", editor: bool = False) -> DeadlineRule:
    """Return the rule that names a duty's limit: of the text (its period was read), or the editor's."""
    confidence = Confidence.EDITOR if editor else Confidence.A
    return DeadlineRule(key, 1, title, "", confidence, source=source, article="" if editor else article)

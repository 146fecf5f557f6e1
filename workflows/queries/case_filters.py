"""What a list of cases may be narrowed by and sorted by, as conditions and keys for SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, not_, or_, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.queries.lights import light_of
from workflows.queries.paging import Key
from workflows.queries.task_filters import NEVER, has_words, of_process, under_unit
from workflows.tables import Case, Deadline, Definition, Unit

WORST_FIRST = ("overdue", "near", "normal", "not_started", "done")
OPEN = "open"  # beside the states of a case: active or suspended
CASE_SORTS = ("started", "due", "light", "title", "process", "unit", "status")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What to list. ``unit`` is a unit code (its subtree); ``light`` is the worst of the case's open limits.

    Due dates and days left are those of the next open limit; a case without one is left out by them. Every word of
    ``text`` must occur in the title, the number, the process or the unit. ``sort`` is one of ``CASE_SORTS``, with ``-``
    the other way round; empty: the latest first. ``status`` may be ``open`` (active or suspended); ``missed_*``: a
    limit of the case ended within the period and had not been kept. A period ends before its end.
    """

    definition: str | None = None
    version: int | None = None
    unit: str | None = None
    status: str | None = None
    light: str | None = None
    text: str | None = None
    parent_id: str | None = None
    started_by_me: bool = False
    due_from: datetime | None = None
    due_before: datetime | None = None
    left_least: int | None = None
    left_most: int | None = None
    unit_alone: bool = False
    started_from: datetime | None = None
    started_before: datetime | None = None
    ended_from: datetime | None = None
    ended_before: datetime | None = None
    missed_from: datetime | None = None
    missed_before: datetime | None = None
    sort: str | None = None


def worst_light(now: datetime) -> ColumnElement[int]:
    """Return the worst light among the running limits of a case: a correlated sub-query of small numbers."""
    worst = (
        select(func.min(light_rank(now)))
        .where(Deadline.case_id == Case.id, Deadline.done_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )
    return func.coalesce(worst, WORST_FIRST.index("normal"))  # a case without limits is never late


def light_rank(now: datetime) -> ColumnElement[int]:
    """Return the place of a limit's light in ``WORST_FIRST``: the least of some is the worst of them."""
    light = light_of(Deadline, now)
    return case(
        *((light == key, position) for position, key in enumerate(WORST_FIRST)),
        else_=len(WORST_FIRST),
    )


def next_due() -> ScalarSelect[datetime]:
    """Return the nearest running limit of a case."""
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.case_id == Case.id, Deadline.done_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )


def narrowed(
    statement: Select[*tuple[Any, ...]], wanted: CaseFilter, now: datetime, actor: Actor
) -> Select[*tuple[Any, ...]]:
    """Return ``statement`` over cases, definitions and units with the filter. Access is the caller's."""
    conditions = of_process(wanted.definition, wanted.version)
    if wanted.unit:
        conditions.append(Unit.code == wanted.unit if wanted.unit_alone else under_unit(wanted.unit))
    if wanted.status:
        conditions.append(Case.ended_at.is_(None) if wanted.status == OPEN else Case.status == wanted.status)
    if wanted.parent_id:
        conditions.append(Case.parent_case_id == wanted.parent_id)
    if wanted.started_by_me:
        conditions.append(Case.started_by == actor.person_id)
    if wanted.text:
        conditions += has_words(wanted.text, (Case.title, Case.business_key, Definition.name, Unit.name))
    conditions += [*_of_light(wanted.light, now), *_due_between(wanted, now), *_in_periods(wanted, now)]
    return statement.where(*conditions)


def is_missed(now: datetime) -> ColumnElement[bool]:
    """Return that a limit ended before what it limits was done."""
    return and_(Deadline.due_at <= now, or_(Deadline.done_at.is_(None), Deadline.done_at > Deadline.due_at))


def _in_periods(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = _within(Case.started_at, wanted.started_from, wanted.started_before)
    conditions += _within(Case.ended_at, wanted.ended_from, wanted.ended_before)
    missed = _within(Deadline.due_at, wanted.missed_from, wanted.missed_before)
    if missed:
        conditions.append(exists().where(Deadline.case_id == Case.id, is_missed(now), *missed).correlate(Case))
    return conditions


def _within(column: Any, first: datetime | None, before: datetime | None) -> list[ColumnElement[bool]]:
    return ([column >= first] if first else []) + ([column < before] if before else [])


def _of_light(light: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if light == "done":
        return [Case.ended_at.is_not(None)]
    if light not in WORST_FIRST:
        return []
    shows = _has_limit(light_of(Deadline, now) == light)
    if light == "normal":
        shows = or_(shows, not_(_has_limit()))  # a case without limits is never late
    worse = WORST_FIRST[: WORST_FIRST.index(light)]
    return [Case.ended_at.is_(None), shows, *(not_(_has_limit(light_of(Deadline, now) == each)) for each in worse)]


def _has_limit(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return that a limit of the case runs, and what else holds of it: answered by one join."""
    return exists().where(Deadline.case_id == Case.id, Deadline.done_at.is_(None), *more).correlate(Case)


def _due_between(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    due = next_due()
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    conditions: list[ColumnElement[bool]] = []
    if wanted.due_from:
        conditions.append(due >= wanted.due_from)
    if wanted.due_before:
        conditions.append(due < wanted.due_before)
    if wanted.left_least is not None:  # a limit ends at the midnight after its last day
        conditions.append(due > today + timedelta(days=wanted.left_least))
    if wanted.left_most is not None:
        conditions.append(due <= today + timedelta(days=wanted.left_most + 1))
    return conditions


def sort_keys(sort: str | None, now: datetime, *, otherwise: str = "-started") -> list[Key]:
    """Return what a list is sorted by; the last key tells rows apart that are alike in the others."""
    told = sort or otherwise
    name, descending = told.removeprefix("-"), told.startswith("-")
    started = Key(Case.started_at, datetime, descending=descending)
    due = Key(func.coalesce(next_due(), NEVER), datetime, descending=descending)
    columns: Mapping[str, list[Key]] = {
        "started": [started],
        "due": [due],
        "light": [Key(_urgency(now), int, descending=descending), due],
        "title": [Key(Case.title, str, descending=descending)],
        "process": [
            Key(Definition.name, str, descending=descending),
            Key(Definition.version, int, descending=descending),
        ],
        "unit": [Key(Unit.path, str, descending=descending)],
        "status": [Key(Case.status, str, descending=descending)],
    }
    return [*columns.get(name, [started]), Key(Case.id, str, descending=descending)]


def _urgency(now: datetime) -> ColumnElement[int]:
    return case((Case.ended_at.is_not(None), WORST_FIRST.index("done")), else_=worst_light(now))

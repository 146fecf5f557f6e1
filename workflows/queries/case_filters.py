"""What a list of cases may be narrowed by and sorted by, as conditions and keys for SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.queries.lights import light_of
from workflows.queries.paging import Key
from workflows.queries.task_filters import NEVER, has_words, of_process, under_unit
from workflows.tables import Case, Deadline, Definition, Unit

WORST_FIRST = ("overdue", "near", "normal", "not_started", "done")
CASE_SORTS = ("started", "due", "light", "title", "process", "unit", "status")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What to list. ``unit`` is a unit code (its subtree); ``light`` is the worst of the case's open limits.

    Due dates and days left are those of the next open limit; a case without one is left out by them. Every word of
    ``text`` must occur in the title, the number, the process or the unit. ``sort`` is one of ``CASE_SORTS``, with ``-``
    the other way round; empty: the latest first.
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
    sort: str | None = None


def worst_light(now: datetime) -> ColumnElement[int]:
    """Return the worst light among the running limits of a case: a correlated sub-query of small numbers."""
    light = light_of(Deadline, now)
    rank = case(
        *((light == key, position) for position, key in enumerate(WORST_FIRST)),
        else_=len(WORST_FIRST),
    )
    worst = (
        select(func.min(rank))
        .where(Deadline.case_id == Case.id, Deadline.done_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )
    return func.coalesce(worst, WORST_FIRST.index("normal"))  # a case without limits is never late


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
        conditions.append(under_unit(wanted.unit))
    if wanted.status:
        conditions.append(Case.status == wanted.status)
    if wanted.parent_id:
        conditions.append(Case.parent_case_id == wanted.parent_id)
    if wanted.started_by_me:
        conditions.append(Case.started_by == actor.person_id)
    if wanted.text:
        conditions += has_words(wanted.text, (Case.title, Case.business_key, Definition.name, Unit.name))
    return statement.where(*conditions, *_of_light(wanted.light, now), *_due_between(wanted, now))


def _of_light(light: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if light == "done":
        return [Case.ended_at.is_not(None)]
    if light in WORST_FIRST:
        return [Case.ended_at.is_(None), worst_light(now) == WORST_FIRST.index(light)]
    return []


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

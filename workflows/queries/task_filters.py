"""What a list of tasks may be narrowed by and sorted by, as conditions and keys for SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.deadlines.lights import LightKey
from workflows.queries.access import bounded_cases, visible_tasks
from workflows.queries.lights import light_of
from workflows.queries.paging import Key
from workflows.store import Store
from workflows.tables import Case, Definition, Task, TaskCandidate, TaskStatus, Unit

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # sorts tasks without a limit behind all others
TASK_SORTS = ("due", "light", "name", "title", "process", "unit", "started", "done")
_MOST_WORDS = 8
_URGENCY = (LightKey.OVERDUE, LightKey.NEAR, LightKey.NORMAL, LightKey.NOT_STARTED)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What to list.

    ``scope``: ``mine`` claimed by me, ``candidate`` I may claim, ``todo`` both, ``done`` by me, ``all`` whatever I
    may see; of that, ``open`` what waits, ``completed`` what anybody did, ``counted`` both. ``late`` is what is or was
    done after its limit. ``unit`` is a unit code (its subtree), ``definition`` a key or ``key:version``. ``left_least``
    and ``left_most`` bound the calendar days that are left, negative ones are delay. Every word of ``text`` must
    occur in the step, the case, its number, its process or its unit. ``sort`` is one of ``TASK_SORTS``, with ``-``
    the other way round; empty: the most urgent first, of done ones the latest.
    """

    scope: str = "todo"
    light: str | None = None
    unit: str | None = None
    definition: str | None = None
    version: int | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    left_least: int | None = None
    left_most: int | None = None
    text: str | None = None
    case_id: str | None = None
    element: str | None = None
    done_from: datetime | None = None
    late: bool = False
    sort: str | None = None


def narrowed(
    statement: Select[*tuple[Any, ...]], wanted: TaskFilter, store: Store, actor: Actor
) -> Select[*tuple[Any, ...]]:
    """Return ``statement`` over tasks and cases with the filter and the actor's access.

    Where ``asks_of_names`` says so, definitions and units must be joined as well.
    """
    statement = statement.where(*_in_scope(wanted.scope, actor))
    if wanted.light:
        statement = statement.where(light_of(Task, store.now) == wanted.light)
    if wanted.unit:
        statement = statement.where(under_unit(wanted.unit))
    if wanted.definition or wanted.version is not None:
        statement = statement.where(*of_process(wanted.definition, wanted.version))
    if wanted.case_id:
        statement = statement.where(Task.case_id == wanted.case_id)
    if wanted.text:
        statement = statement.where(*has_words(wanted.text, _TEXTS))
    if wanted.element:
        statement = statement.where(Task.element_id == wanted.element)
    if wanted.done_from:
        statement = statement.where(Task.done_at >= wanted.done_from)
    if wanted.late:
        statement = statement.where(is_late(store.now))
    return statement.where(*_due_between(wanted, store.now))


def is_late(now: datetime) -> ColumnElement[bool]:
    """Return that a task's limit ended before it was done."""
    return and_(Task.due_at <= now, or_(Task.done_at.is_(None), Task.done_at > Task.due_at))


def asks_of_names(wanted: TaskFilter) -> bool:
    """Whether a filter reads definitions or units."""
    return bool(wanted.unit or wanted.definition or wanted.version is not None or wanted.text)


_TEXTS = (Task.name, Case.title, Case.business_key, Definition.name, Unit.name)


def has_words(text: str, columns: tuple[Any, ...]) -> list[ColumnElement[bool]]:
    """Return that every word of a text occurs in one of the columns; a word may be two characters long."""
    words = text.split()[:_MOST_WORDS]
    return [or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words]


def under_unit(code: str) -> ColumnElement[bool]:
    """Return that a row's unit is the one with this code, or below it."""
    path = select(Unit.path).where(Unit.code == code).scalar_subquery()
    return func.substr(Unit.path, 1, func.length(path)) == path


def of_process(reference: str | None, version: int | None) -> list[ColumnElement[bool]]:
    """Return that a row is of a process, by ``key`` or ``key:version``, or of one version of whatever process."""
    key, _, told = (reference or "").partition(":")
    conditions = [Definition.key == key] if key else []
    if told:
        conditions.append(Definition.version == (int(told) if told.isascii() and told.isdecimal() else -1))
    return [*conditions, Definition.version == version] if version is not None else conditions


def _due_between(wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.due_from:
        conditions.append(Task.due_at >= wanted.due_from)
    if wanted.due_before:
        conditions.append(Task.due_at < wanted.due_before)
    if wanted.left_least is not None:
        conditions.append(Task.due_at > _midnight(now, wanted.left_least))
    if wanted.left_most is not None:
        conditions.append(Task.due_at <= _midnight(now, wanted.left_most + 1))
    return conditions


def _midnight(now: datetime, days: int) -> datetime:
    """Return the midnight that begins the day ``days`` from today: a limit ends at the midnight after its last day."""
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def _in_scope(scope: str, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the rows of a scope that the actor may see. Whoever holds or did a task takes part in it by that."""
    mine = and_(Task.assignee_id == actor.person_id, Task.status == TaskStatus.CLAIMED)
    offered = or_(TaskCandidate.post_id.in_(actor.post_ids), TaskCandidate.person_id == (actor.person_id or ""))
    claimable = and_(
        Task.id.in_(select(TaskCandidate.task_id).where(offered)),
        Task.status == TaskStatus.OPEN,
    )
    conditions = {
        "mine": mine,
        "candidate": claimable,
        "todo": or_(mine, claimable),
        "done": and_(Task.completed_by == actor.person_id, Task.done_at.is_not(None)),
    }
    if scope in conditions:
        return [conditions[scope], bounded_cases(actor)]
    return [visible_tasks(actor), *_states(scope)]


def _states(scope: str) -> list[ColumnElement[bool]]:
    conditions: Mapping[str, ColumnElement[bool]] = {
        "open": Task.status.in_((TaskStatus.OPEN, TaskStatus.CLAIMED)),
        "completed": Task.status == TaskStatus.COMPLETED,
        "counted": Task.status != TaskStatus.CANCELLED,
    }
    return [conditions[scope]] if scope in conditions else []


def sort_keys(wanted: TaskFilter, now: datetime) -> list[Key]:
    """Return what a list is sorted by; the last key tells rows apart that are alike in the others."""
    told = wanted.sort or ("-done" if wanted.scope in {"done", "completed"} else "due")
    name, descending = told.removeprefix("-"), told.startswith("-")
    due = Key(func.coalesce(Task.due_at, NEVER), datetime, descending=descending)
    columns: Mapping[str, list[Key]] = {
        "due": [due],
        "light": [Key(_urgency(now), int, descending=descending), due],
        "name": [Key(Task.name, str, descending=descending)],
        "title": [Key(Case.title, str, descending=descending)],
        "process": [
            Key(Definition.name, str, descending=descending),
            Key(Definition.version, int, descending=descending),
        ],
        "unit": [Key(Unit.path, str, descending=descending)],
        "started": [Key(Task.started_at, datetime, descending=descending)],
        "done": [Key(func.coalesce(Task.done_at, NEVER), datetime, descending=descending)],
    }
    return [*columns.get(name, [due]), Key(Task.id, str, descending=descending)]


def _urgency(now: datetime) -> ColumnElement[int]:
    light = light_of(Task, now)
    ranks = [(light == key.value, place) for place, key in enumerate(_URGENCY)]
    return case(*ranks, else_=len(_URGENCY))

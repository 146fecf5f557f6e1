"""进度总览: what the actor may see, counted. Every number is the length of a list with the same filter.

Counted in SQL under the access condition of the lists themselves, so that nobody learns from a sum what no list would
show; the unit tree is folded up here, because a matrix of one level needs the sums of whole subtrees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, literal_column, or_, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.queries.access import visible_cases
from workflows.queries.case_filters import WORST_FIRST, CaseFilter, is_missed, light_rank, narrowed
from workflows.queries.choices import process_choices
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import counts_by_light
from workflows.store import Store
from workflows.store import people as stored_people
from workflows.tables import Case, Deadline, Definition, Unit

SHOWN_LIGHTS = ("overdue", "near", "normal")
PERIODS = 12
SPANS = (7, 30)
_RANK_NORMAL = WORST_FIRST.index("normal")


@dataclass(frozen=True, slots=True)
class Scope:
    """Below which unit (its code), of which family; None: everything that the actor may see."""

    unit: str | None = None
    definition: str | None = None

    @property
    def cases(self) -> CaseFilter:
        """Return the filter of the list of cases that has the same scope."""
        return CaseFilter(unit=self.unit, definition=self.definition)


Cell = Mapping[str, int]  # light → number of open cases


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the matrix: a unit with everything below it, or (``alone``) the chosen unit itself."""

    code: str
    name: str
    alone: bool
    has_below: bool
    cells: Mapping[str, Cell]  # by family
    total: Cell


@dataclass(frozen=True, slots=True)
class Overview:
    """Open cases by light and by unit and family, as of ``as_of``. ``unit`` is where the lines hang."""

    as_of: datetime
    unit: tuple[str, str] | None
    above: Sequence[tuple[str, str]]
    families: Sequence[tuple[str, str]]
    lines: Sequence[UnitLine]
    by_family: Mapping[str, Cell]
    total: Cell


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One period from ``first`` to ``last``, both included: cases begun, ended, and that missed a limit."""

    first: date
    last: date
    started: int
    ended: int
    missed: int


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What falls due from today to ``last``: open tasks by light."""

    days: int
    first: date
    last: date
    lights: Cell
    number: int


def overview(store: Store, scope: Scope, *, actor: Actor) -> Overview:
    """Return how the open cases stand that the actor may see."""
    if scope.unit:
        stored_people.need_unit(store, scope.unit)
    counted = _counted(store, scope, actor)
    units = _units(store, {unit_id for unit_id, *_ in counted})
    place = scope.unit or _common([unit.path for unit in units.values()])
    lines = _Lines(store, place)
    by_family: dict[str, Counter[str]] = {}
    total: Counter[str] = Counter()
    for unit_id, family, rank, number in counted:
        light = WORST_FIRST[min(rank, _RANK_NORMAL)]
        lines.add(units[unit_id].path, family, light, number)
        by_family.setdefault(family, Counter())[light] += number
        total[light] += number
    names = dict(process_choices(store))
    families = [(key, names.get(key, key)) for key in sorted(by_family)]
    unit, above = _way(store, place)
    return Overview(store.now, unit, above, families, lines.lines(), _plain(by_family), dict(total))


def _counted(store: Store, scope: Scope, actor: Actor) -> Sequence[tuple[str, str, int, int]]:
    """Return (unit id, family, rank of the worst light, number) of the open cases."""
    running = and_(Deadline.case_id == Case.id, Deadline.done_at.is_(None))
    each = (
        select(
            Case.unit_id,
            Definition.key,
            func.coalesce(func.min(light_rank(store.now)), _RANK_NORMAL).label("rank"),
        )
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Deadline, running)
        .where(visible_cases(actor), Case.ended_at.is_(None))
        .group_by(Case.id, Case.unit_id, Definition.key)
    )
    cases = narrowed(each, scope.cases, store.now, actor).subquery()
    keys = cases.c.unit_id, cases.c.key, cases.c.rank
    found = store.session.execute(select(*keys, func.count()).group_by(*keys))
    return [(unit_id, key, rank, number) for unit_id, key, rank, number in found]


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    path: str


def _units(store: Store, ids: set[str]) -> Mapping[str, _Place]:
    """Return the units of ``ids``; all are read when they are many, so that no statement grows with them."""
    statement = select(Unit.id, Unit.code, Unit.name, Unit.path)
    few = 200
    if len(ids) <= few:
        statement = statement.where(Unit.id.in_(ids))
    found = store.session.execute(statement)
    return {unit_id: _Place(code, name, path) for unit_id, code, name, path in found if unit_id in ids}


def _common(paths: Sequence[str]) -> str | None:
    """Return the code of the lowest unit above all paths, None without one."""
    parts = [path.strip("/").split("/") for path in paths]
    common: list[str] = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return common[-1] if common else None


def _way(store: Store, code: str | None) -> tuple[tuple[str, str] | None, Sequence[tuple[str, str]]]:
    """Return a unit and those above it, the highest first, as code and name."""
    if code is None:
        return None, ()
    path = stored_people.need_unit(store, code).path
    codes = path.strip("/").split("/")
    found = store.session.execute(select(Unit.code, Unit.name).where(Unit.code.in_(codes)))
    names = {unit_code: name for unit_code, name in found}  # noqa: C416 - rows are no pairs to mypy
    way = [(each, names[each]) for each in codes]
    return way[-1], way[:-1]


@dataclass
class _Line:
    alone: bool
    has_below: bool = False
    cells: dict[str, Counter[str]] = field(default_factory=dict)


class _Lines:
    """The lines of a matrix under one unit, while they are counted."""

    def __init__(self, store: Store, code: str | None) -> None:
        self._store = store
        self._code = code
        self._path = stored_people.need_unit(store, code).path if code else "/"
        self._lines: dict[str, _Line] = {}

    def add(self, path: str, family: str, light: str, number: int) -> None:
        """Count cases of the unit at ``path`` in the line that it belongs to."""
        below = path[len(self._path) :].strip("/").split("/")
        code = below[0] or self._code or ""
        line = self._lines.setdefault(code, _Line(alone=not below[0]))
        line.has_below = line.has_below or len(below) > 1
        line.cells.setdefault(family, Counter())[light] += number

    def lines(self) -> Sequence[UnitLine]:
        """Return the lines in the order of the tree, the unit itself first."""
        statement = select(Unit.code, Unit.name).where(Unit.code.in_(list(self._lines)))
        names = {code: name for code, name in self._store.session.execute(statement.order_by(Unit.sort, Unit.code))}  # noqa: C416 - rows are no pairs to mypy
        ordered = sorted(names, key=lambda code: not self._lines[code].alone)
        return [self._line(code, names[code]) for code in ordered]

    def _line(self, code: str, name: str) -> UnitLine:
        line = self._lines[code]
        total: Counter[str] = sum(line.cells.values(), Counter())
        return UnitLine(code, name, line.alone, line.has_below, _plain(line.cells), dict(total))


def _plain(counted: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {key: dict(cell) for key, cell in counted.items()}


# ------------------------------------------------------------------ over time


def trend(store: Store, scope: Scope, *, actor: Actor, step: str = "week") -> Sequence[TrendLine]:
    """Return the last twelve weeks or months, the running one last."""
    today = store.now.astimezone(SHANGHAI).date()
    periods = _months(today) if step == "month" else _weeks(today)
    started, ended = _begun_and_ended(store, periods, scope, actor)
    missed = _missed(store, periods, scope, actor)
    return [
        TrendLine(first, last, started[place], ended[place], missed[place])
        for place, (first, last) in enumerate(periods)
    ]


def _begun_and_ended(
    store: Store, periods: Sequence[tuple[date, date]], scope: Scope, actor: Actor
) -> tuple[Counter[int], Counter[int]]:
    begun, over = _period_of(Case.started_at, periods), _period_of(Case.ended_at, periods)
    since = midnight(periods[0][0])
    statement = select(begun, over, func.count()).select_from(Case).group_by(begun, over)
    statement = statement.where(or_(Case.started_at >= since, Case.ended_at >= since))
    started: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for first, last, number in store.session.execute(_seen(store, statement, scope, actor)):
        started[first] += number
        ended[last] += number
    return started, ended


def _missed(store: Store, periods: Sequence[tuple[date, date]], scope: Scope, actor: Actor) -> Counter[int]:
    """Count the cases that missed a limit in each period; a case that missed several counts once."""
    period = _period_of(Deadline.due_at, periods)
    late = select(period, Deadline.case_id).where(Deadline.due_at >= midnight(periods[0][0]), is_missed(store.now))
    each = late.distinct().subquery()
    statement = select(each.c[0], func.count()).select_from(Case).join(each, each.c.case_id == Case.id)
    found = store.session.execute(_seen(store, statement, scope, actor).group_by(each.c[0]))
    return Counter({place: number for place, number in found})  # noqa: C416 - rows are no pairs to mypy


def _period_of(column: Any, periods: Sequence[tuple[date, date]]) -> Any:
    """Return the number of the period that an instant lies in, -1 outside: the latest is asked first."""
    beginnings = [(place, midnight(first)) for place, (first, _) in enumerate(periods)]
    ends = column >= midnight(periods[-1][1] + timedelta(days=1))
    whens: list[tuple[Any, Any]] = [
        (column >= start, literal_column(str(place))) for place, start in reversed(beginnings)
    ]
    return case((ends, literal_column("-1")), *whens, else_=literal_column("-1"))


def _seen(store: Store, statement: Select[*tuple[Any, ...]], scope: Scope, actor: Actor) -> Select[*tuple[Any, ...]]:
    joined = statement.join(Definition, Definition.id == Case.definition_id).join(Unit, Unit.id == Case.unit_id)
    return narrowed(joined.where(visible_cases(actor)), scope.cases, store.now, actor)


def _weeks(today: date) -> list[tuple[date, date]]:
    monday = today - timedelta(days=today.weekday())
    first = [monday - timedelta(weeks=back) for back in reversed(range(PERIODS))]
    return [(day, day + timedelta(days=6)) for day in first]


def _months(today: date) -> list[tuple[date, date]]:
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in reversed(range(PERIODS))]
    starts = [date(year, month + 1, 1) for year, month in months]
    following = [*starts[1:], _next_month(starts[-1])]
    return [(first, after - timedelta(days=1)) for first, after in zip(starts, following, strict=True)]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def midnight(day: date) -> datetime:
    """Return the beginning of a day in China."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def due_within(first: date, last: date, scope: Scope) -> TaskFilter:
    """Return the filter of open tasks whose limit ends on one of these days; limits end at the following midnight."""
    instant = timedelta(microseconds=1)
    return TaskFilter(
        scope="open",
        unit=scope.unit,
        definition=scope.definition,
        due_from=midnight(first) + instant,
        due_before=midnight(last + timedelta(days=1)) + instant,
    )


def upcoming(store: Store, scope: Scope, *, actor: Actor) -> Sequence[Upcoming]:
    """Return what falls due in the next 7 and 30 days, today included."""
    today = store.now.astimezone(SHANGHAI).date()
    found = []
    for days in SPANS:
        last = today + timedelta(days=days - 1)
        lights = counts_by_light(store, due_within(today, last, scope), actor=actor)
        found.append(Upcoming(days, today, last, lights, sum(lights.values())))
    return found

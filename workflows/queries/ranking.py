"""排名: units by the share of steps done within their limit. Off unless the law's data says otherwise.

Guard rails: units only, never persons; outcomes only (was a step done in time), never log-ins, clicks or time online;
units of one level beside one another; who had too few steps has no place; only for those who supervise or audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, case, cast, func, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.deadlines.count import add_months
from workflows.errors import NotFoundError
from workflows.overview_files import RankingRules, load_ranking
from workflows.queries.overview import Scope, midnight
from workflows.queries.task_filters import TaskFilter, is_late, narrowed
from workflows.store import Store
from workflows.store import people as stored_people
from workflows.tables import Case, Definition, Role, Task, Unit


@dataclass(frozen=True, slots=True)
class RankLine:
    """One unit with everything below it. ``place`` is None when it had too few steps to be compared."""

    place: int | None
    code: str
    name: str
    due: int
    late: int

    @property
    def share(self) -> float:
        """Return the share of steps done in time, from 0 to 1."""
        return (self.due - self.late) / self.due if self.due else 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Units of one level with the rules that were applied."""

    as_of: datetime
    first: date
    last: date
    rules: RankingRules
    lines: Sequence[RankLine]


def is_ranking_shown(store: Store, *, actor: Actor) -> bool:
    """Whether the actor may see a ranking at all."""
    shown = load_ranking(store.application.settings.law).shown
    return shown and actor.has_role(Role.SUPERVISOR, Role.AUDITOR)


def ranking(store: Store, scope: Scope, *, actor: Actor) -> Ranking:
    """Return the units directly below ``scope.unit`` by outcome, or raise ``NotFoundError`` while ranking is off."""
    rules = load_ranking(store.application.settings.law)
    if not is_ranking_shown(store, actor=actor):
        raise NotFoundError("Expected units to be ranked here, but they are not.", code="ranking-off")
    last = store.now.astimezone(SHANGHAI).date() - timedelta(days=1)
    first = add_months(last, -rules.months) + timedelta(days=1)
    lines = _lines(store, scope, first, last, actor)
    return Ranking(store.now, first, last, rules, _placed(lines, rules))


def due_in(first: date, last: date, scope: Scope) -> TaskFilter:
    """Return the filter of the steps that a ranking counts."""
    instant = timedelta(microseconds=1)
    return TaskFilter(
        scope="counted",
        unit=scope.unit,
        definition=scope.definition,
        due_from=midnight(first) + instant,
        due_before=midnight(last + timedelta(days=1)) + instant,
    )


def _lines(store: Store, scope: Scope, first: date, last: date, actor: Actor) -> list[RankLine]:
    late = func.sum(cast(case((is_late(store.now), 1), else_=0), Integer))
    statement = (
        select(Unit.path, func.count(), late)
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Task.unit_id)
    )
    found = narrowed(statement, due_in(first, last, scope), store, actor).group_by(Unit.path)
    above = stored_people.need_unit(store, scope.unit).path if scope.unit else _top(store)
    sums: dict[str, tuple[int, int]] = {}
    for path, due, missed in store.session.execute(found):
        code = path[len(above) :].strip("/").split("/")[0] if path.startswith(above) else ""
        if code:
            before = sums.get(code, (0, 0))
            sums[code] = (before[0] + due, before[1] + missed)
    names = store.session.execute(select(Unit.code, Unit.name).where(Unit.code.in_(list(sums))))
    return [RankLine(None, code, name, *sums[code]) for code, name in names]


def _top(store: Store) -> str:
    """Return the path of the only root, ``/`` when there are several."""
    roots = store.session.scalars(select(Unit.path).where(Unit.parent_id.is_(None)).limit(2)).all()
    return roots[0] if len(roots) == 1 else "/"


def _placed(lines: list[RankLine], rules: RankingRules) -> list[RankLine]:
    """Give equal shares equal places; units with too few steps follow without one."""
    compared = sorted((line for line in lines if line.due >= rules.least), key=lambda line: (-line.share, line.code))
    placed: list[RankLine] = []
    for number, line in enumerate(compared, start=1):
        same = placed and placed[-1].share == line.share
        place = placed[-1].place if same else number
        placed.append(RankLine(place, line.code, line.name, line.due, line.late))
    rest = sorted((line for line in lines if line.due < rules.least), key=lambda line: line.code)
    return [*placed, *rest]

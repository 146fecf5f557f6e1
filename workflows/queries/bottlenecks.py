"""Where work waits: how long each human step of a family took, and what waits there now.

A step's time runs from when its task opened to when it was done, waiting for whoever should have claimed it included.
Median and ninth decile are times that really occurred (nearest rank), worked out in SQL over all tasks of a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from workflows.access import Actor
from workflows.engine.process import Element
from workflows.queries.lights import light_of
from workflows.queries.overview import Scope
from workflows.queries.task_filters import TaskFilter, narrowed
from workflows.store import Store
from workflows.store import definitions as law_rows
from workflows.tables import Case, Definition, Task, Unit

LOOK_BACK = timedelta(days=365)
_HUMAN = {"userTask", "manualTask"}
_HEAT = 5


class seconds_between(FunctionElement[float]):  # noqa: N801 - reads as a function of SQL
    """The seconds from the first instant to the second."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(each, **more) for each in element.clauses)
    return f"(julianday({second}) - julianday({first})) * 86400.0"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(each, **more) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({second} - {first}))"


@dataclass(frozen=True, slots=True)
class StepTime:
    """One human step. ``done`` tasks gave ``median`` and ``p90`` (seconds); ``waiting`` are open now, by light.

    ``heat`` is 0 (nothing known) to 5 (the slowest median of the family).
    """

    element_id: str
    name: str
    clause: str
    done: int
    median: float | None
    p90: float | None
    waiting: Mapping[str, int]
    heat: int

    @property
    def waits(self) -> int:
        """Return how many tasks are open at the step."""
        return sum(self.waiting.values())


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """The steps of a family, in the order of its diagram; ``version`` is the one whose diagram is shown."""

    definition: str
    version: int
    name: str
    since: datetime
    steps: Sequence[StepTime]


def bottlenecks(store: Store, definition: str, scope: Scope, *, actor: Actor) -> Bottlenecks:
    """Return the times of a family's steps, or raise ``NotFoundError`` when there is no such family."""
    found = _newest(store, definition)
    since = store.now - LOOK_BACK
    times = _times(store, TaskFilter(scope="completed", unit=scope.unit, definition=found.key, done_from=since), actor)
    waiting = _waiting(store, TaskFilter(scope="open", unit=scope.unit, definition=found.key), actor)
    slowest = max((median for _, median, _ in times.values()), default=0.0)
    steps = []
    for element in _human_steps(store, found):
        done, median, p90 = times.get(element.id, (0, None, None))
        heat, told = _heat_of(median, slowest), waiting.get(element.id, {})
        steps.append(StepTime(element.id, element.name or element.id, element.clause, done, median, p90, told, heat))
    return Bottlenecks(found.key, found.version, found.name, since, steps)


def _human_steps(store: Store, definition: Definition) -> Iterable[Element]:
    """Return the human steps of all processes of a bundle; an element that several of them share stands once."""
    processes = store.application.law.bundle(store, definition.id).processes
    own = [processes[definition.key], *(each for key, each in processes.items() if key != definition.key)]
    found: dict[str, Element] = {}
    for process in own:
        for element in process.elements.values():
            if element.type in _HUMAN:
                found.setdefault(element.id, element)
    return found.values()


def _newest(store: Store, key: str) -> Definition:
    """Return the version in force; of a family that is out of force the last one."""
    last = law_rows.definition_version(store, key, law_rows.last_version(store, key))
    return law_rows.active_definition(store, key) or last or law_rows.resolve_definition(store, key)


def _heat_of(median: float | None, slowest: float) -> int:
    if median is None:
        return 0
    return max(1, min(_HEAT, round(_HEAT * median / slowest))) if slowest else 1


def _times(store: Store, wanted: TaskFilter, actor: Actor) -> Mapping[str, tuple[int, float, float]]:
    """Return (tasks, median, ninth decile) by element."""
    seconds = seconds_between(Task.started_at, Task.done_at)
    one = select(
        Task.element_id.label("element"),
        seconds.label("seconds"),
        func.row_number().over(partition_by=Task.element_id, order_by=seconds).label("place"),
        func.count().over(partition_by=Task.element_id).label("number"),
    )
    each = narrowed(_joined(one), wanted, store, actor).subquery()
    middle, ninth = (each.c.number + 1) // 2, (each.c.number * 9 + 9) // 10
    statement = select(
        each.c.element,
        func.max(each.c.number),
        func.max(_at(each, middle)),
        func.max(_at(each, ninth)),
    ).group_by(each.c.element)
    found = store.session.execute(statement)
    return {element: (number, float(median), float(p90)) for element, number, median, p90 in found}


def _at(each: Any, place: ColumnElement[int]) -> ColumnElement[Any]:
    return case((each.c.place == place, each.c.seconds))


def _waiting(store: Store, wanted: TaskFilter, actor: Actor) -> Mapping[str, Mapping[str, int]]:
    light = light_of(Task, store.now).label("light")
    statement = _joined(select(Task.element_id, light, func.count()))
    statement = narrowed(statement, wanted, store, actor).group_by(Task.element_id, light)
    found: dict[str, dict[str, int]] = {}
    for element, key, number in store.session.execute(statement):
        found.setdefault(element, {})[key] = number
    return found


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Task.unit_id)
    )

"""10,000 rows behind a list: what one page of it takes, filtered, sorted and searched, on both databases.

The rows are copies of one real case with one real task each, written in bulk: a person's list reads the same tables
whatever diagram they come from. Every line is the time of the whole use case, access included, for 50 rows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, inspect, select, text, update

from bench.measuring import MILLISECONDS, Result
from bench.town import NOW, Town, build, open_town
from tests import postgres
from workflows.access import Actor
from workflows.queries.case_filters import CaseFilter
from workflows.queries.cases import list_cases
from workflows.queries.copies import list_copies
from workflows.queries.notices import badges
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import list_tasks
from workflows.store import Store
from workflows.tables import Activity, Case, CaseCopy, Deadline, Person, Table, Task, TaskCandidate, TaskStatus, new_id
from workflows.transaction import read
from workflows.transaction import run as transact

AIM = 200.0  # milliseconds
_SUBJECTS = ("责任清单", "问题整改", "谈话提醒", "年度报告", "督查督办")
_SHARES = 2  # as many rows are done as wait
_OTHERS = 2  # … and twice as many are another's, long done
Ask = Callable[[Store], Any]
_Rows = dict[type[Table], list[dict[str, Any]]]


def run(*, pairs: int = 5, rows: int = 10_000) -> Result:
    """Ask each list ``pairs`` times with ``rows`` rows behind it, on SQLite, then on PostgreSQL."""
    result = Result("lists", facts={"rows": rows, "asked": pairs})
    with tempfile.TemporaryDirectory(prefix="zecheng-bench-") as name, postgres.running() as server:
        folder = Path(name)
        server.execute("CREATE DATABASE house")
        for kind, url in (("SQLite", f"sqlite:///{folder / 'house.db'}"), ("PostgreSQL", server.url("house"))):
            measure(url, kind, folder, rows=rows, pairs=pairs, result=result)
    return result


def measure(url: str, kind: str, folder: Path, *, rows: int, pairs: int, result: Result) -> None:
    """Fill a database and measure every list on it."""
    build(url, folder)
    with open_town(url, folder) as town:
        transact(town.application, fill, town.start("m"), actor=town.clerk, rows=rows)
        _analyse(town)
        for name, ask in questions(town.clerk).items():
            read(town.application, ask)  # what is compiled or cached once is no time of the list
            times = []
            for _ in range(pairs):
                began = time.perf_counter()
                read(town.application, ask)
                times.append((time.perf_counter() - began) * MILLISECONDS)
            result.add(f"{kind}, {name}", "ms", times, aim=f"< {AIM:.0f} ms")
        result.facts[f"{kind}: plan of 待办"] = "; ".join(plan(town))


def questions(clerk: Actor) -> Mapping[str, Ask]:
    """Return what is asked of the lists, by what a line calls it."""

    def tasks(**wanted: Any) -> Ask:
        return lambda store: list_tasks(store, TaskFilter(**wanted), actor=clerk)

    def started(**wanted: Any) -> Ask:
        return lambda store: list_cases(store, replace(CaseFilter(started_by_me=True), **wanted), actor=clerk)

    cursors: list[str | None] = []

    def deep(store: Store) -> Any:
        if not cursors:
            cursors.append(list_tasks(store, TaskFilter(), actor=clerk, limit=200).next)
        return list_tasks(store, TaskFilter(), actor=clerk, after=cursors[0])

    return {
        "待办": tasks(),
        "待办, two characters": tasks(text="谈话"),
        "待办, a text of no row": tasks(text="查无"),
        "待办, overdue": tasks(light="overdue"),
        "待办, at most 3 days left, by unit": tasks(left_most=3, sort="unit"),
        "待办, by title": tasks(sort="title"),
        "待办, the fifth page": deep,
        "已办": tasks(scope="done"),
        "已办, two characters": tasks(scope="done", text="整改"),
        "我发起的": started(),
        "我发起的, by limit": started(sort="due"),
        "我发起的, overdue, two characters": started(light="overdue", text="年度"),
        "抄送我的": lambda store: list_copies(store, CaseFilter(), actor=clerk),
        "抄送我的, unread, two characters": lambda store: list_copies(
            store, CaseFilter(text="督办"), actor=clerk, unread=True
        ),
        "counts of the desk": lambda store: badges(store, actor=clerk),
    }


def fill(store: Store, case_id: str, *, actor: Actor, rows: int) -> None:
    """Copy a case with its task: ``rows`` that the actor may claim, ``rows`` that they have done, and those of another.

    All of them were started by, and sent to, whose they are.
    """
    case = store.need(Case, case_id)
    task = store.session.scalars(select(Task).where(Task.case_id == case_id)).one()
    activity = store.need(Activity, task.activity_id)
    deadline = store.session.scalars(select(Deadline).where(Deadline.activity_id == activity.id)).one()
    offer = store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)).first()
    store.session.execute(update(Case).where(Case.id == case_id).values(started_by=actor.person_id))
    made: _Rows = {}
    originals = case, activity, task, deadline, offer
    somebody = store.session.scalars(select(Person.id).where(Person.id != actor.person_id).limit(1)).one()
    for number in range(rows * (_SHARES + _OTHERS)):
        own = number < rows * _SHARES
        _copy(made, number, originals, (actor.person_id or "") if own else somebody, own=own)
    for kind in (Case, Activity, Task, Deadline, TaskCandidate, CaseCopy):
        store.session.execute(insert(kind), made[kind])


def _copy(
    made: dict[type[Table], list[dict[str, Any]]], number: int, rows: tuple[Any, ...], person: str, *, own: bool
) -> None:
    case, activity, task, deadline, offer = rows
    case_id, activity_id, task_id = new_id(), new_id(), new_id()
    due = NOW + timedelta(days=number % 60 - 20, minutes=number % 700)
    is_done = number % _SHARES == 0
    done_at = NOW - timedelta(minutes=number) if is_done else None
    began = {"started_at": NOW - timedelta(minutes=number), "due_at": due, "near_at": due - timedelta(days=3)}
    title = f"望舒区{_SUBJECTS[number % len(_SUBJECTS)]}第{number}件"
    of_case = {"id": case_id, "title": title, "started_at": began["started_at"], "occurrence_id": None}
    by = {"completed_by": person, "status": TaskStatus.COMPLETED} if is_done else {}
    offered = {} if own else {"post_id": None, "person_id": person, "seat_post_id": None}
    ids = {"id": task_id, "case_id": case_id, "activity_id": activity_id}
    for row, more in (
        (case, of_case | {"started_by": person}),
        (activity, {"id": activity_id, "case_id": case_id}),
        (task, ids | began | {"done_at": done_at, **by}),
        (deadline, began | {"id": new_id(), "case_id": case_id, "activity_id": activity_id, "done_at": done_at}),
        (offer, {"id": new_id(), "task_id": task_id} | offered),
    ):
        made.setdefault(type(row), []).append(_values(row) | more)
    made.setdefault(CaseCopy, []).append(
        {
            "id": new_id(),
            "case_id": case_id,
            "task_id": None,
            "person_id": person,
            "sent_by": None,
            "created_at": began["started_at"],
            "read_at": NOW if number % 3 else None,
        }
    )


def _values(row: Table) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def _analyse(town: Town) -> None:
    transact(town.application, lambda store: store.session.execute(text("ANALYZE")))


def plan(town: Town) -> list[str]:
    """Return how the database finds the rows of 待办: the lines of its plan that name an index or a table."""

    def ask(store: Store) -> list[str]:
        engine = store.application.database
        caught: list[tuple[str, Any]] = []

        def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            caught.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        try:
            list_tasks(store, TaskFilter(), actor=town.clerk)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        statement, parameters = caught[-1]
        prefix = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        rows = store.session.connection().exec_driver_sql(prefix + statement, parameters).all()
        return [str(row[-1]).strip() for row in rows]

    lines = read(town.application, ask)
    return [line for line in lines if "INDEX" in line.upper() or "SCAN" in line.upper()]

"""*step*: complete a task through the use case, against the floor of the same rows.

The use case does all that the product does: lock, access check, claim, form, engine, ledger, limits with their ladder
of reminders, BPMN timers, facts, inbox and the begin of the called case. The floor writes the same rows with a bare
driver on a copy of the same database, right after it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bench.floor import Floor, PipelineFloor, PostgresFloor, SqliteFloor, gathered
from bench.measuring import MILLISECONDS, Result, Times, measure
from bench.models import M_STEPS
from bench.recording import Recording, recorded
from bench.town import Town, build, open_town
from tests import postgres


def run(*, pairs: int = 5, cases: int = 12) -> Result:
    """Measure ``pairs`` times ``cases`` cases of M (five tasks each) on SQLite, then on PostgreSQL."""
    result = Result("step", facts={"pairs": pairs, "cases": cases, "tasks a case": len(M_STEPS)})
    with tempfile.TemporaryDirectory(prefix="zecheng-bench-") as name:
        folder = Path(name)
        for database in (_sqlite, _postgresql):
            with database(folder, cases * (pairs + 1)) as (kind, url, copies):
                _measure(result, kind, url, folder, copies, pairs=pairs, cases=cases)
    return result


def _measure(result: Result, kind: str, url: str, folder: Path, copies: list[Floor], *, pairs: int, cases: int) -> None:
    house: list[Times] = []
    shares: list[float] = []
    floors: dict[str, list[float]] = {floor.name: [] for floor in copies}
    with open_town(url, folder) as town:
        waiting = town.open_tasks("Draft")
        for pair in range(pairs + 1):
            batch = waiting[pair * cases : (pair + 1) * cases]
            times, recording = _work(town, batch)
            transactions = [gathered(writes) for writes in recording.transactions]
            floor_times = {floor.name: measure(partial(floor.write, transactions)) for floor in copies}
            if pair == 0:  # the first fills caches on both sides
                _tell_sizes(result, kind, recording, cases)
                continue
            house.append(times.per(cases * len(M_STEPS)))
            for name, spent in floor_times.items():
                floors[name].append(spent.per(cases * len(M_STEPS)).wall * MILLISECONDS)
            shares.append(min(spent.wall for spent in floor_times.values()) / times.wall)
    aim = "≥ 0.50" if kind == "PostgreSQL" else "≥ 0.35"
    result.add(f"{kind}: share of the floor", "×", shares, aim=aim)
    result.add(f"{kind}: use case", "ms a task", [times.wall * MILLISECONDS for times in house])
    result.add(f"{kind}: use case, processor", "ms a task", [times.cpu * MILLISECONDS for times in house])
    for name, values in floors.items():
        result.add(f"{kind}: floor, {name}", "ms a task", values)


def _work(town: Town, drafts: list[str]) -> tuple[Times, Recording]:
    """Complete all tasks of some cases. Finding the tasks is not measured: a person has them before the eyes."""
    total = Times()
    recording = Recording()
    for element, values in M_STEPS.items():
        tasks = drafts if element == "Draft" else town.open_tasks(element)
        with recorded(town.application.database, recording):
            spent = measure(partial(town.complete_all, tasks, values))
        total.wall += spent.wall
        total.cpu += spent.cpu
    return total, recording


def _tell_sizes(result: Result, kind: str, recording: Recording, cases: int) -> None:
    tasks = cases * len(M_STEPS)
    result.facts[f"{kind}: a task"] = {
        "rows": round(recording.rows / tasks, 1),
        "bytes": round(recording.size / tasks),
        "statements of the use case": round(recording.statements / tasks, 1),
        "transactions": round(len(recording.transactions) / tasks, 2),
    }


def _fill(url: str, folder: Path, cases: int) -> None:
    build(url, folder)
    with open_town(url, folder) as town:
        for _ in range(cases):
            town.start("m")


@contextmanager
def _sqlite(folder: Path, cases: int) -> Iterator[tuple[str, str, list[Floor]]]:
    path = folder / "house.db"
    _fill(f"sqlite:///{path}", folder, cases)
    copy = folder / "floor.db"
    shutil.copyfile(path, copy)  # the last connection has closed: nothing is left beside the file
    with closing(SqliteFloor(f"sqlite:///{copy}")) as floor:
        yield "SQLite", f"sqlite:///{path}", [floor]


@contextmanager
def _postgresql(folder: Path, cases: int) -> Iterator[tuple[str, str, list[Floor]]]:
    with postgres.running() as server:
        server.execute("CREATE DATABASE house")
        _fill(server.url("house"), folder, cases)
        copies = ("floor_one_by_one", "floor_pipeline")
        server.execute(*(f"CREATE DATABASE {name} TEMPLATE house" for name in copies))
        floors: list[Floor] = [PostgresFloor(server.url(copies[0])), PipelineFloor(server.url(copies[1]))]
        with closing(floors[0]), closing(floors[1]):
            yield "PostgreSQL", server.url("house"), floors

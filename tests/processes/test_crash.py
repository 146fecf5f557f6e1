"""`kill -9` while a worker completes tasks, fires timers, runs jobs and empties inboxes: nothing lost, nothing twice.

The worker is a real process, forked so that it begins at once; it dies at instants drawn from a seed, again and
again, until another one finds nothing left to do.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from tests.world import CLERK, World, world_at
from workflows.cases import start_case
from workflows.store import people
from workflows.tables import Case, CaseInbox, Job, LedgerEvent, Notice, Task, Timer
from workflows.tasks import Submission

KILLS = 25
_FORK = multiprocessing.get_context("fork")


def work(url: str, folder: Path, at: object, answer: Connection) -> None:
    """Complete whatever is open and let the house run, telling of each completion after its commit."""
    world = world_at(url, folder, at=at)  # type: ignore[arg-type]
    while True:
        world.settle()
        tasks = world.tasks()
        if not tasks:
            answer.send("end")
            os._exit(0)
        for task in tasks:
            values = {"answer": "好"} if task.row.form == "answer" else {}
            task.complete(submission=Submission(values, confirmed_at=world.now, late_reason="重启之后"))
            answer.send(task.id)


def test_a_worker_killed_at_any_instant_loses_nothing_and_doubles_nothing(each_world: World, tmp_path: Path):
    world = each_world
    url, at = world.application.settings.url, world.now + timedelta(hours=2)
    cases = _begin(world)
    world.application.database.dispose()  # no connection is shared with the children
    chance, kills = Random(20260302), 0
    told: set[str] = set()

    while True:
        heard, answer = _FORK.Pipe(duplex=False)
        worker = _FORK.Process(target=work, args=(url, tmp_path, at, answer))
        worker.start()
        answer.close()
        ended = _listen(heard, told, chance if kills < KILLS else None)
        if ended:
            worker.join()
            break
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        kills += 1
        assert worker.exitcode == -signal.SIGKILL

    assert kills >= KILLS // 2
    _sound(world, cases, told)


def _begin(world: World) -> list[str]:
    """Start cases and leave everything after the commit to the workers."""
    world.application.wake = lambda *_: None
    unit = world.read(lambda store: people.need_unit(store, "ws-caizheng").id)
    wanted: list[tuple[str, dict[str, Any]]] = [
        *[("calling", {"subject": "甲"})] * 6,
        *[("timed", {})] * 4,
        *[("telling", {"recipients": "post:经办@unit"})] * 6,
        *[("gathering", {"units": ["ws-caizheng", "ws-zhujian", "yc-caizheng"]})] * 3,
        *[("approval", {})] * 6,
    ]
    actor = world.actor(CLERK)
    return [
        world.run(start_case, definition=key, unit_id=unit, variables=variables, actor=actor).id
        for key, variables in wanted
    ]


def _listen(heard: Connection, told: set[str], chance: Random | None) -> bool:
    """Note what the worker says, of a few completions and some milliseconds, or to its end; return whether it came."""
    left = chance.randint(0, 3) if chance else -1
    while left and (said := heard.recv()) != "end":
        told.add(said)
        left -= 1
    if left:
        return True
    while heard.poll(chance.uniform(0.001, 0.05) if chance else None):
        if (said := heard.recv()) == "end":
            return True
        told.add(said)
    return False


def _sound(world: World, cases: list[str], told: set[str]) -> None:
    assert {world.case(case).status for case in cases} == {"completed"}
    assert {case.status for case in world.rows(Case)} == {"completed"}
    completed = {task.id for task in world.rows(Task) if task.status == "completed"}
    assert told <= completed
    kinds = Counter(row.kind for row in world.rows(LedgerEvent) if row.stream.startswith("case:"))
    assert kinds["task-completed"] == len(completed)
    assert kinds["case-started"] == kinds["case-ended"] == len(world.rows(Case))
    assert {row.result for row in world.rows(CaseInbox)} == {"done"}
    assert {(job.status, job.attempts) for job in world.rows(Job)} == {("done", 1)}
    assert len(world.rows(Notice, kind="message")) == 12  # two clerks for each of six jobs
    assert {(timer.state, timer.firings) for timer in world.rows(Timer)} <= {("fired", 1), ("cancelled", 0)}
    assert len([timer for timer in world.rows(Timer) if timer.state == "fired" and timer.kind == "bpmn"]) == 4 * 4
    assert world.incidents() == []
    world.check()

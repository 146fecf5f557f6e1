"""Random clicking on the shipped families: whatever people do, in whatever order, every invariant holds after it.

Each seed is a story that can be told again. People do what pages offer (and much that is refused); the clock jumps
from due row to due row, so that limits, ladders, escalations and silence happen as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import yaml

from tests.databases import Databases
from tests.world import FLOWADMIN, SHIPPED, SUPERVISOR, Handle, World, open_world
from workflows.access import system_actor
from workflows.cases import cancel_case, resume_case, start_case, suspend_case
from workflows.demo.acts import Act, Worker, WorkError
from workflows.demo.answers import Answers
from workflows.errors import WorkflowError
from workflows.escalations import request_extension
from workflows.handing import stop_clock
from workflows.incidents import retry_incident
from workflows.store import Store, people
from workflows.tables import Case, CaseStatus, Person

STEPS = 60


class Clicker:
    """Draws what happens next, and does it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, Random(seed)
        told = yaml.safe_load((SHIPPED / "demo" / "answers.yaml").read_text(encoding="utf-8"))
        self.worker = Worker(world.application, Answers(told, self.chance), self.chance, told["habits"])
        self.done: Counter[str] = Counter()
        self.acts: list[tuple[int, Callable[[], None]]] = [
            (10, self.complete),
            (4, self.wait),
            (2, self.claim),
            (1, self.release),
            (2, self.give_back),
            (1, self.transfer),
            (1, self.urge),
            (2, self.ask_for_time),
            (1, self.suspend),
            (2, self.resume),
            (1, self.cancel),
            (1, self.stop),
            (1, self.retry),
        ]

    def click(self) -> None:
        weights = [weight for weight, _ in self.acts]
        act = self.chance.choices([act for _, act in self.acts], weights)[0]
        with suppress(WorkflowError, WorkError, IndexError):
            act()
            self.done[act.__name__] += 1
        self.world.settle()

    def task(self) -> Handle:
        return self.chance.choice(self.world.tasks())

    def case(self, status: CaseStatus) -> str:
        found: str = self.chance.choice(self.world.rows(Case, status=status)).id
        return found

    def somebody(self, task: Handle) -> str:
        assignee = task.row.assignee_id
        if assignee is not None:
            return self.world.read(lambda store: store.need(Person, assignee).username or "")
        return self.chance.choice(task.candidates())

    def complete(self) -> None:
        self.worker.do(Act("complete", self.task().id))

    def wait(self) -> None:
        self.world.let_pass(hours=self.chance.choice([1, 12, 24, 72]))

    def claim(self) -> None:
        task = self.task()
        task.claim(self.somebody(task))

    def release(self) -> None:
        task = self.task()
        task.release(self.somebody(task))

    def give_back(self) -> None:
        task = self.task()
        task.give_back(self.chance.choice(["previous", "starter"]), self.somebody(task))

    def transfer(self) -> None:
        task = self.task()
        task.transfer(self.chance.choice(task.candidates()), self.somebody(task))

    def urge(self) -> None:
        self.task().urge(SUPERVISOR)

    def ask_for_time(self) -> None:
        task = self.task()
        self.world.run(
            request_extension,
            task.id,
            ground="等材料",
            reason="等材料",
            workdays=self.chance.randint(0, 12),
            actor=self.world.actor(self.somebody(task)),
        )

    def suspend(self) -> None:
        self.world.run(suspend_case, self.case(CaseStatus.ACTIVE), "等待", actor=self.world.actor(SUPERVISOR))

    def resume(self) -> None:
        self.world.run(resume_case, self.case(CaseStatus.SUSPENDED), actor=self.world.actor(SUPERVISOR))

    def cancel(self) -> None:
        self.world.run(cancel_case, self.case(CaseStatus.ACTIVE), "不办了", actor=self.world.actor(SUPERVISOR))

    def stop(self) -> None:
        days = timedelta(days=self.chance.randint(-2, 5))
        self.world.run(
            stop_clock,
            self.case(CaseStatus.ACTIVE),
            from_at=self.world.now,
            to_at=self.world.now + days,
            ground="补正",
            actor=self.world.actor(SUPERVISOR),
        )

    def retry(self) -> None:
        incident = self.chance.choice(self.world.incidents())
        self.world.run(retry_incident, incident.id, actor=self.world.actor(FLOWADMIN))


def begin(world: World) -> None:
    """A report of a district, two rectifications, and a step that is late already."""

    def start(store: Store) -> None:
        units = {code: people.need_unit(store, code).id for code in ("ws", "ws-caizheng", "yc-jiaoyu")}
        told = {"supervising_unit": "ws", "source_title": "巡察反馈", "source_kind": "inspection"}
        for unit in ("ws-caizheng", "yc-jiaoyu"):
            start_case(
                store, definition="rectification", unit_id=units[unit], variables=told, actor=system_actor("test")
            )
        start_case(
            store, definition="dual_reporting", unit_id=units["ws"], variables={"year": 2026}, actor=system_actor("t")
        )

    world.run(start)
    world.start("approval")
    world.let_pass(days=8)


@pytest.mark.parametrize(("kind", "seed"), [("sqlite", 1), ("sqlite", 2), ("sqlite", 3), ("postgresql", 4)])
def test_whatever_people_click_every_invariant_holds(databases: Databases, tmp_path: Path, kind: str, seed: int):
    with open_world(databases, kind, tmp_path) as world:
        begin(world)
        world.check()
        clicker = Clicker(world, seed)

        for _ in range(STEPS):
            clicker.click()
            world.check()

        assert clicker.done["complete"] > STEPS // 10
        assert len(clicker.done) > 4

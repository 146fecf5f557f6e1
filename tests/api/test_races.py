"""Ten at once, on real PostgreSQL: one wins, the others are told so, and a repeated request has one effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.api.door_scene import INTAKE, Door, Reply, open_door
from workflows.people import assign_post, create_person
from workflows.store import Store
from workflows.tables import Activity, Case, LedgerEvent, Task, TaskStatus

MANY = 10


@pytest.fixture
def busy(postgresql_city: str, tmp_path: Path) -> Iterator[Door]:
    """The city on PostgreSQL, where ten clerks share one post."""
    with open_door(postgresql_city, tmp_path) as door:
        sysadmin = door.city.actor("sysadmin")
        for number in range(MANY):
            code = f"clerk-{number}"
            door.city.run(create_person, code, username=code, name=f"经办{number}", actor=sysadmin)
            door.city.run(assign_post, code, "ws", "经办", actor=sysadmin)
        yield door


def at_once(ask: Callable[[int], Reply]) -> list[Reply]:
    """Ask ten times at the same moment."""
    gate = Barrier(MANY)

    def run(number: int) -> Reply:
        gate.wait()
        return ask(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


def told(answers: list[Reply]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json.get("code", "")) for answer in answers)


def test_of_ten_who_claim_one_task_one_gets_it(busy: Door):
    task_id = busy.task(busy.start(busy.caller("clerk"), "ws")["id"])
    callers = [busy.caller(f"clerk-{number}") for number in range(MANY)]

    answers = at_once(lambda number: callers[number].post(f"/tasks/{task_id}/claim", {}))

    assert told(answers) == {(200, ""): 1, (409, "task-claimed-by-other"): MANY - 1}
    winner = next(answer.json["assignee"] for answer in answers if answer.status_code == 200)
    assert busy.caller("clerk").get(f"/tasks/{task_id}").json["assignee"] == winner


def test_of_ten_who_complete_one_task_one_does(busy: Door):
    case_id = busy.start(busy.caller("clerk"), "ws")["id"]
    task_id = busy.task(case_id)
    callers = [busy.caller(f"clerk-{number}") for number in range(MANY)]

    answers = at_once(lambda number: callers[number].post(f"/tasks/{task_id}/complete", {"variables": INTAKE}))

    assert told(answers) == {(200, ""): 1, (409, "task-completed"): MANY - 1}
    drafts = select(func.count()).where(Activity.case_id == case_id, Activity.element_id == "Draft")
    assert busy.city.read(lambda store: store.session.scalar(drafts)) == 1


def test_one_person_ten_times_with_one_key_has_one_effect_and_one_answer(busy: Door):
    clerk, key = busy.caller("clerk"), {"Idempotency-Key": "the same"}
    body = {"definition": "dual_reporting", "unit": "ws", "variables": {"year": 2026}}
    callers = [busy.caller("clerk") for _ in range(MANY)]

    answers = at_once(lambda number: callers[number].post("/cases", body, headers=key))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert len(clerk.get("/cases").json["items"]) == 1


def test_ten_different_requests_with_one_key_leave_one_effect(busy: Door):
    key = {"Idempotency-Key": "the same"}
    callers = [busy.caller("clerk") for _ in range(MANY)]

    def ask(number: int) -> Reply:
        body = {"definition": "dual_reporting", "unit": "ws", "title": f"第{number}份", "variables": {"year": 2026}}
        return callers[number].post("/cases", body, headers=key)

    answers = at_once(ask)

    assert told(answers) == {(201, ""): 1, (422, "idempotency-conflict"): MANY - 1}
    assert busy.city.read(lambda store: store.session.scalar(select(func.count()).select_from(Case))) == 1


def test_who_completes_and_who_suspends_at_once_leave_a_case_that_adds_up(busy: Door):
    case_id = busy.start(busy.caller("clerk"), "ws")["id"]
    task_id = busy.task(case_id)
    clerk, supervisor = busy.caller("clerk"), busy.caller("supervisor")

    def ask(number: int) -> Reply:
        if number % 2:
            return supervisor.post(f"/cases/{case_id}/suspend", {"reason": "等待"})
        return clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE})

    answers = at_once(ask)

    assert {answer.status_code for answer in answers} <= {200, 409}
    done = sum(answer.status_code == 200 and "element_id" in answer.json for answer in answers)
    assert done <= 1

    def adds_up(store: Store) -> bool:
        task = store.need(Task, task_id)
        completed = select(func.count()).where(
            LedgerEvent.stream == f"case:{case_id}", LedgerEvent.kind == "task-completed"
        )
        return (task.status == TaskStatus.COMPLETED) == (store.session.scalar(completed) == 1) == (done == 1)

    assert busy.city.read(adds_up)

"""Races on PostgreSQL: several people, schedulers and generators at the same instant, each with its own connection.

Threads start behind a barrier. Whoever loses gets a clear answer, and nothing happens twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest

from tests.use_cases.test_start_events import diagram as start_diagram
from tests.world import CLERK, CLERK_2, SUPERVISOR, World
from workflows import external_tasks, inbox, start_events, timers
from workflows.access import system_actor
from workflows.cases import cancel_case
from workflows.definitions import retire_definition
from workflows.duties import generate_all
from workflows.engine.types import FileContent
from workflows.errors import WorkflowError
from workflows.tables import Case, CaseInbox, Occurrence, StartTrigger, Timer
from workflows.tasks import Submission, claim_task, complete_task


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run every act in a thread of its own, all from the same instant; return what came of each: ``ok`` or a code."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        barrier.wait()
        try:
            found = act()
        except WorkflowError as fault:
            return fault.code
        return "no" if found is False else "ok"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_of_ten_people_who_claim_one_task_one_has_it(world: World):
    case = world.start("approval")
    task = world.task("拟稿")
    people = [world.actor(username) for username in (CLERK, CLERK_2)] * 5

    results = Counter(at_once(*(lambda actor=actor: world.run(claim_task, task.id, actor=actor) for actor in people)))

    assert results["task-claimed-by-other"] == 5  # the winner's own five are one claim and four repetitions
    assert results["ok"] == 5
    assert world.kinds(case).count("task-claimed") == 1
    world.check()


@pytest.mark.parametrize("round_", range(3))
def test_of_two_who_complete_one_task_one_does(world: World, round_: int):
    case = world.start("approval")
    task = world.task("拟稿")
    acts = [
        lambda actor=actor: world.run(complete_task, task.id, Submission({"answer": "好"}), actor=actor)
        for actor in map(world.actor, (CLERK, CLERK_2))
    ]

    results = at_once(*acts)

    assert Counter(results)["ok"] == 1
    assert world.names(case) == ["审核"]
    assert world.kinds(case).count("task-completed") == 1
    world.check()


def test_five_schedulers_fire_each_timer_exactly_once(world: World):
    cases = [world.start("timed") for _ in range(6)]
    world.sleep_until(world.now + timedelta(minutes=10))

    at_once(*(lambda: timers.fire_due(world.application) for _ in range(5)))

    fired = [timer for timer in world.rows(Timer) if timer.state == "fired"]
    assert len(fired) == len(cases)
    assert {timer.firings for timer in fired} == {1}
    assert all(world.names(case) == ["提醒", "等待"] for case in cases)
    assert world.incidents() == []
    world.check()


def test_the_same_timer_fired_by_eight_at_once_fires_once(world: World):
    world.start("timed")
    world.sleep_until(world.now + timedelta(hours=1))
    first = min(world.armed(), key=lambda timer: timer.due_at)

    results = at_once(*(lambda: world.run(timers.fire_timer, first.id) for _ in range(8)))

    assert Counter(results) == {"ok": 1, "no": 7}
    world.settle()
    world.check()


def test_of_many_schedulers_one_opens_the_case_of_each_date(world: World):
    cycle = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"
    world.deploy(start_diagram("hourly", f"|{cycle}"))
    world.sleep_until(world.now + timedelta(hours=2))
    (watched,) = world.rows(StartTrigger, process_key="hourly")

    first = at_once(*(lambda: world.run(start_events.fire_start, watched.id) for _ in range(8)))
    at_once(*(lambda: start_events.fire_due(world.application) for _ in range(5)))

    assert Counter(first) == {"ok": 2, "no": 6}  # two dates have come
    assert [case.started_by for case in world.rows(Case, process_key="hourly")] == [None, None]
    world.check()


def test_of_many_workers_one_gets_each_external_task(world: World):
    work = '<startEvent id="s"/><serviceTask id="A" zc:operation="external" zc:topic="math"/>'
    work += '<sequenceFlow id="f" sourceRef="s" targetRef="A"/>'
    opened = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" id="d"'
    content = f'{opened} targetNamespace="urn:t"><process id="ext" isExecutable="true">{work}</process></definitions>'
    world.deploy(FileContent("diagrams/ext/ext.bpmn", content.encode()))
    for _ in range(6):
        world.start("ext")
    got: list[str] = []

    def fetch(worker: str) -> None:
        topics, locks = [external_tasks.Topic("math")], {"math": timedelta(minutes=1)}
        wanted = external_tasks.Fetch(worker, topics, 2, locks, {"math": None})
        got.extend(task.id for task in world.run(external_tasks.fetch_and_lock, wanted, actor=system_actor()))

    at_once(*(lambda name=f"w{number}": fetch(name) for number in range(5)))

    assert len(got) == len(set(got)) == 6
    world.check()


@pytest.mark.parametrize("round_", range(3))
def test_a_version_that_is_taken_out_of_force_starts_before_or_never(world: World, round_: int):
    world.deploy(
        start_diagram("late", "|<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>")
    )
    world.sleep_until(world.now + timedelta(hours=1))
    (watched,) = world.rows(StartTrigger, process_key="late")

    results = at_once(
        lambda: world.run(start_events.fire_start, watched.id),
        lambda: world.run(retire_definition, "late", 1, actor=system_actor()),
    )

    assert results[1] == "ok"
    assert len(world.rows(Case, process_key="late")) == (results[0] == "ok")
    assert world.one(StartTrigger, id=watched.id).state == "dropped"
    assert start_events.fire_due(world.application) == 0


@pytest.mark.parametrize("round_", range(4))
def test_a_completion_and_its_boundary_timer_never_both_win(world: World, round_: int):
    case = world.start("timed")
    task = world.task("等待")
    world.sleep_until(world.now + timedelta(hours=1))
    hour = max(world.armed(case_id=case), key=lambda timer: timer.due_at)

    results = at_once(
        lambda: world.run(complete_task, task.id, Submission({}), actor=world.actor(CLERK)),
        lambda: world.run(timers.fire_timer, hour.id),
    )

    world.settle()
    assert results in (["ok", "no"], ["task-cancelled", "ok"])
    assert task.row.status == ("completed" if results[0] == "ok" else "cancelled")
    assert ("超时处理" in world.names(case)) == (results[1] == "ok")
    world.check()


def test_an_inbox_is_consumed_once_by_eight_at_once(world: World):
    world.application.wake = lambda *_: None
    parents = [world.start("calling", subject=str(number)) for number in range(3)]
    for task in world.tasks("承办工作"):
        task.complete(CLERK, answer="好")

    at_once(*(lambda: inbox.advance_waiting(world.application) for _ in range(8)))

    assert [world.names(parent) for parent in parents] == [["办理结果"]] * 3
    assert {row.result for row in world.rows(CaseInbox)} == {"done"}
    assert world.incidents() == []
    world.check()


def test_a_completion_and_a_cancel_leave_one_story(world: World):
    case = world.start("approval")
    task = world.task("拟稿")

    results = at_once(
        lambda: world.run(complete_task, task.id, Submission({"answer": "好"}), actor=world.actor(CLERK)),
        lambda: world.run(cancel_case, case, "不办了", actor=world.actor(SUPERVISOR)),
    )

    assert results[1] == "ok"
    assert results[0] in {"ok", "task-cancelled"}
    assert world.case(case).status == "cancelled"
    world.check()


def test_all_children_that_end_at_once_are_gathered(world: World):
    parent = world.start("gathering", units=["ws-caizheng", "ws-zhujian", "yc-caizheng", "yc-jiaoyu"])
    acts = [
        lambda task=task, number=number: task.complete(answer=str(number))
        for number, task in enumerate(world.tasks("分办"))
    ]

    results = at_once(*acts)
    world.settle()

    assert results == ["ok"] * 4
    assert world.names(parent) == ["汇总"]
    assert all(row.result == "done" for row in world.rows(CaseInbox, kind="end_child"))
    world.check()


def test_two_generators_make_no_occurrence_twice(world: World):
    world.sleep_until(world.now.replace(month=12, day=20))

    at_once(*(lambda: generate_all(world.application, date(2026, 12, 31), actor=system_actor()) for _ in range(2)))
    world.settle()

    rows = world.rows(Occurrence)
    assert rows
    assert len({(row.duty_id, row.period, row.unit_id) for row in rows}) == len(rows)
    world.check()


def test_nobody_who_loses_every_race_sees_a_fault_of_the_database(world: World):
    """Twenty writers on one case: each is served or told plainly, in whatever order."""
    world.start("approval")
    task = world.task("拟稿")
    acts: Sequence[Callable[[], object]] = [
        (lambda: task.claim(CLERK)) if number % 2 else (lambda: task.release(CLERK)) for number in range(20)
    ]

    results = at_once(*acts)

    assert set(results) <= {"ok", "not-assignee", "task-claimed-by-other", "concurrent-update"}
    world.check()

"""Timers: fired exactly once, in order, held by a suspension, and never in the way of others."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.world import CLERK, FLOWADMIN, SUPERVISOR, World
from workflows import timers
from workflows.cases import cancel_case, resume_case, suspend_case
from workflows.incidents import retry_incident
from workflows.tables import ElementHistory, Timer


def fired(world: World, case: str) -> list[Timer]:
    return world.rows(Timer, case_id=case, state="fired")


def test_nothing_fires_before_its_time(world: World):
    case = world.start("timed")
    world.sleep_until(world.now + timedelta(minutes=10) - timedelta(microseconds=1))

    assert timers.fire_due(world.application) == 0
    assert fired(world, case) == []
    assert not world.run(timers.fire_timer, world.armed(case_id=case)[0].id)


def test_a_cycle_beside_a_step_fires_as_often_as_it_says(world: World):
    case = world.start("timed")

    world.let_pass(minutes=45)

    assert world.names(case) == ["提醒", "提醒", "提醒", "等待"]
    assert sorted(timer.occurrence for timer in fired(world, case)) == [1, 2, 3]
    world.check()


def test_an_interrupting_timer_closes_its_step_and_every_timer_on_it(world: World):
    case = world.start("timed")
    task = world.task("等待")

    world.let_pass(hours=1)

    assert task.row.status == "cancelled"
    assert "超时处理" in world.names(case)
    assert world.armed(case_id=case) == []
    world.check()


def test_completing_a_step_takes_its_timers_back(world: World):
    case = world.start("timed")
    world.task("等待").complete(CLERK)

    assert {timer.state for timer in world.rows(Timer, case_id=case)} == {"cancelled"}
    assert world.let_pass(hours=2) == 0
    assert world.case(case).status == "completed"


def test_asking_again_for_a_fired_timer_does_nothing(world: World):
    case = world.start("timed")
    world.sleep_until(world.now + timedelta(minutes=10))
    (timer,) = [timer for timer in world.armed(case_id=case) if timer.due_at == world.now]

    assert world.run(timers.fire_timer, timer.id) is True
    assert world.run(timers.fire_timer, timer.id) is False

    assert world.one(Timer, id=timer.id).firings == 1
    assert world.names(case) == ["提醒", "等待"]


def test_after_a_downtime_everything_due_fires_once_and_in_order_of_its_date(world: World):
    case = world.start("timed")
    world.sleep_until(world.now + timedelta(minutes=25))

    world.settle()

    rows = sorted(fired(world, case), key=lambda timer: timer.due_at)
    assert [timer.occurrence for timer in rows] == [1, 2]
    entered = sorted(
        (row for row in world.rows(ElementHistory, case_id=case, element_id="Nudge")), key=lambda row: row.seq
    )
    assert len([row for row in entered if row.kind == "completed"]) == 2
    assert all(timer.due_at > world.now for timer in world.armed(case_id=case))
    world.check()


def test_after_a_downtime_a_cycle_catches_up_before_a_later_timer_ends_its_step(world: World):
    case = world.start("timed")
    world.sleep_until(world.now + timedelta(hours=5))

    world.settle()

    assert world.names(case) == ["提醒", "提醒", "提醒", "超时处理"]
    dates = [timer.due_at for timer in sorted(fired(world, case), key=lambda timer: timer.id)]
    assert len(dates) == 4
    world.check()


def test_a_suspension_holds_timers_and_a_resume_fires_them_in_order(world: World):
    case = world.start("timed")
    world.run(suspend_case, case, "等待", actor=world.actor(SUPERVISOR))

    assert world.let_pass(minutes=30) == 0
    assert world.names(case) == ["等待"]
    assert not world.run(timers.fire_timer, world.armed(case_id=case)[0].id)

    world.run(resume_case, case, actor=world.actor(SUPERVISOR))
    world.settle()
    assert world.names(case) == ["提醒", "提醒", "提醒", "等待"]
    world.check()


def test_timers_of_a_cancelled_case_never_fire(world: World):
    case = world.start("timed")
    world.run(cancel_case, case, "不办了", actor=world.actor(SUPERVISOR))

    assert world.let_pass(hours=2) == 0
    assert fired(world, case) == []


def poison(world: World, case: str) -> str:
    """Damage a row as nobody should: its step names nothing that can be read."""
    timer = min(world.armed(case_id=case), key=lambda timer: timer.due_at)
    with world.application.database.begin() as connection:
        connection.execute(text("UPDATE timer SET step = 'poison' WHERE id = :id"), {"id": timer.id})
    return timer.id


def test_a_poison_timer_becomes_an_incident_and_blocks_nobody(world: World, caplog: pytest.LogCaptureFixture):
    bad, good = world.start("timed"), world.start("timed")
    poisoned = poison(world, bad)
    world.sleep_until(world.now + timedelta(minutes=10))

    with caplog.at_level(logging.CRITICAL):
        for _ in range(5):
            timers.fire_due(world.application)

    assert world.names(good) == ["提醒", "等待"]
    (incident,) = world.incidents()
    assert (incident.case_id, incident.code) == (bad, "timer-failed")
    row = world.one(Timer, id=poisoned)
    assert (row.state, row.faults, row.firings) == ("armed", 3, 0)


def test_a_mended_timer_fires_when_its_incident_is_retried(world: World, caplog: pytest.LogCaptureFixture):
    case = world.start("timed")
    step = min(world.armed(case_id=case), key=lambda timer: timer.due_at).step
    poisoned = poison(world, case)
    world.sleep_until(world.now + timedelta(minutes=15))
    with caplog.at_level(logging.CRITICAL):
        for _ in range(5):
            timers.fire_due(world.application)
    with world.application.database.begin() as connection:
        connection.execute(text("UPDATE timer SET step = :step WHERE id = :id"), {"id": poisoned, "step": step})

    (incident,) = world.incidents(case)
    world.run(retry_incident, incident.id, actor=world.actor(FLOWADMIN))
    world.settle()

    assert world.incidents(case) == []
    assert world.names(case) == ["提醒", "等待"]


def test_a_timer_that_fires_at_nothing_is_spent_without_harm(world: World, caplog: pytest.LogCaptureFixture):
    """The row says armed, the state knows nothing of it: it counts as fired, nothing else moves."""
    case = world.start("timed")
    timer = min(world.armed(case_id=case), key=lambda timer: timer.due_at)
    with world.application.database.begin() as connection:
        connection.execute(text("UPDATE timer SET occurrence = 77 WHERE id = :id"), {"id": timer.id})
    world.sleep_until(timer.due_at)

    with caplog.at_level(logging.CRITICAL):
        assert world.run(timers.fire_timer, timer.id) is True

    assert world.incidents() == []
    assert "等待" in world.names(case)

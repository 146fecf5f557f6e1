"""Limits of steps and cases: begun, moved for a reason, told everywhere, closed once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.world import CLERK, OFFICE, SUPERVISOR, World, shanghai
from workflows.cases import start_case
from workflows.deadlines.explanation import Explanation
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.handing import stop_clock
from workflows.store import people
from workflows.tables import Case, Deadline, DeadlineChange, Reminder, StepFact, Timer
from workflows.timers import fire_due


def stop(world: World, case: str, since: datetime, until: datetime, *, as_: str = SUPERVISOR) -> None:
    world.run(stop_clock, case, from_at=since, to_at=until, ground="等待补正材料", actor=world.actor(as_))


def rungs(world: World, deadline_id: str, state: str = "armed") -> dict[str, datetime]:
    found = world.rows(Timer, deadline_id=deadline_id, state=state)
    return {timer.step.split(":")[1]: timer.due_at for timer in found}


def test_a_step_pins_rule_and_calendar_and_can_explain_its_date(world: World):
    world.start("approval")
    deadline = world.task("拟稿").deadline

    assert (deadline.rule, deadline.rule_version, deadline.provisional) == ("five", 1, False)
    assert deadline.due_at == shanghai(2026, 3, 10)  # Tuesday to Monday: the weekend does not count
    assert Explanation.from_data(deadline.explanation).due_at == deadline.due_at
    assert deadline.calendar_version


def test_a_limit_arms_a_ladder_of_rungs(world: World):
    world.start("approval")

    assert rungs(world, world.task("拟稿").deadline.id) == {
        "near": shanghai(2026, 3, 4),
        "day": shanghai(2026, 3, 9),
        "overdue": shanghai(2026, 3, 10),
        "escalate-1": shanghai(2026, 3, 10),
        "escalate-2": shanghai(2026, 3, 17),
        "escalate-3": shanghai(2026, 3, 24),
    }


def test_completing_in_time_takes_the_ladder_back(world: World):
    world.start("approval")
    task = world.task("拟稿").complete(CLERK, answer="好")

    assert task.deadline.done_at == world.now
    assert rungs(world, task.deadline.id) == {}
    assert world.one(StepFact, activity_id=task.row.activity_id).light == "normal"


def test_the_total_limit_of_a_case_never_escalates_by_itself(world: World):
    case = world.start("approval")
    (total,) = world.rows(Deadline, case_id=case, activity_id=None)

    assert set(rungs(world, total.id)) == {"near", "day", "overdue"}
    assert total.due_at == shanghai(2026, 3, 31)


def test_reminders_are_left_for_digests_before_on_and_after_the_last_day(world: World):
    world.start("approval")
    world.let_pass(days=7)

    kinds = [row.kind for row in world.rows(Reminder, person_id=world.actor(CLERK).person_id)]
    assert kinds.count("remind") == 2


# ------------------------------------------------------------------ clock stops


def test_a_clock_stop_moves_running_limits_and_their_ladders(world: World):
    case = world.start("approval")
    before = world.task("拟稿").deadline
    world.let_pass(days=1)
    version = world.task("拟稿").row.row_version

    stop(world, case, shanghai(2026, 3, 4), shanghai(2026, 3, 11))

    after = world.task("拟稿").deadline
    assert after.due_at == shanghai(2026, 3, 17)
    assert world.task("拟稿").row.due_at == after.due_at
    assert world.task("拟稿").row.row_version > version
    assert rungs(world, after.id)["overdue"] == after.due_at
    (change,) = world.rows(DeadlineChange, deadline_id=after.id)
    assert (change.ground, change.before_due_at, change.after_due_at) == ("clock-stop", before.due_at, after.due_at)
    assert world.one(StepFact, activity_id=before.activity_id).moves == 1
    assert {"clock-stopped", "deadline-moved"} <= set(world.kinds(case))
    world.check()


def test_a_step_that_opens_while_the_clock_stands_counts_from_when_it_runs_again(world: World):
    case = world.start("approval")
    stop(world, case, world.now, shanghai(2026, 3, 16))

    world.task("拟稿").complete(CLERK, answer="好")

    deadline = world.task("审核").deadline
    assert deadline.due_at == shanghai(2026, 3, 20)  # three working days after Monday the 16th, when it runs again
    assert Explanation.from_data(deadline.explanation).stops
    world.check()


def test_a_stop_that_has_ended_leaves_later_steps_alone(world: World):
    case = world.start("approval")
    stop(world, case, world.now, shanghai(2026, 3, 4))
    world.let_pass(days=7)

    world.task("拟稿").complete(CLERK, answer="好")

    assert Explanation.from_data(world.task("审核").deadline.explanation).stops == ()


def test_an_event_of_the_diagram_moves_with_the_limit_that_it_keeps(world: World):
    """The boundary timer names the rule of its step: what moves one moves the other."""
    case = world.start("counted")
    stop(world, case, shanghai(2026, 3, 4), shanghai(2026, 3, 11))

    (timer,) = [timer for timer in world.armed(case_id=case) if timer.kind == "bpmn"]
    assert timer.due_at == world.task("答复").deadline.due_at == shanghai(2026, 3, 17)
    world.move_to(shanghai(2026, 3, 16, 23))
    assert world.names(case) == ["答复"]
    world.move_to(shanghai(2026, 3, 17))
    assert world.names(case) == ["期满处理"]
    world.check()


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (shanghai(2026, 3, 5), shanghai(2026, 3, 5)),
        (shanghai(2026, 3, 6), shanghai(2026, 3, 5)),
        (shanghai(2026, 2, 1), shanghai(2026, 3, 5)),
        (shanghai(2026, 3, 5), shanghai(2199, 1, 1)),
    ],
)
def test_a_period_that_is_none_stops_nothing(world: World, since, until):
    case = world.start("approval")
    due = world.task("拟稿").row.due_at

    with pytest.raises(RejectedError) as told:
        stop(world, case, since, until)

    assert told.value.code == "bad-period"
    assert told.value.faults
    assert world.task("拟稿").row.due_at == due


def test_only_who_supervises_stops_a_clock(world: World):
    case = world.start("approval")
    period = shanghai(2026, 3, 4), shanghai(2026, 3, 11)

    with pytest.raises(NotAllowedError):
        stop(world, case, *period, as_=CLERK)
    for username in ("p219", "p203"):
        with pytest.raises(NotFoundError):
            stop(world, case, *period, as_=username)
    stop(world, case, *period, as_="p137")


def test_a_closed_case_has_no_clock_to_stop(world: World):
    case = world.start("branches")
    world.task("监看").complete(CLERK)

    with pytest.raises(WrongStateError):
        stop(world, case, world.now, world.now + timedelta(days=1))


def test_time_stood_still_is_told_apart_in_the_facts(world: World):
    case = world.start("approval")
    stop(world, case, world.now, world.now + timedelta(days=2))
    task = world.task("拟稿")
    world.let_pass(days=3)

    task.complete(CLERK, answer="好")

    assert world.one(StepFact, activity_id=task.row.activity_id).stopped_seconds == 2 * 24 * 3600


# ------------------------------------------------------------------ beyond the announced years


def test_a_limit_beyond_the_announced_year_is_provisional(world: World):
    world.sleep_until(shanghai(2026, 12, 30, 9))
    world.start("approval")

    task = world.task("拟稿")
    assert task.row.provisional
    assert task.deadline.provisional
    assert {timer.provisional for timer in world.rows(Timer, deadline_id=task.deadline.id)} == {True}


# ------------------------------------------------------------------ limits of one case


def test_the_total_limit_heeds_what_was_decided_for_this_case_alone(world: World):
    """A plan gives one unit its days: the variable ``limits`` counts for the whole case from its beginning."""

    def start(store):
        unit = people.need_unit(store, "ws").id
        variables = {"supervising_unit": "yt", "source_title": "问题", "source_kind": "inspection"}
        return start_case(
            store,
            definition="rectification",
            unit_id=unit,
            variables={**variables, "limits": {"total_days": 5}},
            actor=world.actor(SUPERVISOR),
        ).id

    case = world.run(start)

    (total,) = world.rows(Deadline, case_id=case, activity_id=None)
    assert total.due_at == shanghai(2026, 3, 10)  # five days: the 7th is a Saturday, so Monday


def test_ladders_of_done_work_do_nothing(world: World):
    """A completion between the look and the firing: the rung is gone, nobody is bothered."""
    case = world.start("approval")
    world.sleep_until(shanghai(2026, 3, 10))
    world.task("拟稿").complete(CLERK, answer="好")

    fire_due(world.application)

    assert [row.definition_id for row in world.rows(Case)] == [world.case(case).definition_id]
    assert world.names() == ["审核"]
    assert world.task("审核").candidates() == [OFFICE]

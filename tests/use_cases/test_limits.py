"""What administrators see of the law in force and of the running system."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import CLERK, SUPERVISOR, World
from workflows.errors import NotAllowedError, RejectedError
from workflows.queries.limits import list_reminders, list_steps, regions_of_law
from workflows.queries.operations import OVERDUE, TO_COME, health_of, list_timers
from workflows.queries.records import RecordFilter, kinds_of_records, search_records
from workflows.tables import Timer


def test_the_example_of_a_step_is_what_a_running_step_gets(world: World):
    world.start("approval")
    deadline = world.task("拟稿").deadline
    armed = {timer.step.split(":")[1]: timer.due_at for timer in world.rows(Timer, deadline_id=deadline.id)}

    steps = world.run(list_steps, definition="approval")
    (draft,) = [step for step in steps if step.name == "拟稿"]

    assert draft.limit is not None
    assert (draft.limit.due_at, draft.limit.near_at) == (deadline.due_at, deadline.near_at)
    assert {rung.step: rung.at for rung in draft.limit.rungs} == armed
    (family,) = world.run(list_reminders, definition="approval")
    assert draft.limit in family.limits
    assert {step.name for step in world.run(list_steps, definition="approval", q="拟稿")} == {"拟稿"}
    assert all(step.limit is None for step in world.run(list_steps, limited=False))
    assert len(world.run(regions_of_law)) > 1
    with pytest.raises(RejectedError):
        world.run(list_steps, region="nowhere")


def test_the_monitor_tells_what_is_late_and_the_log_is_searched(world: World):
    case = world.start("approval")
    keeper, auditor = world.actor("flowadmin"), world.actor("auditor")
    assert {row.state for row in world.run(list_timers, actor=keeper).items} == {TO_COME}

    world.clock.move_to(world.now + timedelta(days=30))  # and no scheduler runs

    health = world.run(health_of, actor=keeper)
    assert health.late["timer"] > 0
    assert health.waiting["timers_due"] == len(world.run(list_timers, actor=keeper, state=OVERDUE).items) > 0
    assert (health.beats, health.oldest_timer is None) == ((), False)
    for stranger in (CLERK, SUPERVISOR):
        with pytest.raises(NotAllowedError):
            world.run(health_of, actor=world.actor(stranger))
        with pytest.raises(NotAllowedError):
            world.run(search_records, RecordFilter(), actor=world.actor(stranger))
    found = world.run(search_records, RecordFilter(case=case, kind="case-started"), actor=auditor).items
    assert [(row.kind, row.stream) for row in found] == [("case-started", f"case:{case}")]
    assert "case-started" in world.run(kinds_of_records, actor=auditor)
    day = found[0].at.date()
    assert world.run(search_records, RecordFilter(person="a\0"), actor=auditor).items == ()
    assert world.run(search_records, RecordFilter(case=case, until=day - timedelta(days=1)), actor=auditor).items == ()
    assert world.run(search_records, RecordFilter(case=case, since=day, until=day), actor=auditor).items

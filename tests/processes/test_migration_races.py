"""Races on PostgreSQL: a case is worked on, timed and moved by several at the same instant."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tests.processes.test_races import at_once
from tests.use_cases.migration_scene import REASON, edition, order, version
from tests.use_cases.test_migrating_cases import RENAMED
from tests.world import CLERK, World
from workflows import timers
from workflows.migrations import Wish, end_migration, migrate_case, move_due
from workflows.resets import reset_case
from workflows.tables import MigrationCase, Timer
from workflows.tasks import Submission, complete_task


def test_a_task_that_is_completed_while_its_case_moves_is_completed_once_in_one_version(world: World):
    cases = [world.start("approval") for _ in range(4)]
    to = edition(world, "approval", *RENAMED, ('id="Draft"', 'id="Write"'), ('Ref="Draft"', 'Ref="Write"'))
    tasks = {case: world.task("拟稿", case=case).id for case in cases}
    clerk, administrator = world.actor(CLERK), world.actor("flowadmin")
    wish = Wish("approval", 1, to, {})
    acts = [
        act
        for case in cases
        for act in (
            lambda case=case: world.run(complete_task, tasks[case], Submission({"answer": "好"}), actor=clerk),
            lambda case=case: world.run(migrate_case, case, wish, reason=REASON, actor=administrator),
        )
    ]

    results = at_once(*acts)
    world.settle()

    assert results == ["ok"] * len(acts)
    assert {version(world, case) for case in cases} == {to}
    assert [world.names(case) for case in cases] == [["审核"]] * len(cases)
    assert {world.task("审核", case=case).row.element_id for case in cases} == {"Examine"}
    assert all(world.kinds(case).count("task-completed") == 1 for case in cases)
    world.check()


def test_several_schedulers_move_each_case_once_while_timers_fire(world: World):
    cases = [world.start("timed") for _ in range(6)]
    made = order(
        world,
        "timed",
        edition(
            world,
            "timed",
            ('id="Wait"', 'id="Hold"'),
            ('attachedToRef="Wait"', 'attachedToRef="Hold"'),
            ('Ref="Wait"', 'Ref="Hold"'),
        ),
    )
    world.sleep_until(world.now + timedelta(minutes=61))

    movers = [lambda: move_due(world.application)] * 3
    at_once(*movers, *[lambda: timers.fire_due(world.application)] * 3)
    while move_due(world.application):
        pass
    world.settle()

    assert Counter(row.status for row in world.rows(MigrationCase, migration_id=made.id)) == {"moved": len(cases)}
    assert [world.kinds(case).count("case-migrated") for case in cases] == [1] * len(cases)
    assert {timer.firings for timer in world.rows(Timer, state="fired")} == {1}
    assert all(world.names(case).count("超时处理") == 1 for case in cases)
    world.run(end_migration, made.id)
    assert world.ledger("definition:timed").count("migration-ended") == 1
    world.check()


def test_a_case_that_is_reset_and_moved_at_once_is_sound(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    to = edition(world, "approval", *RENAMED)
    administrator = world.actor("flowadmin")
    wish = Wish("approval", 1, to, {})

    results = at_once(
        lambda: world.run(reset_case, case, "Draft", "材料有误", actor=administrator),
        lambda: world.run(migrate_case, case, wish, reason=REASON, actor=administrator),
    )

    assert results == ["ok", "ok"]
    assert (world.names(case), version(world, case)) == (["拟稿"], to)
    world.check()

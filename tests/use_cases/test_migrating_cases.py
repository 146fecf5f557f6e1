"""One case moves to another version of its process: rows, limits, timers, children, notices, refusals, rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.use_cases.migration_scene import REASON, edition, move, moved, version
from tests.world import CLERK, HEAD, OFFICE, World, open_world
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, StaleVersionError, WrongStateError
from workflows.migrations import MigrationRefusedError, Wish, migrate_case
from workflows.queries.cases import case_diagram
from workflows.tables import (
    Activity,
    Case,
    Deadline,
    DeadlineChange,
    LimitChoice,
    MigrationCase,
    Notice,
    StepFact,
    Timer,
    TimerState,
)


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    """On SQLite: what needs row locks stands in ``tests/processes/test_races.py``."""
    with open_world(databases, "sqlite", tmp_path) as opened:
        yield opened


RENAMED = ('id="Review"', 'id="Examine"'), ('Ref="Review"', 'Ref="Examine"')
WITH_STEP = (
    '<sequenceFlow id="f3" sourceRef="Review" targetRef="Approve"/>',
    (
        '<userTask id="Legal" name="合法性审查" zc:owner="post:办公室主任@unit" zc:deadline="three"/>'
        '<sequenceFlow id="f3" sourceRef="Review" targetRef="Legal"/>'
        '<sequenceFlow id="f3b" sourceRef="Legal" targetRef="Approve"/>'
    ),
)
WITHOUT_REVIEW = (
    (
        '<userTask id="Review" name="审核" zc:owner="post:办公室主任@unit" zc:deadline="three"/>',
        "",
    ),
    (
        """<sequenceFlow id="f2" sourceRef="Draft" targetRef="Review"/>
    <sequenceFlow id="f3" sourceRef="Review" targetRef="Approve"/>""",
        '<sequenceFlow id="f2" sourceRef="Draft" targetRef="Approve"/>',
    ),
)


def test_a_case_goes_on_under_the_new_version_with_an_added_step(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    before = world.task("审核").row

    move(world, case, edition(world, "approval", WITH_STEP))

    assert version(world, case) == 2
    task = world.task("审核")
    assert (task.id, task.row.due_at) == (before.id, before.due_at)
    task.complete()
    world.task("合法性审查").complete()
    world.task("审定").complete()
    assert world.case(case).status == "completed"
    world.check()


def test_a_renamed_step_keeps_its_task_its_assignee_and_its_history(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    task = world.task("审核").claim(OFFICE)
    to = edition(world, "approval", *RENAMED)

    move(world, case, to)

    row = world.task("审核").row
    assert (row.id, row.element_id, row.status) == (task.id, "Examine", "claimed")
    assert world.one(StepFact, activity_id=row.activity_id).element_id == "Examine"
    told = world.read(case_diagram, case, actor=world.actor("flowadmin"))
    assert (told.completed["Draft"], told.active) == (1, {"Examine": 1})
    assert '"mapping":{"Review":"Examine"}' in world.told(case)
    task.give_back("Draft", OFFICE)
    world.task("拟稿").complete(answer="二稿")
    again = world.task("审核")
    assert (again.row.element_id, again.attempt) == ("Examine", 2)
    world.check()


def test_what_was_done_under_an_old_name_is_painted_under_the_new_one(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    world.task("审核").complete()

    move(world, case, edition(world, "approval", *RENAMED))

    told = world.read(case_diagram, case, actor=world.actor("flowadmin"))
    assert told.completed == {"Start": 1, "Draft": 1, "Examine": 1}
    world.task("审定").give_back("Examine", HEAD)
    assert world.task("审核").row.element_id == "Examine"


def test_a_case_whose_step_is_gone_is_refused_with_its_reason_and_nothing_is_written(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    before = world.kinds(case)
    to = edition(world, "approval", *WITHOUT_REVIEW)

    with pytest.raises(MigrationRefusedError) as caught:
        move(world, case, to)

    assert (caught.value.code, [found.code for found in caught.value.findings]) == (
        "migration-refused",
        ["migration-element-gone"],
    )
    assert (version(world, case), world.kinds(case), world.rows(MigrationCase)) == (1, before, [])


def test_a_removed_step_that_lies_behind_or_ahead_hinders_nobody(world: World):
    behind, ahead = world.start("approval"), world.start("approval")
    world.task("拟稿", case=behind).complete(answer="初稿")
    world.task("审核", case=behind).complete()
    to = edition(world, "approval", *WITHOUT_REVIEW)

    move(world, behind, to)
    move(world, ahead, to)

    world.task("审定", case=behind).complete()
    world.task("拟稿", case=ahead).complete(answer="初稿")
    world.task("审定", case=ahead).complete()
    assert {world.case(behind).status, world.case(ahead).status} == {"completed"}
    world.check()


def test_limits_stay_as_they_are_unless_they_are_to_be_counted_anew(world: World):
    kept, counted = world.start("approval"), world.start("approval")
    before = world.task("拟稿", case=kept).deadline.due_at
    to = edition(world, "approval", ("amount: 5", "amount: 8"))

    move(world, kept, to)
    move(world, counted, to, limits=LimitChoice.RECOUNT)

    assert world.task("拟稿", case=kept).deadline.due_at == before
    task = world.task("拟稿", case=counted)
    assert (task.deadline.due_at - before).days == 3  # a Thursday instead of a Monday
    assert task.row.due_at == task.deadline.due_at
    changes = world.rows(DeadlineChange, deadline_id=task.deadline.id)
    assert [(change.ground, change.before_due_at) for change in changes] == [("migration", before)]
    assert {"case-migrated", "deadline-moved"} <= set(world.kinds(counted))
    rungs = {timer.due_at for timer in world.armed(kind="ladder", deadline_id=task.deadline.id)}
    assert task.deadline.due_at in rungs
    assert before not in rungs


def test_a_limit_that_only_one_version_names_stops_or_begins_when_counted_anew(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    activity = world.task("审核").row.activity_id
    world.let_pass(hours=1)

    move(world, case, edition(world, "approval", (' zc:deadline="three"', "")), limits=LimitChoice.RECOUNT)

    row = world.task("审核").row
    assert (row.due_at, world.one(Deadline, activity_id=activity).done_at) == (None, world.now)
    assert world.armed(kind="ladder", host_activity_id=activity) == []
    row_of_approve = ('id="Approve" name="审定"', 'id="Approve" name="审定" zc:deadline="three"')
    world.task("审核").complete()
    move(world, case, edition(world, "approval", row_of_approve), limits=LimitChoice.RECOUNT)
    task = world.task("审定")
    assert (task.row.due_at, task.deadline.rule) == (task.deadline.due_at, "three")
    assert world.one(StepFact, activity_id=task.row.activity_id).due_at == task.row.due_at


def test_a_limit_that_runs_by_a_rule_which_is_gone_is_refused_unless_counted_anew(world: World):
    case = world.start("approval")
    to = edition(world, "approval", ("key: five", "key: fife"), ('zc:deadline="five"', 'zc:deadline="fife"'))

    with pytest.raises(MigrationRefusedError) as caught:
        move(world, case, to)
    move(world, case, to, limits=LimitChoice.RECOUNT)

    assert [found.code for found in caught.value.findings] == ["migration-rule-gone"]
    assert world.task("拟稿").deadline.rule == "fife"


def test_timers_fire_once_after_the_move_and_by_the_new_version_where_counted_anew(world: World):
    kept, counted = world.start("timed"), world.start("timed")
    to = edition(world, "timed", ("PT1H", "PT2H"), ('id="Wait"', 'id="Hold"'), ('Ref="Wait"', 'Ref="Hold"'))

    move(world, kept, to)
    move(world, counted, to, limits=LimitChoice.RECOUNT)

    world.let_pass(minutes=61)
    assert world.names(kept).count("超时处理") == 1
    assert world.names(counted).count("等待") == 1
    world.let_pass(minutes=60)
    assert world.names(counted).count("超时处理") == 1
    fired = world.rows(Timer, state=TimerState.FIRED, kind="bpmn")
    assert {timer.firings for timer in fired} == {1}
    assert sorted(timer.case_id for timer in fired).count(kept) == 4  # three reminders and the end
    world.check()


def test_a_border_that_waits_for_something_else_is_armed_anew_and_one_that_is_gone_is_called_off(world: World):
    case = world.start("timed")
    to = edition(
        world,
        "timed",
        (
            "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
            '<messageEventDefinition messageRef="m"/>',
        ),
        ('  <process id="timed"', '  <message id="m" name="够了"/>\n  <process id="timed"'),
    )

    move(world, case, to)
    assert [timer.state for timer in world.rows(Timer, case_id=case) if timer.step.startswith("|Hour")] == ["cancelled"]
    move(world, case, edition(world, "timed", ("PT10M", "PT11M")))

    world.let_pass(minutes=61)
    assert world.names(case).count("超时处理") == 1
    world.check()


def test_whoever_holds_a_step_that_changed_is_told_and_a_changed_owner_takes_it(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    world.task("审核").claim(OFFICE)
    to = edition(
        world, "approval", ('name="审核" zc:owner="post:办公室主任@unit"', 'name="审查" zc:owner="post:书记@unit"')
    )

    move(world, case, to)

    task = world.task("审查")
    assert (task.row.status, task.candidates()) == ("open", [HEAD])
    told = [notice for notice in world.rows(Notice, case_id=case) if notice.kind == "case-migrated"]
    assert {notice.person_id for notice in told} == {world.actor(who).person_id for who in (OFFICE, HEAD)}
    assert told[0].content["changed"] == ["审查"]


def test_a_step_that_is_the_same_in_both_versions_bothers_nobody(world: World):
    case = world.start("approval")

    move(world, case, edition(world, "approval", WITH_STEP))

    assert [notice.kind for notice in world.rows(Notice, case_id=case)] == []


def test_called_cases_keep_their_version_unless_asked_for(world: World):
    alone, together = world.start("calling", subject="甲"), world.start("calling", subject="乙")
    to = edition(world, "calling", ('name="承办工作"', 'name="承办事项"'))

    move(world, alone, to)
    asked = move(world, together, to, with_children=True)
    found = moved(world, asked.migration)

    assert [version(world, each) for each in (alone, world.child(alone).id)] == [2, 1]
    assert [version(world, each) for each in (together, world.child(together).id)] == [2, 2]
    assert set(found.values()) == {"moved"}
    world.task("承办工作").complete(answer="好")
    world.task("承办事项").complete(answer="好")
    assert world.names() == ["办理结果", "办理结果"]
    world.check()


@pytest.mark.parametrize(
    ("who", "fault"), [(CLERK, NotAllowedError), ("sysadmin", NotFoundError), ("supervisor", NotAllowedError)]
)
def test_only_who_administers_processes_at_the_unit_may_move_a_case(world: World, who, fault):
    case = world.start("approval")
    to = edition(world, "approval", WITH_STEP)

    with pytest.raises(fault):
        world.run(migrate_case, case, Wish("approval", 1, to, {}), reason=REASON, actor=world.actor(who))


def test_a_move_needs_a_reason_two_versions_and_names_that_are_there(world: World):
    case = world.start("approval")
    to = edition(world, "approval", WITH_STEP)
    actor = world.actor("flowadmin")

    for wish, reason, pointer in (
        (Wish("approval", 1, to, {}), "  ", "/reason"),
        (Wish("approval", 1, 1, {}), REASON, "/from"),
        (Wish("approval", 1, to, {"Nothing": "Draft"}), REASON, "/mapping/Nothing"),
        (Wish("approval", 1, to, {"Draft": "Nowhere"}), REASON, "/mapping/Draft"),
    ):
        with pytest.raises(RejectedError) as caught:
            world.run(migrate_case, case, wish, reason=reason, actor=actor)
        assert [fault.pointer for fault in caught.value.faults] == [pointer]
    with pytest.raises(StaleVersionError):
        move(world, case, to, expected_version=99)
    with pytest.raises(NotFoundError):
        move(world, case, 9)
    with pytest.raises(WrongStateError):
        world.run(migrate_case, case, Wish("approval", to, 1, {}), reason=REASON, actor=actor)  # 1 is retired
    assert version(world, case) == 1


def test_two_ids_may_be_exchanged(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    to = edition(
        world,
        "approval",
        ('id="Review" name="审核"', 'id="X" name="审核"'),
        ('id="Approve" name="审定"', 'id="Review" name="审定"'),
        ('id="X" name="审核"', 'id="Approve" name="审核"'),
        ('targetRef="Review"', 'targetRef="Y"'),
        ('sourceRef="Review" targetRef="Approve"', 'sourceRef="Approve" targetRef="Review"'),
        ('targetRef="Y"', 'targetRef="Approve"'),
        ('sourceRef="Approve" targetRef="End"', 'sourceRef="Review" targetRef="End"'),
    )

    move(world, case, to, mapping={"Review": "Approve", "Approve": "Review"})

    assert world.task("审核").row.element_id == "Approve"
    world.task("审核").complete()
    world.task("审定").complete()
    assert world.case(case).status == "completed"
    assert len(world.rows(Activity, case_id=case)) == 3
    assert world.rows(Case, status="active") == []
    world.check()

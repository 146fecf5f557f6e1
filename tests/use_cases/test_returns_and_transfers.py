"""Handing work around: return, transfer, urge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import CLERK, CLERK_2, HEAD, OFFICE, SUPERVISOR, World
from workflows.access import system_actor
from workflows.errors import NotAllowedError, RejectedError, WrongStateError
from workflows.handing import return_task
from workflows.people import set_clearance
from workflows.tables import Activity, Deadline, Notice, Person, StepFact, Task


def test_a_return_opens_a_new_attempt_with_a_limit_of_its_own(world: World):
    case = world.start("approval")
    first = world.task("拟稿").complete(CLERK, answer="好")
    world.let_pass(days=2)

    world.task("审核").give_back("previous", OFFICE)

    again = world.task("拟稿")
    assert again.id != first.id
    assert again.attempt == 2
    assert again.deadline.started_at == world.now
    assert again.deadline.due_at > first.deadline.due_at
    assert [row.status for row in world.rows(Activity, case_id=case, element_id="Review")] == ["returned"]
    world.check()


def test_a_direct_return_skips_what_lies_between_and_keeps_one_open_step(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    review = world.task("审核")

    world.run(return_task, review.id, "Draft", "请补充", actor=world.actor(OFFICE), direct=True)
    assert world.names(case) == ["拟稿"]
    world.task("拟稿").complete(CLERK, answer="更好")

    assert world.names(case) == ["审核"]
    assert world.task("审核").id != review.id
    assert world.task("审核").deadline.started_at == world.now
    world.check()


def test_the_total_limit_runs_on_through_a_return(world: World):
    case = world.start("approval")
    (total,) = world.rows(Deadline, case_id=case, activity_id=None)
    world.task("拟稿").complete(CLERK, answer="好")
    world.let_pass(days=3)
    world.task("审核").give_back("previous", OFFICE)

    (after,) = world.rows(Deadline, case_id=case, activity_id=None)
    assert (after.started_at, after.due_at, after.done_at) == (total.started_at, total.due_at, None)


def test_returned_work_can_be_done_again_to_the_end(world: World):
    case = world.start("approval")
    for _ in range(3):
        world.task("拟稿").complete(CLERK, answer="好")
        world.task("审核").give_back("Draft", OFFICE)
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").complete(OFFICE)
    world.task("审定").complete(HEAD)

    assert world.case(case).status == "completed"
    assert [row.attempt for row in world.rows(Activity, case_id=case, element_id="Draft")] == [1, 2, 3, 4]
    assert len(world.rows(StepFact, case_id=case, element_id="Draft")) == 4
    world.check()


def test_to_the_starter_goes_to_the_first_step(world: World):
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").complete(OFFICE)

    world.task("审定").give_back("starter", HEAD)

    assert world.names() == ["拟稿"]


def test_previous_is_the_step_just_before(world: World):
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").complete(OFFICE)

    world.task("审定").give_back("previous", HEAD)

    assert world.names() == ["审核"]


def test_previous_passes_over_steps_of_other_branches(world: World):
    """Of two branches, the one that was finished last need not lie on the path of the step that is sent back."""
    world.start("approval")
    case = world.start("branches")
    world.task("左", case=case).complete(CLERK)

    with pytest.raises(RejectedError) as told:
        world.task("右", case=case).give_back("previous", CLERK)

    assert told.value.code == "not-a-return-target"
    assert world.names(case) == ["右", "监看"]
    world.check()


def test_a_return_over_a_join_takes_back_what_followed(world: World):
    case = world.start("branches")
    world.task("左", case=case).complete(CLERK)
    world.task("右", case=case).complete(CLERK)
    assert world.names(case) == ["汇总", "监看"]

    world.task("汇总", case=case).give_back("Left", CLERK)

    assert world.names(case) == ["左", "监看"]
    world.task("左", case=case).complete(CLERK)
    assert world.names(case) == ["汇总", "监看"]
    world.check()


@pytest.mark.parametrize("target", ["previous", "starter", "Draft", "Approve", "Nowhere", "", "Start"])
def test_the_first_step_cannot_be_returned(world: World, target):
    world.start("approval")

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").give_back(target, CLERK)

    assert [fault.pointer for fault in told.value.faults] == ["/target"]
    assert world.task("拟稿").row.status == "open"


def test_only_who_works_on_a_task_returns_it(world: World):
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")

    with pytest.raises(NotAllowedError):
        world.task("审核").give_back("previous", SUPERVISOR)


def test_the_reason_of_a_return_is_sealed(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")

    world.task("审核").give_back("previous", OFFICE, reason="附件三的金额不对")

    assert "金额" not in world.told(case)
    assert "task-returned" in world.kinds(case)


def test_a_transferred_task_waits_for_its_receiver_only(world: World):
    case = world.start("approval")
    task = world.task("拟稿").claim(CLERK)
    due = task.row.due_at

    task.transfer(CLERK_2, CLERK)

    assert (task.row.status, task.row.assignee_id, task.candidates()) == ("open", None, [CLERK_2])
    assert task.row.due_at == due
    assert "task-transferred" in world.kinds(case)
    assert "分工" not in world.told(case)
    task.claim(CLERK_2).complete(CLERK_2, answer="好")
    world.check()


def test_the_receiver_of_a_transfer_is_told(world: World):
    world.start("approval")
    receiver = world.one(Person, username=CLERK_2)

    world.task("拟稿").transfer(CLERK_2, CLERK)

    assert [notice.kind for notice in world.rows(Notice, person_id=receiver.id)] == ["task-transferred"]


@pytest.mark.parametrize("to", ["p219", "p137"])
def test_work_is_not_transferred_out_of_the_unit(world: World, to):
    world.start("approval")

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").transfer(to, CLERK)

    assert told.value.code == "not-a-colleague"
    assert world.task("拟稿").candidates() == [CLERK, CLERK_2]


def test_secret_work_is_not_transferred_to_whoever_may_not_see_it(world: World):
    world.run(_clear, CLERK, "confidential")
    case = world.start("secret", as_=CLERK)

    with pytest.raises(RejectedError) as told:
        world.task("涉密办理", case=case).transfer(CLERK_2, CLERK)

    assert told.value.code == "not-cleared"


def _clear(store, username, level):
    person = store.session.query(Person).filter_by(username=username).one()
    set_clearance(store, person.code, level, actor=system_actor("test"))


def test_a_supervisor_may_transfer_what_is_not_claimed_or_held_by_another(world: World):
    world.start("approval")
    task = world.task("拟稿").claim(CLERK)

    task.transfer(CLERK_2, SUPERVISOR)

    assert task.candidates() == [CLERK_2]


def test_urging_tells_everybody_who_can_act(world: World):
    case = world.start("approval")

    world.task("拟稿").urge(SUPERVISOR)

    people = {notice.person_id for notice in world.rows(Notice)}
    assert people == {world.one(Person, username=name).id for name in (CLERK, CLERK_2)}
    assert "task-urged" in world.kinds(case)
    assert "抓紧" not in world.told(case)


def test_urging_a_claimed_task_tells_its_assignee_only(world: World):
    world.start("approval")
    world.task("拟稿").claim(CLERK).urge(SUPERVISOR)
    world.clock.move_to(world.now + timedelta(minutes=1))
    world.task("拟稿").urge(CLERK)  # the starter may, too

    assert [notice.person_id for notice in world.rows(Notice)] == [world.one(Person, username=CLERK).id] * 2


def test_neither_colleague_nor_closed_task_is_urged(world: World):
    world.start("approval")
    task = world.task("拟稿")
    with pytest.raises(NotAllowedError):
        task.urge(CLERK_2)
    task.complete(CLERK, answer="好")

    with pytest.raises(WrongStateError):
        task.urge(SUPERVISOR)

    assert world.rows(Task, status="open")

"""Claim, release, complete: what a person may do with a task, and what is refused without a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import CLERK, CLERK_2, FLOWADMIN, HEAD, OFFICE, SUPERVISOR, World, shanghai
from workflows.cases import cancel_case, suspend_case
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, StaleVersionError, WrongStateError
from workflows.tables import SealedValue, Signature, StepFact
from workflows.tasks import Submission


def test_a_task_is_offered_to_every_holder_of_its_post(world: World):
    world.start("approval")

    assert world.task("拟稿").candidates() == [CLERK, CLERK_2]
    assert world.task("拟稿").row.unit_id == world.case(world.task("拟稿").row.case_id).unit_id


def test_the_first_to_claim_has_it_and_the_second_is_told(world: World):
    world.start("approval")
    world.task("拟稿").claim(CLERK)

    with pytest.raises(WrongStateError) as told:
        world.task("拟稿").claim(CLERK_2)

    assert told.value.code == "task-claimed-by-other"
    assert world.task("拟稿").row.row_version == 2


def test_claiming_ones_own_again_changes_nothing(world: World):
    case = world.start("approval")
    task = world.task("拟稿").claim(CLERK)
    before = task.row.row_version

    task.claim(CLERK)

    assert task.row.row_version == before
    assert world.kinds(case).count("task-claimed") == 1


def test_a_released_task_can_be_claimed_by_another(world: World):
    world.start("approval")
    task = world.task("拟稿").claim(CLERK).release(CLERK).claim(CLERK_2)

    assert task.row.assignee_id is not None
    with pytest.raises(NotAllowedError) as told:
        task.release(CLERK)
    assert told.value.code == "not-assignee"


def test_whoever_may_not_see_a_task_does_not_find_it(world: World):
    world.start("approval")

    with pytest.raises(NotFoundError) as told:
        world.task("拟稿").claim("p219")

    assert told.value.code == "task-not-found"


def test_a_supervisor_sees_a_task_but_may_not_do_it(world: World):
    world.start("approval")

    with pytest.raises(NotAllowedError) as told:
        world.task("拟稿").complete(SUPERVISOR, answer="好")

    assert told.value.code == "not-candidate"
    assert world.names() == ["拟稿"]


def test_completing_hands_the_work_to_the_next_step(world: World):
    case = world.start("approval")

    world.task("拟稿").complete(CLERK, answer="好", amount=3)

    assert world.names(case) == ["审核"]
    assert world.task("审核").candidates() == [OFFICE]
    world.check()


def test_a_step_nobody_else_may_do_cannot_be_done_by_the_one_before(world: World):
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")

    with pytest.raises((NotAllowedError, NotFoundError)):
        world.task("审核").complete(CLERK)

    assert world.names() == ["审核"]


def test_completing_a_task_twice_is_a_conflict(world: World):
    case = world.start("approval")
    task = world.task("拟稿").complete(CLERK, answer="好")

    with pytest.raises(WrongStateError) as told:
        task.complete(CLERK, answer="再好")

    assert told.value.code == "task-completed"
    assert world.kinds(case).count("task-completed") == 1
    world.check()


def test_completing_what_another_has_claimed_is_not_allowed(world: World):
    world.start("approval")
    task = world.task("拟稿").claim(CLERK_2)

    with pytest.raises(NotAllowedError) as told:
        task.complete(CLERK, answer="好")

    assert told.value.code == "not-assignee"


def test_a_stale_version_changes_nothing(world: World):
    world.start("approval")
    task = world.task("拟稿")
    version = task.row.row_version
    task.claim(CLERK)

    with pytest.raises(StaleVersionError):
        task.complete(CLERK, version=version, answer="好")

    assert world.names() == ["拟稿"]


def test_a_task_of_a_suspended_case_waits(world: World):
    case = world.start("approval")
    world.run(suspend_case, case, "等待批复", actor=world.actor(SUPERVISOR))

    for act in (lambda: world.task("拟稿").claim(CLERK), lambda: world.task("拟稿").complete(CLERK, answer="好")):
        with pytest.raises(WrongStateError) as told:
            act()
        assert told.value.code == "case-suspended"


def test_a_task_of_a_cancelled_case_is_closed(world: World):
    case = world.start("approval")
    task = world.task("拟稿").claim(CLERK)
    world.run(cancel_case, case, "重复", actor=world.actor(SUPERVISOR))

    with pytest.raises(WrongStateError) as told:
        task.complete(CLERK, answer="好")

    assert told.value.code == "task-cancelled"
    world.check()


def test_a_finished_case_takes_no_more_work(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    review = world.task("审核").complete(OFFICE)
    world.task("审定").complete(HEAD)

    with pytest.raises(WrongStateError):
        review.complete(OFFICE)

    assert (world.case(case).status, world.case(case).outcome) == ("completed", "completed")
    assert world.kinds(case)[-1] == "case-ended"
    world.check()


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({}, "/variables/answer", None),
        ({"answer": "好", "stranger": 1}, "/variables/stranger", "field-unknown"),
        ({"answer": 7}, "/variables/answer", None),
        ({"answer": "长" * 21}, "/variables/answer", None),
        ({"answer": "好", "amount": "三"}, "/variables/amount", None),
        ({"answer": ["好"]}, "/variables/answer", None),
    ],
)
def test_wrong_values_are_named_and_nothing_changes(world: World, values, pointer, code):
    case = world.start("approval")
    version = world.case(case).row_version

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").complete(CLERK, **values)

    assert [fault.pointer for fault in told.value.faults] == [pointer]
    assert code is None or told.value.faults[0].code == code
    assert world.task("拟稿").row.status == "open"
    assert world.case(case).row_version == version
    assert world.kinds(case) == ["case-started"]


def test_a_step_without_a_form_takes_no_values(world: World):
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")

    with pytest.raises(RejectedError) as told:
        world.task("审核").complete(OFFICE, verdict="同意")

    assert [(fault.pointer, fault.code) for fault in told.value.faults] == [("/variables/verdict", "unknown-field")]


def test_every_faulty_field_is_told_at_once(world: World):
    world.start("approval")
    submission = Submission({"amount": "三"}, comment="字" * 4001)

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").complete(CLERK, submission=submission)

    assert {fault.pointer for fault in told.value.faults} == {"/variables/answer", "/variables/amount", "/comment"}


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_late_work_needs_a_reason(world: World, reason):
    world.start("approval")
    world.let_pass(days=10)

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").complete(CLERK, submission=Submission({"answer": "好"}, late_reason=reason))

    assert [fault.pointer for fault in told.value.faults] == ["/late_reason"]


def test_late_work_is_taken_and_sealed_as_late(world: World):
    case = world.start("approval")
    world.let_pass(days=10)

    task = world.task("拟稿").complete(
        CLERK, submission=Submission({"answer": "好"}, late_reason="台风停工三天", comment="请领导过目")
    )

    assert world.one(SealedValue, id=task.row.late_reason_id).value == "台风停工三天"
    assert world.one(StepFact, activity_id=task.row.activity_id).light == "overdue"
    assert "task-late" in world.kinds(case)
    assert "台风" not in world.told(case)
    assert "过目" not in world.told(case)
    world.check()


def test_a_reason_of_lateness_has_a_longest_length(world: World):
    world.start("approval")
    world.let_pass(days=10)

    with pytest.raises(RejectedError) as told:
        world.task("拟稿").complete(CLERK, submission=Submission({"answer": "好"}, late_reason="雨" * 4001))

    assert [(fault.pointer, fault.code) for fault in told.value.faults] == [("/late_reason", "too-long")]


def test_work_in_time_is_not_sealed_as_late(world: World):
    case = world.start("approval")

    task = world.task("拟稿").complete(CLERK, submission=Submission({"answer": "好"}, late_reason="其实不迟"))

    assert task.row.late_reason_id is None
    assert "task-late" not in world.kinds(case)


def test_the_last_instant_before_the_limit_is_in_time(world: World):
    world.start("approval")
    due = world.task("拟稿").deadline.due_at
    world.sleep_until(due - timedelta(microseconds=1))

    task = world.task("拟稿").complete(CLERK, submission=Submission({"answer": "好"}))

    assert due == shanghai(2026, 3, 10)
    assert task.row.done_at is not None
    assert task.row.done_at < due


def test_a_signed_step_needs_a_fresh_password_and_leaves_a_signature(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").complete(OFFICE)

    with pytest.raises(NotAllowedError) as told:
        world.task("审定").complete(HEAD, submission=Submission({}))
    assert told.value.code == "confirmation-required"
    with pytest.raises(NotAllowedError):
        world.task("审定").complete(HEAD, submission=Submission({}, confirmed_at=world.now - timedelta(hours=2)))
    world.task("审定").complete(HEAD)

    assert len(world.rows(Signature, case_id=case)) == 1
    assert "signed" in world.kinds(case)


def test_an_attachment_of_another_case_is_refused(world: World):
    world.start("approval")

    with pytest.raises((RejectedError, NotFoundError)):
        world.task("拟稿").complete(CLERK, submission=Submission({"answer": "好"}, attachments=["0" * 22]))

    assert world.names() == ["拟稿"]


def test_the_ledger_names_fields_but_no_values(world: World):
    case = world.start("approval")

    world.task("拟稿").complete(CLERK, answer="内部数字八千")

    assert '"fields":["answer"]' in world.told(case)
    assert "八千" not in world.told(case)


def test_the_administrator_of_processes_does_no_work_of_others(world: World):
    world.start("approval")

    with pytest.raises((NotFoundError, NotAllowedError)):
        world.task("拟稿").complete(FLOWADMIN, answer="好")

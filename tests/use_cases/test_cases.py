"""Cases: start, suspend, resume, cancel, messages, child cases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import CLERK, FLOWADMIN, SUPERVISOR, UNIT, World, values_of
from workflows.cases import cancel_case, deliver_message, resume_case, start_case, suspend_case
from workflows.errors import NotAllowedError, NotFoundError, StaleVersionError, WorkflowError, WrongStateError
from workflows.store import people
from workflows.tables import Case, CaseInbox, ElementHistory, SealedValue, Subscription, Timer


def suspend(world: World, case: str, **more: Any) -> None:
    world.run(suspend_case, case, "等待上级批复", actor=world.actor(SUPERVISOR), **more)
    world.settle()


def resume(world: World, case: str) -> None:
    world.run(resume_case, case, actor=world.actor(SUPERVISOR))
    world.settle()


def cancel(world: World, case: str) -> None:
    world.run(cancel_case, case, "重复立项", actor=world.actor(SUPERVISOR))
    world.settle()


# ------------------------------------------------------------------ starting


def test_a_case_pins_its_definition_and_begins_with_its_first_step(world: World):
    case = world.case(world.start("approval"))

    assert (case.status, case.process_key, case.classification) == ("active", "approval", "internal")
    assert case.title == "望舒区财政局·三步审批"
    assert world.names(case.id) == ["拟稿"]
    assert world.kinds(case.id) == ["case-started"]
    world.check()


def test_history_is_written_in_order_for_the_diagram(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")

    rows = sorted(world.rows(ElementHistory, case_id=case), key=lambda row: row.seq)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert world.case(case).history_seq == len(rows)
    assert {row.element_id for row in rows if row.kind == "completed"} >= {"Start", "Draft"}


@pytest.mark.parametrize("username", ["p219", "p137"])
def test_a_case_is_started_only_by_who_belongs_to_the_unit_or_governs_it(world: World, username):
    """The secretary of the district supervises it and may; a clerk of another district may not."""
    if username == "p137":
        assert world.start("approval", as_=username)
        return
    with pytest.raises(NotAllowedError) as told:
        world.start("approval", as_=username)
    assert told.value.code == "not-of-this-unit"
    assert world.rows(Case) == []


@pytest.mark.parametrize("definition", ["nowhere", "approval:99", "approval:x", "", ":", "approval:"])
def test_an_unknown_definition_is_not_found(world: World, definition):
    with pytest.raises(NotFoundError) as told:
        world.start(definition)

    assert told.value.code == "definition-not-found"


def test_an_unknown_unit_is_not_found(world: World):
    with pytest.raises(NotFoundError):
        world.run(start_case, definition="approval", unit_id="0" * 22, actor=world.actor(CLERK))


def test_a_variable_that_is_no_plain_data_is_refused(world: World):
    with pytest.raises(WorkflowError):
        world.start("approval", bad=object())

    assert world.rows(Case) == []


# ------------------------------------------------------------------ suspending


def test_suspending_seals_its_reason_and_resuming_lets_work_go_on(world: World):
    case = world.start("approval")
    suspend(world, case)
    assert world.case(case).status == "suspended"
    assert "批复" not in world.told(case)

    resume(world, case)

    world.task("拟稿").complete(CLERK, answer="好")
    assert world.kinds(case)[1:3] == ["case-suspended", "case-resumed"]
    world.check()


def test_suspending_twice_or_resuming_what_runs_is_a_conflict(world: World):
    case = world.start("approval")
    with pytest.raises(WrongStateError) as told:
        resume(world, case)
    assert told.value.code == "case-active"
    suspend(world, case)
    with pytest.raises(WrongStateError) as told:
        suspend(world, case)
    assert told.value.code == "case-suspended"


def test_only_who_governs_a_unit_holds_its_cases(world: World):
    case = world.start("approval")

    with pytest.raises(NotAllowedError):
        world.run(suspend_case, case, "试试", actor=world.actor(CLERK))
    for username in ("p219", "p203"):  # a clerk and a secretary of another district
        for act in (suspend_case, cancel_case):
            with pytest.raises(NotFoundError) as told:
                world.run(act, case, "试试", actor=world.actor(username))
            assert told.value.code == "case-not-found"
    assert world.case(case).status == "active"


def test_a_stale_version_holds_nothing(world: World):
    case = world.start("approval")
    version = world.case(case).row_version
    world.task("拟稿").complete(CLERK, answer="好")

    with pytest.raises(StaleVersionError):
        suspend(world, case, expected_version=version)

    assert world.case(case).status == "active"


def test_no_clock_stops_while_a_case_is_suspended(world: World):
    case = world.start("approval")
    due = world.task("拟稿").row.due_at
    suspend(world, case)
    world.let_pass(days=3)
    resume(world, case)

    assert world.task("拟稿").row.due_at == due


def test_children_are_suspended_and_resumed_with_their_parent(world: World):
    parent = world.start("calling", subject="甲")
    child = world.child(parent).id

    suspend(world, parent)
    assert world.case(child).status == "suspended"
    with pytest.raises(WrongStateError):
        world.task("承办工作").complete(CLERK, answer="好")

    resume(world, parent)
    assert world.case(child).status == "active"
    world.task("承办工作").complete(CLERK, answer="好")
    world.settle()
    assert world.names(parent) == ["办理结果"]
    world.check()


def test_a_child_that_was_suspended_for_itself_stays_so_when_its_parent_is_resumed(world: World):
    parent = world.start("calling", subject="甲")
    child = world.child(parent).id
    suspend(world, child)

    suspend(world, parent)
    resume(world, parent)

    assert world.case(child).status == "suspended"
    resume(world, child)
    assert world.case(child).status == "active"
    world.check()


# ------------------------------------------------------------------ cancelling


def test_cancelling_closes_everything_that_waits(world: World):
    case = world.start("approval")
    cancel(world, case)

    assert (world.case(case).status, world.case(case).outcome) == ("cancelled", "cancelled")
    assert world.names(case) == []
    assert world.armed(case_id=case) == []
    assert "重复" not in world.told(case)
    with pytest.raises(WrongStateError) as told:
        cancel(world, case)
    assert told.value.code == "case-cancelled"
    world.check()


def test_a_suspended_case_can_be_cancelled(world: World):
    parent = world.start("calling", subject="甲")
    suspend(world, parent)

    cancel(world, parent)

    assert [case.status for case in world.rows(Case)] == ["cancelled", "cancelled"]
    world.check()


def test_a_child_of_a_cancelled_case_refuses_work_until_it_is_cancelled_itself(world: World):
    """The cancel of the child waits in its inbox: 撤销中."""
    parent = world.start("calling", subject="甲")
    world.application.wake = lambda *_: None
    world.run(cancel_case, parent, "不办了", actor=world.actor(SUPERVISOR))

    with pytest.raises(WrongStateError) as told:
        world.task("承办工作").complete(CLERK, answer="好")
    assert told.value.code == "case-cancelling"

    world.settle()
    assert world.child(parent).status == "cancelled"
    world.check()


def test_a_case_that_never_began_can_be_cancelled(world: World):
    parent = world.start("calling", subject="甲")
    world.application.wake = lambda *_: None
    unbegun = _child_without_beginning(world)

    world.run(cancel_case, unbegun, "不办了", actor=world.actor(SUPERVISOR))
    world.settle()

    assert (world.case(unbegun).status, world.case(unbegun).state) == ("cancelled", b"")
    assert world.case(parent).status == "active"
    world.check()


def _child_without_beginning(world: World) -> str:
    def start(store):
        unit = people.need_unit(store, UNIT)
        return start_case(store, definition="calling", unit_id=unit.id, variables={"subject": "乙"}, actor=actor)

    actor = world.actor(CLERK)
    return world.child(world.run(start).id).id


# ------------------------------------------------------------------ messages


def test_a_message_reaches_the_case_that_waits_for_it(world: World):
    case = world.start("asking")
    assert [row.name for row in world.rows(Subscription, case_id=case)] == ["回执"]

    world.run(deliver_message, case, "回执", {"by": "邮局"}, actor=world.actor(FLOWADMIN))

    assert world.names(case) == ["收到之后"]
    assert world.rows(Subscription, case_id=case) == []
    assert values_of(world, case)["by"] == "邮局"
    world.check()


def test_a_message_nobody_waits_for_is_a_conflict(world: World):
    case = world.start("asking")
    for name in ("别的", ""):
        with pytest.raises(WrongStateError) as told:
            world.run(deliver_message, case, name, {}, actor=world.actor(FLOWADMIN))
        assert told.value.code == "message-not-expected"
    world.run(deliver_message, case, "回执", {}, actor=world.actor(FLOWADMIN))
    with pytest.raises(WrongStateError):
        world.run(deliver_message, case, "回执", {}, actor=world.actor(FLOWADMIN))


# ------------------------------------------------------------------ after everything


def test_values_are_sealed_beside_the_ledger_and_can_be_found_there(world: World):
    case = world.start("approval")
    suspend(world, case)
    resume(world, case)
    cancel(world, case)

    assert {value.value for value in world.rows(SealedValue)} == {"等待上级批复", "重复立项"}
    assert world.rows(Timer, case_id=case, state="armed") == []
    assert world.rows(CaseInbox, consumed_at=None) == []
    world.check()

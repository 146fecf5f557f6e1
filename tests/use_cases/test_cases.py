"""Cases: start, suspend, resume, cancel, messages, child cases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import CLERK, CLERK_2, FLOWADMIN, HEAD, SUPERVISOR, UNIT, World, values_of
from workflows.cases import cancel_case, deliver_message, resume_case, start_case, suspend_case
from workflows.errors import NotAllowedError, NotFoundError, StaleVersionError, WorkflowError, WrongStateError
from workflows.store import people
from workflows.tables import Activity, Case, CaseInbox, ElementHistory, Person, SealedValue, Subscription, Timer


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


# ------------------------------------------------------------------ children


def test_a_call_starts_a_case_of_its_own_with_what_was_mapped_only(world: World):
    parent = world.start("calling", subject="甲", secret="不传")
    child = world.child(parent)

    assert (child.process_key, child.parent_case_id, child.root_case_id) == ("called", parent, parent)
    assert dict(values_of(world, child.id)) == {"subject": "甲"}
    assert world.names(parent) == []
    assert world.names(child.id) == ["承办工作"]
    world.check()


def test_what_a_child_gives_back_comes_out_of_the_call(world: World):
    parent = world.start("calling", subject="甲")

    world.task("承办工作").complete(CLERK, answer="办妥")
    world.settle()

    assert world.child(parent).status == "completed"
    assert values_of(world, parent)["told"] == "办妥"
    world.task("办理结果").complete(CLERK)
    assert world.case(parent).status == "completed"
    world.check()


def test_an_error_of_a_child_goes_the_way_of_the_boundary(world: World):
    parent = world.start("calling", subject="甲")

    world.task("承办工作").complete(CLERK, answer="失败")
    world.settle()

    assert world.child(parent).outcome == "error(failed)"
    assert world.names(parent) == ["补救"]
    assert world.incidents() == []
    world.check()


def test_an_uncaught_error_ends_parent_and_child_and_leaves_an_incident_with_an_owner(world: World):
    parent = world.start("calling", subject="甲")

    world.task("承办工作").complete(CLERK, answer="意外")
    world.settle()

    assert (world.case(parent).status, world.case(parent).outcome) == ("completed", "error(surprise)")
    (incident,) = world.incidents()
    assert (incident.case_id, incident.code, incident.owner_role) == (parent, "error-uncaught", "flowadmin")
    world.check()


def test_a_call_for_attention_opens_a_step_beside_the_running_child(world: World):
    parent = world.start("calling", subject="甲")

    world.task("承办工作").complete(CLERK, answer="关注")
    world.settle()

    assert world.names() == sorted(["关注", "再办"])
    world.task("再办").complete(CLERK)
    world.settle()
    world.task("关注").complete(CLERK)
    world.task("办理结果").complete(CLERK)
    assert world.case(parent).status == "completed"
    world.check()


def test_each_unit_of_a_list_gets_a_case_and_completing_one_touches_no_other(world: World):
    parent = world.start("gathering", units=["ws-caizheng", "ws-zhujian", "yc-caizheng"])
    children = world.rows(Case, parent_case_id=parent)
    versions = {child.id: child.row_version for child in children}
    parent_version = world.case(parent).row_version

    first = world.tasks("分办")[0]
    world.application.wake = lambda *_: None
    first.complete(answer="一")

    after = {child.id: child.row_version for child in world.rows(Case, parent_case_id=parent)}
    changed = {key for key, version in after.items() if version != versions[key]}
    assert changed == {first.row.case_id}
    assert world.case(parent).row_version == parent_version
    assert sorted(len(each.candidates()) > 0 for each in world.tasks("分办")) == [True, True]


def test_the_answers_of_all_units_come_together(world: World):
    parent = world.start("gathering", units=["ws-caizheng", "ws-zhujian", "yc-caizheng"])
    for number, task in enumerate(world.tasks("分办")):
        task.complete(answer=f"第{number}")
        world.settle()

    assert world.names() == ["汇总"]
    assert sorted(values_of(world, parent)["answers"]) == ["第0", "第1", "第2"]
    world.task("汇总").complete(CLERK)
    assert world.case(parent).status == "completed"
    world.check()


def test_a_list_of_no_units_goes_straight_on(world: World):
    parent = world.start("gathering", units=[])

    assert world.names(parent) == ["汇总"]
    assert world.rows(Case, parent_case_id=parent) == []


def test_a_unit_that_does_not_exist_is_an_incident_of_its_own_case_only(world: World):
    parent = world.start("gathering", units=["ws-caizheng", "nowhere"])

    assert [incident.code for incident in world.incidents()] == ["no-candidate"]
    assert world.incidents()[0].case_id != parent
    assert len(world.tasks("分办")) == 2
    world.check()


def test_cancelling_the_parent_cancels_every_child(world: World):
    parent = world.start("gathering", units=["ws-caizheng", "ws-zhujian"])
    world.tasks("分办")[0].complete(answer="一")
    world.settle()

    cancel(world, parent)

    assert sorted(child.status for child in world.rows(Case, parent_case_id=parent)) == ["cancelled", "completed"]
    world.check()


def test_a_terminate_end_closes_the_other_branches(world: World):
    case = world.start("branches")

    world.task("监看").complete(CLERK)

    assert world.case(case).status == "completed"
    assert sorted(row.status for row in world.rows(Activity, case_id=case) if row.name) == [
        "cancelled",
        "cancelled",
        "completed",
    ]
    world.check()


def test_a_child_inherits_the_classification_of_its_parent(world: World):
    for username in (CLERK, CLERK_2, HEAD):
        world.run(clear, username)
    parent = world.start("secret")
    world.task("涉密办理").complete(CLERK)
    world.settle()

    child = world.child(parent)
    assert (world.case(parent).classification, child.classification) == ("confidential", "confidential")
    assert world.task("附办工作").candidates() == [CLERK, CLERK_2]
    world.check()


def test_work_that_nobody_is_cleared_for_is_an_incident(world: World):
    case = world.start("secret")

    assert [incident.code for incident in world.incidents(case)] == ["no-candidate"]
    with pytest.raises(NotFoundError):
        world.task("涉密办理").claim(CLERK)


def clear(store, username):
    person = store.session.query(Person).filter_by(username=username).one()
    person.clearance = "confidential"


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

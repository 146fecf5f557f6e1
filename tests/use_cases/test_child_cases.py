"""Child cases: calls and repeated scopes, each a case of its own."""

from __future__ import annotations

import pytest

from tests.world import CLERK, CLERK_2, HEAD, SUPERVISOR, World, values_of
from workflows.access import system_actor
from workflows.cases import cancel_case
from workflows.engine.types import FileContent
from workflows.errors import NotFoundError
from workflows.people import set_clearance
from workflows.tables import Activity, Case, Incident, Person


def cancel(world: World, case: str) -> None:
    world.run(cancel_case, case, "重复立项", actor=world.actor(SUPERVISOR))
    world.settle()


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


def test_an_escalation_that_interrupts_the_call_ends_the_child_where_it_was_thrown(world: World):
    parent = world.start("halting", subject="甲")
    child = world.child(parent)

    world.application.wake = lambda *_: None  # nobody has told the parent yet
    world.task("承办工作").complete(CLERK, answer="关注")
    opened = [row.element_id for row in world.rows(Activity, case_id=child.id)]

    assert (world.child(parent).status, world.names(child.id)) == ("cancelled", [])
    assert "More" not in opened
    world.settle()
    assert world.names() == ["关注"]
    assert world.incidents() == []
    world.task("关注").complete(CLERK)
    assert world.case(parent).status == "completed"
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
    set_clearance(store, person.code, "confidential", actor=system_actor("test"))


SELF_CALLING = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d_endless" targetNamespace="urn:zecheng:tests">
  <process id="endless" name="自己调用自己" isExecutable="true">
    <startEvent id="Start"/>
    <callActivity id="Again" name="再来一次" calledElement="endless"/>
    <endEvent id="End"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Again"/>
    <sequenceFlow id="f2" sourceRef="Again" targetRef="End"/>
  </process>
</definitions>
"""


def test_a_process_that_calls_itself_stops_behind_an_incident(world: World):
    world.deploy(FileContent("endless.bpmn", SELF_CALLING.encode()))

    root = world.start("endless")
    world.settle()

    family = [case for case in world.rows(Case) if root in {case.id, case.root_case_id}]
    incidents = [incident for incident in world.rows(Incident) if incident.code == "case-family-too-large"]
    assert len(family) == world.application.settings.most_call_depth
    assert [incident.element_id for incident in incidents] == ["Again"]

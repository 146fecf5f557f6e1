"""一案双查 through the use cases: two tracks, one fact base, one gate, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Databases
from tests.use_cases.accountability_scene import (
    FACT,
    HOUSE,
    PDF,
    bring_leader,
    bring_person,
    concluded,
    decide,
    decided,
    deliberate,
    do,
    execute,
    holder,
    matter,
    opened,
    outcome_of,
    pass_check,
    registration,
    serve,
    track,
)
from tests.world import CLERK, HEAD, SUPERVISOR, World, open_world, values_of
from workflows.access import system_actor
from workflows.cases import cancel_case, start_case
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.evidence import add_attachment, receive_file
from workflows.incidents import retry_incident
from workflows.queries.cases import case_events
from workflows.shared_facts import add_fact, revise_fact
from workflows.store import people
from workflows.tables import Case, OpenedFact, Person, SharedFact, Track
from workflows.tracks import reopen_track


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    """The city on SQLite: what databases do differently is tried where two act at once (tests/processes)."""
    with open_world(databases, "sqlite", tmp_path) as opened_world:
        yield opened_world


def test_a_matter_opened_by_hand_is_named_when_its_subject_is_known(world: World):
    case = matter(world)
    unnamed = world.case(case).title
    do(world, "登记", case, **registration(world))

    events = world.read(case_events, case, actor=system_actor("test")).items
    titled = [event.content for event in events if event.kind == "case-titled"]
    assert world.case(case).title == "一案双查：财政局违规支出"
    assert titled == [{"from": unnamed, "to": "一案双查：财政局违规支出"}]
    world.check()


def test_a_title_that_was_given_stays(world: World):
    unit = world.read(lambda store: people.need_unit(store, HOUSE).id)
    actor = system_actor("test")
    given = world.run(start_case, definition="accountability", unit_id=unit, title="专案一", variables={}, actor=actor)
    case = given.id
    world.settle()
    do(world, "登记", case, **registration(world))

    assert world.case(case).title == "专案一"
    assert "case-titled" not in world.kinds(case)


def test_a_matter_goes_its_whole_way(world: World):
    case = decided(world)
    for name in (CLERK, HEAD):
        own = outcome_of(world, case, name)
        serve(world, own)
        execute(world, own)
    world.let_pass(days=31)  # nobody objects

    told = {"archive_no": "2026-1", "archive_list": "卷一", "dossier": "yes", "archived_on": "2026-04-20"}
    do(world, "归档", case, **told)

    assert (world.case(case).status, world.case(case).outcome) == ("completed", "completed")
    assert [row["objection"] for row in values_of(world, case)["outcome_results"]] == ["没有申诉", "没有申诉"]
    assert values_of(world, case)["contradictions"] == []
    assert {row.classification for row in world.rows(Case)} == {"confidential"}
    assert world.incidents() == []
    world.check()


def test_neither_track_ends_before_the_other_has_a_conclusion(world: World):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)

    assert world.case(person).status == "active"
    assert world.names(person) == []
    leader = bring_leader(world, case)
    assert world.case(person).status == "active"
    pass_check(world, leader)

    assert (world.case(person).status, world.case(leader).status) == ("completed", "completed")
    assert world.names(case) == ["集体审议"]
    assert "tracks-released" in world.kinds(case)
    world.check()


def test_a_concluded_track_can_be_opened_again_until_its_twin_has_concluded(world: World):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)
    head = world.actor(holder(world, HOUSE, "书记"))

    world.run(reopen_track, person, "证据不足", actor=head)
    world.settle()

    assert world.names(person) == ["调查取证"]
    leader = bring_leader(world, case)
    pass_check(world, leader)
    assert world.case(leader).status == "active"  # the twin is open again
    bring_person(world, case)
    pass_check(world, person)
    assert {world.case(each).status for each in (person, leader)} == {"completed"}
    with pytest.raises(WrongStateError) as told:
        world.run(reopen_track, person, "再查", actor=head)
    assert told.value.code == "tracks-released"
    world.check()


def test_what_has_no_conclusion_cannot_be_opened_again(world: World):
    case = opened(world)
    head = world.actor(holder(world, HOUSE, "书记"))

    with pytest.raises(WrongStateError) as told:
        world.run(reopen_track, track(world, case, "leader"), "再查", actor=head)
    assert told.value.code == "track-not-concluded"
    with pytest.raises(NotFoundError):
        world.run(reopen_track, case, "再查", actor=head)
    clerk = world.actor(holder(world, HOUSE, "经办"))
    with pytest.raises(NotAllowedError):
        world.run(reopen_track, track(world, case, "person"), "再查", actor=clerk)


def test_a_cancelled_track_keeps_its_twin_waiting_until_it_is_begun_anew(world: World):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)
    leader = track(world, case, "leader")

    world.run(cancel_case, leader, "立案对象有误", actor=world.actor(holder(world, HOUSE, "书记")))
    world.settle()

    assert world.case(person).status == "active"
    (incident,) = world.incidents(case)
    assert (incident.code, incident.element_id) == ("child-cancelled", "LeaderTrack")
    world.run(retry_incident, incident.id, actor=world.actor("flowadmin"))
    world.settle()
    again = bring_leader(world, case)
    assert again != leader
    pass_check(world, again)
    assert world.names(case) == ["集体审议"]
    world.check()


def test_one_track_sees_at_once_what_the_other_found(world: World):
    case = opened(world)
    person = bring_person(world, case, new_facts=[{"title": "另有两笔", "statement": "补充调查发现。"}])
    leader = bring_leader(world, case)

    assert [row["title"] for row in values_of(world, leader)["findings"]] == [FACT["title"], "另有两笔"]
    rows = world.rows(SharedFact)
    assert [(row.number, row.version, row.from_case_id) for row in rows] == [(1, 1, case), (2, 1, person)]
    clerk = world.one(Person, username=holder(world, HOUSE, "经办"))
    assert [row.entered_by for row in rows] == [clerk.id, clerk.id]  # who registered it, not who approved it


def test_facts_are_entered_and_revised_by_hand_in_versions(world: World):
    case = opened(world)
    clerk = world.actor(holder(world, HOUSE, "经办"))
    leader = track(world, case, "leader")

    world.run(add_fact, track(world, case, "person"), title="第二项", statement="经过。", actor=clerk)
    world.run(revise_fact, case, 2, title="第二项（更正）", statement="更正后的经过。", version=1, actor=clerk)

    assert [(row.number, row.version) for row in world.rows(SharedFact)] == [(1, 1), (2, 1), (2, 2)]
    with pytest.raises(WrongStateError) as told:
        world.run(revise_fact, case, 2, title="旧", statement="旧", version=1, actor=clerk)
    assert told.value.code == "fact-revised"
    with pytest.raises(NotFoundError):
        world.run(revise_fact, leader, 9, title="无", statement="无", version=1, actor=clerk)
    with pytest.raises(RejectedError) as refused:
        world.run(add_fact, case, title=" ", statement="", actor=clerk)
    assert sorted(fault.pointer for fault in refused.value.faults) == ["/statement", "/title"]
    world.check()


def test_who_is_no_party_to_the_work_enters_no_facts(world: World):
    case = opened(world)

    with pytest.raises(NotFoundError):
        world.run(add_fact, case, title="甲", statement="乙", actor=world.actor(CLERK))  # the person concerned
    with pytest.raises(NotFoundError):
        world.run(add_fact, case, title="甲", statement="乙", actor=world.actor("p162"))
    with pytest.raises(NotAllowedError):
        world.run(add_fact, case, title="甲", statement="乙", actor=world.actor(SUPERVISOR))


def test_contradicting_conclusions_must_be_answered(world: World):
    case = opened(world)
    pass_check(world, bring_person(world, case, finding="untrue", liability="none"))
    pass_check(world, bring_leader(world, case))

    found = [row["code"] for row in values_of(world, case)["contradictions"]]
    assert found == ["facts_opposed", "leader_without_person"]
    with pytest.raises(RejectedError) as told:
        deliberate(world, case)
    assert [fault.pointer for fault in told.value.faults] == ["/variables/contradiction_reply"]
    deliberate(world, case, contradiction_reply="采信领导一查：凭证齐全。")
    assert world.names(case) == ["处理决定"]


def test_work_sent_back_by_the_deliberation_is_a_further_round_on_the_same_facts(world: World):
    case = concluded(world)
    first = track(world, case, "person")

    deliberate(world, case, "resume")

    assert track(world, case, "person") != first
    assert world.names() == ["倒查取证", "调查取证"]
    assert len(world.rows(SharedFact)) == 1
    for own in (bring_person(world, case), bring_leader(world, case)):
        pass_check(world, own)
    assert world.names(case) == ["集体审议"]
    assert len(world.rows(Track)) == 4


def test_a_decision_sent_back_is_deliberated_again(world: World):
    case = concluded(world)
    deliberate(world, case)

    decide(world, case, "return")

    assert world.names(case) == ["集体审议"]


def test_an_objection_is_reviewed_by_who_did_not_decide_and_may_change_it(world: World):
    case = concluded(world)
    deliberate(world, case)
    decide(world, case, as_=holder(world, "ws", "书记"))
    own = outcome_of(world, case, CLERK)
    serve(world, own)
    told = {"objected_on": "2026-03-20", "objected_to": "measure", "objection_text": "处分过重。"}
    do(world, "等候和登记申诉", own, **told)

    review = world.task("复核", case=own)
    with pytest.raises(NotAllowedError) as refused:
        review.claim(holder(world, "ws", "书记"))
    assert refused.value.code == "recused"
    values = {"reviewed_on": "2026-03-25", "review_outcome": "changed", "review_note": "情节较轻。"}
    do(world, "复核", own, as_=holder(world, "yt-jw", "书记"), **values, review_signature=True)
    changed = {"corrected_measure": "talk", "corrected_note": "改为谈话提醒。", "corrected_no": "望纪更〔2026〕1号"}
    do(world, "变更决定", own, **changed, correct_signature=True)
    execute(world, own)

    assert world.case(own).status == "completed"
    assert values_of(world, own)["objection_result"] == "申诉，变更原决定"
    world.check()


def test_one_fact_opens_one_case(world: World):
    first = opened(world)
    second = matter(world)

    do(world, "登记", second, **registration(world))

    assert world.case(second).status == "completed"
    assert [row.case_id for row in world.rows(OpenedFact)] == [first]
    assert values_of(world, second)["registered"] == {"first": False, "case": first}
    world.check()


@pytest.mark.parametrize(
    ("told", "step"),
    [
        ({"matter_kind": "corruption", "amount": 300}, "立案审批"),
        ({"matter_kind": "corruption", "amount": 60}, "上级决定是否立案"),
        ({"matter_kind": "corruption", "amount": 1, "severity": "light"}, "不予立案审核"),
        ({"matter_kind": "misconduct", "months": 24, "spread": 5}, "上级决定是否立案"),
    ],
)
def test_the_trigger_is_judged_by_the_table(world: World, told: dict[str, object], step: str):
    case = matter(world)

    do(world, "登记", case, **registration(world, **told))

    assert world.names(case) == [step]


def test_a_matter_may_be_refused_with_its_reason_or_passed_up(world: World):
    case = matter(world)
    do(world, "登记", case, **registration(world, matter_kind="other", severity="light"))
    do(world, "不予立案审核", case, refuse_outcome="ask_higher", refuse_note="请上级定。")
    do(world, "上级决定是否立案", case, ask_outcome="not_open", ask_note="不够条件。", ask_signature=True)

    assert world.case(case).status == "completed"
    assert world.incidents() == []


def test_the_usual_decider_who_is_examined_is_left_out(world: World):
    head = holder(world, "ws", "书记")
    case = opened(world, leaders=[world.code(HEAD), world.code(head)])
    for own in (bring_person(world, case), bring_leader(world, case)):
        pass_check(world, own)
    deliberate(world, case)

    task = world.task("处理决定", case=case)
    with pytest.raises(NotFoundError):
        task.claim(head)
    decide(world, case, as_=holder(world, "ws", "副书记"))
    assert world.case(case).status == "active"


def test_a_leader_found_in_the_middle_loses_their_step(world: World):
    case = opened(world)
    deputy = holder(world, HOUSE, "副书记")
    person = bring_person(world, case)
    check = world.task("审核结论", case=person).claim(deputy)

    plan: dict[str, Any] = {"leader_plan": "发现分管领导。", "new_facts": [], "more_leaders": [world.code(deputy)]}
    do(world, "倒查取证", track(world, case, "leader"), **plan)

    assert (check.row.status, check.row.assignee_id) == ("open", None)
    with pytest.raises(NotFoundError):
        check.claim(deputy)
    check.claim(holder(world, HOUSE, "书记"))
    world.check()


def test_a_late_track_is_escalated_and_the_parties_learn_nothing_of_it(world: World):
    case = opened(world)
    world.let_pass(days=45)

    escalations = [row for row in world.rows(Case) if row.process_key == "escalation"]
    assert escalations
    assert all(row.classification == "confidential" and row.recuses for row in escalations)
    with pytest.raises(NotFoundError):
        world.run(add_fact, case, title="甲", statement="乙", actor=world.actor(HEAD))
    world.check()


def test_a_decision_to_hold_accountable_opens_a_matter_of_its_own(world: World):
    late = world.start("rectification", unit="ws", as_=None, supervising_unit="yt", source_title="审计指出的问题")
    world.let_pass(days=10)
    escalation = next(row for row in world.rows(Case, process_key="escalation"))
    variables = values_of(world, escalation.id)
    held = [{"person": "某局局长", "duty_kind": "leader", "measure": "circular", "facts": "长期失管"}]
    while world.names(escalation.id) != ["问责"]:
        (task,) = world.tasks(case=escalation.id)
        if task.row.element_id == "Statement":
            world.let_pass(days=1)
            continue
        points = {"outcome": "accountability", "accountability_points": "逾期不办", "note": "问责。"}
        do(world, task.row.name, escalation.id, **points)
    task = world.task("问责", case=escalation.id)
    actor = world.actor(task.candidates()[0])
    file = world.run(
        add_attachment,
        escalation.id,
        file=receive_file(world.application, name="决定.pdf", content=PDF),
        actor=actor,
    )
    told = {"double_check": "yes", "double_check_reason": "长期失管", "accountability_on": "2026-03-20"}
    signed: dict[str, Any] = {"accountability_files": [file.id], "accountability_signature": True}
    do(world, "问责", escalation.id, held=held, **told, **signed)

    opened_matter = next(row for row in world.rows(Case, process_key="accountability"))
    assert world.case(escalation.id).status == "completed"
    assert world.names(opened_matter.id) == ["登记"]
    assert values_of(world, opened_matter.id)["fact_key"] == f"督办:{variables['source_deadline']}"
    assert opened_matter.unit_id == world.read(lambda store: people.need_unit(store, "yt-jw").id)
    assert world.case(late).status == "active"
    assert world.incidents() == []

"""一案双查 on PostgreSQL: both conclude at once, one is opened again or cancelled meanwhile, a crash between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.processes.test_races import at_once
from tests.use_cases.accountability_scene import (
    HOUSE,
    bring_leader,
    bring_person,
    do,
    holder,
    matter,
    opened,
    pass_check,
    registration,
    track,
)
from tests.world import World
from workflows import inbox, jobs
from workflows.cases import cancel_case
from workflows.shared_facts import add_fact, revise_fact
from workflows.tables import OpenedFact, SharedFact, Track
from workflows.tasks import Submission, complete_task
from workflows.tracks import reopen_track

PASSED = {"check_outcome": "pass", "check_note": "证据充分。", "check_signature": True}


def checks(world: World, *tracks: str) -> list[Callable[[], object]]:
    """What completes the check of each track."""
    acts: list[Callable[[], object]] = []
    for own in tracks:
        task = world.task("审核结论", case=own)
        actor = world.actor(task.candidates()[0])
        submission = Submission(PASSED, confirmed_at=world.now)
        acts.append(partial(world.run, complete_task, task.id, submission, actor=actor))
    return acts


def test_both_conclude_at_once_and_both_end(world: World):
    case = opened(world)
    tracks = bring_person(world, case), bring_leader(world, case)

    assert at_once(*checks(world, *tracks)) == ["ok", "ok"]
    at_once(*(lambda: jobs.run_due(world.application) for _ in range(4)))
    at_once(*(lambda: inbox.advance_waiting(world.application) for _ in range(4)))
    world.settle()

    assert [world.case(own).status for own in tracks] == ["completed", "completed"]
    assert world.kinds(case).count("tracks-released") == 1
    assert world.names(case) == ["集体审议"]
    assert world.incidents() == []
    world.check()


def test_a_crash_between_conclusion_and_release_is_made_up_for(world: World):
    case = opened(world)
    tracks = bring_person(world, case), bring_leader(world, case)
    world.application.wake = lambda *_: None  # whoever woke the main case has died
    for act in checks(world, *tracks):
        act()
    jobs.run_due(world.application)

    assert [world.case(own).status for own in tracks] == ["active", "active"]
    world.settle()  # the scheduler finds the rows that were committed

    assert [world.case(own).status for own in tracks] == ["completed", "completed"]
    world.check()


@pytest.mark.parametrize("round_", range(2))
def test_one_is_opened_again_while_the_other_concludes(world: World, round_: int):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)
    leader = bring_leader(world, case)
    for act in checks(world, leader):
        act()
    head = world.actor(holder(world, HOUSE, "书记"))

    told = at_once(
        lambda: world.run(reopen_track, person, "证据不足", actor=head), lambda: jobs.run_due(world.application)
    )
    world.settle()

    ended = {world.case(own).status for own in (person, leader)}
    assert len(ended) == 1, "one ended while the other is open"
    assert (told[0], ended) in [("ok", {"active"}), ("tracks-released", {"completed"})]
    assert (world.names(person) == ["调查取证"]) == (told[0] == "ok")
    world.check()


def test_one_is_cancelled_while_the_other_concludes(world: World):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)
    leader = bring_leader(world, case)
    for act in checks(world, leader):
        act()
    head = world.actor(holder(world, HOUSE, "书记"))

    at_once(lambda: world.run(cancel_case, person, "立案有误", actor=head), lambda: jobs.run_due(world.application))
    world.settle()

    assert world.case(person).status == "cancelled"
    released = world.one(Track, case_id=leader).released_at is not None
    assert (world.case(leader).status == "completed") == released
    assert [incident.code for incident in world.incidents(case)] == ["child-cancelled"]
    world.check()


def test_two_matters_about_one_fact_leave_one(world: World):
    cases = [matter(world), matter(world)]
    told = registration(world)
    tasks = [world.task("登记", case=case) for case in cases]
    for task in tasks:
        actor = world.actor(task.candidates()[0])
        world.run(complete_task, task.id, Submission(told, confirmed_at=world.now), actor=actor)

    at_once(*(lambda: jobs.run_due(world.application) for _ in range(4)))
    world.settle()

    (row,) = world.rows(OpenedFact)
    assert row.case_id in cases
    assert sorted(world.case(case).status for case in cases) == ["active", "completed"]
    world.check()


def test_facts_of_both_tracks_at_once_have_numbers_of_their_own(world: World):
    case = opened(world)
    sides = [(track(world, case, "person"), "经办"), (track(world, case, "leader"), "督办专员")] * 3
    people = {post: world.actor(holder(world, HOUSE, post)) for _, post in sides}
    acts = [
        partial(world.run, add_fact, own, title=f"第{n}项", statement="经过。", actor=people[post])
        for n, (own, post) in enumerate(sides)
    ]

    assert set(at_once(*acts)) == {"ok"}
    assert sorted(row.number for row in world.rows(SharedFact)) == list(range(1, 8))

    clerk = world.actor(holder(world, HOUSE, "经办"))
    fix = [
        lambda: world.run(revise_fact, case, 1, title="更正", statement="更正。", version=1, actor=clerk)
        for _ in range(3)
    ]
    assert sorted(at_once(*fix)) == ["fact-revised", "fact-revised", "ok"]
    world.check()


def test_a_party_is_named_while_they_complete_a_step(world: World):
    case = opened(world)
    person, leader = bring_person(world, case), track(world, case, "leader")
    deputy = holder(world, HOUSE, "副书记")
    check = world.task("审核结论", case=person).claim(deputy)
    inquiry = world.task("倒查取证", case=leader)
    officer = world.actor(inquiry.candidates()[0])
    plan = {"leader_plan": "发现分管领导。", "new_facts": [], "more_leaders": [world.code(deputy)]}

    told = at_once(
        lambda: world.run(
            complete_task, check.id, Submission(PASSED, confirmed_at=world.now), actor=world.actor(deputy)
        ),
        lambda: world.run(complete_task, inquiry.id, Submission(plan, confirmed_at=world.now), actor=officer),
    )
    world.settle()

    assert told[1] == "ok"
    assert told[0] in {"ok", "task-not-found", "recused"}
    assert check.row.assignee_id is None or check.row.status == "completed"
    do(world, "与相关领导谈话", leader, **_talk())
    world.check()


def _talk() -> dict[str, str]:
    told = {"talked_on": "2026-03-03", "talked_place": "谈话室", "talked_record": "说明。", "talked_admits": "yes"}
    return {**told, "talked_reason": "认可"}

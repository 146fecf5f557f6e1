"""The twin view over HTTP: both tracks, shared facts in versions, opening again; parties find nothing (404)."""

from __future__ import annotations

import pytest

from tests.api.door_scene import Caller, Door, problem
from tests.use_cases.accountability_scene import HOUSE, bring_leader, bring_person, holder, opened, pass_check, track
from tests.world import CLERK, HEAD, World

NEW = {"title": "另有两笔", "statement": "补充调查发现。", "source": "账册"}


@pytest.fixture
def world(door: Door) -> World:
    return World(door.city.application, door.city.clock)


def caller(world: World, door: Door, post: str) -> Caller:
    return door.caller(holder(world, HOUSE, post))


def test_both_tracks_stand_side_by_side_with_one_fact_base(world: World, door: Door):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)

    told = caller(world, door, "书记").get(f"/cases/{case}/twin").json

    assert [(each["kind"], each["concluded_at"] is not None) for each in told["tracks"]] == [
        ("person", True),
        ("leader", False),
    ]
    assert told["tracks"][1]["steps"][0]["name"] == "倒查取证"
    assert [fact["now"]["title"] for fact in told["facts"]] == ["违规审批三笔支出"]
    assert told["facts"][0]["findings"] == {"person": "true"}


def test_a_fact_is_entered_and_corrected_and_a_stale_correction_is_refused(world: World, door: Door):
    case = opened(world)
    clerk = caller(world, door, "经办")

    made = clerk.post(f"/cases/{track(world, case, 'person')}/facts", NEW)
    fixed = clerk.post(f"/cases/{case}/facts/2", {**NEW, "statement": "三笔。", "version": 1})

    assert (made.status_code, made.json["now"]["number"], made.json["now"]["side"]) == (201, 2, "person")
    assert [fixed.json["now"]["version"], fixed.json["before"][0]["statement"]] == [2, "补充调查发现。"]
    problem(clerk.post(f"/cases/{case}/facts/2", {**NEW, "version": 1}), 409, "fact-revised")
    problem(clerk.post(f"/cases/{case}/facts/9", {**NEW, "version": 1}), 404, "fact-not-found")
    problem(clerk.post(f"/cases/{case}/facts", {"title": ""}), 422, "invalid-request")


@pytest.mark.parametrize("party", [CLERK, HEAD])
def test_a_party_finds_nothing_of_their_own_matter(world: World, door: Door, party: str):
    case = opened(world)
    examined = door.caller(party)
    leader = track(world, case, "leader")
    task = world.tasks("倒查取证")[0].id

    for path in (f"/cases/{case}", f"/cases/{case}/twin", f"/cases/{leader}/events"):
        problem(examined.get(path), 404, "case-not-found")
    problem(examined.get(f"/tasks/{task}"), 404, "task-not-found")
    problem(examined.post(f"/tasks/{task}/claim", {}), 404, "task-not-found")
    problem(examined.post(f"/cases/{case}/facts", NEW), 404, "case-not-found")
    listed = examined.get("/cases?limit=200").json["items"]
    assert not {case, leader} & {row["id"] for row in listed}


def test_who_works_on_one_track_learns_the_others_conclusion_when_both_have_one(world: World, door: Door):
    case = opened(world)
    leader = bring_leader(world, case)
    pass_check(world, leader)
    officer = caller(world, door, "督办专员")
    clerk = caller(world, door, "经办")

    before = {each["kind"]: each for each in clerk.get(f"/cases/{case}/twin").json["tracks"]}
    pass_check(world, bring_person(world, case))
    after = {each["kind"]: each for each in clerk.get(f"/cases/{case}/twin").json["tracks"]}

    assert (before["leader"]["conclusion"], before["leader"]["opinion"]) == (None, None)
    assert after["leader"]["opinion"] == "负主体责任。"
    assert officer.get(f"/cases/{leader}/twin").json["tracks"][1]["opinion"] == "负主体责任。"


def test_a_track_is_opened_again_by_its_head_only(world: World, door: Door):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)

    problem(caller(world, door, "经办").post(f"/cases/{person}/reopen", {"reason": "再查"}), 403, "missing-role")
    done = caller(world, door, "书记").post(f"/cases/{person}/reopen", {"reason": "证据不足"})

    assert (done.status_code, done.json["reopened"]) == (200, 1)
    problem(caller(world, door, "书记").post(f"/cases/{case}/reopen", {"reason": "再查"}), 404, "case-not-found")

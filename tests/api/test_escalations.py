"""督办 over HTTP: what is overdue, and the supervisor's decision."""

from __future__ import annotations

from tests.api.door_scene import Caller, Door, pointers, problem


def asked(door: Door) -> tuple[str, str, Caller]:
    """A request for more time, the task it is about, and who decides on it."""
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    task_id = door.task(case_id)
    body = {"workdays": 1, "ground": "会议冲突", "reason": "材料未齐"}
    escalation = door.caller("clerk").post(f"/tasks/{task_id}/extend", body).json["escalation_id"]
    door.settle()
    return escalation, task_id, decider(door, escalation)


def decider(door: Door, escalation: str) -> Caller:
    """Somebody who may claim the step that decides."""
    detail = door.caller("supervisor").get(f"/escalations/{escalation}").json
    owner = door.caller("supervisor").get(f"/tasks/{detail['task_id']}").json
    for post in ("书记", "分管领导", "纪委书记", "督办专员"):
        for unit in (owner["unit"], "yt", "yt-jw", "ws", "ws-jw"):
            if door.city.holder_codes(unit, post):
                caller = door.holder(unit, post)
                if caller.get("/escalations?waiting=true").json["items"]:
                    return caller
    raise AssertionError(detail)


def test_granting_time_moves_the_limit(door: Door):
    escalation, task_id, supervisor = asked(door)
    before = door.caller("clerk").get(f"/tasks/{task_id}").json["due_at"]

    listed = supervisor.get("/escalations?waiting=true&kind=extension&status=proposed&unit=ws").json["items"]
    decided = supervisor.post(
        f"/escalations/{escalation}/approve", {"outcome": "extend", "note": "同意", "params": {"extend_workdays": 1}}
    )
    door.settle()

    assert [each["id"] for each in listed] == [escalation]
    assert decided.status_code == 200, decided.text
    assert (decided.json["status"], decided.json["outcome"], decided.json["note"]) == ("approved", "extend", "同意")
    assert decided.json["stages"][0]["result"] == "approved"
    assert door.caller("clerk").get(f"/tasks/{task_id}").json["due_at"] > before
    late = supervisor.post(f"/escalations/{escalation}/reject", {"reason": "晚了"})
    assert late.status_code == 409


def test_refusing_needs_a_reason(door: Door):
    escalation, _, supervisor = asked(door)

    silent = supervisor.post(f"/escalations/{escalation}/reject", {})
    refused = supervisor.post(f"/escalations/{escalation}/reject", {"reason": "理由不足"})

    assert pointers(problem(silent, 422, "invalid-request")) == {"#/reason": "field-required"}
    assert (refused.json["status"], refused.json["outcome"]) == ("rejected", "reject")


def test_faults_of_a_decision_name_the_members_of_its_own_body(door: Door):
    escalation, _, supervisor = asked(door)
    path = f"/escalations/{escalation}/approve"

    unknown = supervisor.post(path, {"outcome": "teapot", "note": "同意"})
    missing = supervisor.post(path, {"outcome": "extend", "note": "同意"})
    refusing = supervisor.post(path, {"outcome": "reject", "note": "不同意"})

    assert list(pointers(problem(unknown, 422, "invalid-form"))) == ["#/outcome"]
    assert list(pointers(problem(missing, 422, "invalid-form"))) == ["#/params/extend_workdays"]
    assert list(pointers(problem(refusing, 422, "invalid-form"))) == ["#/outcome"]
    assert supervisor.get(f"/escalations/{escalation}").json["status"] == "proposed"


def test_only_the_decider_decides_and_only_on_what_was_read(door: Door):
    escalation, _, supervisor = asked(door)
    path, body = f"/escalations/{escalation}/approve", {"outcome": "urge", "note": "请抓紧"}

    problem(door.caller("clerk").post(path, body), 403, "not-decider")
    problem(door.caller("sysadmin").post(path, body), 404, "escalation-not-found")
    problem(supervisor.post(path, body, headers={"If-Match": '"999"'}), 412, "stale-version")
    problem(supervisor.post(path, {}, headers={"If-Match": '"999"'}), 412, "stale-version")


def test_who_administers_knows_of_an_escalation_but_not_its_reasons(door: Door):
    escalation, _, supervisor = asked(door)

    assert supervisor.get(f"/escalations/{escalation}").json["facts"]["reason"] == "材料未齐"
    seen = door.caller("flowadmin").get(f"/escalations/{escalation}").json
    assert (seen["id"], seen["facts"], seen["note"]) == (escalation, {}, None)


def test_an_overdue_step_is_escalated_and_the_unit_is_heard_first(door: Door):
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    door.pass_time(days=6)

    (found,) = door.caller("supervisor").get(f"/escalations?case={case_id}").json["items"]

    assert (found["kind"], found["unit"], found["level"]) == ("overdue", "ws", 1)
    assert found["due_at"] == "2026-03-06T00:00:00+08:00"
    body = {"outcome": "urge", "note": "请抓紧"}
    problem(door.caller("supervisor").post(f"/escalations/{found['id']}/approve", body), 409, "escalation-not-waiting")

"""待办 over HTTP: list, claim, complete, hand on, send back, ask for time."""

from __future__ import annotations

from tests.api.door_scene import INTAKE, SIGNED_ZERO, ZERO, Door, pointers, problem
from tests.city_scene import PASSWORD


def begun(door: Door) -> tuple[str, str]:
    """A report of the clerk's committee, and its first task."""
    case = door.start(door.caller("clerk"), "ws")
    return case["id"], door.task(case["id"])


def test_a_task_is_listed_as_the_contract_says(door: Door):
    case_id, task_id = begun(door)

    listed = door.caller("clerk").get("/tasks?scope=candidate").json

    assert listed["next"] is None
    (task,) = listed["items"]
    assert task["id"] == task_id
    assert task["case_id"] == case_id
    assert task["definition"] == "dual_reporting:1"
    assert (task["unit"], task["status"], task["assignee"]) == ("ws", "open", None)
    assert task["due_at"] == "2026-03-06T00:00:00+08:00"
    assert task["light"] == {"key": "normal", "name": "正常", "colour": "#bcdccf", "shape": "round"}


def test_scopes_and_filters_choose_what_is_listed(door: Door):
    _, task_id = begun(door)
    clerk = door.caller("clerk")

    def ids(query: str) -> list[str]:
        return [task["id"] for task in clerk.get(f"/tasks?{query}").json["items"]]

    assert ids("scope=mine") == []
    assert ids("scope=candidate&light=normal&unit=ws&definition=dual_reporting") == [task_id]
    assert ids("scope=candidate&definition=dual_reporting:2") == []
    assert ids("scope=all&due_before=2026-03-06T00:00:00%2B08:00") == []
    assert ids("scope=all&due_before=2026-03-06T00:00:01%2B08:00") == [task_id]
    clerk.post(f"/tasks/{task_id}/claim", {})
    assert ids("scope=mine") == [task_id]
    assert ids("scope=candidate") == []


def test_lists_are_paged_by_a_cursor(door: Door):
    clerk = door.caller("clerk")
    started = {door.start(clerk, "ws")["id"] for _ in range(3)}

    first = clerk.get("/cases?limit=2").json
    second = clerk.get(f"/cases?limit=2&after={first['next']}").json

    assert second["next"] is None
    assert {case["id"] for case in first["items"] + second["items"]} == started


def test_claiming_twice_changes_nothing_and_releasing_gives_back(door: Door):
    _, task_id = begun(door)
    clerk = door.caller("clerk")

    claimed = clerk.post(f"/tasks/{task_id}/claim", {})
    again = clerk.post(f"/tasks/{task_id}/claim")
    released = clerk.post(f"/tasks/{task_id}/release", {})

    assert (claimed.json["status"], claimed.json["assignee"]) == ("claimed", clerk.code)
    assert again.data == claimed.data
    assert claimed.headers["ETag"] == f'"{claimed.json["row_version"]}"'
    assert released.json["status"] == "open"


def test_completing_moves_the_case_on(door: Door):
    case_id, task_id = begun(door)

    done = door.caller("clerk").post(
        f"/tasks/{task_id}/complete", {"variables": INTAKE, "comment": "已核对", "attachments": []}
    )

    assert done.json["status"] == "completed"
    assert done.json["light"]["key"] == "done"
    assert done.json["comment"] == "已核对"
    assert done.json["submission"]["duties_done"][0]["done_on"] == "2026-03-01"
    assert [task["element_id"] for task in door.caller("clerk").get(f"/tasks?case={case_id}").json["items"]] == [
        "Draft"
    ]


def test_a_signature_needs_the_password_again(door: Door):
    case_id, task_id = begun(door)
    door.caller("clerk").post(f"/tasks/{task_id}/complete", {"variables": ZERO})
    head = door.holder("ws", "书记")
    sign = door.task(case_id, "SignZero")
    body = {"variables": SIGNED_ZERO}

    problem(head.post(f"/tasks/{sign}/complete", body), 403, "confirmation-required")
    problem(
        head.post(f"/tasks/{sign}/complete", {**body, "confirmation": {"password": "wrong"}}),
        403,
        "confirmation-failed",
    )
    assert head.get(f"/tasks/{sign}/form").json["signs"] is True
    done = head.post(f"/tasks/{sign}/complete", {**body, "confirmation": {"password": PASSWORD}})

    assert done.status_code == 200, done.text
    kinds = [event["kind"] for event in head.get(f"/cases/{case_id}/events").json["items"]]
    assert "signed" in kinds


def test_wrong_passwords_of_a_signature_lock_the_account(door: Door):
    case_id, task_id = begun(door)
    door.caller("clerk").post(f"/tasks/{task_id}/complete", {"variables": ZERO})
    head = door.holder("ws", "书记")
    path = f"/tasks/{door.task(case_id, 'SignZero')}/complete"

    for _ in range(5):
        problem(
            head.post(path, {"variables": SIGNED_ZERO, "confirmation": {"password": "x"}}), 403, "confirmation-failed"
        )

    right = head.post(path, {"variables": SIGNED_ZERO, "confirmation": {"password": PASSWORD}})
    problem(right, 403, "confirmation-failed")


def test_late_work_needs_a_reason_and_is_sealed_as_late(door: Door):
    _, task_id = begun(door)
    door.pass_time(days=5)
    clerk = door.caller("clerk")

    late = problem(clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE}), 422, "invalid-form")
    done = clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE, "late_reason": "材料晚到"})

    assert pointers(late) == {"#/late_reason": "late-reason-required"}
    assert done.json["late_reason"] == "材料晚到"


def test_a_task_goes_to_a_colleague_and_out_of_sight(door: Door):
    case_id, task_id = begun(door)
    door.caller("clerk").post(f"/tasks/{task_id}/complete", {"variables": INTAKE})
    draft = door.task(case_id, "Draft")
    colleague = door.holder("ws", "办公室主任")

    moved = door.caller("clerk").post(f"/tasks/{draft}/transfer", {"to": colleague.code, "reason": "出差"})

    assert moved.status_code == 200
    assert colleague.post(f"/tasks/{draft}/claim", {}).json["assignee"] == colleague.code
    outsider = problem(
        colleague.post(f"/tasks/{draft}/transfer", {"to": "p001", "reason": "请办"}), 422, "not-a-colleague"
    )
    assert pointers(outsider) == {"#/to": "not-a-colleague"}


def test_work_is_sent_back_with_a_new_attempt(door: Door):
    case_id, task_id = begun(door)
    clerk = door.caller("clerk")
    clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE})
    draft = door.task(case_id, "Draft")

    nowhere = clerk.post(f"/tasks/{draft}/return", {"target": "Sign", "reason": "漏项"})
    back = clerk.post(f"/tasks/{draft}/return", {"target": "previous", "reason": "漏项", "then": "replay"})

    assert pointers(problem(nowhere, 422, "not-a-return-target")) == {"#/target": "not-a-return-target"}
    assert back.status_code == 200, back.text
    again = door.task(case_id, "Intake")
    assert again != task_id
    assert clerk.get(f"/tasks/{again}").json["attempt"] == 2


def test_work_sent_back_directly_comes_back_to_the_step_it_came_from(door: Door):
    case_id, task_id = begun(door)
    clerk = door.caller("clerk")
    clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE})
    draft = door.task(case_id, "Draft")

    back = clerk.post(f"/tasks/{draft}/return", {"target": "Intake", "reason": "漏项", "then": "direct"})
    again = door.task(case_id, "Intake")
    done = clerk.post(f"/tasks/{again}/complete", {"variables": INTAKE})
    door.settle()
    after = door.task(case_id, "Draft")

    assert (back.status_code, done.status_code) == (200, 200), (back.text, done.text)
    assert after != draft
    assert clerk.get(f"/tasks/{after}").json["attempt"] > 1
    problem(clerk.post(f"/tasks/{draft}/complete", {"variables": {}}), 409, "task-cancelled")


def test_a_supervisor_urges_and_the_holder_is_told(door: Door):
    _, task_id = begun(door)

    urged = door.caller("supervisor").post(f"/tasks/{task_id}/urge", {"note": "请抓紧"})

    assert urged.status_code == 200
    notices = door.caller("clerk").get("/notices").json["items"]
    assert [notice["kind"] for notice in notices] == ["task-urged"]
    assert door.caller("clerk").post("/notices/read", {}).json == {"read": 1}


def test_asking_for_time_is_accepted_with_its_escalation(door: Door):
    _, task_id = begun(door)
    body = {"workdays": 1, "ground": "会议冲突", "reason": "材料未齐"}

    asked = door.caller("clerk").post(f"/tasks/{task_id}/extend", body)

    assert asked.status_code == 202, asked.text
    escalation = asked.json["escalation_id"]
    assert asked.headers["Location"] == f"/api/v1/escalations/{escalation}"
    seen = door.caller("supervisor").get(f"/escalations/{escalation}").json
    assert (seen["kind"], seen["status"], seen["facts"]["requested_workdays"]) == ("extension", "proposed", 1)
    problem(door.caller("clerk").post(f"/tasks/{task_id}/extend", body), 409, "extension-requested")


def test_time_is_asked_for_in_days_or_until_a_day_not_both(door: Door):
    _, task_id = begun(door)
    path, both = f"/tasks/{task_id}/extend", {"workdays": 1, "due_at": "2026-03-09T00:00:00+08:00"}
    why = {"ground": "会议冲突", "reason": "材料未齐"}

    for body in ({**why, **both}, why, {**why, "workdays": 0}, {**why, "workdays": "2"}):
        problem(door.caller("clerk").post(path, body), 422, "invalid-request")


def test_a_draft_is_kept_with_its_version(door: Door):
    _, task_id = begun(door)
    clerk, path = door.caller("clerk"), f"/tasks/{task_id}/draft"

    empty = clerk.get(path)
    kept = clerk.put(path, {"variables": {"zero_claimed": "no", "duties_done": [{"matter": 1.25}]}})
    stale = clerk.put(path, {"variables": {}}, headers={"If-Match": '"0"'})
    next_one = clerk.put(path, {"variables": {"zero_claimed": "yes"}}, headers={"If-Match": kept.headers["ETag"]})

    assert (empty.json["variables"], empty.headers["ETag"]) == ({}, '"0"')
    assert kept.json["variables"]["duties_done"] == [{"matter": "1.25"}]
    problem(stale, 412, "stale-version")
    assert next_one.json["row_version"] == 2
    unknown = problem(clerk.put(path, {"variables": {"nope": 1}}), 422, "form-invalid")
    assert pointers(unknown) == {"#/variables/nope": "field-unknown"}


def test_a_form_tells_its_fields_a_schema_and_what_the_case_says(door: Door):
    _, task_id = begun(door)

    form = door.caller("clerk").get(f"/tasks/{task_id}/form").json

    assert form["key"] == "dual_reporting/intake"
    assert form["values"]["year"] == 2026
    assert form["schema"]["additionalProperties"] is False
    assert {field["key"] for field in form["fields"] if "key" in field} >= {"zero_claimed", "duties_done"}

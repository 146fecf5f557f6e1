"""The same request again, with its key, gets the same answer and does nothing twice."""

from __future__ import annotations

import pytest

from tests.api.door_scene import INTAKE, Door, pointers, problem

START = {"definition": "dual_reporting", "unit": "ws", "variables": {"year": 2026}}


def test_a_repeated_start_makes_one_case_and_one_answer(door: Door):
    clerk, key = door.caller("clerk"), {"Idempotency-Key": "key-1"}

    first = clerk.post("/cases", START, headers=key)
    door.settle()
    again = clerk.post("/cases", START, headers=key)

    assert again.status_code == 201
    assert again.data == first.data
    assert [again.headers[name] for name in ("ETag", "Location", "Content-Type")] == [
        first.headers[name] for name in ("ETag", "Location", "Content-Type")
    ]
    assert len(clerk.get("/cases").json["items"]) == 1


def test_a_key_with_another_body_is_a_conflict(door: Door):
    clerk, key = door.caller("clerk"), {"Idempotency-Key": "key-1"}
    clerk.post("/cases", START, headers=key)
    before = door.fingerprint()

    problem(clerk.post("/cases", {**START, "title": "另一份"}, headers=key), 422, "idempotency-conflict")

    assert door.fingerprint() == before


def test_the_key_of_another_person_or_route_is_another_key(door: Door):
    key = {"Idempotency-Key": "key-1"}
    one = door.caller("clerk").post("/cases", START, headers=key).json["id"]
    other = door.holder("ws", "办公室主任").post("/cases", START, headers=key).json["id"]
    door.settle()
    claimed = door.caller("clerk").post(f"/tasks/{door.task(one)}/claim", {}, headers=key)

    assert one != other
    assert claimed.json["status"] == "claimed"


def test_a_refused_request_keeps_no_answer(door: Door):
    clerk, key = door.caller("clerk"), {"Idempotency-Key": "key-1"}
    task_id = door.task(door.start(clerk, "ws")["id"])
    path = f"/tasks/{task_id}/complete"

    problem(clerk.post(path, {"variables": {"zero_claimed": "maybe"}}, headers=key), 422, "invalid-form")
    done = clerk.post(path, {"variables": INTAKE}, headers=key)

    assert done.status_code == 200


def test_a_replay_comes_after_the_right_to_see(door: Door):
    """Who may no longer see a thing gets no old answer about it either."""
    clerk, key = door.caller("clerk"), {"Idempotency-Key": "key-1"}
    case_id = door.start(clerk, "ws")["id"]
    task_id = door.task(case_id)
    clerk.post(f"/tasks/{task_id}/claim", {}, headers=key)
    door.classify(case_id, "confidential")

    problem(clerk.post(f"/tasks/{task_id}/claim", {}, headers=key), 404, "task-not-found")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_malformed_key_is_refused(door: Door, key: str):
    answer = door.caller("clerk").post("/cases", START, headers={"Idempotency-Key": key})

    problem(answer, 422, "idempotency-key-malformed")
    assert pointers(dict(answer.json)) == {}

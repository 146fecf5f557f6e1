from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.door_scene import Caller, Door, Template, problem
from tests.api.test_cases import WAITS
from tests.api.two_person_scene import open_strict_door

WAITING = "/definitions/waits/1"


@pytest.fixture
def strict(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_strict_door(template, tmp_path) as opened:
        yield opened


@pytest.fixture
def second(strict: Door) -> Caller:
    return strict.caller("second")


def test_activation_answers_202_and_another_person_confirms(strict: Door, second: Caller):
    first = strict.caller("flowadmin")
    first.upload("/definitions", ("waits.bpmn", WAITS))

    problem(first.post(f"{WAITING}/activate?profile=standard"), 422, "invalid-request")
    asked = first.post(f"{WAITING}/activate?profile=standard", {"reason": "新文件已印发"})

    assert asked.status_code == 202, asked.text
    where = asked.headers["Location"].removeprefix("/api/v1")
    assert (asked.json["act"], asked.json["subject"], asked.json["status"]) == ("activation", "waits:1", "waiting")
    assert first.get(WAITING).json["status"] == "draft"
    problem(first.post(f"{where}/confirm"), 403, "second-person-required")
    problem(second.post(f"{WAITING}/activate?profile=standard", {"reason": "也要"}), 409, "approval-waiting")
    assert second.get(where).json["may_decide"] is True

    done = second.post(f"{where}/confirm")

    assert (done.status_code, done.json["status"], done.json["decided_by"]) == (200, "confirmed", "第二管理员")
    assert first.get(WAITING).json["status"] == "active"
    problem(second.post(f"{where}/confirm"), 409, "approval-confirmed")


def test_a_request_is_made_once_by_its_key(strict: Door):
    first = strict.caller("flowadmin")
    first.upload("/definitions", ("waits.bpmn", WAITS))
    key = {"Idempotency-Key": "once"}

    answers = [
        first.post(f"{WAITING}/activate?profile=standard", {"reason": "新文件已印发"}, headers=key) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json == answers[1].json
    assert len(first.get("/approvals").json["items"]) == 1


def test_a_retirement_is_refused_with_a_reason(strict: Door, second: Caller):
    asked = strict.caller("flowadmin").post("/definitions/rectification/1/retire", {"reason": "规定废止"})
    where = asked.headers["Location"].removeprefix("/api/v1")

    problem(second.post(f"{where}/refuse", {}), 422, "invalid-request")
    refused = second.post(f"{where}/refuse", {"reason": "尚无新规定"})

    assert (refused.json["status"], refused.json["note"]) == ("refused", "尚无新规定")
    assert second.get("/definitions/rectification/1").json["status"] == "active"
    assert [row["id"] for row in second.get("/approvals?status=refused").json["items"]] == [asked.json["id"]]
    problem(second.get("/approvals/nope"), 404, "approval-not-found")

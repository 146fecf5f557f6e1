"""Bad input: each a clear problem in Chinese and English with a stable code; nothing changed, nothing lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.door_scene import DUTY, INTAKE, Door, Reply, pointers, problem

HAN = re.compile(r"[\u4e00-\u9fff]")


class Desk:
    """A task that waits, with a draft that must survive whatever is sent."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.clerk = door.caller("clerk")
        self.case_id = door.start(self.clerk, "ws")["id"]
        self.task_id = door.task(self.case_id)
        self.clerk.put(f"/tasks/{self.task_id}/draft", {"variables": {"zero_claimed": "no"}})

    def refuses(self, status: int, code: str, path: str, body: Any, username: str = "clerk", **more: Any) -> Reply:
        """Check that a request is a problem in both languages, that it changed nothing, and that the draft is there."""
        caller = self.door.caller(username)
        before = self.door.fingerprint()
        headers = dict(more.pop("headers", {}))

        english = caller.post(path, body, headers={**headers, "Accept-Language": "en"}, **more)
        answer = caller.post(path, body, headers=headers, **more)

        told = problem(answer, status, code)
        assert problem(english, status, code)
        for text in (told["title"], told["detail"], *(fault["detail"] for fault in told.get("errors", ()))):
            assert HAN.search(text), text
        document = dict(english.json)
        for text in (document["title"], document["detail"], *(each["detail"] for each in document.get("errors", ()))):
            assert not HAN.search(text), text
        assert self.door.fingerprint() == before
        return answer

    @property
    def complete(self) -> str:
        return f"/tasks/{self.task_id}/complete"


@pytest.fixture
def desk(door: Door) -> Desk:
    return Desk(door)


@pytest.mark.parametrize(
    ("variables", "pointer", "code"),
    [
        ({"nope": 1}, "/nope", "field-unknown"),
        ({**INTAKE, "year": 1999}, "/year", "field-read-only"),
        ({**INTAKE, "variant": {}}, "/variant", "field-unknown"),
        ({"zero_claimed": "maybe"}, "/zero_claimed", "field-not-an-option"),
        ({"zero_claimed": 1}, "/zero_claimed", "field-not-a-text"),
        ({"zero_claimed": ["no"]}, "/zero_claimed", None),
        ({"zero_claimed": "no", "duties_done": "all"}, "/duties_done", "field-not-a-list"),
        ({"zero_claimed": "no", "duties_done": []}, "/duties_done", "field-required"),
        ({"zero_claimed": "no", "duties_done": [{}]}, "/duties_done/0/category", "field-required"),
        (
            {"zero_claimed": "no", "duties_done": [{**DUTY, "matter": "长" * 201}]},
            "/duties_done/0/matter",
            "field-too-long",
        ),
        (
            {"zero_claimed": "no", "duties_done": [{**DUTY, "done_on": "2026-02-30"}]},
            "/duties_done/0/done_on",
            "field-not-a-date",
        ),
        (
            {"zero_claimed": "no", "duties_done": [{**DUTY, "matter": "a\u0007b"}]},
            "/duties_done/0/matter",
            "field-control-character",
        ),
        ({"zero_claimed": "no", "duties_done": [DUTY] * 301}, "/duties_done", None),
    ],
)
def test_what_the_form_does_not_take_is_named_field_by_field(
    desk: Desk, variables: dict[str, Any], pointer: str, code: str | None
):
    status_code = "invalid-form"

    answer = desk.refuses(422, status_code, desk.complete, {"variables": variables})

    found = pointers(dict(answer.json))
    place = f"#/variables{pointer}"
    assert place in found
    assert code is None or found[place] == code


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"variables": INTAKE, "nonsense": True}, "#/nonsense", "field-unknown"),
        ({"variables": [1]}, "#/variables", "field-not-an-object"),
        ({"variables": INTAKE, "comment": 5}, "#/comment", "field-not-a-text"),
        ({"variables": INTAKE, "comment": "长" * 4_001}, "#/comment", "field-too-long"),
        ({"variables": INTAKE, "attachments": "a"}, "#/attachments", "field-not-a-list"),
        ({"variables": INTAKE, "attachments": [7]}, "#/attachments/0", "field-not-a-text"),
        ({"variables": INTAKE, "attachments": ["a"] * 101}, "#/attachments", "field-too-many"),
        ({"variables": {"zero_claimed": "\u0000"}}, "#/variables/zero_claimed", "field-control-character"),
        ({"variables": INTAKE, "confirmation": {"password": ""}}, "#/confirmation/password", "field-required"),
        ({"variables": INTAKE, "comment": None}, "#/comment", "field-required"),
    ],
)
def test_what_the_body_does_not_take_is_named_too(desk: Desk, body: dict[str, Any], pointer: str, code: str):
    answer = desk.refuses(422, "invalid-request", desk.complete, body)

    assert pointers(dict(answer.json)) == {pointer: code}


def test_lone_surrogates_are_refused(desk: Desk):
    raw = b'{"variables": {"zero_claimed": "\\ud800"}}'
    before = desk.door.fingerprint()

    answer = desk.clerk.post(desk.complete, data=raw, content_type="application/json")

    assert pointers(problem(answer, 422, "invalid-request")) == {"#/variables/zero_claimed": "field-control-character"}
    assert desk.door.fingerprint() == before


def test_an_attachment_of_another_case_is_refused(desk: Desk):
    other = desk.door.start(desk.clerk, "ws")["id"]
    made = desk.clerk.upload(f"/cases/{other}/attachments", ("a.txt", b"a")).json["items"][0]["id"]

    answer = desk.refuses(
        422, "attachment-not-found", desk.complete, {"variables": INTAKE, "attachments": [made, "nope"]}
    )

    assert list(pointers(dict(answer.json))) == ["#/attachments/0", "#/attachments/1"]


def test_completing_twice_is_a_conflict(desk: Desk):
    assert desk.clerk.post(desk.complete, {"variables": INTAKE}).status_code == 200

    desk.refuses(409, "task-completed", desk.complete, {"variables": INTAKE})


def test_the_wrong_person_is_refused_and_a_stranger_sees_nothing(desk: Desk):
    desk.refuses(403, "not-candidate", desk.complete, {"variables": INTAKE}, "supervisor")
    desk.refuses(404, "task-not-found", desk.complete, {"variables": INTAKE}, "sysadmin")


def test_work_on_a_suspended_or_finished_case_is_refused(desk: Desk):
    supervisor = desk.door.caller("supervisor")
    supervisor.post(f"/cases/{desk.case_id}/suspend", {"reason": "等待"})
    desk.refuses(409, "case-suspended", desk.complete, {"variables": INTAKE})
    desk.refuses(409, "case-suspended", f"/tasks/{desk.task_id}/claim", {})

    supervisor.post(f"/cases/{desk.case_id}/resume")
    supervisor.post(f"/cases/{desk.case_id}/cancel", {"reason": "重复"})
    desk.refuses(409, "task-cancelled", desk.complete, {"variables": INTAKE})
    desk.refuses(409, "case-cancelled", f"/cases/{desk.case_id}/suspend", {"reason": "等待"}, "supervisor")


def test_a_stale_etag_is_told_before_anything_else_is_judged(desk: Desk):
    seen = desk.clerk.get(f"/tasks/{desk.task_id}").headers["ETag"]
    desk.clerk.post(f"/tasks/{desk.task_id}/claim", {})

    desk.refuses(412, "stale-version", desk.complete, {"variables": {"nope": 1}}, headers={"If-Match": seen})


def test_a_key_with_another_body_is_refused(desk: Desk):
    key = {"Idempotency-Key": "k"}
    desk.clerk.post(desk.complete, {"variables": INTAKE}, headers=key)

    desk.refuses(422, "idempotency-conflict", desk.complete, {"variables": INTAKE, "comment": "另一份"}, headers=key)


def test_a_draft_survives_every_refusal(desk: Desk):
    desk.refuses(422, "invalid-form", desk.complete, {"variables": {}})

    assert desk.clerk.get(f"/tasks/{desk.task_id}/draft").json["variables"] == {"zero_claimed": "no"}


@pytest.mark.parametrize(
    "body",
    [
        {"definition": "dual_reporting", "unit": "ws", "title": "长" * 301},
        {"definition": "dual_reporting", "unit": "ws", "business_key": "k" * 201},
        {"definition": "dual_reporting", "unit": "ws", "variables": []},
        {"definition": ["dual_reporting"], "unit": "ws"},
        {"definition": "", "unit": "ws"},
        {"definition": "dual_reporting", "unit": "ws", "variables": {"a": 1}, "extra": 1},
    ],
)
def test_a_start_with_wrong_members_is_refused(desk: Desk, body: dict[str, Any]):
    desk.refuses(422, "invalid-request", "/cases", body)


def test_too_deep_or_too_large_variables_are_refused(desk: Desk):
    deep: Any = 1
    for _ in range(80):
        deep = [deep]

    body = {"definition": "dual_reporting", "unit": "ws", "variables": {"a": deep}}
    desk.refuses(422, "invalid-request", "/cases", body)

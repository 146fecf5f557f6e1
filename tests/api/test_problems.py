"""Problems: one form, two languages, the contract's order of checks, and nothing leaked."""

from __future__ import annotations

import logging
import re

import pytest

from tests.api.door_scene import INTAKE, Door, pointers, problem

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_a_problem_has_every_member_and_the_request_id(door: Door):
    answer = door.caller("clerk").get("/tasks/nope", headers={"X-Request-Id": "abc-123"})

    document = problem(answer, 404, "task-not-found")

    assert document["instance"] == "/api/v1/tasks/nope"
    assert document["request_id"] == answer.headers["X-Request-Id"] == "abc-123"
    assert answer.headers["Content-Language"] == "zh-CN"


@pytest.mark.parametrize("header", ["x" * 65, "a b", "<script>", "é"])
def test_a_request_id_that_is_no_plain_word_is_replaced(door: Door, header: str):
    answer = door.caller("clerk").get("/tasks/nope", headers={"X-Request-Id": header})

    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("wanted", "is_chinese"), [(None, True), ("zh", True), ("en", False), ("en-GB,zh;q=0.5", False)]
)
def test_words_follow_the_reader_and_the_code_never(door: Door, wanted: str | None, is_chinese: bool):
    headers = {"Accept-Language": wanted} if wanted else {}
    answer = door.caller("clerk").post("/cases", {"unit": "ws"}, headers=headers)

    document = problem(answer, 422, "invalid-request")

    assert pointers(document) == {"#/definition": "field-required"}
    for text in (document["title"], document["detail"], document["errors"][0]["detail"]):
        assert bool(HAN.search(text)) is is_chinese, text
    assert answer.headers["Content-Language"] == ("zh-CN" if is_chinese else "en")


def test_the_order_of_checks_is_the_contracts(door: Door):
    """401, 404, 403, a replayed key, 412, 409, 422: each request has every fault from its own on."""
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    task_id = door.task(case_id)
    path, wrong = f"/tasks/{task_id}/complete", {"nonsense": 1}
    stale, key = {"If-Match": '"99"'}, {"Idempotency-Key": "k"}

    problem(door.stranger().post(path, wrong, headers=stale), 401, "not-authenticated")
    problem(door.caller("sysadmin").post(path, wrong, headers=stale), 404, "task-not-found")
    problem(door.caller("supervisor").post(path, wrong, headers=stale), 403, "not-candidate")
    clerk = door.caller("clerk")
    problem(clerk.post(path, wrong, headers=stale), 412, "stale-version")
    problem(clerk.post(path, wrong), 422, "invalid-request")

    done = clerk.post(path, {"variables": INTAKE}, headers=key)
    assert clerk.post(path, {"variables": INTAKE}, headers={**stale, **key}).data == done.data
    problem(clerk.post(path, wrong, headers=stale), 412, "stale-version")
    problem(clerk.post(path, wrong), 409, "task-completed")
    problem(door.caller("supervisor").post(path, wrong), 403, "not-assignee")


def test_a_body_that_is_no_json_is_refused(door: Door):
    clerk = door.caller("clerk")
    path = "/cases"

    for content in (b"{", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 10_000 + b"}"):
        answer = clerk.post(path, data=content, content_type="application/json")
        problem(answer, 400, "malformed-request")
    problem(clerk.post(path, data=b"a=b", content_type="text/plain"), 415, "unsupported-media-type")
    problem(clerk.post(path, data=b'"x' * 1_200_000, content_type="application/json"), 413, "body-too-large")
    problem(clerk.post(path, [1, 2]), 422, "invalid-request")
    problem(clerk.post(path, "text"), 422, "invalid-request")


def test_addresses_that_no_route_takes_are_problems_too(door: Door):
    clerk = door.caller("clerk")

    problem(clerk.get("/nope"), 404, "route-not-found")
    problem(clerk.get("/tasks/a%00b"), 404, "route-not-found")
    wrong = clerk.delete("/tasks")
    problem(wrong, 405, "method-not-allowed")
    assert "GET" in wrong.headers["Allow"]
    absent = ("delegate", "withdraw", "add-signers", "remove-signers")
    assert {clerk.post(f"/tasks/x/{verb}", {}).json["code"] for verb in absent} == {"route-not-found"}


def test_our_own_fault_is_logged_and_not_told(door: Door, monkeypatch, caplog):
    def fail(*_args, **_more):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("api.organisation.posts_of_person", fail)
    with caplog.at_level(logging.ERROR):
        answer = door.caller("clerk").get("/me")

    problem(answer, 500, "internal-error")
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


@pytest.mark.parametrize("tag", ['"x"', '"-1"', '"99999999999999"', "5", 'W/"77"', '"1", "2"'])
def test_an_etag_that_no_version_has_is_stale(door: Door, tag: str):
    task_id = door.task(door.start(door.caller("clerk"), "ws")["id"])

    answer = door.caller("clerk").post(f"/tasks/{task_id}/claim", {}, headers={"If-Match": tag})

    problem(answer, 412, "stale-version")
    assert door.caller("clerk").post(f"/tasks/{task_id}/claim", {}, headers={"If-Match": "*"}).status_code == 200

"""Who asks: tokens for a password, personal tokens, session cookies with the forgery token."""

from __future__ import annotations

import re

from tests.api.door_scene import Caller, Door, pointers, problem
from tests.city_scene import PASSWORD
from workflows.accounts import disable_person


def test_a_password_gives_a_token_that_works(door: Door):
    stranger = door.stranger()

    made = stranger.post("/tokens", {"username": "clerk", "password": PASSWORD})

    assert made.status_code == 201
    assert made.json["expires_at"] == "2026-05-31T09:00:00+08:00"
    assert made.headers["Cache-Control"] == "no-store"
    token = {"Authorization": f"Bearer {made.json['token']}"}
    assert stranger.get("/me", headers=token).json["username"] == "clerk"


def test_every_wrong_login_gets_the_same_answer_and_locks_in_the_end(door: Door):
    stranger = door.stranger()

    def say_no(username: str, password: str) -> bytes:
        answer = stranger.post("/tokens", {"username": username, "password": password})
        problem(answer, 401, "login-failed")
        return re.sub(rb'"request_id":"[^"]*"', b"", answer.data)

    answers = {say_no("nobody", "x"), *(say_no("clerk", "wrong") for _ in range(5)), say_no("clerk", PASSWORD)}

    assert len(answers) == 1
    assert door.city.ledger("logins").count("account-locked") == 1


def test_nobody_and_nonsense_are_asked_to_log_in(door: Door):
    stranger = door.stranger()

    for header in ({}, {"Authorization": "Bearer nope"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}):
        answer = stranger.get("/me", headers=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    problem(stranger.post("/tasks/nope/complete", {"nonsense": 1}), 401, "not-authenticated")


def test_a_token_ends_with_its_person(door: Door):
    clerk = door.caller("clerk")
    door.city.run(disable_person, clerk.code, actor=door.city.actor("sysadmin"))

    problem(clerk.get("/me"), 401, "token-invalid")


def test_personal_tokens_are_made_listed_and_ended(door: Door):
    clerk = door.caller("clerk")

    made = clerk.post("/me/tokens", {"name": "报表", "days": 7}, headers={"Idempotency-Key": "k"})
    again = clerk.post("/me/tokens", {"name": "报表", "days": 7}, headers={"Idempotency-Key": "k"})
    listed = clerk.get("/me/tokens").json["items"]
    ended = clerk.delete(f"/me/tokens/{made.json['id']}")

    assert made.json["token"] != again.json["token"], "a secret is kept nowhere, so no answer is repeated"
    assert made.json["id"] in {token["id"] for token in listed}
    assert made.json["token"] not in str(listed)
    assert (ended.status_code, ended.data) == (204, b"")
    problem(clerk.delete("/me/tokens/nope"), 404, "token-not-found")
    assert pointers(problem(clerk.post("/me/tokens", {"name": "  "}), 422, "invalid-request"))
    problem(clerk.post("/me/tokens", {"name": "x", "days": 999}), 422, "token-days")


def test_a_browsers_session_reads_freely_and_changes_only_with_its_forgery_token(door: Door):
    client = door.app.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    client.post("/login", data={"username": "clerk", "password": PASSWORD, "csrf_token": token[1]})
    task_id = door.task(door.start(door.caller("clerk"), "ws")["id"])

    browser = Caller(client, None)
    assert browser.get("/me").json["username"] == "clerk"
    problem(browser.post(f"/tasks/{task_id}/claim", {}), 403, "csrf-token-invalid")
    claimed = browser.post(f"/tasks/{task_id}/claim", {}, headers={"X-CSRFToken": token[1]})

    assert claimed.json["status"] == "claimed", claimed.text

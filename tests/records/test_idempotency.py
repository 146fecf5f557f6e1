from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from workflows import idempotency
from workflows.access import Actor
from workflows.application import Application
from workflows.errors import IdempotencyConflictError, RejectedError
from workflows.idempotency import Answer, begin, finish, scope_of
from workflows.store import Store
from workflows.transaction import run

ACTOR = Actor("p", "clerk", "甲")
ANSWER = Answer(201, {"ETag": '"1"', "Location": "/api/v1/cases/1"}, b'{"id": "1"}')


def answer_once(store: Store, scope: str, body: bytes, effects: list[str]) -> Answer:
    kept = begin(store, scope, body)
    if kept is not None:
        return kept
    effects.append(scope)
    finish(store, scope, ANSWER)
    return ANSWER


def test_the_second_request_gets_the_first_answer_and_has_no_effect(application: Application):
    effects: list[str] = []
    scope = scope_of(ACTOR, "POST", "/api/v1/cases", "k")

    answers = [run(application, answer_once, scope, b"{}", effects) for _ in range(3)]

    assert answers == [ANSWER] * 3
    assert len(effects) == 1


def test_the_same_key_with_another_body_is_a_conflict(application: Application):
    scope = scope_of(ACTOR, "POST", "/api/v1/cases", "k")
    run(application, answer_once, scope, b"{}", [])

    with pytest.raises(IdempotencyConflictError):
        run(application, answer_once, scope, b"{} ", [])


def test_the_same_key_of_another_actor_route_or_method_is_another_key():
    scopes = {
        scope_of(ACTOR, "POST", "/a", "k"),
        scope_of(Actor("q", "other", "乙"), "POST", "/a", "k"),
        scope_of(ACTOR, "PUT", "/a", "k"),
        scope_of(ACTOR, "POST", "/ak", "k"),
        scope_of(ACTOR, "POST", "/", "ak"),
        scope_of(Actor("p", "clerkPOST", "甲"), "POST", "/a", "k"),
    }

    assert len(scopes) == 6


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\x00b"])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(RejectedError) as refused:
        scope_of(ACTOR, "POST", "/a", key)

    assert refused.value.code == "idempotency-key-malformed"


def test_a_request_that_failed_may_be_repeated_under_its_key(application: Application):
    scope = scope_of(ACTOR, "POST", "/api/v1/cases", "k")

    def fails(store: Store) -> None:
        begin(store, scope, b"{}")
        raise RejectedError("Expected a title.", code="title-missing")

    with pytest.raises(RejectedError):
        run(application, fails)

    assert run(application, answer_once, scope, b"{}", []) == ANSWER


def test_twins_at_the_same_moment_have_one_effect_and_one_answer(application: Application):
    effects: list[str] = []
    answers: list[Answer] = []
    scope = scope_of(ACTOR, "POST", "/api/v1/cases", "k")
    gate = threading.Barrier(8)

    def request() -> None:
        gate.wait()
        answers.append(run(application, answer_once, scope, b"{}", effects))

    threads = [threading.Thread(target=request) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [ANSWER] * 8
    with application.database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM idempotency_key WHERE status = 201")).scalar() == 1
    assert len(effects) == 1


def test_answers_are_forgotten_after_a_week(application: Application, clock):
    scope = scope_of(ACTOR, "POST", "/api/v1/cases", "k")
    run(application, answer_once, scope, b"{}", [])

    clock.move_to(clock.now() + timedelta(days=7))
    assert run(application, idempotency.purge) == 0
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert run(application, idempotency.purge) == 1

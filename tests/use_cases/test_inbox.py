"""The case inbox: each row takes effect once, in the case's own transaction, in order, and none blocks another."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import text

from tests.world import CLERK, FLOWADMIN, SUPERVISOR, World
from workflows import inbox
from workflows.cases import resume_case, suspend_case
from workflows.incidents import retry_incident
from workflows.store import cases as stored
from workflows.tables import Case, CaseInbox


def asleep(world: World) -> None:
    """From now on nobody works through inboxes after a commit: the process died there each time."""
    world.application.wake = lambda *_: None


def send(world: World, case: str, kind: str, payload: dict[str, Any], key: str = "k") -> None:
    def put(store):
        stored.send_to_case(store, case, kind, payload, key=key, source_case_id=None)

    world.run(put)


def test_a_child_begins_though_its_parent_died_after_the_commit(world: World):
    asleep(world)
    parent = world.start("calling", subject="甲")  # start settles: the scheduler found the row

    assert world.names(world.child(parent).id) == ["承办工作"]
    assert [row.result for row in world.rows(CaseInbox)] == ["done"]


def test_the_inbox_is_worked_through_right_after_the_commit(world: World):
    parent = world.start("calling", subject="甲")

    world.task("承办工作").complete(CLERK, answer="好")

    assert world.names(parent) == ["办理结果"]


def test_a_row_is_consumed_once_however_often_the_inbox_is_asked(world: World):
    asleep(world)
    parent = world.start("calling", subject="甲")
    world.task("承办工作").complete(CLERK, answer="好")

    assert world.run(inbox.advance, parent) == 1
    assert world.run(inbox.advance, parent) == 0
    assert inbox.advance_waiting(world.application) == 0

    assert world.names(parent) == ["办理结果"]
    world.check()


def test_the_same_thing_sent_twice_is_one_row(world: World):
    asleep(world)
    case = world.start("asking")
    for _ in range(2):
        send(world, case, "message", {"kind": "message", "name": "回执", "payload": {}})

    assert len(world.rows(CaseInbox, target_case_id=case)) == 1
    world.settle()
    assert world.names(case) == ["收到之后"]


def test_a_replayed_row_is_harmless(world: World):
    """A restored backup of the inbox table brings a consumed row back: its second consumption finds nothing to do."""
    parent = world.start("calling", subject="甲")
    world.task("承办工作").complete(CLERK, answer="好")
    version = world.case(parent).row_version
    with world.application.database.begin() as connection:
        connection.execute(text("UPDATE case_inbox SET consumed_at = NULL, result = NULL"))

    world.settle()

    assert world.names() == ["办理结果"]
    assert world.case(parent).row_version == version
    assert "done" not in {row.result for row in world.rows(CaseInbox)}
    assert world.incidents() == []
    world.check()


def test_what_comes_too_late_for_a_closed_case_is_consumed_without_effect(world: World):
    asleep(world)
    case = world.start("branches")
    world.task("监看").complete(CLERK)
    send(world, case, "message", {"kind": "message", "name": "回执", "payload": {}})

    world.settle()

    assert [row.result for row in world.rows(CaseInbox)] == ["case-ended"]


def test_a_suspended_case_takes_only_what_wakes_or_ends_it(world: World):
    parent = world.start("calling", subject="甲")
    child = world.child(parent).id
    asleep(world)
    world.run(suspend_case, parent, "等待", actor=world.actor(SUPERVISOR))
    world.task("承办工作").complete(CLERK, answer="好")  # the child does not know yet
    world.settle()

    assert world.case(child).status == "completed"
    assert world.case(parent).status == "suspended"
    assert [row.kind for row in world.rows(CaseInbox, consumed_at=None)] == ["end_child"]

    world.run(resume_case, parent, actor=world.actor(SUPERVISOR))
    world.settle()
    assert world.names(parent) == ["办理结果"]
    world.check()


def test_one_bad_row_is_set_aside_and_its_neighbours_take_effect(world: World, caplog: pytest.LogCaptureFixture):
    asleep(world)
    parent = world.start("calling", subject="甲")
    waiting = world.start("asking")
    send(world, parent, "message", {"no": "kind"}, key="bad")
    world.task("承办工作").complete(CLERK, answer="好")
    send(world, waiting, "message", {"kind": "message", "name": "回执", "payload": {}}, key="other")

    with caplog.at_level(logging.CRITICAL):
        world.settle()

    assert world.names(parent) == ["办理结果"]
    assert world.names(waiting) == ["收到之后"]
    results = {row.key.split(":")[0]: row.result for row in world.rows(CaseInbox)}
    assert (results["bad"], results["end"]) == ("incident", "done")
    (incident,) = world.incidents()
    assert (incident.case_id, incident.code) == (parent, "inbox-message-failed")
    world.check()


def test_a_row_behind_a_bad_one_is_not_the_one_set_aside(world: World, caplog: pytest.LogCaptureFixture):
    asleep(world)
    parent = world.start("calling", subject="甲")
    world.task("承办工作").complete(CLERK, answer="好")
    send(world, parent, "message", {"no": "kind"}, key="bad")

    with caplog.at_level(logging.CRITICAL):
        world.settle()

    assert world.names(parent) == ["办理结果"]
    assert {row.key: row.result for row in world.rows(CaseInbox)}["bad"] == "incident"


def test_retrying_the_incident_delivers_the_row_again(world: World, caplog: pytest.LogCaptureFixture):
    asleep(world)
    case = world.start("asking")
    send(world, case, "message", {"no": "kind"}, key="bad")
    with caplog.at_level(logging.CRITICAL):
        world.settle()
    with world.application.database.begin() as connection:
        connection.execute(
            text("UPDATE case_inbox SET payload = :payload"),
            {"payload": '{"kind": "message", "name": "回执", "payload": {}}'},
        )

    world.run(retry_incident, world.incidents()[0].id, actor=world.actor(FLOWADMIN))
    world.settle()

    assert world.names(case) == ["收到之后"]
    assert world.incidents() == []
    world.check()


def test_an_unknown_kind_is_an_incident_not_a_crash(world: World, caplog: pytest.LogCaptureFixture):
    case = world.start("asking")
    with caplog.at_level(logging.CRITICAL):
        send(world, case, "nonsense", {})
        world.settle()

    assert [incident.code for incident in world.incidents()] == ["inbox-nonsense-failed"]
    assert inbox.advance_waiting(world.application) == 0


def test_many_rows_are_consumed_in_several_transactions(world: World):
    asleep(world)
    case = world.start("asking")
    for number in range(120):
        send(world, case, "message", {"kind": "message", "name": "别的", "payload": {}}, key=f"k{number}")

    assert world.run(inbox.advance, case) == 50
    inbox.advance_all(world.application, [case])

    assert world.rows(CaseInbox, consumed_at=None) == []
    assert world.rows(Case)[0].status == "active"

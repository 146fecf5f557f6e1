"""The driver of conformance cases: bounded, several processes of a file, everything on its own clock."""

from __future__ import annotations

import pytest

from tests.engine.scene import ERROR, ESCALATION, MESSAGE, TERMINATE, definitions, node, process, tasks, timer
from workflows.engine.conform import run_case


def verdict(content: bytes, **case):
    given = {"id": "x", "diagram": "d", "process": "P", "ends": True, **case}
    return run_case(given, lambda _: content)


def test_a_process_that_calls_itself_for_ever_is_wrong_and_not_a_crash():
    content = definitions(process(node("callActivity", "ca", calledElement="P"), "s > ca\n ca > e"))

    found = verdict(content)

    assert found.verdict == "wrong"
    assert "did not come to rest" in found.why


def test_two_processes_that_call_each_other_end_when_one_stops():
    called = process(node("startEvent", "qs") + tasks("qa") + node("endEvent", "t", TERMINATE), "qs > qa\n qa > t", "Q")
    caller = process(node("callActivity", "ca", calledElement="Q") + tasks("N"), "s > ca\n ca > N\n N > e")

    assert verdict(definitions(caller, called), must_complete=["qa", "t", "ca", "N"]).verdict == "right"


def test_an_error_of_a_called_process_reaches_its_caller():
    called = process(node("startEvent", "qs") + node("endEvent", "t", ERROR), "qs > t", "Q")
    border = node("boundaryEvent", "b", ERROR, attachedToRef="ca")
    caller = process(
        node("callActivity", "ca", calledElement="Q") + border + tasks("N", "B"),
        "s > ca\n ca > N\n N > e\n b > B\n B > e",
    )

    assert verdict(definitions(caller, called), must_complete=["B"], must_not_complete=["N"]).verdict == "right"


def test_an_escalation_of_a_called_process_reaches_its_caller():
    inner = node("startEvent", "qs") + node("intermediateThrowEvent", "t", ESCALATION) + tasks("qa")
    called = process(inner, "qs > t\n t > qa", "Q")
    border = node("boundaryEvent", "b", ESCALATION, attachedToRef="ca")
    caller = process(
        node("callActivity", "ca", calledElement="Q") + border + tasks("B"), "s > ca\n ca > e\n b > B\n B > e"
    )

    assert verdict(definitions(caller, called), must_complete=["t", "B"], must_not_complete=["qa"]).verdict == "right"


def test_messages_go_to_the_other_processes_of_the_file():
    receiver = process(
        node("startEvent", "qs", MESSAGE) + tasks("qa") + node("endEvent", "qe", MESSAGE.replace("Msg", "Other")),
        "qs > qa\n qa > qe",
        "Q",
    )
    sender = process(
        node("intermediateThrowEvent", "t", MESSAGE)
        + node("intermediateCatchEvent", "c", MESSAGE.replace("Msg", "Other")),
        "s > t\n t > c\n c > e",
    )

    assert verdict(definitions(sender, receiver), must_complete=["t", "qs", "qa", "c"]).verdict == "right"


def test_a_message_that_nobody_waits_for_is_lost():
    content = definitions(process(tasks("A"), "s > A\n A > e"))

    assert verdict(content, hold=["A"], actions=[["msg", "msg"], ["sig", "s"]]).verdict == "right"


def test_a_held_task_stays_open_until_it_is_released():
    content = definitions(process(tasks("A", "B"), "s > A\n A > B\n B > e"))

    assert verdict(content, hold=["A"], actions=[["release", "A"]], must_complete=["A", "B"]).verdict == "right"


def test_timers_that_come_due_during_a_wait_fire_in_their_order():
    drawn = node("intermediateCatchEvent", "c1", timer("PT1S")) + node("intermediateCatchEvent", "c2", timer("PT1S"))
    content = definitions(process(drawn, "s > c1\n c1 > c2\n c2 > e"))

    assert verdict(content, actions=[["wait", 1.5]], ends=False, must_complete=["c1"]).verdict == "right"
    assert verdict(content, actions=[["wait", 2]], must_complete=["c1", "c2"]).verdict == "right"


def test_a_process_that_waits_for_its_timer_starts_when_it_comes():
    content = definitions(process(node("startEvent", "s", timer("R/PT10S", "timeCycle")) + tasks("A"), "s > A\n A > e"))

    assert verdict(content, actions=[["wait", 5]], ends=False, must_not_complete=["s"]).verdict == "right"
    assert verdict(content, actions=[["wait", 11]], must_complete=["s", "A"]).verdict == "right"


def test_a_date_that_has_passed_starts_the_process_at_once():
    start = node("startEvent", "s", timer("2020-01-01T00:00:00Z", "timeDate"))
    content = definitions(process(start + tasks("A"), "s > A\n A > e"))

    assert verdict(content, actions=[["wait", 0.5]], must_complete=["s", "A"]).verdict == "right"


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        ({"must_complete": ["B"]}, "B was not completed"),
        ({"must_not_complete": ["A"]}, "A was completed"),
        ({"counts": {"A": 2}}, "A was completed 1 times, not 2"),
        ({"ends": False}, "the case has ended"),
    ],
)
def test_an_expectation_that_does_not_hold_is_wrong_and_told(expected, why):
    found = verdict(definitions(process(tasks("A"), "s > A\n A > e")), **expected)

    assert found.verdict == "wrong"
    assert why in found.why


def test_an_incident_is_told_with_what_it_kept_from_happening():
    gateway = node("exclusiveGateway", "g", default="f_g_e")

    found = verdict(definitions(process(gateway + tasks("A"), "s > g\n g > A if missing\n g > e\n A > e")))

    assert found.verdict == "wrong"
    assert "unknown-name" in found.why


def test_a_refusal_that_names_nothing_is_wrong():
    assert verdict(b"<html/>").verdict == "wrong"


def test_an_unknown_action_is_wrong():
    content = definitions(process(tasks("A"), "s > A\n A > e"))

    assert verdict(content, hold=["A"], actions=[["dance", 1]]).verdict == "wrong"

"""Incidents, fuel, and the state document (design §4)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.scene import MESSAGE, NOW, Play, node, subprocess, tasks, timer
from workflows.engine import advance, inspect, start
from workflows.engine.errors import (
    ElementNotWaitingError,
    EngineError,
    NoIncidentError,
    StateError,
    WrongProcessError,
)
from workflows.engine.types import ActivityKey, Complete, Context, Outcome, Retry, SetVariables, Start
from workflows.engine.values import YearsMonths

ENDLESS = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e") + tasks("A")
ENDLESS_FLOWS = "s > A\n A > m\n m > x\n x > m if again\n x > e"


def test_a_loop_that_never_waits_runs_out_of_fuel():
    play = Play(ENDLESS, ENDLESS_FLOWS, again=True, fuel=500)

    play.complete("A")

    assert list(play.incidents.values()) == ["fuel-exhausted"]
    assert play.outcome is None


def test_a_case_that_ran_out_of_fuel_goes_on_after_a_retry():
    play = Play(ENDLESS, ENDLESS_FLOWS, again=True, fuel=500)
    play.complete("A")
    play.set(again=False)

    play.retry(next(iter(play.incidents)).element_id)

    assert play.outcome == Outcome("completed")


def test_tokens_that_multiply_without_end_are_stopped():
    fork = node("parallelGateway", "p") + node("exclusiveGateway", "m")

    play = Play(fork, "s > m\n m > p\n p > m\n p > m".replace("p > m\n p > m", "p > m\n p > e"), fuel=300)

    assert "fuel-exhausted" in play.incidents.values()


def test_all_that_was_running_is_named_when_the_fuel_is_gone():
    loops = node("parallelGateway", "p") + node("exclusiveGateway", "a") + node("exclusiveGateway", "b")

    play = Play(loops, "s > p\n p > a\n a > a\n p > b\n b > b", fuel=100)

    assert {key.element_id for key in play.incidents} == {"a", "b"}


def test_only_an_incident_can_be_retried():
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(NoIncidentError):
        play.do(Retry(play.key("A")))
    with pytest.raises(ElementNotWaitingError):
        play.do(Retry(ActivityKey("nobody")))


def test_an_incident_holds_up_nothing_else():
    drawn = node("parallelGateway", "p") + node("exclusiveGateway", "g", default="f_g_e") + tasks("A", "B")
    play = Play(drawn, "s > p\n p > g\n p > A\n g > B if missing\n g > e\n A > e\n B > e")
    assert len(play.incidents) == 1

    play.complete("A")

    assert play.outcome is None
    assert len(play.incidents) == 1


VALUES: dict[str, Any] = {
    "text": "督办",
    "number": Decimal("1.50"),
    "whole": 10**30,
    "truth": True,
    "nothing": None,
    "day": date(2026, 10, 1),
    "moment": datetime(2026, 10, 1, 8, 30, tzinfo=UTC),
    "hour": time(8, 30),
    "span": timedelta(days=3, seconds=5),
    "months": YearsMonths(14),
    "list": [1, [Decimal("0.1")], {"a": None}],
    "tricky": {"$": "decimal", "v": "no number"},
}


def test_values_survive_the_state():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e", **VALUES)

    play.complete("A")

    held = inspect(play.process, play.state).variables
    assert held == VALUES
    assert {name: type(value) for name, value in held.items()} == {name: type(value) for name, value in VALUES.items()}


def test_the_state_is_small_and_holds_no_diagram():
    play = Play(tasks("A") + node("userTask", "B", name="很长的名字" * 50), "s > A\n A > B\n B > e")

    assert len(play.state) < 300
    assert "很长" not in play.state.decode()
    assert json.loads(play.state)["v"] == 1


def test_a_large_state_is_compressed():
    play = Play(tasks("A"), "s > A\n A > e", text="x" * 50_000)

    assert len(play.state) < 1_000
    assert inspect(play.process, play.state).variables["text"] == "x" * 50_000


@pytest.mark.parametrize("state", [b"", b"{}", b"[]", b"Zxx", b"\xff\xfe", b"null", b'{"v": 99}', b'{"v": null}'])
def test_what_is_no_state_is_refused(state):
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(StateError):
        inspect(play.process, state)


def test_a_state_of_another_process_is_refused():
    one = Play(tasks("A"), "s > A\n A > e")
    other = one.process.__class__(
        "Q", "", "", one.process.elements, one.process.flows, (), net=one.process.net, whole=one.process.whole
    )

    with pytest.raises(WrongProcessError):
        inspect(other, one.state)


def test_a_state_that_names_an_element_that_is_gone_is_refused():
    one = Play(tasks("A"), "s > A\n A > e")
    two = Play(tasks("B"), "s > B\n B > e")

    with pytest.raises(StateError, match="A"):
        inspect(two.process, one.state)


def test_advancing_is_pure_the_same_state_and_command_give_the_same_step():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    command = Complete(play.key("A"), {"x": 1})

    first = advance(play.process, play.state, command, play.context)
    second = advance(play.process, play.state, command, play.context)

    assert first == second


def test_starting_is_not_a_command_for_a_running_case():
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(EngineError):
        advance(play.process, play.state, Start(), play.context)


def test_an_empty_name_is_no_variable():
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(EngineError):
        advance(play.process, play.state, SetVariables({"": 1}), play.context)


def test_roots_of_the_context_are_seen_below_the_variables():
    gateway = node("exclusiveGateway", "g", default="f_g_B")
    play = Play(gateway + tasks("A", "B", "C"), 's > C\n C > g\n g > A if unit.level = "县"\n g > B\n A > e\n B > e')
    context = Context(now=NOW, roots={"unit": {"level": "县"}})

    step = advance(play.process, play.state, Complete(play.key("C")), context)

    assert step.tasks_opened[0].activity.element_id == "A"
    assert step.variables == {}


def test_a_step_tells_nothing_of_what_opened_and_closed_within_it():
    """A timer that a sub-process sets and clears in one sweep never existed for the application."""
    inner = node("startEvent", "s2") + node("exclusiveGateway", "g") + node("endEvent", "e2")
    drawn = subprocess("sp", inner, "s2 > g\n g > e2") + node("boundaryEvent", "b", timer("PT1H"), attachedToRef="sp")
    play = Play(drawn + tasks("N"), "s > sp\n sp > N\n N > e\n b > e")

    assert not play.last.timers_set
    assert not play.last.timers_cleared
    assert [opened.activity.element_id for opened in play.last.opened] == ["N"]
    assert not play.last.closed


def test_an_empty_process_ends_at_once():
    play = Play("", "s > e")

    assert play.outcome == Outcome("completed")
    assert start(play.process, Start(), play.context).state == play.state


@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_a_border_that_could_not_leave_stays_in_its_sub_process(interrupting: str):
    assignment = "<bpmn:assignment><bpmn:from>go</bpmn:from><bpmn:to>x</bpmn:to></bpmn:assignment>"
    written = f"<bpmn:dataOutputAssociation><bpmn:targetRef>x</bpmn:targetRef>{assignment}</bpmn:dataOutputAssociation>"
    drawn = f'<bpmn:dataOutput id="o" name="o"/>{written}{MESSAGE}'
    border = '<bpmn:dataObject id="x"/>' + node(
        "boundaryEvent", "b", drawn, attachedToRef="A", cancelActivity=interrupting
    )
    inner = node("startEvent", "s2") + tasks("A", "X") + border
    play = Play(subprocess("sp", inner, "s2 > A; b > X"), "s > sp; sp > e")

    play.deliver("msg")
    assert list(play.incidents.values()) == ["unknown-name"]
    play.set(go=True)
    play.retry("b")

    assert "X" in play.waiting
    assert {key.scope_path for key in play.tasks} == {"sp:0:1"}
    for name in list(play.waiting):
        play.complete(name)
    assert play.outcome == Outcome("completed")

"""Events on the border of an activity, errors and escalations (BPMN 2.0.2 §10.5.4, §10.5.7, §13.5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.scene import (
    ERROR,
    ESCALATION,
    MESSAGE,
    NOW,
    ROOTS,
    Play,
    codes,
    compiled,
    definitions,
    node,
    process,
    subprocess,
    tasks,
    timer,
)
from workflows.engine.types import Closing, Outcome


def border(definition: str, host: str = "A", border_id: str = "b", *, beside: bool = False) -> str:
    attributes = {"cancelActivity": "false"} if beside else {}
    return node("boundaryEvent", border_id, definition, attachedToRef=host, **attributes)


FLOWS = "s > A\n A > N\n N > e\n b > B\n B > e"


def test_an_interrupting_message_cancels_the_activity():
    play = Play(tasks("A", "B", "N") + border(MESSAGE), FLOWS)
    assert {key.element_id for key in play.open} == {"A", "b"}

    play.deliver()

    assert play.waiting == ["B"]
    assert ("A", Closing.CANCELLED) in play.closed
    assert play.done == ["s", "b"]


def test_finishing_the_activity_disarms_its_border():
    play = Play(tasks("A", "B", "N") + border(timer("PT1H")), FLOWS)
    assert play.timers[play.key("b")].host == play.key("A")

    step = play.complete("A")

    assert play.waiting == ["N"]
    assert len(step.timers_cleared) == 1
    assert "b" not in play.done


def test_a_non_interrupting_message_is_heard_each_time():
    play = Play(tasks("A", "B", "N") + border(MESSAGE, beside=True), FLOWS)

    play.deliver()
    play.deliver()

    assert play.waiting == ["A", "B", "B"]
    assert play.count("b") == 2
    assert sorted(key.iteration for key in play.tasks if key.element_id == "B") == [0, 1]
    play.complete("A")
    assert not play.waiting_for


def test_a_non_interrupting_duration_fires_once():
    play = Play(tasks("A", "B", "N") + border(timer("PT1H"), beside=True), FLOWS)

    play.wait(hours=10)

    assert play.waiting == ["A", "B"]
    assert not play.timers


def test_a_non_interrupting_cycle_repeats_as_often_as_it_says():
    play = Play(tasks("A", "B", "N") + border(timer("R3/PT1H", "timeCycle"), beside=True), FLOWS)
    first = play.timers[play.key("b")]
    assert (first.occurrence, first.due_at) == (1, NOW + timedelta(hours=1))

    play.wait(hours=10)

    assert play.count("b") == 3
    assert play.waiting == ["A", "B", "B", "B"]
    assert not play.timers


def test_a_cycle_does_not_drift_when_it_is_fired_late():
    play = Play(tasks("A", "B", "N") + border(timer("R/PT1H", "timeCycle"), beside=True), FLOWS)
    play.now = NOW + timedelta(minutes=90)

    play.fire("b")

    assert play.timers[play.key("b")].due_at == NOW + timedelta(hours=2)


def test_a_monthly_cycle_keeps_the_day_of_the_month():
    play = Play(tasks("A", "B", "N") + border(timer("R/2026-03-31T00:00:00Z/P1M", "timeCycle"), beside=True), FLOWS)
    found = []

    for _ in range(4):
        found.append(play.timers[play.key("b")].due_at.strftime("%m-%d"))
        play.fire("b")

    assert found == ["03-31", "04-30", "05-31", "06-30"]


def test_a_cycle_that_is_over_never_happens_and_stops_no_work():
    """The next one to come to the task can do it all the same; nothing that time brings would arm the event."""
    past = timer("R3/2020-01-01T00:00:00Z/PT12H", "timeCycle")
    play = Play(tasks("A", "B", "N") + border(past, beside=True) + border(MESSAGE, border_id="b2"), FLOWS + "\n b2 > e")

    assert play.waiting == ["A"]
    assert not play.incidents
    assert not play.timers
    play.complete("A")
    assert play.waiting == ["N"]


def test_all_of_a_border_or_nothing_is_armed():
    drawn = tasks("A", "B", "N") + border(MESSAGE) + border(timer("d"), border_id="b2")
    play = Play(drawn, FLOWS + "\n b2 > e")
    assert list(play.incidents.values()) == ["unknown-name"]
    assert not play.waiting_for
    assert play.waiting == []

    play.set(d="PT1H")
    play.retry("A")

    assert play.waiting == ["A"]
    assert set(play.waiting_for.values()) == {"msg"}


def thrower(definition: str, *, ends: bool = True) -> str:
    if ends:
        return subprocess("sp", node("startEvent", "s2") + node("endEvent", "t", definition), "s2 > t")
    inner = node("startEvent", "s2") + node("intermediateThrowEvent", "t", definition) + tasks("A2")
    return subprocess("sp", inner, "s2 > t\n t > A2")


THROW_FLOWS = "s > sp\n sp > N\n N > e\n b > B\n B > e"


def test_an_error_is_caught_by_its_code():
    play = Play(thrower(ERROR) + border(ERROR, "sp") + tasks("N", "B"), THROW_FLOWS)

    assert play.waiting == ["B"]
    assert "t" in play.done


def test_an_event_with_the_code_goes_before_one_that_catches_any():
    any_error = border("<bpmn:errorEventDefinition/>", "sp", "b0")
    drawn = thrower(ERROR) + any_error + border(ERROR, "sp") + tasks("N", "B", "C")

    assert Play(drawn, THROW_FLOWS + "\n b0 > C\n C > e").waiting == ["B"]


def test_an_error_travels_outwards_until_it_is_caught():
    other = ERROR.replace("Err", "Err2")
    inner = node("startEvent", "s1") + thrower(ERROR) + border(other, "sp", "b1") + tasks("C")
    outer = subprocess("outer", inner, "s1 > sp\n b1 > C")
    play = Play(outer + border(ERROR, "outer") + tasks("B"), "s > outer\n outer > e\n b > B\n B > e")

    assert play.waiting == ["B"]


def test_an_uncaught_error_ends_the_case_with_an_incident():
    drawn = node("parallelGateway", "p") + node("endEvent", "t", ERROR) + tasks("A", "B")
    play = Play(drawn, "s > p\n p > A\n p > B\n A > t\n B > e")

    play.complete("A")

    assert play.outcome == Outcome("error", "E1")
    assert play.last.incidents[0].code == "error-uncaught"
    assert play.last.incidents[0].activity.element_id == "t"


def test_an_escalation_that_does_not_interrupt_lets_everything_go_on():
    play = Play(thrower(ESCALATION, ends=False) + border(ESCALATION, "sp", beside=True) + tasks("N", "B"), THROW_FLOWS)
    assert play.waiting == ["A2", "B"]

    play.complete("A2")

    assert play.waiting == ["B", "N"]


def test_an_interrupting_escalation_cancels_the_thrower():
    play = Play(thrower(ESCALATION, ends=False) + border(ESCALATION, "sp") + tasks("N", "B"), THROW_FLOWS)

    assert play.waiting == ["B"]
    assert "A2" not in play.done


def test_an_escalation_that_nobody_catches_leaves_the_case_and_stops_nothing():
    play = Play(thrower(ESCALATION) + border(ESCALATION.replace("Esc", "Esc2"), "sp") + tasks("N", "B"), THROW_FLOWS)

    assert play.escalations == ["C1"]
    assert play.waiting == ["N"]
    assert not play.incidents


def test_an_escalation_of_a_child_case_reaches_the_border_of_its_call():
    called = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
    drawn = node("callActivity", "sp", calledElement="Q") + border(ESCALATION, "sp", beside=True) + tasks("N", "B")
    play = Play(drawn, THROW_FLOWS, called)

    play.escalate("sp", "C1")
    assert play.waiting == ["B"]
    play.escalate("sp", "C2")
    play.end_child("sp")

    assert play.waiting == ["B", "N"]
    assert play.escalations == ["C2"]


@pytest.mark.parametrize(
    ("drawn", "arrows", "code"),
    [
        (border(MESSAGE, "nobody"), "b > e", "boundary-host-missing"),
        (border(MESSAGE, "e"), "b > e", "boundary-host-not-activity"),
        (border(""), "b > e", "event-definition-missing"),
        (border(ERROR, beside=True), "b > e", "error-boundary-must-interrupt"),
        (border("<bpmn:terminateEventDefinition/>"), "b > e", "event-not-allowed-here"),
        (border("<bpmn:linkEventDefinition/>"), "b > e", "event-not-allowed-here"),
        (border("<bpmn:signalEventDefinition/>"), "b > e", "signal-missing"),
        (border("<bpmn:cancelEventDefinition/>"), "b > e", "cancel-outside-transaction"),
        (border("<bpmn:compensateEventDefinition/>"), "b > e", "compensation-handler-missing"),
        (border('<bpmn:errorEventDefinition errorRef="No"/>'), "b > e", "error-unknown"),
        (border(MESSAGE), "b > e\n A > b", "flow-into-boundary-event"),
        (node("boundaryEvent", "b", MESSAGE, attachedToRef="A", cancelActivity="maybe"), "b > e", "attribute-invalid"),
    ],
)
def test_an_illegal_border_event_is_named(drawn, arrows, code):
    content = definitions(process(tasks("A") + drawn, "s > A\n A > e\n" + arrows))

    assert code in [found for found, element in codes(content) if element in ("b", "f_A_b")]


def test_two_events_that_catch_the_same_are_refused():
    drawn = thrower(ERROR) + border(ERROR, "sp") + border(ERROR, "sp", "b2") + tasks("B")

    found = codes(definitions(process(drawn, "s > sp\n sp > e\n b > B\n b2 > B\n B > e")))

    assert found == [("boundary-ambiguous", "b2")]


def test_an_error_event_on_a_task_that_cannot_fail_is_warned_of():
    findings = compiled(definitions(process(tasks("A", "B") + border(ERROR), "s > A\n A > e\n b > B\n B > e"))).findings

    assert [found.code for found in findings] == ["boundary-never-happens"]


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_a_border_that_names_something_without_a_code_catches_every_code(kind):
    """Table 10.90: the code MAY be supplied where it is caught; thrown without one, only such an event catches."""
    roots = ROOTS + f'<bpmn:{kind} id="Any" name="whatever happens"/>'
    definition = f'<bpmn:{kind}EventDefinition {kind}Ref="{{}}"/>'
    inner = node("startEvent", "s2") + node("endEvent", "t", definition.format("Err" if kind == "error" else "Esc"))
    catching = node("boundaryEvent", "b", definition.format("Any"), attachedToRef="sp")
    drawn = subprocess("sp", inner, "s2 > t") + catching + tasks("B")

    content = definitions(process(drawn, "s > sp; sp > e; b > B; B > e"), roots=roots)
    assert Play(compiled(content).processes["P"]).waiting == ["B"]

    inner = node("startEvent", "s2") + node("endEvent", "t", definition.format("Any"))
    strict = node("boundaryEvent", "b2", definition.format("Err" if kind == "error" else "Esc"), attachedToRef="sp")
    drawn = subprocess("sp", inner, "s2 > t") + catching + strict + tasks("B", "C")
    thrown = compiled(definitions(process(drawn, "s > sp; sp > e; b > B; B > e; b2 > C; C > e"), roots=roots))
    assert (f"{kind}-code-missing", "t") in [(found.code, found.element_id) for found in thrown.findings]
    assert Play(thrown.processes["P"]).waiting == ["B"]

"""Signals and conditions: who hears, when it happens, what is announced (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

import pytest

from tests.engine.scene import (
    MESSAGE,
    NOW,
    ROOTS,
    Play,
    codes,
    compiled,
    definitions,
    node,
    process,
    tasks,
    timer,
)
from workflows.engine import start
from workflows.engine.errors import MessageNotExpectedError
from workflows.engine.types import Context, Deliver, Outcome, Start

SIGNAL = '<bpmn:signalEventDefinition signalRef="Sig"/>'
SIGNALS = ROOTS + '<bpmn:signal id="Sig" name="sig"/>'


def condition(text: str) -> str:
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


def play(nodes: str, arrows: str, **variables) -> Play:
    compilation = compiled(definitions(process(nodes, arrows), roots=SIGNALS))
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"], **variables)


def catch(node_id: str, definition: str, **attributes: str) -> str:
    return node("intermediateCatchEvent", node_id, definition, **attributes)


def border(definition: str, *, beside: bool = False, **attributes: str) -> str:
    cancel = "false" if beside else "true"
    return node("boundaryEvent", "b", definition, attachedToRef="A", cancelActivity=cancel, **attributes)


# ------------------------------------------------------------------ signals


def test_a_signal_is_delivered_to_all_and_announced_as_a_subscription():
    case = play(
        node("parallelGateway", "g") + catch("c", SIGNAL) + catch("d", SIGNAL), "s > g; g > c; g > d; c > e; d > e"
    )
    assert {(each.kind, each.name) for each in case.last.subscriptions_set} == {("signal", "sig")}

    case.do(Deliver("signal", "sig", {"x": 1}))

    assert case.outcome == Outcome("completed")
    assert case.variables == {"x": 1}


def test_a_signal_that_nobody_awaits_and_a_message_of_its_name_are_refused():
    case = play(catch("c", SIGNAL), "s > c; c > e")

    for kind, name in (("signal", "other"), ("message", "sig")):
        with pytest.raises(MessageNotExpectedError):
            case.do(Deliver(kind, name))


def test_a_thrown_signal_is_told_to_the_application_with_its_payload():
    mapping = '<bpmn:extensionElements><zc:input target="y" expression="x + 1"/></bpmn:extensionElements>'
    case = play(tasks("A") + node("intermediateThrowEvent", "t", mapping + SIGNAL), "s > A; A > t; t > e", x=1)

    case.complete("A")

    assert [(each.kind, each.name, each.payload) for each in case.last.thrown] == [("signal", "sig", {"y": 2})]


def test_a_signal_waits_for_the_other_branch_to_listen_first():
    case = play(
        node("parallelGateway", "g") + node("intermediateThrowEvent", "t", SIGNAL) + catch("c", SIGNAL),
        "s > g; g > t; g > c; t > e; c > e",
    )

    assert case.outcome == Outcome("completed")


def test_a_signal_that_answers_itself_without_end_runs_out_of_fuel():
    drawn = tasks("A") + border(SIGNAL, beside=True) + node("intermediateThrowEvent", "t", SIGNAL)
    content = definitions(process(drawn, "s > A; A > e; b > t; t > e"), roots=SIGNALS)
    case = Play(compiled(content).processes["P"], fuel=500)

    case.do(Deliver("signal", "sig"))

    assert "fuel-exhausted" in case.incidents.values()


# ------------------------------------------------------------------ conditions


def test_a_condition_that_holds_when_reached_happens_at_once():
    assert play(catch("c", condition("n > 1")), "s > c; c > e", n=2).outcome == Outcome("completed")


def test_a_condition_happens_with_the_change_that_makes_it_true():
    case = play(catch("c", condition("n > 1")) + tasks("A"), "s > c; c > A; A > e", n=0)
    case.set(n=1)
    assert case.waiting == []

    case.set(n=2)

    assert case.waiting == ["A"]


@pytest.mark.parametrize("variables", [{}, {"n": None}])
def test_what_cannot_be_decided_yet_has_not_become_true(variables):
    case = play(catch("c", condition("n > 1")), "s > c; c > e", **variables)
    assert not case.incidents
    assert case.outcome is None

    case.set(n=5)

    assert case.outcome == Outcome("completed")


def test_a_condition_that_is_no_condition_is_an_incident_and_can_be_retried():
    case = play(catch("c", condition("n")), "s > c; c > e", n="yes")
    assert list(case.incidents.values()) == ["not-boolean"]

    case.set(n=True)
    assert case.outcome is None
    case.retry("c")

    assert case.outcome == Outcome("completed")


def test_a_border_condition_arms_again_only_after_it_was_false():
    case = play(tasks("A", "B") + border(condition("n > 1"), beside=True), "s > A; A > e; b > B; B > e", n=0)
    for value in (2, 3, 4, 0, 9, 9):
        case.set(n=value)

    assert case.count("b") == 2
    assert case.waiting == ["A", "B", "B"]


def test_a_value_that_a_task_writes_interrupts_before_anything_follows():
    drawn = tasks("A", "B", "C") + border(condition("stop")) + node("parallelGateway", "g")
    case = play(drawn, "s > g; g > A; g > C; A > e; C > e; b > B; B > e", stop=False)

    case.complete("C", stop=True)

    assert case.waiting == ["B"]


def test_a_condition_that_held_at_the_border_is_remembered_by_the_state():
    case = play(tasks("A", "B") + border(condition("n > 1"), beside=True), "s > A; A > e; b > B; B > e", n=5)
    assert case.count("b") == 1

    case.set(other=1)

    assert case.count("b") == 1


def test_a_condition_behind_a_gateway_decides():
    drawn = node("eventBasedGateway", "g") + catch("c", condition("n > 1")) + catch("d", MESSAGE) + tasks("A", "B")
    case = play(drawn, "s > g; g > c; g > d; c > A; d > B; A > e; B > e", n=0)

    case.set(n=2)

    assert case.waiting == ["A"]
    assert not case.waiting_for


# ------------------------------------------------------------------ several triggers


def test_every_timer_of_an_event_has_numbers_of_its_own():
    case = play(
        tasks("A", "B") + border(timer("R/PT1H", "timeCycle") + timer("PT90M"), beside=True),
        "s > A; A > e; b > B; B > e",
    )

    assert sorted(each.occurrence for each in case.last.timers_set) == [1, 2]


def test_a_parallel_event_calls_off_what_has_come_and_keeps_what_is_missing():
    case = play(catch("c", MESSAGE + SIGNAL, parallelMultiple="true"), "s > c; c > e")

    case.deliver("msg", a=1)

    assert [(each.kind, each.name) for each in case.last.subscriptions_cleared] == [("message", "msg")]
    assert case.variables == {"a": 1}
    case.do(Deliver("signal", "sig"))
    assert case.outcome == Outcome("completed")


@pytest.mark.parametrize(("trigger", "ended"), [(None, True), (0, False)])
def test_a_parallel_start_by_hand_stands_for_all_and_by_one_trigger_waits_for_the_rest(trigger, ended):
    drawn = node("startEvent", "s", MESSAGE + SIGNAL, parallelMultiple="true")
    content = definitions(process(drawn, "s > e"), roots=SIGNALS)

    step = start(compiled(content).processes["P"], Start({}, "s", trigger), Context(now=NOW))

    assert (step.outcome is not None) == ended
    assert [each.name for each in step.subscriptions_set] == ([] if ended else ["sig"])


def test_the_start_points_of_a_process_tell_every_trigger():
    drawn = node("startEvent", "s", MESSAGE + SIGNAL) + node("startEvent", "s3", condition("go"))
    content = definitions(process(drawn, "s > e; s3 > e"), roots=SIGNALS)

    points = compiled(content).processes["P"].start_events

    assert [(each.id, each.kind, each.trigger) for each in points] == [
        ("s", "message", 0),
        ("s", "signal", 1),
        ("s3", "conditional", 0),
    ]


@pytest.mark.parametrize(
    ("drawn", "arrows", "code"),
    [
        (catch("c", SIGNAL + "<bpmn:linkEventDefinition name='L'/>"), "s > c; c > e", "event-combination-invalid"),
        (catch("c", condition("")), "s > c; c > e", "event-condition-missing"),
        (catch("c", condition("a +")), "s > c; c > e", "expression-invalid"),
        (catch("c", '<bpmn:signalEventDefinition signalRef="No"/>'), "s > c; c > e", "signal-unknown"),
        (catch("c", '<bpmn:signalEventDefinition signalRef="Msg"/>'), "s > c; c > e", "signal-unknown"),
        (
            node("endEvent", "x", "<bpmn:terminateEventDefinition/><bpmn:errorEventDefinition/>"),
            "s > x",
            "event-combination-invalid",
        ),
        (
            node("intermediateThrowEvent", "t", '<bpmn:linkEventDefinition name="L"/>') + tasks("A"),
            "s > t; t > A; A > e",
            "link-with-flow",
        ),
    ],
)
def test_an_event_that_says_too_little_or_too_much_is_named(drawn, arrows, code):
    assert code in [found for found, _ in codes(definitions(process(drawn, arrows), roots=SIGNALS))]


def test_a_link_leaves_no_flow_in_the_history():
    link = '<bpmn:linkEventDefinition name="L"/>'
    case = play(node("intermediateThrowEvent", "t", link) + catch("c", link) + tasks("A"), "s > t; c > A; A > e")

    taken = [event.element_id for event in case.last.history if event.kind == "taken"]
    assert taken == ["f_s_t", "f_c_A"]

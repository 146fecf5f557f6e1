"""Multi-instance activities: inside the case and as cases of their own (BPMN 2.0.2 §10.3.8, §13.3.7)."""

from __future__ import annotations

import pytest

from tests.engine.scene import ERROR, MESSAGE, NOW, Play, codes, compiled, definitions, node, process, subprocess, tasks
from workflows.engine import Limits, advance, compile_files, inspect
from workflows.engine.errors import ChildNotRunningError
from workflows.engine.run import held
from workflows.engine.types import ActivityKey, ActivityKind, Context, EndChild, FileContent
from workflows.engine.values import ValueLimits, from_json


def loop(
    cardinality: str = "", completion: str = "", *, sequential: bool = False, inner: str = "", **attributes: str
) -> str:
    given = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in attributes.items())
    order = ' isSequential="true"' if sequential else ""
    body = f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>" if cardinality else ""
    body += f"<bpmn:completionCondition>{completion}</bpmn:completionCondition>" if completion else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{order}{given}>{inner}{body}</bpmn:multiInstanceLoopCharacteristics>"


FLOWS = "s > A\n A > N\n N > e"


def test_parallel_instances_are_open_at_once_and_numbered_from_one():
    play = Play(node("userTask", "A", loop("3")) + tasks("N"), FLOWS)
    assert [task.loop_counter for task in play.last.tasks_opened] == [1, 2, 3]
    assert sorted(play.tasks) == [ActivityKey("A", "A:0:1", index) for index in range(3)]

    play.complete("A", 1)
    play.complete("A")
    assert play.waiting == ["A"]
    play.complete("A")

    assert play.waiting == ["N"]


def test_sequential_instances_come_one_after_the_other_in_order():
    drawn = node("userTask", "A", loop(sequential=True, zc__collection="units", zc__item="unit"))
    play = Play(drawn + tasks("N"), FLOWS, units=["甲", "乙"])
    assert play.last.tasks_opened[0].item == "甲"

    step = play.complete("A")
    assert step.tasks_opened[0].item == "乙"
    play.complete("A")

    assert play.waiting == ["N"]


@pytest.mark.parametrize("sequential", [True, False])
def test_no_instances_complete_the_activity_at_once(sequential):
    drawn = node("userTask", "A", loop(sequential=sequential, zc__collection="units", zc__item="unit"))

    play = Play(drawn + tasks("N"), FLOWS, units=[])

    assert play.waiting == ["N"]


def test_a_list_with_empty_items_has_as_many_instances():
    drawn = node("userTask", "A", loop(zc__collection="units", zc__item="unit"))

    assert Play(drawn + tasks("N"), FLOWS, units=[None, 0]).waiting == ["A", "A"]


def test_the_completion_condition_closes_the_rest():
    completion = "numberOfCompletedInstances / numberOfInstances >= 0.5"
    play = Play(node("userTask", "A", loop("4", completion)) + tasks("N"), FLOWS)
    play.complete("A")
    assert play.waiting == ["A", "A", "A"]

    play.complete("A")

    assert play.waiting == ["N"]
    assert play.count("A") == 3  # two instances and the whole


def test_the_counters_of_the_standard_are_there():
    completion = (
        "numberOfInstances == 3 and numberOfCompletedInstances == 2 and numberOfActiveInstances == 1 "
        "and numberOfTerminatedInstances == 0 and loopCounter == 3"
    )
    play = Play(node("userTask", "A", loop("3", completion)) + tasks("N"), FLOWS)

    play.complete("A", 0)
    play.complete("A", 1)

    assert play.waiting == ["N"]


def test_a_vote_is_counted_on_what_the_instances_hand_out():
    characteristics = loop(
        completion="count(votes[item = true]) >= 2",
        zc__collection="people",
        zc__item="person",
        zc__output="votes",
        zc__outputItem="agrees",
    )
    play = Play(node("userTask", "A", characteristics) + tasks("N"), FLOWS, people=["a", "b", "c", "d"])
    play.complete("A", agrees=True)
    play.complete("A", agrees=False)
    assert play.waiting == ["A", "A"]

    play.complete("A", agrees=True)

    assert play.waiting == ["N"]
    assert play.variables["votes"] == [True, False, True]
    assert "agrees" not in play.variables


def test_outputs_stand_in_the_order_of_the_items_whoever_is_first():
    characteristics = loop(zc__collection="[1, 2, 3]", zc__item="n", zc__output="r", zc__outputItem="n * 10 + x")
    play = Play(node("userTask", "A", characteristics) + tasks("N"), FLOWS)

    play.complete("A", 2, x=3)
    play.complete("A", 0, x=1)
    play.complete("A", 0, x=2)

    assert play.variables["r"] == [11, 22, 33]


def test_a_failing_output_item_is_an_incident_of_the_whole():
    characteristics = loop(zc__collection="[1]", zc__item="n", zc__output="r", zc__outputItem="missing")
    play = Play(node("userTask", "A", characteristics) + tasks("N"), FLOWS)
    play.complete("A")
    assert [(key.element_id, key.scope_path) for key in play.incidents] == [("A", "")]

    play.set(missing=5)
    play.retry("A")

    assert play.variables["r"] == [5]
    assert play.waiting == ["N"]


BODY = node("startEvent", "s2") + tasks("A", "B")


def test_a_sub_process_body_lives_in_the_case_with_its_own_item():
    inner = node("startEvent", "s2") + node("exclusiveGateway", "g", default="f_g_B") + tasks("A", "B")
    drawn = subprocess("sp", inner, "s2 > g\n g > A if n > limit\n g > B", loop(zc__collection="xs", zc__item="n"))
    play = Play(drawn + tasks("N"), "s > sp\n sp > N\n N > e", xs=[1, 5], limit=3)
    assert play.waiting == ["A", "B"]
    assert play.key("A") == ActivityKey("A", "sp:0:1/sp:1:1")

    play.complete("A", shared=1)
    play.complete("B")

    assert play.waiting == ["N"]
    assert play.variables["shared"] == 1


def test_a_border_event_interrupts_all_instances():
    drawn = subprocess("sp", BODY, "s2 > A\n A > B", loop("2")) + node(
        "boundaryEvent", "b", MESSAGE, attachedToRef="sp"
    )
    play = Play(drawn + tasks("N"), "s > sp\n sp > e\n b > N\n N > e")
    play.complete("A")

    play.deliver()

    assert play.waiting == ["N"]
    assert not [key for key in play.open if key.scope_path]


def test_terminate_in_a_body_ends_that_instance_only():
    inner = (
        node("startEvent", "s2")
        + node("parallelGateway", "p")
        + node("endEvent", "t", "<bpmn:terminateEventDefinition/>")
        + tasks("A", "B")
    )
    drawn = subprocess("sp", inner, "s2 > p\n p > A\n p > B\n A > t", loop("2"))
    play = Play(drawn + tasks("N"), "s > sp\n sp > N\n N > e")

    play.complete("A")

    assert play.waiting == ["A", "B"]


CALLED = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
MAPPING = (
    "<bpmn:extensionElements>"
    '<zc:in source="unit" target="who"/><zc:in source="loopCounter" target="no"/><zc:out source="r" target="answer"/>'
    "</bpmn:extensionElements>"
)


def test_called_instances_are_cases_and_their_outputs_are_collected():
    characteristics = loop(zc__collection="us", zc__item="unit", zc__output="all", zc__outputItem="unit + answer")
    drawn = node("callActivity", "A", MAPPING + characteristics, calledElement="Q") + tasks("N")
    play = Play(drawn, FLOWS, CALLED, us=["a", "b"])
    assert [child.variables for child in play.last.children] == [{"who": "a", "no": 1}, {"who": "b", "no": 2}]

    play.end_child("A", 1, r="2")
    play.end_child("A", 0, r="1")

    assert play.variables["all"] == ["a1", "b2"]
    assert "answer" not in play.variables
    assert play.waiting == ["N"]


def test_a_child_that_is_not_running_cannot_end():
    drawn = node("callActivity", "A", loop("2"), calledElement="Q")
    play = Play(drawn, "s > A\n A > e", CALLED)
    key = play.key("A")
    play.end_child("A", 0)

    for index in (0, 2, -1):
        with pytest.raises(ChildNotRunningError):
            play.do(EndChild(key, index, "completed"))


def test_the_completion_condition_cancels_the_other_children():
    drawn = node("callActivity", "A", loop("3", "numberOfCompletedInstances >= 1"), calledElement="Q") + tasks("N")
    play = Play(drawn, FLOWS, CALLED)

    step = play.end_child("A", 1)

    assert sorted(each.index for each in step.children_cancelled) == [0, 2]
    assert play.waiting == ["N"]


def test_sequential_children_start_one_by_one_and_a_cancelled_one_can_be_repeated():
    drawn = node("callActivity", "A", loop("2", sequential=True), calledElement="Q") + tasks("N")
    play = Play(drawn, FLOWS, CALLED)
    play.end_child("A", 0, outcome="cancelled")
    assert not play.children

    play.retry("A")
    assert [child.index for child in play.last.children] == [0]
    play.end_child("A", 0)
    assert [child.index for child in play.last.children] == [1]
    play.end_child("A", 1)

    assert play.waiting == ["N"]


def test_an_error_of_one_child_cancels_the_others_and_is_caught_outside():
    border = node("boundaryEvent", "b", ERROR, attachedToRef="A")
    drawn = node("callActivity", "A", loop("3"), calledElement="Q") + border + tasks("N", "B")
    play = Play(drawn, FLOWS + "\n b > B\n B > e", CALLED)

    step = play.end_child("A", 1, outcome="error", code="E1")

    assert sorted(each.index for each in step.children_cancelled) == [0, 2]
    assert play.waiting == ["B"]


def test_a_mapping_into_a_child_that_fails_starts_none_and_can_be_repeated():
    mapping = '<bpmn:extensionElements><zc:in expression="10 / d[loopCounter]" target="q"/></bpmn:extensionElements>'
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="A")
    drawn = node("callActivity", "A", mapping + loop("2"), calledElement="Q") + border
    play = Play(drawn, "s > A\n A > e\n b > e", CALLED)
    assert list(play.incidents.values()) == ["unknown-name"]
    assert not play.children
    assert not play.waiting_for

    play.set(d=[1, 2])
    play.retry("A")

    assert [child.variables for child in play.last.children] == [{"q": 10}, {"q": 5}]
    assert list(play.waiting_for.values()) == ["msg"]


def test_a_mapping_out_of_a_child_that_fails_is_an_incident_and_keeps_the_result():
    mapping = '<bpmn:extensionElements><zc:out expression="r + missing" target="sum"/></bpmn:extensionElements>'
    drawn = node("callActivity", "A", mapping + loop("2", sequential=True), calledElement="Q") + tasks("N")
    play = Play(drawn, FLOWS, CALLED)
    play.end_child("A", 0, r=1)
    assert list(play.incidents.values()) == ["unknown-name"]

    play.set(missing=5)
    play.retry("A")

    assert play.variables["sum"] == 6
    assert [child.index for child in play.last.children] == [1]


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (node("intermediateCatchEvent", "A", MESSAGE), "messages"),
        (node("userTask", "A", zc__form="f"), "writes"),
        (node("businessRuleTask", "A", zc__decision="d", zc__result="r"), "writes"),
        (node("userTask", "A", zc__owner="post:书记@unit(lead)"), "reads lead"),
        (node("userTask", "A", loop(zc__collection="seats", zc__item="seat")), "reads seats"),
    ],
)
def test_what_keeps_a_body_inside(inner, reason):
    drawn = subprocess("sp", node("startEvent", "s2") + inner, "s2 > A", loop(zc__collection="units", zc__item="unit"))

    findings = compiled(definitions(process(drawn, "s > sp\n sp > e"))).findings

    assert [reason in found.message for found in findings if found.code == "multi-instance-not-isolated"] == [True]


def test_more_instances_than_a_case_holds_are_an_incident():
    play = Play(node("userTask", "A", loop("n")) + tasks("N"), FLOWS, n=501)
    assert list(play.incidents.values()) == ["multi-instance-too-large"]

    play.set(n=2)
    play.retry("A")

    assert play.waiting == ["A", "A"]


@pytest.mark.parametrize("number", ["-1", "1.5", '"three"', "null", "true"])
def test_a_cardinality_that_is_no_whole_number_is_an_incident(number):
    play = Play(node("userTask", "A", loop(number)), "s > A\n A > e")

    assert list(play.incidents.values()) == ["cardinality-not-a-number"]


@pytest.mark.parametrize("value", ["null", '"ab"', "7"])
def test_a_collection_that_is_no_list_is_an_incident(value):
    drawn = node("userTask", "A", loop(zc__collection="xs", zc__item="x"))

    play = Play(drawn, "s > A\n A > e", xs={"null": None, '"ab"': "ab", "7": 7}[value])

    assert list(play.incidents.values()) == ["collection-not-a-list"]


@pytest.mark.parametrize(
    ("characteristics", "code"),
    [
        (loop(), "multi-instance-count-missing"),
        (loop("2", zc__collection="xs"), "multi-instance-count-ambiguous"),
        (loop("2", zc__output="ys"), "multi-instance-output-incomplete"),
        (loop("2", behavior="None"), "multi-instance-behavior-not-supported"),
        (loop("2 +"), "expression-invalid"),
        (loop("100000"), "multi-instance-too-large"),
        (loop(camunda__variableAggregation="xs"), "vendor-extension-not-supported"),
    ],
)
def test_a_loop_that_is_not_run_is_named(characteristics, code):
    found = codes(definitions(process(node("userTask", "A", characteristics), "s > A\n A > e")))

    assert (code, "A") in found


def test_the_limit_of_instances_is_data():
    content = definitions(process(node("userTask", "A", loop("3")), "s > A\n A > e"))

    compilation = compile_files([FileContent("t.bpmn", content)], limits=Limits(max_instances=2))

    assert [found.code for found in compilation.errors] == ["multi-instance-too-large"]


def test_the_whole_is_an_activity_of_its_own_kind():
    play = Play(node("userTask", "A", loop("1")), "s > A\n A > e")

    assert {opened.kind for opened in play.last.opened} == {ActivityKind.MULTI_INSTANCE, ActivityKind.USER_TASK}


def test_the_end_of_one_child_reads_nothing_of_its_siblings(monkeypatch):
    """A campaign's items and results stay as they were stored: a step does not pay for the size of the campaign."""
    called = node("callActivity", "A", loop(zc__collection="units", zc__item="unit"), calledElement="Q")
    play = Play(called + tasks("N"), FLOWS, CALLED, units=[f"u{number}" for number in range(50)])
    state = play.last.state
    key = next(key for key, _ in play.children)
    read: list[object] = []

    def reading(document: object, limits: ValueLimits | None = None) -> object:
        read.append(document)
        return from_json(document, limits)

    monkeypatch.setattr(held, "from_json", reading)

    step = advance(play.process, state, EndChild(key, 7, "completed"), Context(NOW))

    assert read == []
    assert inspect(play.process, step.state).variables["units"][7] == "u7"
    assert len(read) == 1

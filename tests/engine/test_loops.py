"""Standard loops and the standard's own multi-instance data (BPMN 2.0.2 §10.3.8, §13.3.6, §13.3.7)."""

from __future__ import annotations

import pytest

from tests.engine.scene import (
    ERROR,
    ESCALATION,
    ROOTS,
    Play,
    codes,
    compiled,
    definitions,
    node,
    process,
    subprocess,
    tasks,
)
from workflows.engine.types import ActivityKey, Outcome

FLOWS = "s > A\n A > N\n N > e"


def loop(condition: str = "", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{given}>{inner}</bpmn:standardLoopCharacteristics>"


def multi(inner: str, completion: str = "", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner += f"<bpmn:completionCondition>{completion}</bpmn:completionCondition>" if completion else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{given}>{inner}</bpmn:multiInstanceLoopCharacteristics>"


def over(name: str, item: str = "x", output: str = "", own: str = "") -> str:
    inner = f'<bpmn:loopDataInputRef>{name}</bpmn:loopDataInputRef><bpmn:inputDataItem id="in" name="{item}"/>'
    if output:
        inner += f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>"
        inner += f'<bpmn:outputDataItem id="out" name="{own}"/>'
    return inner


def script(text: str, inner: str = "", node_id: str = "A") -> str:
    return node("scriptTask", node_id, f"{inner}<bpmn:script>{text}</bpmn:script>")


def test_a_loop_tested_after_each_run_goes_on_while_its_condition_holds():
    play = Play(node("userTask", "A", loop("again")) + tasks("N"), FLOWS)
    assert play.last.tasks_opened[0].activity == ActivityKey("A", "A:0:1", 0)
    assert play.last.tasks_opened[0].loop_counter == 1

    play.complete("A", again=True)
    assert play.last.tasks_opened[0].loop_counter == 2
    play.complete("A", again=False)

    assert play.waiting == ["N"]


def test_a_loop_tested_before_may_not_run_at_all():
    play = Play(node("userTask", "A", loop("n > 0", testBefore="true")) + tasks("N"), FLOWS, n=0)

    assert play.waiting == ["N"]
    assert play.count("A") == 1


@pytest.mark.parametrize("before", ["true", "false"])
def test_the_counter_of_the_condition_counts_the_runs_that_are_over(before):
    play = Play(script("n = n + loopCounter", loop("loopCounter &lt; 3", testBefore=before)) + tasks("N"), FLOWS, n=0)

    assert play.variables["n"] == 1 + 2 + 3
    assert play.waiting == ["N"]


@pytest.mark.parametrize(("condition", "runs"), [("", 2), ("true", 2), ("n &lt; 1", 1)])
def test_a_maximum_caps_the_runs(condition, runs):
    play = Play(script("n = n + 1", loop(condition, loopMaximum="2")) + tasks("N"), FLOWS, n=0)

    assert play.variables["n"] == runs


def test_a_loop_without_condition_and_maximum_cannot_be_executed():
    drawn = process(node("userTask", "A", loop()), "s > A\n A > e")
    assert codes(definitions(drawn)) == [("loop-condition-missing", "A")]

    for maximum in ("-1", "x", "1" * 5_000):
        drawn = process(node("userTask", "A", loop(loopMaximum=maximum)), "s > A\n A > e")

        assert codes(definitions(drawn)) == [("attribute-invalid", "A")]


def test_a_sub_process_runs_again_with_fresh_tokens():
    body = script("n = n + 1", node_id="inc") + tasks("B")
    drawn = subprocess("A", body, "inc > B", loop("n &lt; 2"))
    play = Play(drawn + tasks("N"), FLOWS, n=0)
    assert play.waiting == ["B"]

    play.complete("B")
    assert play.waiting == ["B"]
    play.complete("B")

    assert play.waiting == ["N"]


def test_a_call_is_repeated_too():
    called = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
    drawn = node("callActivity", "A", loop(loopMaximum="2"), calledElement="Q")
    play = Play(drawn + tasks("N"), FLOWS, called)

    play.end_child("A")
    play.end_child("A")

    assert play.waiting == ["N"]
    assert not play.children


def test_a_border_event_belongs_to_the_whole_loop():
    drawn = node("serviceTask", "A", loop("true"), zc__operation="x")
    border = node("boundaryEvent", "b", ERROR, attachedToRef="A")
    play = Play(drawn + border + tasks("N", "H"), FLOWS + "\n b > H\n H > e")
    play.finish_job("A")

    play.finish_job("A", error="E1")

    assert play.waiting == ["H"]
    assert not play.jobs


def test_a_condition_that_cannot_be_decided_is_an_incident_and_a_retry_tests_it_again():
    play = Play(node("userTask", "A", loop("again")) + tasks("N"), FLOWS)
    play.complete("A")
    assert list(play.incidents.values()) == ["unknown-name"]

    play.set(again=False)
    play.retry("A")

    assert play.waiting == ["N"]


def test_an_endless_automatic_loop_is_stopped():
    play = Play(script("n = n + 1", loop("true")) + tasks("N"), FLOWS, n=0, fuel=500)

    assert list(play.incidents.values()) == ["fuel-exhausted"]


def test_the_state_is_as_small_after_many_rounds_as_after_one():
    play = Play(node("userTask", "A", loop("true")) + tasks("N"), FLOWS)
    play.complete("A")
    early = len(play.state)

    for _ in range(200):
        play.complete("A")

    assert len(play.state) < early + 20


def test_instances_walk_over_the_data_that_the_standard_names():
    drawn = script("y = x * 2", multi(over("xs", output="ys", own="y"), isSequential="true"))
    play = Play(drawn + tasks("N"), FLOWS, xs=[1, 2, 3], total=0)

    assert play.variables["ys"] == [2, 4, 6]
    assert "y" not in play.variables


def test_what_is_not_the_output_item_is_written_to_the_case():
    drawn = script("y = x\ntotal = total + x", multi(over("xs", output="ys", own="y"), isSequential="true"))
    play = Play(drawn + tasks("N"), FLOWS, xs=[1, 2, 3], total=0)

    assert play.variables["total"] == 6


@pytest.mark.parametrize("items", [[], [None], [None, 1, 0, False, ""]])
def test_there_are_as_many_instances_as_items_whatever_they_are(items):
    play = Play(node("userTask", "A", multi(over("xs"))) + tasks("N"), FLOWS, xs=items)
    assert [task.item for task in play.last.tasks_opened if task.activity.element_id == "A"] == items

    for _ in items:
        play.complete("A")

    assert play.waiting == ["N"]


def test_a_collection_may_be_a_data_object_or_a_data_input():
    item = '<bpmn:dataObject id="do" name="people"/><bpmn:dataObjectReference id="dr" dataObjectRef="do"/>'
    play = Play(item + node("userTask", "A", multi(over("dr"))) + tasks("N"), FLOWS, people=[1, 2])
    assert play.waiting == ["A", "A"]

    ports = (
        '<bpmn:ioSpecification><bpmn:dataInput id="din" name="list"/><bpmn:inputSet><bpmn:dataInputRefs>din'
        "</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet/></bpmn:ioSpecification><bpmn:dataInputAssociation>"
        "<bpmn:sourceRef>dr</bpmn:sourceRef><bpmn:targetRef>din</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    play = Play(item + node("userTask", "A", ports + multi(over("din"))) + tasks("N"), FLOWS, people=[1, 2, 3])

    assert play.waiting == ["A", "A", "A"]


@pytest.mark.parametrize("counter", ["numberOfCompletedInstances", "nrOfCompletedInstances"])
def test_counters_have_the_standards_names_and_those_of_other_engines(counter):
    loop_of_three = multi("<bpmn:loopCardinality>3</bpmn:loopCardinality>", f"{counter} >= 2", isSequential="true")
    play = Play(node("userTask", "A", loop_of_three) + tasks("N"), FLOWS)

    play.complete("A")
    play.complete("A")

    assert play.waiting == ["N"]


def test_loops_nest():
    inner = script("n = n + 1", loop(loopMaximum="3"), "B")
    drawn = subprocess("A", inner, "", multi("<bpmn:loopCardinality>2</bpmn:loopCardinality>"))
    play = Play(drawn, "s > A\n A > e", n=0)

    assert play.variables["n"] == 6
    assert play.outcome == Outcome("completed")


BEHAVIOR = (
    '<bpmn:escalationEventDefinition id="told" escalationRef="Esc"/>'
    '<bpmn:signal id="Sig" name="sig"/><bpmn:signalEventDefinition id="heard" signalRef="Sig"/>'
)


COMPLEX = (
    "<bpmn:complexBehaviorDefinition><bpmn:condition>numberOfCompletedInstances >= 2</bpmn:condition>"
    '<bpmn:event><bpmn:escalationEventDefinition escalationRef="Esc"/></bpmn:event></bpmn:complexBehaviorDefinition>'
)


def behaving(inner: str, **attributes: str) -> Play:
    loop_of_three = multi("<bpmn:loopCardinality>3</bpmn:loopCardinality>" + inner, **attributes)
    border = node("boundaryEvent", "b", ESCALATION, attachedToRef="A", cancelActivity="false")
    drawn = node("userTask", "A", loop_of_three) + border + tasks("N", "H")
    content = definitions(process(drawn, FLOWS + "\n b > H\n H > e"), roots=ROOTS + BEHAVIOR)
    compilation = compiled(content)
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"])


@pytest.mark.parametrize(
    ("inner", "attributes", "times"),
    [
        ("", {"behavior": "None", "noneBehaviorEventRef": "told"}, 3),
        ("", {"behavior": "One", "oneBehaviorEventRef": "told"}, 1),
        ("", {"noneBehaviorEventRef": "told"}, 0),
        (COMPLEX, {"behavior": "Complex"}, 2),
    ],
)
def test_instances_that_complete_throw_what_their_behavior_says(inner, attributes, times):
    play = behaving(inner, **attributes)

    for _ in range(3):
        play.complete("A")

    assert play.count("b") == times
    assert play.waiting == sorted(["N"] + ["H"] * times)


def test_a_behavior_without_an_event_that_has_a_name_is_refused():
    for attributes in ({"behavior": "None"}, {"behavior": "One", "oneBehaviorEventRef": "gone"}, {"behavior": "Odd"}):
        given = multi("<bpmn:loopCardinality>2</bpmn:loopCardinality>", **attributes)

        found = codes(definitions(process(node("userTask", "A", given), "s > A\n A > e")))

        assert found == [("multi-instance-behavior-not-supported", "A")]

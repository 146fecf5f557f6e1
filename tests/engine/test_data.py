"""Data inputs, outputs and associations, data objects and properties (BPMN 2.0.2 §10.4, §13.3.2)."""

from __future__ import annotations

import pytest

from tests.engine.scene import MESSAGE, Play, codes, definitions, node, process, subprocess, tasks
from workflows.engine.types import Outcome


def ports(inputs: str = "", outputs: str = "", *, optional: str = "") -> str:
    """Write data inputs and outputs: their ids are ``<name>_id``."""
    drawn = "".join(f'<bpmn:dataInput id="{name}_id" name="{name}"/>' for name in inputs.split())
    drawn += "".join(f'<bpmn:dataOutput id="{name}_id" name="{name}"/>' for name in outputs.split())
    refs = "".join(f"<bpmn:dataInputRefs>{name}_id</bpmn:dataInputRefs>" for name in inputs.split())
    refs += "".join(f"<bpmn:optionalInputRefs>{name}_id</bpmn:optionalInputRefs>" for name in optional.split())
    return f"<bpmn:ioSpecification>{drawn}<bpmn:inputSet>{refs}</bpmn:inputSet><bpmn:outputSet/></bpmn:ioSpecification>"


def arrow(kind: str, source: str, target: str, more: str = "") -> str:
    begin = f"<bpmn:sourceRef>{source}</bpmn:sourceRef>" if source else ""
    end = f"<bpmn:targetRef>{target}</bpmn:targetRef>" if target else ""
    return f"<bpmn:data{kind}Association>{begin}{end}{more}</bpmn:data{kind}Association>"


def script(text: str, inner: str = "", node_id: str = "A") -> str:
    return node("scriptTask", node_id, f"{inner}<bpmn:script>{text}</bpmn:script>")


def test_inputs_are_copies_and_outputs_leave_by_associations_only():
    inner = ports("a", "b c") + arrow("Input", "x", "a_id") + arrow("Output", "b_id", "y")
    play = Play(script("b = a + 1\nc = 5\na = 9", inner) + tasks("N"), "s > A\n A > N\n N > e", x=1)

    assert play.variables == {"x": 1, "y": 2}
    assert play.waiting == ["N"]


def test_an_input_of_the_same_name_as_a_variable_hides_it():
    inner = ports("x", "x2") + arrow("Input", "other", "x_id") + arrow("Output", "x2_id", "x")
    play = Play(script("x2 = x * 10", inner), "s > A\n A > e", x=1, other=7)

    assert play.variables["x"] == 70


def test_an_activity_does_not_begin_before_its_data_are_there():
    inner = ports("a") + arrow("Input", "x", "a_id")
    play = Play(node("userTask", "A", inner), "s > A\n A > e")
    assert list(play.incidents.values()) == ["data-input-unavailable"]
    assert play.waiting == []

    play.set(x=1)
    play.retry("A")

    assert play.waiting == ["A"]
    assert play.last.tasks_opened[0].inner["a"] == 1


def test_an_optional_input_may_be_missing():
    inner = ports("a", optional="a") + arrow("Input", "x", "a_id")

    assert Play(node("userTask", "A", inner), "s > A\n A > e").waiting == ["A"]


def test_a_transformation_computes_what_enters_and_what_leaves():
    to_text = "<bpmn:transformation>a + b</bpmn:transformation>"
    inner = ports("n", "r") + arrow("Input", "a", "n_id", to_text)
    inner += arrow("Output", "r_id", "done", "<bpmn:transformation>r * 2</bpmn:transformation>")
    play = Play(script("r = n + 1", inner), "s > A\n A > e", a=1, b=2)

    assert play.variables["done"] == 8


def test_an_assignment_fills_its_target():
    fixed = "<bpmn:assignment><bpmn:from>41 + 1</bpmn:from><bpmn:to>n_id</bpmn:to></bpmn:assignment>"
    inner = ports("n", "r") + arrow("Input", "", "n_id", fixed) + arrow("Output", "r_id", "done")

    play = Play(script("r = n", inner), "s > A\n A > e")

    assert play.variables["done"] == 42


@pytest.mark.parametrize(
    "more",
    [
        "<bpmn:assignment><bpmn:from>1</bpmn:from><bpmn:to>n_id/part</bpmn:to></bpmn:assignment>",
        "<bpmn:assignment><bpmn:to>n_id</bpmn:to></bpmn:assignment>",
        "<bpmn:sourceRef>second</bpmn:sourceRef>",
    ],
)
def test_what_fills_a_part_of_its_target_is_refused(more):
    drawn = process(node("userTask", "A", ports("n") + arrow("Input", "x", "n_id", more)), "s > A\n A > e")

    assert ("data-association-not-supported", "A") in codes(definitions(drawn))


def test_data_objects_are_variables_by_their_name_or_by_their_id():
    objects = (
        '<bpmn:dataObject id="do1" name="order"/><bpmn:dataObjectReference id="dr1" dataObjectRef="do1"/>'
        '<bpmn:dataObject id="do2"/><bpmn:dataObjectReference id="dr2" name="invoice" dataObjectRef="do2"/>'
    )
    put = ports("", "o") + arrow("Output", "o_id", "dr1")
    move = ports("i", "o2") + arrow("Input", "dr1", "i_id") + arrow("Output", "o2_id", "dr2")
    drawn = script("o = 5", put) + script("o2 = i + 1", move.replace("o_id", "oo_id"), "B")
    play = Play(objects + drawn, "s > A\n A > B\n B > e")

    assert play.variables == {"order": 5, "invoice": 6}


def test_a_data_object_that_a_script_wrote_by_its_id_is_found():
    objects = '<bpmn:dataObject id="do1" name="o"/><bpmn:dataObjectReference id="dr1" dataObjectRef="do1"/>'
    move = ports("i", "r") + arrow("Input", "dr1", "i_id") + arrow("Output", "r_id", "result")
    play = Play(objects + script("do1 = 5") + script("r = i", move, "B"), "s > A\n A > B\n B > e")

    assert play.variables == {"do1": 5, "result": 5}


def test_arrows_with_one_end_are_drawn_for_people():
    placeholder = '<bpmn:property id="pp" name="__targetRef_placeholder"/>'
    objects = '<bpmn:dataObject id="do1"/><bpmn:dataObjectReference id="dr1" dataObjectRef="do1"/>'
    inner = placeholder + arrow("Input", "dr1", "pp") + arrow("Output", "", "dr1")
    play = Play(objects + node("userTask", "A", inner), "s > A\n A > e")

    play.complete("A", x=1)

    assert play.variables == {"x": 1}
    assert play.outcome == Outcome("completed")


def test_data_of_a_sub_process_end_with_it():
    item = '<bpmn:dataObject id="do1" name="draft"/><bpmn:property id="pr" name="note"/>'
    drawn = item + script("draft = 1\nnote = 2\nkept = draft + note", node_id="B")
    play = Play(subprocess("A", drawn, ""), "s > A\n A > e")

    assert play.variables == {"kept": 3}


def test_a_store_is_data_of_the_whole_case():
    store = '<bpmn:dataStoreReference id="st" name="register"/>'
    put = ports("", "o") + arrow("Output", "o_id", "st")
    inside = subprocess("A", script("o = 7", put, "B"), "")

    assert Play(store + inside, "s > A\n A > e").variables == {"register": 7}


def test_data_enter_and_leave_events_too():
    throw = '<bpmn:dataInput id="tin" name="text"/>' + arrow("Input", "x", "tin") + "<bpmn:inputSet/>" + MESSAGE
    catch = '<bpmn:dataOutput id="cout" name="reply"/>' + arrow("Output", "cout", "answer") + MESSAGE
    drawn = node("intermediateThrowEvent", "T", throw) + node("intermediateCatchEvent", "C", catch)
    play = Play(drawn, "s > T\n T > C\n C > e", x="hello")

    assert play.thrown == [("msg", {"text": "hello"})]
    play.deliver(reply="ok")

    assert play.variables["answer"] == "ok"


def test_data_pass_a_call_by_the_names_of_its_inputs_and_outputs():
    called = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
    inner = ports("a", "b") + arrow("Input", "x", "a_id") + arrow("Output", "b_id", "y")
    play = Play(node("callActivity", "A", inner, calledElement="Q"), "s > A\n A > e", called, x=1)
    assert next(iter(play.children.values())).variables == {"a": 1}

    play.end_child("A", b=2, other=3)

    assert play.variables == {"x": 1, "y": 2}

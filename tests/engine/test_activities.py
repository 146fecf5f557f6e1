"""Tasks, jobs, decisions, sub-processes and calls (BPMN 2.0.2 §10.3, §13.3)."""

from __future__ import annotations

import pytest

from tests.engine.scene import (
    ERROR,
    MESSAGE,
    Play,
    codes,
    compiled,
    definitions,
    node,
    process,
    subprocess,
    tasks,
)
from workflows.engine import ProfileChecks
from workflows.engine.errors import ChildNotRunningError, ElementNotWaitingError, InvalidVariableError
from workflows.engine.types import (
    ActivityKey,
    ActivityKind,
    Closing,
    Complete,
    EndChild,
    FileContent,
    HistoryKind,
    JobCreated,
    Outcome,
)

DMN = FileContent(
    "light.dmn",
    b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
    <decision id="light" name="light"><decisionTable id="t" hitPolicy="FIRST">
    <input id="i"><inputExpression id="ie" typeRef="number"><text>days</text></inputExpression></input>
    <output id="o" name="colour" typeRef="string"/>
    <rule id="r1"><inputEntry id="a"><text>&lt; 0</text></inputEntry>
      <outputEntry id="b"><text>"red"</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="c"><text>-</text></inputEntry>
      <outputEntry id="f"><text>"green"</text></outputEntry></rule>
    </decisionTable></decision></definitions>""",
)


def test_a_user_task_waits_and_writes_what_its_completion_brings():
    play = Play(node("userTask", "A", name="签收") + tasks("B"), "s > A\n A > B\n B > e")
    assert play.process.element("A").name == "签收"

    play.complete("A", opinion="同意", amount=3)

    assert play.waiting == ["B"]
    assert play.variables == {"opinion": "同意", "amount": 3}


def test_plain_and_manual_tasks_wait_for_a_person_too():
    play = Play(node("task", "A") + node("manualTask", "B"), "s > A\n A > B\n B > e")
    assert play.last.tasks_opened[0].kind == ActivityKind.MANUAL_TASK

    play.complete("A")
    play.complete("B")

    assert play.outcome == Outcome("completed")


def test_completing_a_task_twice_is_refused():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    key = play.key("A")
    play.complete("A")

    with pytest.raises(ElementNotWaitingError):
        play.do(Complete(key))
    with pytest.raises(ElementNotWaitingError):
        play.do(Complete(ActivityKey("B", iteration=1)))
    with pytest.raises(ElementNotWaitingError):
        play.do(Complete(ActivityKey("B", scope_path="x:0:1")))


@pytest.mark.parametrize("value", [1.5, object(), {"a": {1, 2}}, {1: 2}, b"x"])
def test_a_variable_that_is_no_plain_data_is_refused_and_nothing_changes(value):
    play = Play(tasks("A"), "s > A\n A > e")

    with pytest.raises(InvalidVariableError):
        play.complete("A", x=value)
    assert play.waiting == ["A"]


def test_a_service_task_asks_for_its_job_and_runs_nothing():
    mapping = '<bpmn:extensionElements><zc:input name="days" expression="x * 2"/></bpmn:extensionElements>'
    drawn = node("serviceTask", "A", mapping, zc__operation="extend_deadline", zc__result="r", zc__clause="3")
    play = Play(drawn + tasks("B"), "s > A\n A > B\n B > e", x=5)
    assert play.jobs[play.key("A")] == JobCreated(play.key("A"), "extend_deadline", {"days": 10}, {"clause": "3"})

    play.finish_job("A", result={"granted": True})

    assert play.waiting == ["B"]
    assert play.variables["r"] == {"granted": True}


def test_a_job_that_throws_an_error_goes_to_the_border_event():
    drawn = (
        node("serviceTask", "A", zc__operation="notify")
        + node("boundaryEvent", "b", ERROR, attachedToRef="A")
        + tasks("B")
    )
    play = Play(drawn, "s > A\n A > e\n b > B\n B > e")

    play.finish_job("A", error="E1")

    assert play.waiting == ["B"]
    assert ("A", Closing.CANCELLED) in play.closed


def test_a_job_whose_input_cannot_be_computed_is_an_incident():
    mapping = '<bpmn:extensionElements><zc:input name="days" expression="missing"/></bpmn:extensionElements>'
    play = Play(node("serviceTask", "A", mapping, zc__operation="notify"), "s > A\n A > e")
    assert list(play.incidents.values()) == ["unknown-name"]
    assert not play.jobs

    play.set(missing=1)
    play.retry("A")

    assert play.jobs[play.key("A")].payload == {"days": 1}


def test_a_business_rule_task_decides_at_once():
    drawn = node("businessRuleTask", "A", zc__decision="light", zc__result="colour") + tasks("B")

    play = Play(drawn, "s > A\n A > B\n B > e", files=(DMN,), days=-1)

    assert play.variables["colour"] == "red"
    assert play.waiting == ["B"]


def test_a_decision_that_fails_is_an_incident():
    drawn = node("businessRuleTask", "A", zc__decision="light", zc__result="colour")
    play = Play(drawn, "s > A\n A > e", files=(DMN,))
    assert len(play.incidents) == 1

    play.set(days=4)
    play.retry("A")

    assert play.variables["colour"] == "green"
    assert play.outcome == Outcome("completed")


SUB = subprocess("sp", node("startEvent", "s2") + tasks("A", "B") + node("endEvent", "e2"), "s2 > A\n A > B\n B > e2")


def test_a_sub_process_lives_inside_its_activity():
    play = Play(SUB + tasks("N"), "s > sp\n sp > N\n N > e")
    assert play.key("A") == ActivityKey("A", "sp:0:1")

    play.complete("A")
    play.complete("B")

    assert play.waiting == ["N"]
    assert play.done[-1] == "sp"


def test_a_sub_process_without_start_and_end_begins_everywhere():
    drawn = subprocess("sp", tasks("A", "B"), "")
    play = Play(drawn + tasks("N"), "s > sp\n sp > N\n N > e")
    assert play.waiting == ["A", "B"]

    play.complete("A")
    play.complete("B")

    assert play.waiting == ["N"]


def test_properties_of_a_sub_process_are_gone_when_it_is():
    inner = '<bpmn:property id="p1" name="note"/>'
    drawn = subprocess("sp", node("startEvent", "s2") + tasks("A"), "s2 > A", inner)
    play = Play(drawn + tasks("N"), "s > sp\n sp > N\n N > e")

    play.complete("A", note="inside", other="outside")

    assert play.variables == {"other": "outside"}


def test_rounds_through_a_sub_process_have_keys_of_their_own():
    gateway = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e")
    play = Play(SUB + gateway, "s > m\n m > sp\n sp > x\n x > m if n < 2\n x > e", n=0)
    assert play.key("A") == ActivityKey("A", "sp:0:1")
    play.complete("A")
    play.complete("B", n=1)

    assert play.key("A") == ActivityKey("A", "sp:1:1")
    play.complete("A")
    play.complete("B", n=2)

    assert play.outcome == Outcome("completed")


CALLED = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
CALL = node(
    "callActivity",
    "ca",
    "<bpmn:extensionElements>"
    '<zc:in source="x" target="y"/><zc:in expression="x + 1" target="z"/><zc:out source="r" target="answer"/>'
    "</bpmn:extensionElements>",
    calledElement="Q",
)


def test_a_call_starts_a_case_of_its_own_with_what_is_mapped():
    play = Play(CALL + tasks("N"), "s > ca\n ca > N\n N > e", CALLED, x=1, secret=2)
    child = next(iter(play.children.values()))
    assert (child.called, child.variables, child.index) == ("Q", {"y": 1, "z": 2}, 0)

    play.end_child("ca", r=9, other=8)

    assert play.waiting == ["N"]
    assert play.variables == {"x": 1, "secret": 2, "answer": 9}


def test_an_error_of_the_called_case_is_thrown_at_the_call():
    border = node("boundaryEvent", "b", ERROR, attachedToRef="ca")
    play = Play(CALL + border + tasks("B"), "s > ca\n ca > e\n b > B\n B > e", CALLED, x=1)

    play.end_child("ca", outcome="error", code="E1")

    assert play.waiting == ["B"]
    assert not play.last.children_cancelled


def test_a_cancelled_child_is_an_incident_and_a_retry_starts_it_again():
    play = Play(CALL, "s > ca\n ca > e", CALLED, x=1)
    play.end_child("ca", outcome="cancelled")
    assert list(play.incidents.values()) == ["child-cancelled"]

    play.retry("ca")
    assert [child.called for child in play.last.children] == ["Q"]
    play.end_child("ca")

    assert play.outcome == Outcome("completed")


def test_ending_a_child_twice_is_refused():
    play = Play(CALL + tasks("N"), "s > ca\n ca > N\n N > e", CALLED, x=1)
    key = play.key("ca")
    with pytest.raises(ChildNotRunningError):
        play.do(EndChild(key, 1, "completed"))
    play.end_child("ca")

    with pytest.raises(ChildNotRunningError):
        play.do(EndChild(key, 0, "completed"))


def test_interrupting_a_call_cancels_its_child():
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="ca")
    play = Play(CALL + border + tasks("B"), "s > ca\n ca > e\n b > B\n B > e", CALLED, x=1)

    step = play.deliver()

    assert [(each.activity.element_id, each.index) for each in step.children_cancelled] == [("ca", 0)]
    assert not play.children


def test_history_tells_every_movement_in_order():
    play = Play(tasks("A"), "s > A\n A > e")

    step = play.complete("A")

    assert [(event.kind, event.element_id) for event in step.history] == [
        (HistoryKind.COMPLETED, "A"),
        (HistoryKind.TAKEN, "f_A_e"),
        (HistoryKind.ENTERED, "e"),
        (HistoryKind.COMPLETED, "e"),
    ]


def test_cancelling_closes_everything_as_cancelled():
    play = Play(SUB + tasks("N"), "s > sp\n sp > N\n N > e")

    play.cancel()

    assert play.outcome == Outcome("cancelled")
    assert play.closed == [("A", Closing.CANCELLED), ("sp", Closing.CANCELLED)]


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (node("businessRuleTask", "A", zc__decision="none"), "decision-not-found"),
        (node("callActivity", "A"), "called-element-missing"),
        (node("callActivity", "A", calledElement="Nobody"), "called-process-not-found"),
        (node("callActivity", "A", calledElement="${x}"), "called-element-expression-not-supported"),
        (node("adHocSubProcess", "A"), "nothing-to-start"),
        (node("subProcess", "A", triggeredByEvent="true"), "event-subprocess-start"),
        (node("userTask", "A", isForCompensation="true"), "compensation-handler-with-flow"),
        (node("userTask", "A", startQuantity="0"), "attribute-invalid"),
        (node("userTask", "A", completionQuantity="9" * 5_000), "attribute-invalid"),
        (node("userTask", "A", "<bpmn:standardLoopCharacteristics/>"), "loop-condition-missing"),
        (node("userTask", "A", "<bpmn:somethingNew/>"), "part-not-supported"),
        (node("userTask", "A", camunda__inputOutput="x"), "vendor-extension-not-supported"),
        (node("callChoreography", "A"), "choreography-not-supported"),
        (
            node(
                "userTask",
                "A",
                "<bpmn:dataInputAssociation><bpmn:targetRef>x</bpmn:targetRef><bpmn:assignment/></bpmn:dataInputAssociation>",
            ),
            "data-association-not-supported",
        ),
    ],
)
def test_what_is_not_run_is_refused_by_its_own_name(drawn, code):
    assert (code, "A") in codes(definitions(process(drawn, "s > A\n A > e")))


def test_a_called_process_must_be_startable():
    called = process(node("startEvent", "qs", MESSAGE) + tasks("qa"), "qs > qa", "Q")
    caller = process(node("callActivity", "ca", calledElement="x:Q"), "s > ca\n ca > e")

    assert codes(definitions(caller, called)) == [("called-process-without-start", "ca")]


def test_a_called_process_must_be_executable():
    called = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q").replace('"true"', '"false"')
    caller = process(node("callActivity", "ca", calledElement="Q"), "s > ca\n ca > e")
    content = definitions(caller, called)

    assert codes(content) == [("called-process-not-executable", "ca")]
    elsewhere = ProfileChecks(process=lambda process_id: process_id == "Q")
    assert compiled(content, check=elsewhere).is_accepted


def test_drawn_data_annotations_groups_and_lanes_change_nothing():
    drawn = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="党委"><bpmn:flowNodeRef> A </bpmn:flowNodeRef></bpmn:lane>'
        '</bpmn:laneSet><bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dor" dataObjectRef="do"/>'
        '<bpmn:textAnnotation id="ta"/><bpmn:association id="as" sourceRef="A" targetRef="ta"/><bpmn:group id="gr"/>'
    )
    arrow = '<bpmn:dataOutputAssociation id="oa"><bpmn:targetRef>dor</bpmn:targetRef></bpmn:dataOutputAssociation>'
    content = definitions(process(drawn + node("userTask", "A", arrow), "s > A\n A > e"))

    compilation = compiled(content)

    assert compilation.is_accepted
    assert compilation.processes["P"].element("A").lane == "党委"

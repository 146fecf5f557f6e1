"""Receive tasks, global tasks, resource roles, and elements without ids (BPMN 2.0.2 §10.3)."""

from __future__ import annotations

from tests.engine.scene import ROOTS, Play, codes, compiled, definitions, node, process, tasks, timer
from workflows.engine.types import ActivityKind, Outcome, Profile


def test_a_receive_task_waits_for_its_message():
    play = Play(node("receiveTask", "A", messageRef="Msg") + tasks("B"), "s > A\n A > B\n B > e")
    assert play.waiting == []
    assert list(play.waiting_for.values()) == ["msg"]

    play.deliver(text="hello")

    assert play.waiting == ["B"]
    assert play.variables == {"text": "hello"}


def test_a_receive_task_may_have_events_on_its_border():
    border = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="A")
    play = Play(node("receiveTask", "A", messageRef="Msg") + border + tasks("B"), "s > A\n A > e\n b > B\n B > e")

    play.wait(hours=2)

    assert play.waiting == ["B"]
    assert play.waiting_for == {}


def test_a_receive_task_without_message_waits_and_it_is_said():
    found = compiled(definitions(process(node("receiveTask", "A"), "s > A\n A > e"))).findings
    assert [finding.code for finding in found] == ["message-unnamed"]

    play = Play(node("receiveTask", "A"), "s > A\n A > e")

    assert len(play.waiting_for) == 1
    assert play.outcome is None


def test_a_receive_task_can_start_the_process():
    drawn = node("receiveTask", "A", messageRef="Msg", instantiate="true") + tasks("B") + '<!-- id="s" -->'
    play = Play(drawn, "A > B\n B > e", start_event="A")

    assert play.waiting == ["B"]
    assert play.count("A") == 1


def test_several_instances_of_a_receive_task_each_take_a_message():
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    loop += "</bpmn:multiInstanceLoopCharacteristics>"
    play = Play(node("receiveTask", "A", loop, messageRef="Msg"), "s > A\n A > e")
    play.deliver()
    assert play.outcome is None

    play.deliver()

    assert play.outcome == Outcome("completed")


def called(task: str, inner: str = "", **attributes: str) -> Play:
    call = node("callActivity", "A", inner, calledElement="GT", **attributes)
    content = definitions(process(call + tasks("N"), "s > A\n A > N\n N > e"), roots=ROOTS + task)
    compilation = compiled(content)
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"], x=1)


def test_calling_a_global_user_task_is_a_user_task_there():
    play = called(node("globalUserTask", "GT", name="盖章", zc__owner="post(chief)"))
    assert play.waiting == ["A"]
    assert play.last.tasks_opened[0].kind == ActivityKind.USER_TASK
    assert play.process.element("A").owner == "post(chief)"
    assert play.process.element("A").name == "盖章"

    play.complete("A")

    assert play.waiting == ["N"]


def test_a_global_script_runs_and_only_mapped_variables_pass():
    mapped = (
        '<bpmn:extensionElements><zc:in source="x" target="a"/><zc:out source="b" target="y"/></bpmn:extensionElements>'
    )
    script = node("globalScriptTask", "GT", "<bpmn:script>b = a + 1</bpmn:script>", scriptLanguage="python")

    play = called(script, mapped)

    assert play.variables == {"x": 1, "y": 2}
    assert play.waiting == ["N"]


def test_resource_roles_are_kept_and_give_the_task_to_nobody():
    role = (
        "<bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>group(mgr)"
        "</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner>"
    )
    drawn = definitions(process(node("userTask", "A", role), "s > A\n A > e"))
    found = compiled(drawn).findings
    assert [(finding.code, finding.severity) for finding in found] == [("resource-role-kept", "info")]

    assert ("owner-missing", "A") in codes(drawn, profile=Profile.DUTY)


def test_what_passes_in_a_draft_is_refused_in_the_duty_profile():
    drawn = definitions(process(node("serviceTask", "A") + node("businessRuleTask", "B"), "s > A\n A > B\n B > e"))
    assert not codes(drawn)

    found = codes(drawn, profile=Profile.DUTY)

    assert ("service-operation-missing", "A") in found
    assert ("decision-missing", "B") in found


def test_nodes_without_id_get_one_that_is_the_same_at_each_reading():
    drawn = tasks("A") + "<bpmn:userTask/><bpmn:userTask/>" + tasks("userTask_1")
    play = Play(drawn, "s > A\n A > userTask_1\n userTask_1 > e")
    assert set(play.process.elements) == {"s", "A", "userTask_2", "userTask_3", "userTask_1", "e"}

    refused = codes(
        definitions(process(drawn + "<bpmn:endEvent><bpmn:timerEventDefinition/></bpmn:endEvent>", "s > A"))
    )

    assert refused == [("event-not-allowed-here", "P")]


def test_the_same_id_in_two_processes_is_said_and_in_one_refused():
    other = process(node("startEvent", "qs") + tasks("A"), "qs > A", "Q").replace("f_qs_A", "q1")
    found = compiled(definitions(process(tasks("A"), "s > A\n A > e"), other))
    assert found.is_accepted
    assert [(finding.code, finding.element_id) for finding in found.findings] == [("id-in-two-processes", "A")]

    assert codes(definitions(process(tasks("A", "A"), "s > A\n A > e"))) == [("duplicate-id", "A")]
    message = definitions(process(tasks("Msg"), "s > Msg\n Msg > e"))
    assert codes(message) == [("duplicate-id", "Msg")]

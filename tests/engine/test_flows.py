"""Flows that split and meet without a gateway, and flows with conditions (BPMN 2.0.2 §8.4.13, §13.3.1)."""

from __future__ import annotations

from tests.engine.scene import MESSAGE, Play, codes, compiled, definitions, node, process, tasks
from workflows.engine.types import Outcome


def test_several_flows_out_of_a_task_each_get_a_token():
    play = Play(tasks("A", "B", "C"), "s > A\n A > B\n A > C\n B > e\n C > e")
    play.complete("A")
    assert play.waiting == ["B", "C"]

    play.complete("B")
    play.complete("C")

    assert play.outcome == Outcome("completed")
    assert play.count("e") == 2


def test_several_flows_out_of_events_each_get_a_token():
    drawn = node("intermediateCatchEvent", "c", MESSAGE) + tasks("A", "B", "C")
    play = Play(drawn, "s > A\n s > c\n c > B\n c > C\n A > e\n B > e\n C > e")
    assert play.waiting == ["A"]

    play.deliver()

    assert play.waiting == ["A", "B", "C"]


def test_flows_with_conditions_leave_a_task_as_they_leave_an_inclusive_gateway():
    flows = "s > A\n A > B if x > 1\n A > C if x > 2\n A > D\n B > e\n C > e\n D > e"
    play = Play(tasks("A", "B", "C", "D"), flows)

    play.complete("A", x=2)

    assert play.waiting == ["B", "D"]


def test_the_default_flow_of_a_task_is_taken_when_no_condition_holds():
    drawn = node("userTask", "A", default="f_A_C") + tasks("B", "C")
    flows = "s > A\n A > B if x > 1\n A > C\n B > e\n C > e"
    for x, waiting in ((1, ["C"]), (2, ["B"])):
        play = Play(drawn, flows)

        play.complete("A", x=x)

        assert play.waiting == waiting


def test_no_flow_that_can_be_taken_is_an_incident_and_a_retry_leaves_again():
    play = Play(tasks("A", "B"), "s > A\n A > B if x > 1\n B > e")
    play.complete("A", x=1)
    assert list(play.incidents.values()) == ["no-condition-holds"]
    assert play.count("A") == 0

    play.set(x=2)
    play.retry("A")

    assert play.waiting == ["B"]
    assert play.count("A") == 1


def test_a_task_that_could_not_leave_can_be_completed_anew():
    play = Play(tasks("A", "B"), "s > A\n A > B if x > 1\n B > e")
    play.complete("A", x=1)

    play.complete("A", x=5)

    assert play.waiting == ["B"]
    assert play.closed == [("A", play.closed[0][1])]


def test_a_script_is_not_run_again_when_only_its_way_on_had_failed():
    script = node("scriptTask", "A", "<bpmn:script>n = n + 1</bpmn:script>")
    play = Play(script + tasks("B"), "s > A\n A > B if ready = true\n B > e", n=0)
    assert list(play.incidents.values()) == ["unknown-name"]

    play.set(ready=True)
    play.retry("A")

    assert play.waiting == ["B"]
    assert play.variables["n"] == 1


def test_the_only_flow_without_condition_of_an_exclusive_gateway_is_its_default():
    drawn = node("exclusiveGateway", "g") + tasks("A", "B")
    flows = "s > g\n g > A\n g > B if x > 1\n A > e\n B > e"
    found = compiled(definitions(process(drawn, flows))).findings
    assert [(finding.code, finding.element_id) for finding in found] == [("gateway-condition-assumed", "f_g_A")]

    assert Play(drawn, flows, x=1).waiting == ["A"]
    assert Play(drawn, flows, x=2).waiting == ["B"]


def test_an_inclusive_gateway_always_takes_a_flow_without_condition():
    drawn = node("inclusiveGateway", "g") + tasks("A", "B")
    flows = "s > g\n g > A\n g > B if x > 1\n A > e\n B > e"

    assert Play(drawn, flows, x=1).waiting == ["A"]
    assert Play(drawn, flows, x=2).waiting == ["A", "B"]


def test_a_condition_behind_an_event_or_a_parallel_gateway_is_refused():
    for drawn in (node("startEvent", "g"), node("parallelGateway", "g"), node("intermediateThrowEvent", "g")):
        flows = "g > A if x > 1\n A > e" + ("" if "startEvent" in drawn else "\n s > g")
        found = codes(definitions(process(drawn + tasks("A"), flows)))

        assert ("condition-not-allowed", "f_g_A") in found


def test_a_fork_in_a_loop_counts_its_rounds():
    script = node("scriptTask", "inc", "<bpmn:script>n = n + 1</bpmn:script>")
    gateways = node("parallelGateway", "j") + node("exclusiveGateway", "x", default="f_x_e")
    flows = "s > T\n T > A\n T > B\n A > j\n B > j\n j > inc\n inc > x\n x > T if n < 3\n x > e"
    play = Play(tasks("T", "A", "B") + script + gateways, flows, n=0)

    for _ in range(3):
        for element in ("T", "B", "A"):
            play.complete(element)

    assert play.outcome == Outcome("completed")
    assert play.count("j") == 3


def test_work_behind_a_fork_can_be_sent_back_to_it():
    play = Play(tasks("T", "A", "B"), "s > T\n T > A\n T > B\n A > e\n B > e")
    play.complete("T")

    play.send_back("A", "T")

    assert play.waiting == ["T"]


def test_what_says_nothing_to_do_is_done_at_once_and_said():
    for tag, code in (
        ("serviceTask", "service-task-passes"),
        ("businessRuleTask", "rule-task-passes"),
        ("sendTask", "send-task-passes"),
    ):
        found = compiled(definitions(process(node(tag, "A"), "s > A\n A > e"))).findings
        assert [finding.code for finding in found] == [code]

        play = Play(node(tag, "A"), "s > A\n A > e")

        assert play.outcome == Outcome("completed")
        assert play.count("A") == 1


def test_a_send_task_throws_its_message():
    drawn = node(
        "sendTask",
        "A",
        '<bpmn:extensionElements><zc:input target="to" expression="n + 1"/></bpmn:extensionElements>',
        messageRef="Msg",
    )
    play = Play(drawn, "s > A\n A > e", n=1)

    assert play.thrown == [("msg", {"to": 2})]
    assert play.outcome == Outcome("completed")


def test_an_activity_may_need_several_tokens_to_begin():
    drawn = node("parallelGateway", "p") + tasks("B", "C") + node("userTask", "A", startQuantity="2")
    play = Play(drawn, "s > p\n p > B\n p > C\n B > A\n C > A\n A > e")
    play.complete("B")
    assert play.waiting == ["C"]
    assert play.outcome is None

    play.complete("C")
    assert play.waiting == ["A"]
    play.complete("A")

    assert play.outcome == Outcome("completed")
    assert play.count("A") == 1


def test_an_activity_that_never_gets_enough_tokens_is_a_deadlock():
    play = Play(node("userTask", "A", startQuantity="2") + tasks("B"), "s > B\n B > A\n A > e")

    play.complete("B")

    assert list(play.incidents.values()) == ["deadlock"]


def test_an_activity_may_send_several_tokens_down_its_flows():
    drawn = node("userTask", "A", completionQuantity="2") + tasks("B", "C")
    play = Play(drawn, "s > A\n A > B\n B > C\n C > e")

    play.complete("A")
    play.complete("B", 1)
    assert play.waiting == ["B", "C"]
    play.complete("B")
    play.complete("C")
    play.complete("C")

    assert play.outcome == Outcome("completed")
    assert play.count("e") == 2

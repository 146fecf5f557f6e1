"""The complex gateway, and event-based gateways that start a process (BPMN §10.6.5, §10.6.6, §13.4.4, §13.4.5)."""

from __future__ import annotations

import pytest

from tests.engine.scene import MESSAGE, Play, codes, definitions, node, process, tasks, timer
from workflows.engine.types import Outcome

OTHER = '<bpmn:messageEventDefinition messageRef="Other"/>'


def complex_gateway(condition: str = "", **attributes: str) -> str:
    inner = f"<bpmn:activationCondition>{condition}</bpmn:activationCondition>" if condition else ""
    return node("complexGateway", "j", inner, **attributes)


FORK = node("parallelGateway", "p")
THREE = "s > p\n p > A\n p > B\n p > C\n A > j\n B > j\n C > j\n"


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_it_goes_on_with_the_nth_token_and_takes_in_the_rest(needed):
    drawn = FORK + complex_gateway(f"activationCount >= {needed}") + tasks("A", "B", "C", "D")
    play = Play(drawn, THREE + "j > D\n D > e")

    for number, element in enumerate("BCA", start=1):
        play.complete(element)
        assert ("D" in play.waiting) == (number >= needed)

    assert play.waiting == ["D"]
    play.complete("D")
    assert play.count("D") == 1
    assert play.outcome == Outcome("completed")


def test_two_tokens_on_one_flow_are_one_flow_with_a_token():
    drawn = FORK + node("exclusiveGateway", "m") + complex_gateway("activationCount >= 2") + tasks("A", "B", "C", "D")
    play = Play(drawn, "s > p\n p > A\n p > B\n p > C\n A > m\n B > m\n m > j\n C > j\n j > D\n D > e")
    play.complete("A")
    play.complete("B")
    assert play.waiting == ["C"]

    play.complete("C")

    assert play.waiting == ["D"]


def test_flows_whose_condition_holds_get_a_token_at_the_reset_too():
    drawn = FORK + complex_gateway("activationCount >= 1") + tasks("A", "B", "D", "F")
    flows = "s > p\n p > A\n p > B\n A > j\n B > j\n j > D if waitingForStart\n j > F if not(waitingForStart)"
    play = Play(drawn, flows.replace("not(waitingForStart)", "waitingForStart = false"))
    play.complete("A")
    assert play.waiting == ["B", "D"]

    play.complete("B")

    assert play.waiting == ["D", "F"]


def test_it_is_reset_when_nothing_more_can_come():
    drawn = node("exclusiveGateway", "x", default="f_x_e") + complex_gateway("activationCount >= 1") + FORK
    flows = "s > p\n p > A\n p > x\n x > B if n > 1\n x > e\n A > j\n B > j\n j > D\n D > e"
    play = Play(drawn + tasks("A", "B", "D"), flows, n=1)

    play.complete("A")
    play.complete("D")

    assert play.outcome == Outcome("completed")


def test_a_token_of_the_next_round_waits_for_the_reset():
    script = node("scriptTask", "inc", "<bpmn:script>n = n + 1</bpmn:script>")
    drawn = FORK + complex_gateway("activationCount >= 1") + script + node("exclusiveGateway", "x", default="f_x_e")
    flows = "s > p\n p > A\n p > B\n A > j\n B > j\n j > inc\n inc > x\n x > A if n < 3\n x > e"
    play = Play(drawn + tasks("A", "B"), flows, n=0)
    play.complete("A")
    play.complete("A")
    assert play.waiting == ["B"]
    assert play.variables["n"] == 1

    play.complete("B")

    assert play.waiting == ["A"]
    assert play.variables["n"] == 2


def test_a_condition_that_fails_is_an_incident_and_a_retry_looks_again():
    drawn = FORK + complex_gateway("activationCount >= quorum") + tasks("A", "B", "D")
    play = Play(drawn, "s > p\n p > A\n p > B\n A > j\n B > j\n j > D\n D > e")
    play.complete("A")
    assert list(play.incidents.values()) == ["unknown-name"] or list(play.incidents.values()) == ["not-boolean"]

    play.set(quorum=1)
    play.retry("j")

    assert play.waiting == ["B", "D"]


def test_several_flows_in_need_an_activation_condition():
    drawn = process(FORK + complex_gateway() + tasks("A", "B"), "s > p\n p > A\n p > B\n A > j\n B > j\n j > e")

    assert codes(definitions(drawn)) == [("activation-condition-missing", "j")]


def test_with_one_flow_in_it_chooses_as_an_inclusive_gateway_does():
    drawn = complex_gateway(default="f_j_C") + tasks("A", "B", "C")
    flows = "s > j\n j > A if n > 1\n j > B if n > 2\n j > C\n A > e\n B > e\n C > e"

    assert Play(drawn, flows, n=5).waiting == ["A", "B"]
    assert Play(drawn, flows, n=1).waiting == ["C"]


GATE = "g > c1\n g > c2\n c1 > A\n c2 > B\n A > e\n B > e"
CATCHES = node("intermediateCatchEvent", "c1", MESSAGE) + node("intermediateCatchEvent", "c2", OTHER) + tasks("A", "B")


def test_each_event_behind_an_instantiating_gateway_opens_a_case_of_its_own_path():
    drawn = node("eventBasedGateway", "g", instantiate="true") + CATCHES
    for event, task in (("c1", "A"), ("c2", "B")):
        play = Play(drawn + '<!-- id="s" -->', GATE, start_event=event)

        assert play.waiting == [task]
        assert play.waiting_for == {}
        assert [(point.id, point.message) for point in play.process.start_events] == [("c1", "msg"), ("c2", "other")]


def test_a_parallel_instantiating_gateway_waits_for_the_other_events_too():
    drawn = node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel") + CATCHES
    play = Play(drawn + '<!-- id="s" -->', GATE, start_event="c2")
    assert play.waiting == ["B"]
    assert list(play.waiting_for.values()) == ["msg"]

    play.complete("B")
    assert play.outcome is None
    play.deliver()
    play.complete("A")

    assert play.outcome == Outcome("completed")


@pytest.mark.parametrize(
    ("gateway", "flows", "code"),
    [
        ({"eventGatewayType": "Parallel"}, "s > g\n", "parallel-event-gateway-not-supported"),
        ({"instantiate": "true"}, "s > g\n", "instantiating-gateway-with-flow"),
    ],
)
def test_a_gateway_that_cannot_start_a_process_is_refused(gateway, flows, code):
    assert codes(definitions(process(node("eventBasedGateway", "g", **gateway) + CATCHES, flows + GATE))) == [
        (code, "g")
    ]


def test_a_receive_task_behind_an_event_gateway_has_no_border():
    receive = node("receiveTask", "c1", messageRef="Msg")
    border = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="c1")
    catch = node("intermediateCatchEvent", "c2", OTHER)
    drawn = node("eventBasedGateway", "g") + catch + tasks("A", "B")
    play = Play(drawn + receive, "s > g\n" + GATE)
    play.deliver()
    assert play.waiting == ["A"]

    found = codes(definitions(process(drawn + receive + border, "s > g\n b > e\n" + GATE)))

    assert found == [("event-gateway-target-with-border", "c1")]

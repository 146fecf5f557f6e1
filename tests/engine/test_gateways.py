"""Exclusive, parallel, inclusive and event-based gateways, and flows that merge without one (BPMN §10.6, §13.4)."""

from __future__ import annotations

from tests.engine.scene import MESSAGE, Play, codes, definitions, node, process, tasks, timer
from workflows.engine.types import ActivityKind, Outcome

XOR = node("exclusiveGateway", "g")


def test_the_first_flow_in_the_document_whose_condition_holds_is_taken():
    play = Play(XOR + tasks("A", "B"), "s > g\n g > B if x > 0\n g > A if x > 1\n A > e\n B > e", x=2)

    assert play.waiting == ["B"]


def test_the_default_flow_is_taken_when_no_condition_holds():
    gateway = node("exclusiveGateway", "g", default="f_g_B")

    play = Play(gateway + tasks("A", "B"), "s > g\n g > A if x > 5\n g > B\n A > e\n B > e", x=1)

    assert play.waiting == ["B"]


def test_no_condition_holding_is_an_incident_and_a_retry_decides_again():
    play = Play(XOR + tasks("A", "B"), "s > g\n g > A if x > 5\n g > B if x > 9\n A > e\n B > e", x=1)
    assert list(play.incidents.values()) == ["no-condition-holds"]
    assert play.outcome is None

    play.set(x=6)
    play.retry("g")

    assert play.waiting == ["A"]
    assert not play.incidents
    assert play.count("g") == 1


def test_a_condition_on_an_unknown_variable_is_an_incident_not_a_guess():
    gateway = node("exclusiveGateway", "g", default="f_g_B")

    play = Play(gateway + tasks("A", "B"), "s > g\n g > A if missing > 5\n g > B\n A > e\n B > e")

    assert list(play.incidents.values()) == ["unknown-name"]
    assert play.waiting == []


def test_a_parallel_gateway_splits_and_joins():
    drawn = node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("A", "B", "C")
    play = Play(drawn, "s > p\n p > A\n p > B\n A > j\n B > j\n j > C\n C > e")
    assert play.waiting == ["A", "B"]

    play.complete("B")
    assert play.waiting == ["A"]
    play.complete("A")

    assert play.waiting == ["C"]
    assert play.count("j") == 1


def test_a_parallel_join_counts_tokens_for_each_flow():
    """Two tokens on one flow are not one on each (§13.4.1): the second waits for the next round."""
    drawn = node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("A", "B", "X", "C", "D")
    arrows = "s > p\n p > A\n p > B\n p > C\n A > X\n B > X\n X > j\n C > j\n j > D\n D > e"
    play = Play(drawn, arrows)
    play.complete("A")
    play.complete("B")
    play.complete("X")
    play.complete("X")
    assert play.count("j") == 0

    play.complete("C")

    assert play.count("j") == 1
    assert play.waiting == ["D"]
    play.complete("D")
    assert play.outcome is None
    assert list(play.incidents.values()) == ["deadlock"]


def test_a_join_that_can_never_be_complete_is_an_incident():
    gateway = node("exclusiveGateway", "g", default="f_g_B")
    play = Play(gateway + node("parallelGateway", "j") + tasks("A", "B"), "s>g; g>A if x; g>B; A>j; B>j; j>e", x=True)

    play.complete("A")

    assert list(play.incidents.values()) == ["deadlock"]
    assert play.outcome is None
    play.cancel()
    assert play.outcome == Outcome("cancelled")


def test_a_deadlocked_join_is_closed_under_the_key_it_was_opened_with():
    """A return brings the token that the other join had waited for in vain; ``Play`` compares the keys."""
    gateways = node("parallelGateway", "p") + node("exclusiveGateway", "g", default="f_g_j2")
    gateways += node("parallelGateway", "j1") + node("parallelGateway", "j2") + node("exclusiveGateway", "m")
    gateways += node("exclusiveGateway", "h", default="f_h_e")
    arrows = "s>m; m>p; p>T1; p>T2; T1>g; g>j1 if x; g>j2; never>j1; T2>j2; j1>e; j2>B; B>h; h>m if again; h>e"
    play = Play(gateways + tasks("T1", "T2", "never", "B"), arrows)
    play.complete("T1", x=False)
    play.complete("T2")
    play.complete("B", again=True)
    play.complete("T1", x=True)
    play.complete("T2")
    assert sorted(play.incidents.values()) == ["deadlock", "deadlock"]

    play.send_back("j1", "T1")
    play.complete("T1", x=False)

    assert play.waiting == ["B"]
    assert not play.incidents
    play.complete("B", again=False)
    assert play.outcome == Outcome("completed")


def test_parallel_gateways_work_in_a_loop():
    drawn = (
        node("exclusiveGateway", "m")
        + node("parallelGateway", "p")
        + node("parallelGateway", "j")
        + node("exclusiveGateway", "x", default="f_x_e")
        + tasks("A", "B")
    )
    play = Play(drawn, "s > m\n m > p\n p > A\n p > B\n A > j\n B > j\n j > x\n x > m if n < 3\n x > e", n=0)

    for round_number in range(3):
        assert {(key.element_id, key.iteration) for key in play.tasks} == {("A", round_number), ("B", round_number)}
        play.complete("A", n=round_number + 1)
        play.complete("B")

    assert play.outcome == Outcome("completed")
    assert (play.count("A"), play.count("B"), play.count("j")) == (3, 3, 3)


def test_several_flows_into_an_activity_start_it_once_each():
    play = Play(node("parallelGateway", "p") + tasks("A", "B", "C"), "s > p\n p > A\n p > B\n A > C\n B > C\n C > e")
    play.complete("A")
    play.complete("B")
    assert sorted(key.iteration for key in play.tasks) == [0, 1]

    play.complete("C")
    play.complete("C")

    assert play.outcome == Outcome("completed")
    assert play.count("C") == 2


INCLUSIVE = node("inclusiveGateway", "g", default="f_g_C") + node("inclusiveGateway", "j") + tasks("A", "B", "C", "D")
INCLUSIVE_FLOWS = "s>g; g>A if x > 0; g>B if x > 1; g>C; A>j; B>j; C>j; j>D; D>e"


def test_an_inclusive_gateway_takes_every_flow_whose_condition_holds():
    assert Play(INCLUSIVE, INCLUSIVE_FLOWS, x=2).waiting == ["A", "B"]
    assert Play(INCLUSIVE, INCLUSIVE_FLOWS, x=1).waiting == ["A"]
    assert Play(INCLUSIVE, INCLUSIVE_FLOWS, x=0).waiting == ["C"]


def test_an_inclusive_join_waits_for_every_token_that_may_come_and_no_other():
    play = Play(INCLUSIVE, INCLUSIVE_FLOWS, x=2)
    play.complete("A")
    assert play.waiting == ["B"]

    play.complete("B")

    assert play.waiting == ["D"]
    assert play.count("j") == 1


def test_an_inclusive_join_goes_on_when_the_last_other_token_takes_another_way():
    drawn = (
        node("parallelGateway", "p")
        + node("inclusiveGateway", "j")
        + node("exclusiveGateway", "x", default="f_x_e2")
        + node("endEvent", "e2")
        + tasks("A", "B", "D")
    )
    play = Play(drawn, "s > p\n p > A\n p > B\n A > j\n B > x\n x > j if back\n x > e2\n j > D\n D > e", back=False)
    play.complete("A")
    assert play.waiting == ["B"]

    play.complete("B")

    assert play.waiting == ["D"]


def test_an_inclusive_join_inside_a_loop_does_not_wait_for_itself():
    """§13.4.3: paths that visit the gateway itself do not hold it back."""
    drawn = (
        node("inclusiveGateway", "g", default="f_g_B")
        + node("inclusiveGateway", "j")
        + node("exclusiveGateway", "m")
        + node("exclusiveGateway", "x", default="f_x_e")
        + tasks("A", "B")
    )
    play = Play(drawn, "s > m\n m > g\n g > A if n < 9\n g > B\n A > j\n B > j\n j > x\n x > m if n < 3\n x > e", n=0)

    for number in range(1, 4):
        play.complete("A", n=number)

    assert play.outcome == Outcome("completed")
    assert play.count("j") == 3


def test_a_token_that_comes_by_a_border_event_is_waited_for():
    drawn = (
        node("parallelGateway", "p")
        + node("inclusiveGateway", "j")
        + node("boundaryEvent", "b", MESSAGE, attachedToRef="B")
        + node("endEvent", "e2")
        + tasks("A", "B", "D")
    )
    play = Play(drawn, "s > p\n p > A\n p > B\n A > j\n B > e2\n b > j\n j > D\n D > e")
    play.complete("A")
    assert play.waiting == ["B"]

    play.deliver()

    assert play.waiting == ["D"]
    assert play.count("j") == 1


EVENT_BASED = (
    node("eventBasedGateway", "g")
    + node("intermediateCatchEvent", "c1", MESSAGE)
    + node("intermediateCatchEvent", "c2", timer("PT2H"))
    + tasks("A", "B")
)
EVENT_FLOWS = "s > g\n g > c1\n g > c2\n c1 > A\n c2 > B\n A > e\n B > e"


def test_an_event_based_gateway_follows_the_message_and_clears_the_timer():
    play = Play(EVENT_BASED, EVENT_FLOWS)
    assert {key.element_id for key in play.open} == {"g", "c1", "c2"}

    step = play.deliver()

    assert play.waiting == ["A"]
    assert [cleared.activity.element_id for cleared in step.timers_cleared] == ["c2"]
    assert play.done == ["s", "g", "c1"]
    assert "f_g_c1" in [event.element_id for event in step.history]
    assert "f_g_c2" not in [event.element_id for event in step.history]


def test_an_event_based_gateway_follows_the_timer_and_drops_the_subscription():
    play = Play(EVENT_BASED, EVENT_FLOWS)

    play.wait(hours=3)

    assert play.waiting == ["B"]
    assert not play.waiting_for


def test_a_gateway_is_an_activity_of_its_own_kind_while_it_waits():
    play = Play(EVENT_BASED, EVENT_FLOWS)

    kinds = {opened.activity.element_id: opened.kind for opened in play.last.opened}

    assert kinds == {"g": ActivityKind.GATEWAY, "c1": ActivityKind.EVENT, "c2": ActivityKind.EVENT}


def test_flows_of_a_choice_need_conditions():
    drawn = process(XOR + tasks("A", "B"), "s > g\n g > A\n g > B\n A > e\n B > e")

    assert codes(definitions(drawn)) == [("gateway-condition-missing", "f_g_A"), ("gateway-condition-missing", "f_g_B")]


def test_a_default_flow_must_be_one_of_the_gateway():
    drawn = process(node("exclusiveGateway", "g", default="f_A_e") + tasks("A"), "s > g\n g > A\n A > e")

    assert codes(definitions(drawn)) == [("default-flow-invalid", "g")]


def test_a_condition_after_a_parallel_gateway_is_illegal():
    drawn = process(node("parallelGateway", "g") + tasks("A"), "s > g\n g > A if x > 1\n A > e")

    assert codes(definitions(drawn)) == [("condition-not-allowed", "f_g_A")]


def test_an_event_based_gateway_leads_to_catching_events_only():
    drawn = process(
        node("eventBasedGateway", "g") + node("intermediateCatchEvent", "c", MESSAGE) + tasks("A"),
        "s > g\n g > A\n g > c\n A > e\n c > e",
    )

    assert codes(definitions(drawn)) == [("event-gateway-target", "A")]

"""Elements inside one another: where simple rules meet."""

from __future__ import annotations

from tests.engine.scene import (
    ERROR,
    ESCALATION,
    MESSAGE,
    TERMINATE,
    Play,
    node,
    process,
    subprocess,
    tasks,
    timer,
)
from workflows.engine.types import ActivityKey, Closing, Outcome

CALLED = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")


def many(cardinality: str, order: str = "false") -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}">'
        f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )


def border(definition: str, host: str, border_id: str = "b", cancel: str = "true") -> str:
    return node("boundaryEvent", border_id, definition, attachedToRef=host, cancelActivity=cancel)


def test_many_inside_many_have_distinct_keys_and_counters():
    inner = subprocess("in", node("startEvent", "s3") + tasks("A"), "s3 > A", many("2"))
    outer = subprocess("out", node("startEvent", "s2") + inner, "s2 > in", many("2"))
    play = Play(outer + tasks("N"), "s > out\n out > N\n N > e")
    assert len(play.tasks) == 4
    assert ActivityKey("A", "out:0:1/out:1:1/in:0:1/in:1:1") in play.tasks

    for _ in range(4):
        play.complete("A")

    assert play.waiting == ["N"]


def test_an_error_in_one_instance_ends_all_and_is_caught_on_the_whole():
    inner = node("startEvent", "s2") + tasks("A") + node("endEvent", "t", ERROR)
    drawn = subprocess("sp", inner, "s2 > A\n A > t", many("3")) + border(ERROR, "sp") + tasks("B")
    play = Play(drawn, "s > sp\n sp > e\n b > B\n B > e")

    play.complete("A", 1)

    assert play.waiting == ["B"]
    assert list(play.open) == [play.key("B")]


def test_each_instance_may_escalate_and_the_rest_goes_on():
    inner = node("startEvent", "s2") + tasks("A") + node("endEvent", "t", ESCALATION)
    drawn = subprocess("sp", inner, "s2 > A\n A > t", many("2")) + border(ESCALATION, "sp", cancel="false")
    play = Play(drawn + tasks("B", "N"), "s > sp\n sp > N\n N > e\n b > B\n B > e")

    play.complete("A")
    assert play.waiting == ["A", "B"]
    play.complete("A")

    assert play.waiting == ["B", "B", "N"]


def test_an_event_based_gateway_in_a_body_waits_for_each_instance():
    inner = (
        node("startEvent", "s2")
        + node("eventBasedGateway", "g")
        + node("intermediateCatchEvent", "c1", MESSAGE)
        + node("intermediateCatchEvent", "c2", timer("PT1H"))
    )
    drawn = subprocess("sp", inner, "s2 > g\n g > c1\n g > c2", many("2")) + tasks("N")
    play = Play(drawn, "s > sp\n sp > N\n N > e")

    play.deliver()
    assert len(play.timers) == 1
    play.wait(hours=2)

    assert play.waiting == ["N"]
    assert (play.count("c1"), play.count("c2")) == (1, 1)


def test_a_deadlock_inside_a_sub_process_waits_for_the_timer_on_its_border():
    inner = (
        node("startEvent", "s2")
        + node("exclusiveGateway", "g", default="f_g_j")
        + node("parallelGateway", "j")
        + tasks("X")
    )
    drawn = subprocess("sp", inner, "s2 > g\n g > X if false\n g > j\n X > j") + border(timer("PT1H"), "sp")
    play = Play(drawn + tasks("B"), "s > sp\n sp > e\n b > B\n B > e")
    assert not play.incidents

    play.wait(hours=1)

    assert play.waiting == ["B"]


def test_a_join_beside_running_child_cases_is_no_deadlock():
    """What waits on the border of the host for an error of a child does not stand for work inside it."""
    many = '<bpmn:multiInstanceLoopCharacteristics zc:collection="[1, 2]" zc:item="x"/>'
    inner = subprocess("sp", node("startEvent", "s2") + tasks("A"), "s2 > A", many) + border(ERROR, "sp")
    drawn = inner + node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("B", "C")
    play = Play(drawn, "s > p; p > j; p > sp; sp > j; j > B; B > e; b > C; C > e")

    assert not play.incidents
    play.end_child("sp", 0)
    play.end_child("sp", 1)

    assert play.waiting == ["B"]
    assert not play.incidents


def test_interrupting_a_sub_process_cancels_all_that_it_started():
    inner = (
        node("startEvent", "s2")
        + node("parallelGateway", "p")
        + node("callActivity", "ca", calledElement="Q")
        + node("serviceTask", "job", zc__operation="notify")
        + node("intermediateCatchEvent", "c", timer("PT1H"))
        + tasks("A")
        + border(MESSAGE, "A", "b2", "false")
    )
    drawn = subprocess("sp", inner, "s2 > p\n p > ca\n p > job\n p > c\n p > A\n b2 > A") + border(timer("PT2H"), "sp")
    play = Play(drawn + tasks("B"), "s > sp\n sp > e\n b > B\n B > e", CALLED)

    step = play.fire("b")

    assert play.waiting == ["B"]
    assert len(step.children_cancelled) == len(step.timers_cleared) == len(step.subscriptions_cleared) == 1
    assert not play.jobs
    assert {closed.closing for closed in step.closed if closed.activity.element_id != "b"} == {Closing.CANCELLED}


def test_terminate_at_the_top_cancels_children_too():
    drawn = node("parallelGateway", "p") + node("callActivity", "ca", calledElement="Q") + tasks("A")
    play = Play(drawn + node("endEvent", "t", TERMINATE), "s > p\n p > ca\n p > A\n A > t\n ca > e", CALLED)

    play.complete("A")

    assert play.outcome == Outcome("terminated")
    assert not play.children


def test_a_reminder_beside_a_step_in_a_loop_is_armed_anew_each_round():
    drawn = (
        node("exclusiveGateway", "m")
        + node("exclusiveGateway", "x", default="f_x_e")
        + tasks("A", "R")
        + border(timer("R2/PT1H", "timeCycle"), "A", cancel="false")
    )
    play = Play(drawn, "s > m\n m > A\n A > x\n x > m if n < 2\n x > e\n b > R\n R > e", n=0)
    play.wait(hours=5)
    assert play.waiting == ["A", "R", "R"]

    play.complete("A", n=1)
    assert play.timers[play.key("b")].occurrence == 1
    assert play.key("b").iteration == 1
    play.wait(hours=1)
    play.complete("A", n=2)

    assert play.waiting == ["R", "R", "R"]
    assert sorted(key.iteration for key in play.tasks) == [0, 1, 2]
    assert not play.timers


def test_a_return_takes_back_what_a_border_event_had_started_since():
    drawn = tasks("T", "A", "R") + border(timer("PT1H"), "A", cancel="false")
    play = Play(drawn, "s > T\n T > A\n A > e\n b > R\n R > e")
    play.complete("T")
    play.wait(hours=1)

    play.send_back("A", "T")

    assert list(map(str, play.tasks)) == ["|T:0:2"]
    play.complete("T")
    play.wait(hours=1)
    assert sorted(map(str, play.tasks)) == ["|A:0:2", "|R:0:2"]


def test_a_step_inside_an_instance_can_be_returned_within_it():
    inner = node("startEvent", "s2") + tasks("A", "B")
    play = Play(subprocess("sp", inner, "s2 > A\n A > B", many("2")) + tasks("N"), "s > sp\n sp > N\n N > e")
    play.complete("A")

    play.send_back("B", "A")

    assert sorted(map(str, play.tasks)) == ["sp:0:1/sp:0:1|A:0:2", "sp:0:1/sp:1:1|A:0:1"]


def test_a_return_from_a_call_cancels_the_child():
    drawn = tasks("T") + node("callActivity", "ca", calledElement="Q")
    play = Play(drawn, "s > T\n T > ca\n ca > e", CALLED)
    play.complete("T")

    play.send_back("ca", "T")

    assert not play.children
    assert play.waiting == ["T"]


def test_messages_reach_a_sub_process_in_its_own_scope():
    inner = node("startEvent", "s2") + node("intermediateCatchEvent", "c", MESSAGE) + tasks("A")
    own = '<bpmn:property id="pr" name="answer"/>'
    play = Play(subprocess("sp", inner, "s2 > c\n c > A", own) + tasks("N"), "s > sp\n sp > N\n N > e")

    play.deliver(answer=1, public=2)

    assert play.variables == {"public": 2}
    assert play.last.tasks_opened[0].inner == {"answer": 1}


def test_an_uncaught_error_in_a_sub_process_ends_the_whole_case():
    inner = node("startEvent", "s2") + node("endEvent", "t", ERROR)
    drawn = node("parallelGateway", "p") + subprocess("sp", inner, "s2 > t") + tasks("A")

    play = Play(drawn, "s > p\n p > A\n p > sp\n sp > e\n A > e")

    assert play.outcome == Outcome("error", "E1")
    assert [incident.code for incident in play.last.incidents] == ["error-uncaught"]

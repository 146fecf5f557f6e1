"""Sending work back: what followed is withdrawn, the target opens with a new attempt, joins can be passed again."""

from __future__ import annotations

import pytest

from tests.engine.scene import MESSAGE, Play, node, subprocess, tasks
from workflows.engine.errors import ElementNotWaitingError, ReturnNotPossibleError
from workflows.engine.types import ActivityKey, Closing, Outcome, Return


def test_a_return_opens_the_target_again_with_the_next_attempt():
    play = Play(tasks("A", "B", "C"), "s > A\n A > B\n B > C\n C > e")
    play.complete("A")
    play.complete("B")

    play.send_back("C", "A")

    assert list(play.tasks) == [ActivityKey("A", attempt=2)]
    assert play.closed[-1] == ("C", Closing.RETURNED)
    play.complete("A")
    assert list(play.tasks) == [ActivityKey("B", attempt=2)]
    play.complete("B")
    play.complete("C")
    assert play.outcome == Outcome("completed")


def test_each_return_counts_one_more_attempt():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")

    for attempt in range(2, 6):
        play.complete("A")
        play.send_back("B", "A")
        assert list(play.tasks) == [ActivityKey("A", attempt=attempt)]


def test_a_task_can_be_returned_to_itself():
    play = Play(tasks("A"), "s > A\n A > e")

    play.send_back("A", "A")

    assert list(play.tasks) == [ActivityKey("A", attempt=2)]


PARALLEL = node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("T", "A1", "A2", "B", "X")
PARALLEL_FLOWS = "s > T\n T > p\n p > A1\n A1 > A2\n A2 > j\n p > B\n B > j\n j > X\n X > e"


def test_a_return_within_a_branch_leaves_the_other_branch_alone():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")
    play.complete("A1")

    play.send_back("A2", "A1")
    assert sorted(map(str, play.tasks)) == ["|A1:0:2", "|B:0:1"]
    play.complete("B")
    play.complete("A1")
    play.complete("A2")

    assert play.waiting == ["X"]
    assert play.count("j") == 1


def test_a_return_before_the_split_withdraws_all_branches():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")
    play.complete("A1")

    play.send_back("A2", "T")

    assert list(play.tasks) == [ActivityKey("T", attempt=2)]
    assert {("A2", Closing.RETURNED), ("B", Closing.CANCELLED)} <= set(play.closed)
    play.complete("T")
    assert sorted(map(str, play.tasks)) == ["|A1:0:2", "|B:0:2"]
    play.complete("A1")
    play.complete("A2")
    play.complete("B")
    assert play.waiting == ["X"]


def test_a_return_before_the_split_takes_back_what_waits_at_the_join():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")
    play.complete("B")

    play.send_back("A1", "T")
    for element in ("T", "A1", "A2"):
        play.complete(element)

    assert play.waiting == ["B"]
    assert play.count("j") == 0


def test_a_return_behind_the_join_gives_the_join_its_other_token_back():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    for element in ("T", "A1", "A2", "B"):
        play.complete(element)
    assert play.waiting == ["X"]

    play.send_back("X", "A1")
    assert play.waiting == ["A1"]
    play.complete("A1")
    play.complete("A2")

    assert list(play.tasks) == [ActivityKey("X", attempt=2)]
    play.send_back("X", "B")
    assert play.waiting == ["B"]
    play.complete("B")
    assert play.waiting == ["X"]
    play.complete("X")
    assert play.outcome == Outcome("completed")


def test_an_inclusive_join_gets_back_only_what_it_had():
    drawn = node("inclusiveGateway", "g") + node("inclusiveGateway", "j") + tasks("A", "B", "C", "X")
    play = Play(
        drawn, "s>g; g>A; g>B if b; g>C if c; A>j; B>j; C>j; j>X; X>e".replace("g>A;", "g>A if true;"), b=True, c=False
    )
    play.complete("A")
    play.complete("B")

    play.send_back("X", "A")
    play.complete("A")

    assert play.waiting == ["X"]
    assert play.count("j") == 2


def test_a_return_in_a_loop_goes_to_the_last_round():
    drawn = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e") + tasks("A", "B")
    play = Play(drawn, "s > m\n m > A\n A > B\n B > x\n x > m if n < 3\n x > e", n=0)
    play.complete("A")
    play.complete("B", n=1)
    play.complete("A")

    play.send_back("B", "A")

    assert list(play.tasks) == [ActivityKey("A", iteration=1, attempt=2)]
    play.complete("A")
    play.complete("B", n=2)
    assert list(play.tasks) == [ActivityKey("A", iteration=2)]


def test_a_return_out_of_a_sub_process_closes_it():
    drawn = subprocess("sp", node("startEvent", "s2") + tasks("A", "B"), "s2 > A\n A > B") + tasks("T")
    play = Play(drawn, "s > T\n T > sp\n sp > e")
    play.complete("T")
    play.complete("A")

    play.send_back("B", "T")
    assert list(play.open) == [ActivityKey("T", attempt=2)]
    play.complete("T")

    assert play.key("A") == ActivityKey("A", "sp:0:2")


def test_a_return_inside_a_sub_process_stays_inside():
    drawn = subprocess("sp", node("startEvent", "s2") + tasks("A", "B"), "s2 > A\n A > B")
    play = Play(drawn, "s > sp\n sp > e")
    play.complete("A")

    play.send_back("B", "A")

    assert list(play.tasks) == [ActivityKey("A", "sp:0:1", attempt=2)]


def test_a_return_clears_timers_and_subscriptions():
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="B")
    play = Play(tasks("A", "B") + border, "s > A\n A > B\n B > e\n b > e")
    play.complete("A")
    assert play.waiting_for

    play.send_back("B", "A")

    assert not play.waiting_for


def test_only_what_lies_on_the_path_can_be_returned_to():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")

    for target in ("B", "X", "A2", "nobody", "p", "s"):
        with pytest.raises(ReturnNotPossibleError):
            play.send_back("A1", target)
    with pytest.raises(ElementNotWaitingError):
        play.do(Return(ActivityKey("X"), "T"))
    assert play.waiting == ["A1", "B"]


def test_what_a_return_takes_back_is_not_undone():
    def undone(host: str) -> str:
        border = node("boundaryEvent", f"c{host}", "<bpmn:compensateEventDefinition/>", attachedToRef=host)
        association = f'<bpmn:association id="a_{host}" sourceRef="c{host}" targetRef="undo{host}"/>'
        return border + node("userTask", f"undo{host}", isForCompensation="true") + association

    throw = node("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
    drawn = tasks("A", "B", "C") + undone("A") + undone("B") + throw
    play = Play(drawn, "s > A\n A > B\n B > C\n C > t\n t > e")
    play.complete("A")
    play.complete("B")

    play.send_back("C", "B")
    play.complete("B")
    play.send_back("C", "A")
    play.complete("A")
    play.complete("B")
    play.complete("C")

    assert play.waiting == ["undoB"]
    play.complete("undoB")
    assert play.waiting == ["undoA"]
    play.complete("undoA")
    assert play.outcome == Outcome("completed")


def test_a_return_in_a_loop_takes_back_what_its_round_has_done_and_no_more():
    border = node("boundaryEvent", "cA", "<bpmn:compensateEventDefinition/>", attachedToRef="A")
    undo = node("userTask", "undoA", isForCompensation="true")
    association = '<bpmn:association id="a" sourceRef="cA" targetRef="undoA"/>'
    throw = node("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>")
    drawn = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_t") + tasks("A", "B")
    arrows = "s > m\n m > A\n A > B\n B > x\n x > m if n < 4\n x > t\n t > e"
    play = Play(drawn + border + undo + association + throw, arrows, n=0)
    for number in (1, 2, 3):
        play.complete("A")
        play.complete("B", n=number)
    play.complete("A")

    play.send_back("B", "A")
    play.complete("A")
    play.complete("B", n=4)

    for _ in range(4):
        assert play.waiting == ["undoA"]
        play.complete("undoA")
    assert play.outcome == Outcome("completed")

"""退回后直送: the redone step leads straight back to whoever sent the work back, and one live path is left."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.scene import MESSAGE, Play, node, subprocess, tasks, timer
from tests.engine.test_random_processes import Drawing, blocks, without_repetition
from tests.engine.test_returning import PARALLEL, PARALLEL_FLOWS
from workflows.engine.errors import DirectReturnNotPossibleError, ElementNotWaitingError, ReturnNotPossibleError
from workflows.engine.types import ActivityKey, Closing, Complete, Outcome, Return

CHAIN = "s > A\n A > B\n B > C\n C > D\n D > e"


def test_the_redone_step_leads_straight_back_and_what_lay_between_is_not_done_again():
    play = Play(tasks("A", "B", "C", "D"), CHAIN)
    for name in "AB":
        play.complete(name)

    play.send_back("C", "A", direct=True)

    assert list(play.tasks) == [ActivityKey("A", attempt=2)]
    assert play.closed[-1] == ("C", Closing.RETURNED)
    play.complete("A")
    assert list(play.tasks) == [ActivityKey("C", attempt=3)]
    play.complete("C")
    play.complete("D")
    assert play.outcome == Outcome("completed")
    assert [play.count(name) for name in "ABCD"] == [2, 1, 1, 1]


def test_who_waits_for_a_redone_step_can_do_nothing_meanwhile():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    play.complete("A")
    waiting = play.key("B")
    play.send_back("B", "A", direct=True)

    for command in (Complete(waiting), Return(waiting, "A"), Return(waiting, "A", direct=True)):
        with pytest.raises(ElementNotWaitingError):
            play.do(command)


def test_a_branch_beside_goes_on_and_the_join_waits_for_the_one_that_comes_back():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")
    play.complete("A1")

    play.send_back("A2", "T", direct=True)
    assert play.waiting == ["B", "T"]
    play.complete("B")
    play.complete("T")
    assert play.waiting == ["A2"]
    play.complete("A2")

    assert play.waiting == ["X"]
    assert play.count("B") == 1


def test_from_inside_a_sub_process_the_work_comes_back_into_the_same_sub_process():
    inner = subprocess("P1", node("startEvent", "s2") + tasks("B", "C"), "s2 > B\n B > C")
    play = Play(tasks("A") + inner, "s > A\n A > P1\n P1 > e")
    play.complete("A")
    play.complete("B")
    play.send_back("C", "A", direct=True)

    play.complete("A")
    assert list(play.tasks) == [ActivityKey("C", "P1:0:1", attempt=2)]
    play.complete("C")
    assert play.outcome == Outcome("completed")


def test_one_of_several_signers_sends_back_and_the_others_go_on():
    count = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
    loop = f"<bpmn:multiInstanceLoopCharacteristics>{count}</bpmn:multiInstanceLoopCharacteristics>"
    play = Play(tasks("A") + node("userTask", "M", loop), "s > A\n A > M\n M > e")
    play.complete("A")

    play.send_back("M", "A", direct=True)
    assert play.waiting == ["A", "M", "M"]
    play.complete("M")
    play.complete("M")
    assert play.waiting == ["A"]
    play.complete("A")
    play.complete("M")

    assert play.outcome == Outcome("completed")


def test_detours_nest_and_each_comes_back_to_its_own():
    play = Play(tasks("A", "B", "C", "D"), CHAIN)
    for name in "ABC":
        play.complete(name)

    play.send_back("D", "C", direct=True)
    play.send_back("C", "A", direct=True)
    play.complete("A")
    assert play.waiting == ["C"]
    play.complete("C")
    assert play.waiting == ["D"]
    play.complete("D")

    assert play.outcome == Outcome("completed")


def test_a_return_from_a_redone_step_that_is_replayed_withdraws_whoever_waited():
    play = Play(tasks("A", "B", "C", "D"), CHAIN)
    for name in "AB":
        play.complete(name)
    play.send_back("C", "B", direct=True)

    play.send_back("B", "A")
    for name in "ABCD":
        assert play.waiting == [name]
        play.complete(name)

    assert play.outcome == Outcome("completed")


def test_what_interrupts_the_scope_of_who_waits_withdraws_the_redone_step():
    inner = subprocess("P1", node("startEvent", "s2") + tasks("B", "C"), "s2 > B\n B > C")
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="P1")
    play = Play(tasks("A", "X") + inner + border, "s > A\n A > P1\n P1 > e\n b > X\n X > e")
    play.complete("A")
    play.complete("B")
    play.send_back("C", "A", direct=True)

    play.deliver()

    assert play.waiting == ["X"]
    play.complete("X")
    assert play.outcome == Outcome("completed")


def test_a_timer_that_does_not_interrupt_runs_beside_the_redone_step():
    border = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="A", cancelActivity="false")
    play = Play(tasks("A", "B", "N") + border, "s > A\n A > B\n B > e\n b > N\n N > e")
    play.complete("A")
    play.send_back("B", "A", direct=True)

    play.fire("b")
    play.complete("A")

    assert play.waiting == ["B", "N"]


def test_a_step_that_may_leave_by_another_way_leads_nowhere_directly():
    border = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="A")
    play = Play(tasks("A", "B", "N") + border, "s > A\n A > B\n B > e\n b > N\n N > e")
    play.complete("A")

    with pytest.raises(DirectReturnNotPossibleError):
        play.send_back("B", "A", direct=True)

    assert play.waiting == ["B"]


def test_a_cancelled_case_leaves_nothing_of_a_detour():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")
    play.complete("A")
    play.send_back("B", "A", direct=True)

    play.cancel()

    assert play.outcome == Outcome("cancelled")
    assert not play.open


@given(blocks().map(without_repetition), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_returns_of_both_kinds_end_every_process_and_repeat_no_key(block, chance):
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    play = Play(node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e"), "", **drawing.variables)
    targets = [name for name in drawing.expected if name.startswith(("T", "S"))]
    opened: set[ActivityKey] = set(play.open)
    returns = 8

    for _ in range(3_000):
        if play.outcome is not None:
            break
        before = set(play.open)
        if play.tasks and targets and returns and chance.random() < 0.4:
            returns -= 1
            direct = chance.random() < 0.6
            try:
                play.do(Return(chance.choice(list(play.tasks)), chance.choice(targets), direct))
            except (ReturnNotPossibleError, DirectReturnNotPossibleError):
                continue
            assert play.open
        elif play.waiting_for and (not play.tasks or chance.random() < 0.5):
            play.deliver()
        else:
            play.do(Complete(chance.choice(list(play.tasks))))
        new = set(play.open) - before
        assert not new & opened
        opened |= new

    assert play.outcome == Outcome("completed")
    assert not play.incidents
    assert play.count("e") == 1

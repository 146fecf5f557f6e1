"""Reset: a passed element opens again, what followed is withdrawn, and one live path is left."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.scene import MESSAGE, Play, node, subprocess, tasks, timer
from tests.engine.test_random_processes import Block, Drawing, blocks, without_repetition
from tests.engine.test_returning import PARALLEL, PARALLEL_FLOWS
from workflows.engine.errors import ResetNotPossibleError
from workflows.engine.moves import Reset
from workflows.engine.run.commands import carry_out
from workflows.engine.run.effects import Effects
from workflows.engine.run.state import load_state
from workflows.engine.types import ActivityKey, Command, Complete, Deliver, Outcome

LOOP = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
LOOP += "</bpmn:multiInstanceLoopCharacteristics>"


def finish(play: Play) -> list[str]:
    """Do what waits, one after the other, and list it."""
    done = []
    while play.outcome is None and play.tasks:
        key = next(iter(play.tasks))
        done.append(key.element_id)
        play.do(Complete(key))
    assert play.outcome == Outcome("completed")
    assert not play.incidents
    return done


def test_a_passed_task_opens_with_the_next_attempt_and_nothing_else_is_left():
    play = Play(tasks("A", "B", "C"), "s > A\n A > B\n B > C\n C > e")
    play.complete("A")
    play.complete("B")

    play.reset("A")

    assert list(play.open) == [ActivityKey("A", attempt=2)]
    assert finish(play) == ["A", "B", "C"]


def test_what_was_never_passed_cannot_be_reset_to():
    play = Play(tasks("A", "B"), "s > A\n A > B\n B > e")

    for target in ("B", "nowhere", "e"):
        with pytest.raises(ResetNotPossibleError):
            play.reset(target)

    assert play.waiting == ["A"]


def test_before_a_join_the_other_branch_goes_on():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    play.complete("T")
    play.complete("A1")

    play.reset("A1")

    assert play.waiting == ["A1", "B"]
    assert Counter(finish(play)) == {"A1": 1, "A2": 1, "B": 1, "X": 1}


def test_behind_a_join_one_branch_is_done_again_and_the_join_gets_the_other():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    for name in ("T", "A1", "A2", "B"):
        play.complete(name)

    play.reset("A2")

    assert play.waiting == ["A2"]
    assert finish(play) == ["A2", "X"]


def test_a_token_that_waits_at_the_join_is_taken_back_and_the_other_stays():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    for name in ("T", "A1", "A2"):
        play.complete(name)

    play.reset("A1")

    assert Counter(finish(play)) == {"A1": 1, "A2": 1, "B": 1, "X": 1}


def test_before_the_split_both_branches_begin_again():
    play = Play(PARALLEL, PARALLEL_FLOWS)
    for name in ("T", "A1", "A2", "B"):
        play.complete(name)

    play.reset("T")

    assert Counter(finish(play)) == {"T": 1, "A1": 1, "A2": 1, "B": 1, "X": 1}


def test_a_gateway_decides_again():
    gateway = node("exclusiveGateway", "g", default="f_g_B")
    play = Play(tasks("A", "B") + gateway, "s > g\n g > A if big\n g > B\n A > e\n B > e", big=False)
    assert play.waiting == ["B"]

    play.set(big=True)
    play.reset("g")

    assert play.waiting == ["A"]


INSIDE = subprocess("P1", node("startEvent", "s2") + tasks("B", "C"), "s2 > B\n B > C")
AROUND = "s > A\n A > P1\n P1 > D\n D > e"


def test_from_inside_a_sub_process_to_what_lies_before_it():
    play = Play(tasks("A", "D") + INSIDE, AROUND)
    play.complete("A")
    play.complete("B")

    play.reset("A")

    assert list(play.open) == [ActivityKey("A", attempt=2)]
    assert finish(play) == ["A", "B", "C", "D"]


def test_inside_a_running_sub_process_only_that_one_is_touched():
    play = Play(tasks("A", "D") + INSIDE, AROUND)
    play.complete("A")
    play.complete("B")

    play.reset("B")

    assert finish(play) == ["B", "C", "D"]


def test_from_outside_into_a_sub_process_that_is_over():
    play = Play(tasks("A", "D") + INSIDE, AROUND)
    for name in "ABC":
        play.complete(name)

    play.reset("C")

    assert play.waiting == ["C"]
    assert finish(play) == ["C", "D"]


def test_into_one_branch_of_a_sub_process_that_is_over():
    nodes = node("startEvent", "s2") + node("parallelGateway", "p") + node("parallelGateway", "j") + tasks("B", "C")
    inner = subprocess("P1", nodes, "s2 > p\n p > B\n p > C\n B > j\n C > j")
    play = Play(tasks("D") + inner, "s > P1\n P1 > D\n D > e")
    play.complete("B")
    play.complete("C")

    play.reset("C")

    assert finish(play) == ["C", "D"]


def test_a_sub_process_inside_another_that_are_both_over():
    deep = subprocess("P2", node("startEvent", "s3") + tasks("B", "C"), "s3 > B\n B > C")
    inner = subprocess("P1", node("startEvent", "s2") + deep + tasks("E"), "s2 > P2\n P2 > E")
    play = Play(tasks("D") + inner, "s > P1\n P1 > D\n D > e")
    for name in "BCE":
        play.complete(name)

    play.reset("C")

    assert [str(key) for key in play.tasks] == ["P1:0:2/P2:0:1|C:0:1"]
    assert finish(play) == ["C", "E", "D"]


def test_a_loop_begins_its_round_again_and_leaves_one_token():
    gateway = node("exclusiveGateway", "g", default="f_g_e")
    play = Play(tasks("A", "B") + gateway, "s > A\n A > B\n B > g\n g > A if again\n g > e", again=True)
    for name in "ABA":
        play.complete(name)

    play.set(again=False)
    play.reset("A")

    assert finish(play) == ["A", "B"]


def test_a_countersign_that_is_over_begins_again_with_all_signers():
    play = Play(tasks("A") + node("userTask", "M", LOOP), "s > M\n M > A\n A > e")
    for _ in range(3):
        play.complete("M")

    play.reset("M")

    assert play.waiting == ["M", "M", "M"]
    assert finish(play) == ["M", "M", "M", "A"]


def test_a_running_countersign_begins_again_without_ghosts():
    play = Play(tasks("A") + node("userTask", "M", LOOP), "s > A\n A > M\n M > e")
    play.complete("A")
    play.complete("M")

    play.reset("M")
    assert play.waiting == ["M", "M", "M"]
    play.reset("A")

    assert finish(play) == ["A", "M", "M", "M"]


def test_among_several_running_bodies_one_must_be_named():
    body = subprocess("S", node("startEvent", "s2") + tasks("B", "C"), "s2 > B\n B > C", LOOP)
    play = Play(body, "s > S\n S > e")
    play.complete("B")

    with pytest.raises(ResetNotPossibleError):
        play.reset("B")
    play.reset("B", near="C")

    assert play.waiting == ["B", "B", "B"]
    assert Counter(finish(play)) == {"B": 3, "C": 3}


def test_behind_an_interrupting_border_the_activity_opens_again_with_its_border():
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="A")
    play = Play(tasks("A", "B", "X") + border, "s > A\n A > B\n B > e\n b > X\n X > e")
    play.deliver()
    assert play.waiting == ["X"]

    play.reset("A")

    assert play.waiting == ["A"]
    assert list(play.waiting_for.values()) == ["msg"]
    assert finish(play) == ["A", "B"]


def test_what_a_border_beside_has_opened_goes_too():
    border = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="A", cancelActivity="false")
    play = Play(tasks("A", "B", "N") + border, "s > A\n A > B\n B > e\n b > N\n N > e")
    play.fire("b")
    play.complete("A")
    assert play.waiting == ["B", "N"]

    play.reset("A")

    assert play.waiting == ["A"]
    assert finish(play) == ["A", "B"]


def test_a_reset_takes_a_detour_with_it():
    play = Play(tasks("A", "B", "C"), "s > A\n A > B\n B > C\n C > e")
    play.complete("A")
    play.complete("B")
    play.send_back("C", "B", direct=True)

    play.reset("A")

    assert finish(play) == ["A", "B", "C"]


def ending(block: Block, chance: Random, resets: int) -> None:
    """Play a random process with random resets to what was passed: it ends, once, and leaves nothing behind."""
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    play = Play(node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e"), "", **drawing.variables)
    opened: set[ActivityKey] = set(play.open)
    rounds: Counter[str] = Counter()

    for _ in range(3_000):
        if play.outcome is not None:
            break
        before = set(play.open)
        passed = sorted(
            {name for name in play.done if name in drawing.expected} | {key.element_id for key in play.tasks}
        )
        if passed and resets and chance.random() < 0.4:
            resets -= 1
            near = chance.choice(list(play.tasks)) if play.tasks else None
            try:
                play.do(Reset(chance.choice(passed), near))
            except ResetNotPossibleError:
                continue
        elif play.waiting_for and (not play.tasks or chance.random() < 0.5):
            play.deliver()
        else:
            assert play.tasks, (play.incidents, play.open)
            chosen = chance.choice(list(play.tasks))
            rounds[chosen.element_id] += 1
            again = {}
            if chosen.element_id in drawing.loops:
                gateway = play.process.flows[play.process.element(chosen.element_id).outgoing[0]].target
                flows = play.process.flows.values()
                variable = next(flow.condition for flow in flows if flow.source == gateway and flow.condition)
                again = {variable: rounds[chosen.element_id] < drawing.loops[chosen.element_id]}
            play.do(Complete(chosen, again))
        new = set(play.open) - before
        assert not new & opened
        opened |= new

    assert play.outcome == Outcome("completed")
    assert not play.incidents
    assert Counter(play.done)["e"] == 1


@given(blocks().map(without_repetition), st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_resets_in_blocks_end_every_process_once(block, chance):
    ending(block, chance, resets=8)


@given(blocks(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_resets_with_loops_and_many_instances_end_every_process_once(block, chance):
    ending(block, chance, resets=6)


@given(blocks(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reloading_after_every_step_equals_the_uninterrupted_run(block, chance):
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    drawing.flow("s", first)
    drawing.flow(last, "e")
    play = Play(node("startEvent", "s") + "".join(drawing.xml) + node("endEvent", "e"), "", **drawing.variables)
    case = load_state(play.process, play.state, play.context)  # lives on while the other is stored and read again

    for _ in range(40):
        if play.outcome is not None or not (play.tasks or play.waiting_for):
            break
        passed = sorted({name for name in play.done if name in drawing.expected})
        command: Command | Reset
        if passed and chance.random() < 0.3:
            command = Reset(chance.choice(passed), next(iter(play.tasks), None))
        elif play.tasks and chance.random() < 0.8:
            command = Complete(chance.choice(list(play.tasks)), dict.fromkeys(drawing.variables, False))
        elif play.waiting_for:
            command = Deliver("message", "msg")
        else:
            continue
        try:
            play.do(command)
        except ResetNotPossibleError:
            continue
        case.effects = Effects()
        carry_out(case, command)
        case.settle()

        assert case.effects.step(play.state, case.outcome) == play.last

"""Long chains and long loops: what a step costs and holds does not grow (design §4)."""

from __future__ import annotations

from tests.engine.scene import NOW, Play, compiled, definitions, node, process, tasks
from workflows.engine import advance, inspect, start
from workflows.engine.types import Complete, Context, Outcome, Start


def test_a_chain_of_a_thousand_tasks_runs_to_its_end_in_a_state_that_stays_small():
    names = [f"t{number}" for number in range(1_000)]
    chain = "\n".join(f"{one} > {two}" for one, two in zip(["s", *names], [*names, "e"], strict=True))
    found = compiled(definitions(process(tasks(*names), chain))).processes["P"]
    context = Context(now=NOW)
    step = start(found, Start(), context)
    sizes = []

    while step.outcome is None:
        step = advance(found, step.state, Complete(step.tasks_opened[0].activity), context)
        sizes.append(len(step.state))

    assert len(sizes) == 1_000
    assert step.outcome == Outcome("completed")
    assert max(sizes) - min(sizes[:-1]) < 20


def test_a_chain_of_a_thousand_automatic_steps_is_one_command():
    names = [f"g{number}" for number in range(1_000)]
    drawn = "".join(node("exclusiveGateway", name) for name in names)
    chain = "\n".join(f"{one} > {two}" for one, two in zip(["s", *names], [*names, "e"], strict=True))

    play = Play(drawn, chain)

    assert play.outcome == Outcome("completed")


def test_ten_thousand_rounds_of_a_loop_leave_the_state_as_it_was():
    drawn = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e") + tasks("A")
    found = compiled(definitions(process(drawn, "s > m\n m > A\n A > x\n x > m if again\n x > e"))).processes["P"]
    context = Context(now=NOW)
    step = start(found, Start({"again": True}), context)
    sizes, tokens, moves = [], [], []

    for number in range(10_000):
        key = step.tasks_opened[0].activity
        assert key.iteration == number
        step = advance(found, step.state, Complete(key), context)
        if number % 500 == 499:
            sizes.append(len(step.state))
            tokens.append(inspect(found, step.state).tokens)
            moves.append(len(step.history))

    assert max(sizes) - min(sizes) < 30
    assert set(tokens) == {1}
    assert len(set(moves)) == 1
    step = advance(found, step.state, Complete(step.tasks_opened[0].activity, {"again": False}), context)
    assert step.outcome == Outcome("completed")


def test_ten_thousand_rounds_without_a_wait_fit_into_one_command_when_the_fuel_is_there():
    """The round counter is a variable of a sequential multi-instance body: an automatic loop of 10,000 rounds."""
    drawn = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e") + tasks("A")
    play = Play(drawn, "s > A\n A > m\n m > x\n x > m if again\n x > e", again=True, fuel=20_000)

    step = play.complete("A")

    assert len(step.history) > 10_000
    assert inspect(play.process, play.state).tokens == 1
    assert len(play.state) < 500


def test_sub_processes_nest_as_deep_as_allowed():
    inner, arrows = tasks("A"), ""
    for level in range(20):
        name = f"sp{level}"
        drawn = f'<bpmn:subProcess id="{name}">{inner}{arrows}</bpmn:subProcess>'
        inner, arrows = drawn, ""

    play = Play(inner, "s > sp19\n sp19 > e")
    play.complete("A")

    assert play.outcome == Outcome("completed")

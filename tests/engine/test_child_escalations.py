"""Escalations of a called case that an interrupting event above catches end it where they are thrown (§10.5.6)."""

from __future__ import annotations

from tests.engine.scene import ESCALATION, Play, node, process, subprocess, tasks
from workflows.engine import start
from workflows.engine.types import Context, Outcome, Start

CALLED = process(
    node("startEvent", "qs") + tasks("qa") + node("intermediateThrowEvent", "t", ESCALATION) + tasks("qb"),
    "qs > qa\n qa > t\n t > qb",
    "Q",
)


def caller(border: str, **attributes: str) -> Play:
    drawn = node("callActivity", "ca", calledElement="Q") + node(
        "boundaryEvent", "b", border, attachedToRef="ca", **attributes
    )
    return Play(drawn + tasks("X"), "s > ca\n ca > e\n b > X\n X > e", CALLED)


def played(play: Play) -> Play:
    """Start the child as its caller says and complete its first task."""
    (begun,) = play.children.values()
    called = play.processes["Q"]
    child = Play(called)
    step = start(called, Start(begun.variables, caught=begun.caught), Context(now=play.now))
    child.state, child.open, child.tasks = step.state, {}, {}
    child._apply(step)
    child.complete("qa")
    return child


def test_an_interrupting_border_ends_the_child_at_the_throw():
    child = played(caller(ESCALATION))

    assert child.outcome == Outcome("cancelled")
    assert child.escalations == ["C1"]
    assert not child.open


def test_a_border_that_does_not_interrupt_lets_the_child_go_on():
    child = played(caller(ESCALATION, cancelActivity="false"))

    assert (child.outcome, child.waiting) == (None, ["qb"])


def test_another_code_lets_the_child_go_on():
    other = '<bpmn:escalationEventDefinition escalationRef="Esc2"/>'

    assert played(caller(other)).waiting == ["qb"]


def test_a_border_further_out_ends_the_child_too_and_the_nearest_one_decides():
    inner = node("startEvent", "s2") + node("callActivity", "ca", calledElement="Q")
    quiet = node("boundaryEvent", "n", ESCALATION, attachedToRef="ca", cancelActivity="false")
    loud = node("boundaryEvent", "b", ESCALATION, attachedToRef="sp")
    arrows = "s > sp\n sp > e\n b > X\n X > e"
    outer = Play(subprocess("sp", inner, "s2 > ca") + loud + tasks("X"), arrows, CALLED)
    both = Play(subprocess("sp", inner + quiet + tasks("Y"), "s2 > ca\n n > Y") + loud + tasks("X"), arrows, CALLED)

    assert played(outer).outcome is not None
    assert played(both).waiting == ["qb"]

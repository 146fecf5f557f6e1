"""What is thrown inside any kind of host meets any kind of catcher around it (BPMN 2.0.2 §10.5.7, §13.5.3)."""

from __future__ import annotations

import pytest

from tests.engine.scene import ERROR, ESCALATION, ROOTS, definitions, flows, node, process, subprocess, tasks
from workflows.engine.conform import run_case

SIGNAL = '<bpmn:signalEventDefinition signalRef="Sig"/>'
THROWN = {"error": ERROR, "escalation": ESCALATION, "signal": SIGNAL}
TWICE = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
BODY_FLOWS = "i1 > I; I > i2"


def many(order: str = "false") -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def body(thrown: str) -> str:
    return node("startEvent", "i1") + tasks("I") + node("endEvent", "i2", thrown)


def host(kind: str, thrown: str) -> str:
    """Draw the activity ``A`` in which the task ``I`` is done and ``thrown`` is thrown."""
    loops = {"many": many(), "one by one": many("true"), "loop": TWICE}
    if kind.startswith("call"):
        return node(
            "callActivity", "A", {"call": "", "calls": many(), "call in a loop": TWICE}[kind], calledElement="Q"
        )
    if kind == "transaction":
        return node("transaction", "A", body(thrown) + flows(BODY_FLOWS))
    if kind == "nested":
        inner = node("startEvent", "o1") + subprocess("B", body(thrown), BODY_FLOWS) + node("endEvent", "o2")
        return subprocess("A", inner, "o1 > B; B > o2")
    return subprocess("A", body(thrown), BODY_FLOWS, loops.get(kind, ""))


HOSTS = {
    "sub-process": 1,
    "many": 2,
    "one by one": 2,
    "loop": 2,
    "nested": 1,
    "transaction": 1,
    "call": 1,
    "calls": 2,
    "call in a loop": 2,
}


def played(kind: str, thrown: str, catcher: str, counts: dict[str, int]) -> str:
    """Play host, catcher and what follows; tell what is otherwise than counted."""
    drawn = host(kind, thrown) + catcher + tasks("N")
    arrows = "s > A; A > N; N > e" + ("; b > X; X > e" if 'id="b"' in catcher else "")
    called = process(node("startEvent", "qs") + tasks("I") + node("endEvent", "qe", thrown), "qs > I; I > qe", "Q")
    content = definitions(process(drawn, arrows), called, roots=ROOTS + '<bpmn:signal id="Sig" name="sig"/>')
    case = {"id": kind, "diagram": "-", "process": "P", "counts": counts, "ends": True}
    verdict = run_case(case, lambda _: content)
    return "" if verdict.verdict == "right" else f"{verdict.verdict}: {verdict.why}"


def border(thrown: str, cancel: str) -> str:
    return node("boundaryEvent", "b", thrown, attachedToRef="A", cancelActivity=cancel) + tasks("X")


def handler(thrown: str, interrupting: str) -> str:
    inner = node("startEvent", "hs", thrown, isInterrupting=interrupting) + tasks("X")
    return subprocess("h", inner, "hs > X", triggeredByEvent="true")


@pytest.mark.parametrize("catch", [border, handler])
@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize("thrown", THROWN)
def test_an_interrupting_catcher_ends_the_host_at_the_first(thrown, kind, catch):
    event = THROWN[thrown]
    assert played(kind, event, catch(event, "true"), {"X": 1, "N": 0, "I": 1}) == ""


@pytest.mark.parametrize("catch", [border, handler])
@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize("thrown", ["escalation", "signal"])
def test_one_that_does_not_interrupt_hears_each(thrown, kind, catch):
    event, times = THROWN[thrown], HOSTS[kind]
    assert played(kind, event, catch(event, "false"), {"X": times, "N": 1, "I": times}) == ""


@pytest.mark.parametrize("kind", HOSTS)
def test_terminate_ends_one_turn_of_its_host_only(kind):
    times = HOSTS[kind]
    assert played(kind, "<bpmn:terminateEventDefinition/>", "", {"N": 1, "I": times}) == ""

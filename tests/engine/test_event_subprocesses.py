"""Event sub-processes: what waits, what it ends, what is announced (BPMN 2.0.2 §10.3.5, §13.5.3)."""

from __future__ import annotations

import pytest

from tests.engine.scene import (
    ERROR,
    ESCALATION,
    MESSAGE,
    TERMINATE,
    Play,
    codes,
    definitions,
    node,
    process,
    subprocess,
    tasks,
    timer,
)
from workflows.engine import inspect
from workflows.engine.errors import MessageNotExpectedError, StaleTimerError
from workflows.engine.types import Closing, Deliver, Fire, HistoryKind, Outcome


def handler(node_id: str, definition: str, task: str = "X", *, beside: bool = False, inner: str = "") -> str:
    start = node("startEvent", f"s{node_id}", definition, isInterrupting="false" if beside else "true")
    return subprocess(node_id, start + inner + tasks(task), f"s{node_id} > {task}", triggeredByEvent="true")


def test_a_handler_waits_with_its_scope_and_is_called_off_with_it():
    drawn = subprocess("sp", node("startEvent", "s2") + tasks("A") + handler("h", MESSAGE), "s2 > A") + tasks("B")
    play = Play(drawn, "s > sp; sp > B; B > e")
    (waiting,) = play.last.subscriptions_set
    assert (waiting.activity.element_id, waiting.activity.scope_path) == ("sh", "sp:0:1")

    play.complete("A")

    (gone,) = play.last.subscriptions_cleared
    assert (gone.activity, gone.kind, gone.name) == (waiting.activity, "message", "msg")
    assert play.waiting == ["B"]


def test_an_interrupting_handler_closes_everything_else_before_its_work_opens():
    drawn = tasks("A", "B") + handler("h", MESSAGE) + node("parallelGateway", "g")
    play = Play(drawn, "s > g; g > A; g > B; A > e; B > e")

    play.deliver()

    assert play.waiting == ["X"]
    assert set(play.closed) == {("A", Closing.CANCELLED), ("B", Closing.CANCELLED), ("sh", Closing.COMPLETED)}
    kinds = [(event.kind, event.element_id) for event in play.last.history]
    assert kinds.index((HistoryKind.CANCELLED, "A")) < kinds.index((HistoryKind.ENTERED, "h"))
    play.complete("X")
    assert play.outcome == Outcome("completed")


def test_the_start_event_of_a_handler_is_in_the_history_once_for_each_instance():
    play = Play(tasks("A") + handler("h", MESSAGE, beside=True), "s > A; A > e")

    play.deliver()
    play.deliver()

    assert play.count("sh") == 2
    assert play.waiting == ["A", "X", "X"]
    assert {key.scope_path for key in play.tasks if key.element_id == "X"} == {"h:0:1", "h:1:1"}


def test_what_a_message_brings_goes_where_the_handler_keeps_it():
    """§10.4.1: a property of the handler is its own; anything else is the case's."""
    inner = '<bpmn:property id="p" name="mine"/>'
    play = Play(tasks("A") + handler("h", MESSAGE, beside=True, inner=inner), "s > A; A > e")

    play.deliver(mine=1, ours=2)

    assert play.variables == {"ours": 2}
    held = inspect(play.process, play.state)
    assert [each.inner for each in held.waiting if each.activity.element_id == "X"] == [{"mine": 1}]


def test_a_timer_of_a_handler_counts_from_its_scope_and_goes_on_by_its_cycle():
    drawn = tasks("A") + handler("h", timer("R2/PT1H", "timeCycle"), beside=True)
    play = Play(drawn, "s > A; A > e")

    play.wait(hours=5)

    assert play.count("sh") == 2
    assert not play.timers


def test_a_handler_whose_cycle_is_over_never_waits_and_disturbs_nothing():
    drawn = tasks("A") + handler("h", timer("R1/2020-01-01T00:00:00Z/PT1H", "timeCycle"), beside=True)
    play = Play(drawn, "s > A; A > e")

    assert play.waiting == ["A"]
    assert not play.timers
    play.complete("A")
    assert play.outcome == Outcome("completed")


def test_a_timer_that_cannot_be_computed_is_an_incident_of_the_handler_only():
    play = Play(tasks("A") + handler("h", timer("later")), "s > A; A > e")
    assert play.waiting == ["A"]
    assert [(key.element_id, code) for key, code in play.incidents.items()] == [("sh", "unknown-name")]

    play.set(later="PT1H")
    play.retry("sh")
    play.fire("sh")

    assert play.waiting == ["X"]


def test_a_firing_of_a_handler_that_is_over_is_stale():
    play = Play(tasks("A") + handler("h", timer("PT1H")), "s > A; A > e")
    (armed,) = play.timers.values()
    play.fire("sh")

    with pytest.raises(StaleTimerError):
        play.do(Fire(armed.activity, armed.occurrence))


def test_two_handlers_of_one_scope_and_only_one_interrupts():
    drawn = tasks("A") + handler("h", MESSAGE) + handler("k", MESSAGE.replace("Msg", "Other"), "Y", beside=True)
    play = Play(drawn, "s > A; A > e")
    play.deliver("other")
    assert play.waiting == ["A", "Y"]

    play.deliver("msg")

    assert play.waiting == ["X"]
    with pytest.raises(MessageNotExpectedError):
        play.deliver("other")


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_error_from_deep_inside_is_caught_by_the_nearest_handler_that_fits(depth):
    drawn = node("startEvent", "si") + tasks("A") + node("endEvent", "t", ERROR)
    arrows = "si > A; A > t"
    for level in range(depth):
        drawn = node("startEvent", f"s{level}") + subprocess(f"sp{level}", drawn, arrows) + tasks(f"N{level}")
        arrows = f"s{level} > sp{level}; sp{level} > N{level}"
    outer = subprocess("o", drawn + handler("h", ERROR), arrows)
    play = Play(outer + tasks("after"), "s > o; o > after; after > e")

    play.complete("A")

    assert play.waiting == ["X"]
    assert play.outcome is None
    play.complete("X")
    assert play.waiting == ["after"]


def test_an_escalation_end_event_that_is_interrupted_has_happened_all_the_same():
    play = Play(tasks("A") + node("endEvent", "t", ESCALATION) + handler("h", ESCALATION), "s > A; A > t")

    play.complete("A")

    assert play.count("t") == 1
    assert (HistoryKind.CANCELLED, "t") not in [(event.kind, event.element_id) for event in play.last.history]


def test_terminate_inside_a_handler_ends_the_handler_only():
    start = node("startEvent", "sh", MESSAGE, isInterrupting="false")
    split = start + node("parallelGateway", "g") + tasks("X", "Y") + node("endEvent", "t", TERMINATE)
    drawn = tasks("A") + subprocess("h", split, "sh > g; g > X; g > Y; X > t", triggeredByEvent="true")
    play = Play(drawn, "s > A; A > e")
    play.deliver()

    play.complete("X")

    assert play.waiting == ["A"]


def test_sending_work_back_leaves_the_handlers_of_the_scope_waiting():
    play = Play(tasks("A", "B") + handler("h", MESSAGE, beside=True), "s > A; A > B; B > e")
    play.complete("A")
    play.deliver()

    play.send_back("B", "A")

    assert play.waiting == ["A", "X"]
    play.deliver()
    assert play.waiting == ["A", "X", "X"]


def test_a_border_interrupts_the_scope_with_its_handlers():
    border = node("boundaryEvent", "b", MESSAGE.replace("Msg", "Other"), attachedToRef="sp")
    inside = node("startEvent", "s2") + tasks("A") + handler("h", MESSAGE)
    play = Play(subprocess("sp", inside, "s2 > A") + border + tasks("B"), "s > sp; sp > e; b > B; B > e")
    play.deliver("msg")
    assert play.waiting == ["X"]

    play.deliver("other")

    assert play.waiting == ["B"]
    assert not play.waiting_for


def test_a_case_with_a_handler_stays_as_small_in_every_round():
    arrows = "s > m; m > A; A > x; x > m if again; x > e"
    drawn = tasks("A") + node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e")
    play = Play(drawn + handler("h", MESSAGE, beside=True), arrows, again=True)
    sizes = set()
    for _ in range(60):
        play.do(Deliver("message", "msg"))
        play.complete("X")
        play.complete("A", again=True)
        sizes.add(inspect(play.process, play.state).tokens)

    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (subprocess("h", tasks("X"), "", triggeredByEvent="true"), "event-subprocess-start"),
        (
            subprocess("h", node("startEvent", "y") + tasks("X"), "y > X", triggeredByEvent="true"),
            "event-subprocess-start",
        ),
        (handler("h", ERROR, beside=True), "error-start-must-interrupt"),
        (handler("h", "<bpmn:cancelEventDefinition/>"), "event-not-allowed-here"),
        (handler("h", ERROR) + handler("k", ERROR, "Y"), "handler-ambiguous"),
        (handler("h", MESSAGE) + node("boundaryEvent", "b", MESSAGE, attachedToRef="h"), "boundary-host-not-activity"),
        (handler("h", ""), "event-subprocess-start"),
    ],
)
def test_an_illegal_handler_is_named(drawn, code):
    assert code in [found for found, _ in codes(definitions(process(tasks("A") + drawn, "s > A; A > e")))]


@pytest.mark.parametrize("at_the_border", [True, False])
def test_what_has_just_taken_a_message_waits_behind_the_others_for_the_next(at_the_border):
    """A message has one receiver, whoever has waited longest: to wait again is to begin to wait."""
    inside = node("startEvent", "s2") + node("intermediateCatchEvent", "c", MESSAGE)
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="sp", cancelActivity="false")
    drawn = subprocess("sp", inside + ("" if at_the_border else handler("h", MESSAGE, beside=True)), "s2 > c")
    arrows = "s > sp; sp > e" + ("; b > X; X > e" if at_the_border else "")
    play = Play(drawn + (border + tasks("X") if at_the_border else ""), arrows)

    play.deliver()
    assert (play.count("c"), play.waiting) == (0, ["X"])
    play.deliver()

    assert (play.count("c"), play.waiting) == (1, ["X"])

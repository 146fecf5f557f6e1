"""Compensation and transactions: what is remembered, in which order it is undone, what it costs (BPMN 2.0.2 §10.7)."""

from __future__ import annotations

import pytest

from tests.engine.scene import (
    ERROR,
    MESSAGE,
    Play,
    codes,
    compiled,
    definitions,
    flows,
    node,
    process,
    subprocess,
    tasks,
)
from workflows.engine import inspect
from workflows.engine.types import Closing, Outcome

COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def undone(host: str, handler: str = "") -> str:
    """Draw what undoes ``host``: ``undo<host>`` unless another activity is given."""
    drawn = handler or node("userTask", f"undo{host}", isForCompensation="true")
    target = drawn.split('id="')[1].split('"')[0]
    association = f'<bpmn:association id="a_{host}" sourceRef="c{host}" targetRef="{target}"/>'
    return node("boundaryEvent", f"c{host}", COMPENSATE, attachedToRef=host) + drawn + association


def throw(node_id: str = "t", activity: str = "", *, waits: bool = True) -> str:
    names = f' activityRef="{activity}"' if activity else ""
    waiting = "" if waits else ' waitForCompletion="false"'
    return node("intermediateThrowEvent", node_id, f"<bpmn:compensateEventDefinition{names}{waiting}/>")


def many(count: int) -> str:
    inner = f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>"
    return f"<bpmn:multiInstanceLoopCharacteristics>{inner}</bpmn:multiInstanceLoopCharacteristics>"


def test_handlers_run_one_after_the_other_the_last_first():
    play = Play(tasks("A", "B") + undone("A") + undone("B") + throw(), "s > A; A > B; B > t; t > e")
    play.complete("A")
    play.complete("B")
    assert play.waiting == ["undoB"]

    play.complete("undoB")
    assert play.waiting == ["undoA"]
    assert play.outcome is None
    play.complete("undoA")

    assert play.outcome == Outcome("completed")
    assert [name for name in play.done if name.startswith(("undo", "c", "t"))] == ["cB", "undoB", "cA", "undoA", "t"]


def test_the_handler_of_one_instance_sees_its_own_variables():
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics zc:collection="units" zc:item="unit" '
        'zc:output="seen" zc:outputItem="unit"/>'
    )
    play = Play(node("userTask", "A", loop) + undone("A") + throw(), "s > A; A > t; t > e", units=["x", "y"])
    while "A" in play.waiting:
        play.complete("A")
    items = []
    while play.outcome is None:
        (waiting,) = [each for each in inspect(play.process, play.state).waiting if each.activity.element_id == "undoA"]
        items.append(waiting.inner["unit"])
        play.complete("undoA")

    assert items == ["y", "x"]


def test_a_handler_that_fails_goes_to_whoever_catches_around():
    failing = node("serviceTask", "undoA", isForCompensation="true", zc__operation="op")
    inside = node("startEvent", "s2") + tasks("A") + undone("A", failing) + throw()
    border = node("boundaryEvent", "b", ERROR, attachedToRef="sp")
    play = Play(subprocess("sp", inside, "s2 > A; A > t") + border + tasks("B"), "s > sp; sp > e; b > B; B > e")
    play.complete("A")

    play.finish_job("undoA", error="E1")

    assert play.waiting == ["B"]
    assert ("t", Closing.CANCELLED) in play.closed


def test_undoing_is_called_off_with_its_scope():
    inside = node("startEvent", "s2") + tasks("A") + undone("A") + throw()
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="sp")
    play = Play(subprocess("sp", inside, "s2 > A; A > t") + border + tasks("B"), "s > sp; sp > e; b > B; B > e")
    play.complete("A")
    assert play.waiting == ["undoA"]

    play.deliver()

    assert play.waiting == ["B"]


def test_a_completed_scope_is_undone_under_keys_of_its_own():
    inside = node("startEvent", "s2") + tasks("A") + undone("A")
    play = Play(subprocess("sp", inside, "s2 > A") + throw(), "s > sp; sp > t; t > e")
    first = play.key("A")

    play.complete("A")

    key = play.key("undoA")
    assert (first.scope_path, key.scope_path) == ("sp:0:1", "sp:1:1")
    play.complete("undoA")
    assert play.outcome == Outcome("completed")


def test_nested_scopes_are_undone_from_the_inside_of_the_last():
    def scope(name: str, task: str) -> str:
        return subprocess(name, node("startEvent", f"s{name}") + tasks(task) + undone(task), f"s{name} > {task}")

    outer = subprocess("o", node("startEvent", "so") + scope("i", "A") + scope("j", "B"), "so > i; i > j")
    play = Play(outer + throw(), "s > o; o > t; t > e")
    play.complete("A")
    play.complete("B")
    order = []
    while play.outcome is None:
        order += play.waiting
        play.complete(play.waiting[0])

    assert order == ["undoB", "undoA"]


def test_a_cancelled_transaction_undoes_and_then_leaves_by_its_border():
    inside = node("startEvent", "s2") + tasks("A", "B") + undone("A") + node("endEvent", "t", CANCEL)
    inside += node("parallelGateway", "g") + flows("s2 > g; g > A; g > B; A > t")
    border = node("boundaryEvent", "b", CANCEL, attachedToRef="tx")
    play = Play(node("transaction", "tx", inside) + border + tasks("C"), "s > tx; tx > e; b > C; C > e")

    play.complete("A")

    assert play.waiting == ["undoA"]
    assert ("B", Closing.CANCELLED) in play.closed
    play.complete("undoA")
    assert play.waiting == ["C"]
    assert ("tx", Closing.CANCELLED) in play.closed


def test_a_transaction_without_a_way_out_ends_there_with_a_warning():
    inside = (
        node("startEvent", "s2") + tasks("A") + undone("A") + node("endEvent", "t", CANCEL) + flows("s2 > A; A > t")
    )
    content = definitions(process(node("transaction", "tx", inside) + tasks("N"), "s > tx; tx > N; N > e"))
    found = compiled(content)
    assert "cancel-boundary-missing" in [each.code for each in found.findings]
    play = Play(found.processes["P"])

    play.complete("A")
    play.complete("undoA")

    assert play.outcome == Outcome("completed")
    assert play.count("N") == 0


def test_what_cannot_be_undone_is_not_remembered():
    arrows = "s > m; m > A; A > x; x > m if again; x > e"
    drawn = tasks("A") + node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_e")
    play = Play(drawn, arrows, again=True)
    sizes = set()
    for _ in range(50):
        play.complete("A", again=True)
        sizes.add(len(play.state) // 8)

    assert len(sizes) <= 2


def test_one_activity_done_again_and_again_is_counted_not_listed():
    arrows = "s > m; m > A; A > x; x > m if again; x > t; t > e"
    drawn = tasks("A") + undone("A") + node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="f_x_t")
    play = Play(drawn + throw(), arrows, again=True)
    play.complete("A", again=True)
    play.complete("A", again=True)  # from the second round on the path is the same
    small = len(play.state)
    for _ in range(200):
        play.complete("A", again=True)
    assert len(play.state) < small + 40

    play.complete("A", again=False)
    for _ in range(203):
        play.complete("undoA")

    assert play.outcome == Outcome("completed")


def test_instances_of_a_call_are_undone_one_by_one():
    called = process(node("startEvent", "qs") + tasks("QA"), "qs > QA", "Q")
    play = Play(
        node("callActivity", "A", many(3), calledElement="Q") + undone("A") + throw(), "s > A; A > t; t > e", called
    )
    for index in range(3):
        play.end_child("A", index)

    for _ in range(3):
        play.complete("undoA")

    assert play.outcome == Outcome("completed")


def test_a_body_that_may_be_undone_stays_in_its_case():
    loop = '<bpmn:multiInstanceLoopCharacteristics zc:collection="units" zc:item="unit"/>'
    inside = node("startEvent", "s2") + tasks("A") + undone("A")
    found = compiled(
        definitions(process(subprocess("sp", inside, "s2 > A", inner=loop) + throw(), "s > sp; sp > t; t > e"))
    )

    assert set(found.processes) == {"P"}
    assert "multi-instance-not-isolated" in [each.code for each in found.findings]


@pytest.mark.parametrize(
    ("drawn", "arrows", "code"),
    [
        (
            tasks("A") + node("boundaryEvent", "c", COMPENSATE, attachedToRef="A"),
            "s > A; A > e",
            "compensation-handler-missing",
        ),
        (tasks("A", "B") + undone("A"), "s > A; A > e; cA > B; B > e", "compensation-handler-with-flow"),
        (tasks("A") + throw(activity="nobody"), "s > A; A > t; t > e", "compensation-activity-unknown"),
        (tasks("A") + node("endEvent", "x", CANCEL), "s > A; A > x", "cancel-outside-transaction"),
        (
            tasks("A", "B") + node("boundaryEvent", "b", CANCEL, attachedToRef="A"),
            "s > A; A > e; b > B; B > e",
            "cancel-outside-transaction",
        ),
    ],
)
def test_compensation_that_is_not_whole_is_named(drawn, arrows, code):
    assert code in [found for found, _ in codes(definitions(process(drawn, arrows)))]

"""Correlation of messages by keys (BPMN 2.0.2 §8.4.2) and by the key of a dialect's message."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.engine.dialect_scene import extended, in_dialects
from tests.engine.migration_scene import moved
from tests.engine.scene import Play, compiled, definitions, node, process, tasks
from workflows.engine import inspect
from workflows.engine.errors import MessageNotExpectedError
from workflows.engine.specs.correlating import LONGEST, correlation_text
from workflows.engine.types import Deliver

OTHER = '<bpmn:messageEventDefinition messageRef="Other"/>'
MESSAGE = '<bpmn:messageEventDefinition messageRef="Msg"/>'
PROPERTY = (
    '<bpmn:correlationProperty id="Number">'
    '<bpmn:correlationPropertyRetrievalExpression messageRef="Msg"><bpmn:messagePath>order</bpmn:messagePath>'
    "</bpmn:correlationPropertyRetrievalExpression>"
    '<bpmn:correlationPropertyRetrievalExpression messageRef="Other"><bpmn:messagePath>about.order</bpmn:messagePath>'
    "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
)
KEY = (
    '<bpmn:collaboration id="C"><bpmn:correlationKey id="K"><bpmn:correlationPropertyRef>Number'
    "</bpmn:correlationPropertyRef></bpmn:correlationKey></bpmn:collaboration>"
)
SUBSCRIPTION = (
    '<bpmn:correlationSubscription id="Sub" correlationKeyRef="K">'
    '<bpmn:correlationPropertyBinding correlationPropertyRef="Number"><bpmn:dataPath>mine</bpmn:dataPath>'
    "</bpmn:correlationPropertyBinding></bpmn:correlationSubscription>"
)


def catch(element: str, inner: str = MESSAGE) -> str:
    return node("intermediateCatchEvent", element, inner)


def zeebe_play(nodes: str, arrows: str, key: str = "=order", **variables: Any) -> Play:
    roots = (
        '<bpmn:message id="Msg" name="msg">'
        + extended(f'<zeebe:subscription correlationKey="{key}"/>').replace('"=', '"=')
        + "</bpmn:message>"
    )
    compilation = compiled(in_dialects(definitions(process(nodes, arrows), roots=roots)))
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"], **variables)


def keyed(nodes: str, arrows: str, *others: str, start_event: str | None = None, **variables: Any) -> Play:
    compilation = compiled(definitions(process(nodes, arrows), PROPERTY, KEY, *others))
    assert compilation.is_accepted, compilation.errors
    return Play(compilation.processes["P"], start_event=start_event, **variables)


def expected(play: Play) -> dict[str, str | None]:
    found = inspect(play.process, play.state).subscriptions
    return {each.activity.element_id: each.correlation for each in found}


def errors(*parts: str, inside: str = "") -> list[tuple[str, str]]:
    content = definitions(process(inside + tasks("A"), "s > A; A > e"), *parts)
    return [(finding.code, finding.element_id) for finding in compiled(content).errors]


# ------------------------------------------------------------------ values


def test_equal_data_are_equal_texts_and_different_data_are_not():
    assert correlation_text([Decimal("5.0")]) == correlation_text([5])
    assert correlation_text([Decimal(500)]) == correlation_text([Decimal("5E+2")])
    assert correlation_text([{"a": 1, "b": [0]}]) == correlation_text([{"b": [Decimal("-0.0")], "a": 1}])
    assert len({correlation_text([value]) for value in (5, "5", True, 1, "1", [1], "")}) == 7


def test_a_long_value_keeps_its_identity_in_few_characters():
    long, longer = correlation_text(["x" * 500]), correlation_text(["x" * 501])

    assert long != longer
    assert len(long) <= LONGEST


# ------------------------------------------------------------------ the key of a dialect


def test_the_value_is_computed_when_the_wait_begins_and_only_an_equal_one_wakes():
    play = zeebe_play(tasks("A") + catch("c"), "s > c; c > A; A > e", order=7)
    play.set(order=8)  # too late: the wait has begun
    assert expected(play) == {"c": correlation_text([7])}
    assert play.last.subscriptions_set == ()

    with pytest.raises(MessageNotExpectedError):
        play.do(Deliver("message", "msg", {}, correlation_text([8])))
    play.do(Deliver("message", "msg", {}, correlation_text([Decimal("7.0")])))

    assert play.waiting == ["A"]


def test_two_that_wait_in_one_case_are_told_apart():
    nodes = node("parallelGateway", "g") + "".join(
        node("receiveTask", f"r{each}", extended(f'<zeebe:ioMapping><zeebe:input source="={each}" target="order"/>'
        "</zeebe:ioMapping>")).replace("<bpmn:receiveTask", '<bpmn:receiveTask messageRef="Msg"')
        for each in (1, 2)
    )  # fmt: skip
    play = zeebe_play(nodes + tasks("A", "B"), "s > g; g > r1; g > r2; r1 > A; r2 > B")

    play.do(Deliver("message", "msg", {}, correlation_text([2])))

    assert play.waiting == ["B"]


def test_a_message_without_a_value_that_is_sent_to_this_very_case_is_taken():
    play = zeebe_play(tasks("A") + catch("c"), "s > c; c > A; A > e", order=7)

    play.deliver("msg")

    assert play.waiting == ["A"]


def test_null_says_nothing_about_whom_a_message_is_for():
    play = zeebe_play(tasks("A") + catch("c"), "s > c; c > A; A > e", order=None)

    assert list(play.incidents.values()) == ["correlation-null"]
    play.set(order=1)
    play.retry("c")
    assert expected(play) == {"c": correlation_text([1])}


def test_an_expression_that_cannot_be_read_is_told_at_the_message():
    roots = '<bpmn:message id="Msg" name="msg">' + extended('<zeebe:subscription correlationKey="=1 +"/>')
    content = definitions(process(catch("c"), "s > c; c > e"), roots=roots + "</bpmn:message>")
    assert [(each.code, each.element_id) for each in compiled(in_dialects(content)).errors] == [
        ("expression-invalid", "Msg")
    ]


def test_what_is_thrown_carries_the_value():
    play = zeebe_play(node("intermediateThrowEvent", "t", MESSAGE) + tasks("A"), "s > t; t > A; A > e", order=3)

    assert [thrown.correlation for thrown in play.last.thrown] == [correlation_text([3])]


# ------------------------------------------------------------------ the standard's keys


def test_the_first_message_received_says_what_belongs_to_the_case():
    play = keyed(catch("c") + catch("d", OTHER) + tasks("A"), "s > c; c > d; d > A; A > e")
    assert expected(play) == {"c": None}
    play.deliver("msg", order=5)
    assert expected(play) == {"d": correlation_text([5])}

    for wrong in ({"about": {"order": 6}}, {"about": {"order": None}}, {"order": 5}, {}):
        with pytest.raises(MessageNotExpectedError):
            play.deliver("other", **wrong)
    play.deliver("other", about={"order": Decimal("5.00")})

    assert play.waiting == ["A"]


def test_the_first_message_sent_says_it_too_and_what_waits_already_follows():
    sent = node("intermediateThrowEvent", "t", extended('<zc:input target="order" source="number"/>') + MESSAGE)
    nodes = node("parallelGateway", "g") + catch("c", OTHER) + tasks("A", "B") + sent
    play = keyed(nodes, "s > g; g > c; g > A; A > t; t > e; c > B; B > e", number=9)
    assert expected(play) == {"c": None}

    play.complete("A")

    assert [thrown.correlation for thrown in play.last.thrown] == [correlation_text([9])]
    assert [each.correlation for each in play.last.subscriptions_set] == [correlation_text([9])]
    assert expected(play) == {"c": correlation_text([9])}
    play.deliver("other", about={"order": 9})
    assert play.waiting == ["B"]


def test_the_message_that_opens_a_case_says_it():
    start = node("startEvent", "s", MESSAGE)
    play = keyed(start + catch("c", OTHER) + tasks("A"), "s > c; c > A; A > e", start_event="s", order="甲")

    assert expected(play) == {"c": correlation_text(["甲"])}


def test_a_second_first_message_changes_nothing():
    play = keyed(catch("c") + catch("d") + tasks("A"), "s > c; c > d; d > A; A > e")
    play.deliver("msg", order=1)
    with pytest.raises(MessageNotExpectedError):
        play.deliver("msg", order=2)
    play.deliver("msg", order=1)
    assert play.waiting == ["A"]


def test_a_subscription_of_the_process_compares_with_data_of_the_case():
    play = keyed(SUBSCRIPTION + catch("c") + tasks("A"), "s > c; c > A; A > e", mine=4)
    assert expected(play) == {"c": correlation_text([4])}
    with pytest.raises(MessageNotExpectedError):
        play.deliver("msg", order=5)
    play.deliver("msg", order=4)
    assert play.waiting == ["A"]


def test_a_border_that_stays_armed_keeps_its_value():
    border = node("boundaryEvent", "b", MESSAGE, attachedToRef="A", cancelActivity="false")
    play = keyed(SUBSCRIPTION + tasks("A", "B") + border, "s > A; A > e; b > B; B > e", mine=4)
    play.deliver("msg", order=4)
    assert expected(play) == {"b": correlation_text([4])}
    with pytest.raises(MessageNotExpectedError):
        play.deliver("msg", order=5)
    play.deliver("msg", order=4)
    assert play.waiting == ["A", "B", "B"]


# ------------------------------------------------------------------ what is refused


def test_keys_that_do_not_say_who_gets_a_message_are_refused():
    refused = "correlation-not-supported"
    empty = '<bpmn:correlationProperty id="Number"/>'
    part = PROPERTY.replace('"Number"', '"Part"').replace('messageRef="Other"', 'messageRef="Msg"')
    both = KEY.replace("</bpmn:correlationKey>", "<bpmn:correlationPropertyRef>Part</bpmn:correlationPropertyRef>"
                       "</bpmn:correlationKey>")  # fmt: skip
    assert errors(PROPERTY) == [(refused, "Number")]
    assert errors(empty, KEY) == [(refused, "Number"), (refused, "K")]
    assert errors(PROPERTY, part, both) == [(refused, "K")]
    assert errors(PROPERTY, KEY, KEY.replace('"K"', '"K2"').replace('"C"', '"C2"')) == [(refused, "K2")]
    assert errors(KEY) == [(refused, "K")]
    assert errors(PROPERTY, KEY, inside=SUBSCRIPTION.replace('"K"', '"X"')) == [(refused, "P")]
    assert errors(PROPERTY.replace(">order<", ">1 +<"), KEY) == [("expression-invalid", "Number")]


# ------------------------------------------------------------------ moved onto another diagram


def test_a_case_that_is_moved_expects_what_the_new_diagram_says_and_else_what_it_did():
    drawn = catch("M"), "s > M; M > X; X > e"
    given: dict[str, Any] = {"order": 1, "file": 7}
    by_file = zeebe_play(drawn[0] + tasks("X"), drawn[1], "=file", **given).process
    kept, changed = (zeebe_play(drawn[0] + tasks("X"), drawn[1], **given) for _ in range(2))
    kept.set(order=2)

    moved(kept, zeebe_play(drawn[0] + tasks("X", "Y"), "s > M; M > X; X > Y; Y > e", **given).process)
    moved(changed, by_file)

    assert expected(kept) == {"M": correlation_text([1])}
    assert expected(changed) == {"M": correlation_text([7])}

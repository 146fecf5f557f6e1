"""Which multi-instance bodies become cases of their own, and what the report says of the others (decision 0014)."""

from __future__ import annotations

import pytest

from tests.engine.scene import ESCALATION, Play, compiled, definitions, flows, node, process, subprocess, tasks, timer
from tests.engine.test_activities import DMN
from tests.engine.test_multi_instance import loop
from workflows.engine import ProfileChecks
from workflows.engine.types import ActivityKey, FileContent, Outcome

LOOP = '<bpmn:multiInstanceLoopCharacteristics zc:collection="units" zc:item="unit"{more}/>'
OUTPUT = ' zc:output="results" zc:outputItem="unit"'


def body(nodes: str, arrows: str, *, more: str = "", capture: str = "") -> str:
    captured = f"<bpmn:extensionElements>{capture}</bpmn:extensionElements>" if capture else ""
    inner = captured + LOOP.format(more=more) + node("startEvent", "s2") + nodes + flows(arrows)
    return node("subProcess", "sp", inner)


def judged(drawn: str, *files: FileContent) -> str:
    """The reason why the body stays inside; empty when it is a process of its own."""
    compilation = compiled(definitions(process(drawn, "s > sp\n sp > e")), *files)
    assert compilation.is_accepted, compilation.findings
    told = [found.message for found in compilation.findings if found.code == "multi-instance-not-isolated"]
    reasons = [message.partition("): ")[2].removesuffix(".") for message in told]
    assert ("P#sp" in compilation.processes) == (not reasons)
    return reasons[0] if reasons else ""


CHOICE = node("exclusiveGateway", "g", default="f_g_B") + tasks("A", "B")
MAPPED = '<bpmn:extensionElements><zc:input name="days" {source}/></bpmn:extensionElements>'


@pytest.mark.parametrize(
    ("nodes", "arrows"),
    [
        (tasks("A"), "s2 > A"),
        (CHOICE, 's2 > g\n g > A if unit = "x" and loopCounter > 1\n g > B'),
        (CHOICE, "s2 > g\n g > A if parameters.strict\n g > B"),
        (node("userTask", "A", zc__owner="post:书记@unit(unit)"), "s2 > A"),
        (node("intermediateCatchEvent", "A", timer("PT1H")), "s2 > A"),
        (node("serviceTask", "A", MAPPED.format(source='source="unit"'), zc__operation="notify"), "s2 > A"),
        (node("subProcess", "in", tasks("A")), "s2 > in"),
        ("", ""),
    ],
)
def test_a_body_that_needs_only_its_item_and_the_roots_is_isolated(nodes, arrows):
    arrows = arrows or "s2 > z"
    nodes = nodes or node("endEvent", "z")

    assert judged(body(nodes, arrows)) == ""


@pytest.mark.parametrize(
    ("nodes", "arrows", "name"),
    [
        (CHOICE, "s2 > g\n g > A if total > 5\n g > B", "total"),
        (node("intermediateCatchEvent", "A", timer("pause")), "s2 > A", "pause"),
        (node("serviceTask", "A", MAPPED.format(source='source="total"'), zc__operation="x"), "s2 > A", "total"),
        (
            node("serviceTask", "A", MAPPED.format(source='expression="total + 1"'), zc__operation="x"),
            "s2 > A",
            "total",
        ),
        (node("userTask", "A", zc__owner="post:书记@unit(lead)"), "s2 > A", "lead"),
    ],
)
def test_a_body_that_reads_the_case_stays_inside_until_it_is_captured(nodes, arrows, name):
    assert judged(body(nodes, arrows)) == f"it reads {name} of the case"

    capture = f'<zc:in source="{name}" target="{name}"/>'
    assert judged(body(nodes, arrows, capture=capture)) == ""


def test_what_is_captured_reaches_the_child_and_does_not_follow_the_case():
    capture = '<zc:in expression="limit * 2" target="limit"/>'
    drawn = body(CHOICE, "s2 > g\n g > A if limit > 5\n g > B", capture=capture)

    play = Play(drawn, "s > sp\n sp > e", units=["u"], limit=3)

    assert play.last.children[0].variables == {"limit": 6, "unit": "u", "loopCounter": 1}


def test_a_decision_is_asked_what_it_reads():
    rule = node("businessRuleTask", "A", zc__decision="light", zc__result="colour")

    assert judged(body(rule, "s2 > A", more=OUTPUT), DMN) == "it reads days of the case"
    capture = '<zc:in source="days" target="days"/>'
    assert judged(body(rule, "s2 > A", more=OUTPUT, capture=capture), DMN) == ""


def test_what_an_inner_call_brings_back_counts_as_written():
    back = '<bpmn:extensionElements><zc:out source="r" target="answer"/></bpmn:extensionElements>'
    called = process(node("startEvent", "qs") + tasks("qa"), "qs > qa", "Q")
    drawn = body(node("callActivity", "ca", back, calledElement="Q"), "s2 > ca")

    compilation = compiled(definitions(process(drawn, "s > sp\n sp > e"), called))
    reasons = [found.params["reason"] for found in compilation.findings]

    assert [(reason["code"], reason["params"]) for reason in reasons] == [("body-writes", {"name": "answer"})]


def test_a_body_inside_an_isolated_body_stays_in_that_case():
    inner = node("subProcess", "in", LOOP.format(more="").replace("units", "[1, 2]") + tasks("A"))
    compilation = compiled(definitions(process(body(inner, "s2 > in"), "s > sp\n sp > e")))

    assert sorted(compilation.processes) == ["P", "P#sp"]
    child = Play(compilation.processes["P#sp"], unit="u", loopCounter=1)
    assert child.waiting == ["A", "A"]
    child.complete("A")
    child.complete("A")
    assert child.outcome == Outcome("completed")


def test_elements_of_a_body_are_described_in_both_processes():
    compilation = compiled(definitions(process(body(tasks("A"), "s2 > A"), "s > sp\n sp > e")))

    assert set(compilation.processes["P"].elements) == {"s", "e", "sp", "s2", "A"}
    assert set(compilation.processes["P#sp"].elements) == {"s2", "A"}
    assert [start.id for start in compilation.processes["P#sp"].start_events] == ["s2"]


ISOLATED = subprocess(
    "sp",
    node("startEvent", "s2")
    + node("userTask", "A", zc__form="f/a")
    + node("exclusiveGateway", "g", default="f_g_e2")
    + tasks("B")
    + node("endEvent", "e2"),
    "s2 > A\n A > g\n g > B if late\n g > e2\n B > e2",
    loop(zc__collection="units", zc__item="unit", zc__output="results", zc__outputItem="late"),
)
FIELDS = ProfileChecks(form_fields=lambda form: {"late"} if form == "f/a" else None)


def test_an_isolated_body_becomes_a_case_of_its_own():
    play = Play(ISOLATED + tasks("N"), "s > sp\n sp > N\n N > e", check=FIELDS, units=["a", "b"])
    assert [(child.called, child.variables) for child in play.last.children] == [
        ("P#sp", {"loopCounter": 1, "unit": "a"}),
        ("P#sp", {"loopCounter": 2, "unit": "b"}),
    ]
    assert not play.tasks
    body = Play(play.processes["P#sp"], unit="a", loopCounter=1)
    assert body.waiting == ["A"]
    assert body.key("A") == ActivityKey("A")
    body.complete("A", late=True)
    body.complete("B")
    assert body.outcome == Outcome("completed")

    play.end_child("sp", 0, **body.variables)
    play.end_child("sp", 1, late=False)

    assert play.variables["results"] == [True, False]
    assert play.waiting == ["N"]


def test_a_body_that_reads_the_case_stays_inside_and_the_report_says_why():
    content = definitions(process(ISOLATED, "s > sp\n sp > e"))

    compilation = compiled(content)

    assert "P#sp" not in compilation.processes
    found = next(found for found in compilation.findings if found.code == "multi-instance-not-isolated")
    assert "late" in found.message
    assert found.element_id == "sp"


def test_the_state_of_a_campaign_does_not_hold_its_children():
    play = Play(ISOLATED + tasks("N"), "s > sp\n sp > N\n N > e", check=FIELDS, units=[f"U{n}" for n in range(3000)])
    size = len(play.state)

    play.end_child("sp", 1234, late=False)

    assert len(play.last.history) == 0
    assert len(play.state) < size + 100
    assert size < 20_000


@pytest.mark.parametrize(("cancel", "reason"), [("true", "t throws an escalation that ends it"), ("false", "")])
def test_a_body_that_is_ended_by_its_own_escalation_stays_inside(cancel, reason):
    """A case hears of an escalation after its child has gone on; inside one case the border interrupts at once."""
    drawn = body(node("intermediateThrowEvent", "t", ESCALATION) + tasks("A"), "s2 > t; t > A")
    border = node("boundaryEvent", "b", ESCALATION, attachedToRef="sp", cancelActivity=cancel)

    assert judged(drawn + border + tasks("B") + flows("b > B; B > e")) == reason

"""Signals between cases: broadcast through the inboxes, starting cases, bounded and harmless when repeated."""

from __future__ import annotations

from dataclasses import replace

from tests.world import CLERK, SUPERVISOR, World, values_of
from workflows.cases import cancel_case, resume_case, suspend_case
from workflows.engine.types import FileContent
from workflows.inbox import advance_all, advance_waiting
from workflows.tables import Case, CaseInbox, Incident, Subscription

SIGNAL = '<signalEventDefinition signalRef="S"/>'


def file(key: str, body: str, flows: str) -> FileContent:
    drawn = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{flow.split(">")[0]}" targetRef="{flow.split(">")[1]}"/>'
        for number, flow in enumerate(flows.split())
    )
    xml = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" id="d" '
        'targetNamespace="urn:zecheng:tests"><signal id="S" name="汛情"/><signal id="T" name="解除"/>'
        f'<process id="{key}" name="{key}" isExecutable="true">{body}<endEvent id="e"/>{drawn}</process></definitions>'
    )
    return FileContent(f"diagrams/{key}/{key}.bpmn", xml.encode())


def task(element: str) -> str:
    return f'<userTask id="{element}" name="{element}" zc:owner="post:经办@unit"/>'


def event(tag: str, element: str, inner: str = SIGNAL) -> str:
    return f'<{tag} id="{element}">{inner}</{tag}>'


THROWER = file(
    "thrower",
    '<startEvent id="s"/>'
    + task("上报")
    + '<intermediateThrowEvent id="t"><extensionElements><zc:input target="level" source="level"/></extensionElements>'
    + SIGNAL
    + "</intermediateThrowEvent>",
    "s>上报 上报>t t>e",
)
LISTENER = file(
    "listener",
    '<startEvent id="s"/>' + event("intermediateCatchEvent", "c") + task("值守"),
    "s>c c>值守 值守>e",
)
STARTED = file("started", event("startEvent", "s") + task("排查"), "s>排查 排查>e")


def throw(world: World) -> str:
    case = world.start("thrower", level=2)
    world.task("上报", case=case).complete(CLERK)
    world.settle()
    return case


def test_a_signal_reaches_every_case_that_waits_and_no_other(world: World):
    world.deploy(THROWER, LISTENER)
    waiting = [world.start("listener") for _ in range(3)]
    gone = world.start("listener")
    world.run(cancel_case, gone, "重复", actor=world.actor(SUPERVISOR))
    assert [row.kind for row in world.rows(Subscription)] == ["signal"] * 3

    throw(world)

    assert [world.names(case) for case in waiting] == [["值守"]] * 3
    assert [values_of(world, case)["level"] for case in waiting] == [2, 2, 2]
    assert world.rows(Subscription) == []
    assert world.incidents() == []
    world.check()


def test_a_signal_opens_a_case_of_each_process_that_it_starts(world: World):
    world.deploy(THROWER, STARTED)

    thrower = throw(world)

    (case,) = world.rows(Case, process_key="started")
    assert case.unit_id == world.case(thrower).unit_id
    assert case.parent_case_id is None
    assert world.names(case.id) == ["排查"]
    assert values_of(world, case.id)["level"] == 2
    world.check()


def test_a_case_that_begins_to_wait_later_does_not_hear_it(world: World):
    world.deploy(THROWER, LISTENER)
    throw(world)

    late = world.start("listener")

    assert world.names(late) == []


def test_a_suspended_case_hears_the_signal_when_it_runs_again(world: World):
    world.deploy(THROWER, LISTENER)
    case = world.start("listener")
    world.run(suspend_case, case, "等待", actor=world.actor(SUPERVISOR))

    throw(world)
    assert world.names(case) == []
    world.run(resume_case, case, actor=world.actor(SUPERVISOR))
    world.settle()

    assert world.names(case) == ["值守"]
    world.check()


def test_working_an_inbox_twice_delivers_a_signal_once(world: World):
    world.deploy(THROWER, LISTENER)
    case = world.start("listener")
    throw(world)

    advance_all(world.application, [case, case])
    advance_waiting(world.application)

    assert [row.result for row in world.rows(CaseInbox, target_case_id=case)] == ["done"]
    assert world.names(case) == ["值守"]


def test_a_process_that_starts_itself_is_stopped(world: World):
    echo = file("echo", event("startEvent", "s") + event("intermediateThrowEvent", "t"), "s>t t>e")
    world.deploy(THROWER, echo)

    throw(world)

    assert len(world.rows(Case, process_key="echo")) == world.application.settings.most_signal_chain
    assert {row.code for row in world.rows(Incident)} == {"signal-chain-too-long"}


def test_two_cases_that_answer_each_other_without_end_are_stopped(world: World):
    def answering(key: str, hears: str, says: str) -> FileContent:
        heard, said = (f'<signalEventDefinition signalRef="{ref}"/>' for ref in (hears, says))
        border = f'<boundaryEvent id="b" attachedToRef="A{key}" cancelActivity="false">{heard}</boundaryEvent>'
        body = '<startEvent id="s"/>' + task(f"A{key}") + border + event("intermediateThrowEvent", "t", said)
        return file(key, body, f"s>A{key} A{key}>e b>t t>e")

    world.deploy(THROWER, answering("ping", "S", "T"), answering("pong", "T", "S"))
    world.start("ping")
    world.start("pong")

    throw(world)

    assert "signal-chain-too-long" in {row.code for row in world.rows(Incident)}
    assert all(row.consumed_at is not None for row in world.rows(CaseInbox))


def test_a_signal_that_would_reach_too_many_cases_reaches_none(world: World, monkeypatch):
    world.deploy(THROWER, LISTENER)
    cases = [world.start("listener") for _ in range(3)]
    monkeypatch.setattr(world.application, "settings", replace(world.application.settings, most_signal_cases=2))

    throw(world)

    assert {row.code for row in world.rows(Incident)} == {"signal-too-wide"}
    assert [world.names(case) for case in cases] == [[]] * 3

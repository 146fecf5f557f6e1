"""Messages between cases: correlated by keys, starting the other pool, answered within the family."""

from __future__ import annotations

from tests.world import CLERK, World, values_of
from workflows.engine.specs.correlating import correlation_text
from workflows.engine.types import FileContent
from workflows.tables import Case, Subscription

_OPEN = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" id="d" '
    'targetNamespace="urn:zecheng:tests"><message id="Q" name="询"/><message id="R" name="复"/>'
)
KEY = (
    '<correlationProperty id="N"><correlationPropertyRetrievalExpression messageRef="Q"><messagePath>number'
    '</messagePath></correlationPropertyRetrievalExpression><correlationPropertyRetrievalExpression messageRef="R">'
    "<messagePath>number</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    '<collaboration id="C"><correlationKey id="K"><correlationPropertyRef>N</correlationPropertyRef></correlationKey>'
    "</collaboration>"
)


def pool(key: str, body: str, flows: str) -> str:
    drawn = "".join(
        f'<sequenceFlow id="{key}{number}" sourceRef="{flow.split(">")[0]}" targetRef="{flow.split(">")[1]}"/>'
        for number, flow in enumerate(flows.split())
    )
    return f'<process id="{key}" name="{key}" isExecutable="true">{body}<endEvent id="{key}e"/>{drawn}</process>'


def file(key: str, *parts: str) -> FileContent:
    return FileContent(f"diagrams/{key}/{key}.bpmn", f"{_OPEN}{''.join(parts)}</definitions>".encode())


def task(element: str) -> str:
    return f'<userTask id="{element}" name="{element}" zc:owner="post:经办@unit"/>'


def event(tag: str, element: str, message: str, *given: str) -> str:
    inputs = "".join(f'<zc:input target="{name}" source="{name}"/>' for name in given)
    extended = f"<extensionElements>{inputs}</extensionElements>" if given else ""
    return f'<{tag} id="{element}">{extended}<messageEventDefinition messageRef="{message}"/></{tag}>'


ASKING = pool(
    "asking",
    '<startEvent id="as"/>'
    + task("起草")
    + event("intermediateThrowEvent", "at", "Q", "number")
    + event("intermediateCatchEvent", "ac", "R")
    + task("办结"),
    "as>起草 起草>at at>ac ac>办结 办结>asking" + "e",
)
ANSWERING = pool(
    "answering",
    event("startEvent", "bs", "Q") + task("答复") + event("endEvent", "be", "R", "number"),
    "bs>答复 答复>be",
).replace('<endEvent id="answeringe"/>', "")


def ask(world: World, number: int) -> str:
    case = world.start("asking", number=number)
    world.task("起草", case=case).complete(CLERK)
    world.settle()
    return case


def answering(world: World) -> list[Case]:
    return sorted(world.rows(Case, process_key="answering"), key=lambda case: case.id)


def test_a_message_opens_a_case_of_the_other_pool_in_the_family_and_its_answer_comes_back(world: World):
    world.deploy(file("asking", ASKING, ANSWERING))
    first, second = ask(world, 1), ask(world, 2)

    assert {case.root_case_id for case in answering(world)} == {first, second}
    assert all(case.parent_case_id is None for case in answering(world))
    other = next(case for case in answering(world) if case.root_case_id == second)
    assert values_of(world, other.id)["number"] == 2
    world.task("答复", case=other.id).complete(CLERK)
    world.settle()

    assert [world.names(case) for case in (first, second)] == [[], ["办结"]]
    assert world.incidents() == []
    world.check()


def test_a_key_finds_the_waiting_case_beyond_the_family_and_no_other(world: World):
    world.deploy(file("asking", KEY, ASKING, ANSWERING))
    waiting = {number: ask(world, number) for number in (1, 2)}
    held = {row.case_id: row.correlation for row in world.rows(Subscription)}
    assert held == {case: correlation_text([number]) for number, case in waiting.items()}
    strayed = answering(world)[0]
    number = values_of(world, strayed.id)["number"]

    world.task("答复", case=strayed.id).complete(CLERK)
    world.settle()

    assert [name for case in waiting.values() for name in world.names(case)] == ["办结"]
    assert world.names(waiting[number]) == ["办结"]
    assert [row.case_id for row in world.rows(Subscription)] == [waiting[3 - number]]
    world.check()


def test_a_case_that_waits_for_another_value_is_not_woken_by_its_own_family(world: World):
    answer = ANSWERING.replace('source="number"', 'expression="number + 1"')
    world.deploy(file("asking", KEY, ASKING, answer))
    first, second = ask(world, 1), ask(world, 2)

    of_first = next(case for case in answering(world) if case.root_case_id == first)
    world.task("答复", case=of_first.id).complete(CLERK)
    world.settle()

    assert [world.names(case) for case in (first, second)] == [[], ["办结"]]
    assert world.incidents() == []
    world.check()


def test_what_waits_already_follows_the_first_message_that_its_case_sends(world: World):
    both = pool(
        "both",
        '<startEvent id="s"/><parallelGateway id="g"/>'
        + task("起草")
        + event("intermediateThrowEvent", "t", "Q", "number")
        + event("intermediateCatchEvent", "c", "R")
        + task("办结"),
        "s>g g>c g>起草 起草>t t>bothe c>办结 办结>bothe",
    )
    world.deploy(file("both", KEY, both))
    case = world.start("both", number=3)
    assert [row.correlation for row in world.rows(Subscription, case_id=case)] == [None]

    world.task("起草", case=case).complete(CLERK)
    world.settle()

    assert [row.correlation for row in world.rows(Subscription, case_id=case)] == [correlation_text([3])]
    assert world.incidents() == []
    world.check()

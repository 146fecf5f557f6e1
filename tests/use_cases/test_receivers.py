"""Who may receive a task that an escalation hands over: judged when it is decided and again when it happens."""

from __future__ import annotations

import pytest

from tests.use_cases.escalation_scene import decide, overdue, to_level
from tests.world import CLERK, CLERK_2, HEAD, World
from workflows.accounts import disable_person
from workflows.errors import RejectedError
from workflows.escalations import decide_escalation
from workflows.store import Store, people
from workflows.tables import Case, Classification, Incident, Notice, Recusal


def disable(world: World, person: str) -> None:
    world.run(disable_person, world.code(person), actor=world.actor("sysadmin"))


def set_clearance(store: Store, code: str, clearance: str) -> None:
    people.need_person(store, code).clearance = clearance


def transfer(world: World) -> None:
    decide(world, HEAD, "transfer", transfer_to=world.code(CLERK_2))


def refused(world: World) -> str:
    with pytest.raises(RejectedError) as told:
        transfer(world)
    assert [fault.pointer for fault in told.value.faults] == ["/variables/transfer_to"]
    return str(told.value.code)


def test_a_disabled_account_cannot_be_chosen(world: World):
    _, task = overdue(world)
    to_level(world, 1)
    disable(world, CLERK_2)

    assert refused(world) == "not-a-colleague"
    assert task.candidates() == [CLERK]
    assert world.escalation().decided_at is None


def test_somebody_without_the_clearance_cannot_be_chosen(world: World):
    _, task = overdue(world)
    to_level(world, 1)
    before = task.candidates()
    world.run(set_clearance, world.code(CLERK_2), Classification.PUBLIC)

    assert refused(world) == "not-cleared"
    assert task.candidates() == before


def test_a_party_to_the_matter_cannot_be_chosen(world: World):
    case, task = overdue(world)
    to_level(world, 1)
    before = task.candidates()
    world.run(recuse, case, world.code(CLERK_2))

    assert refused(world) == "recused"
    assert task.candidates() == before


def recuse(store: Store, case_id: str, code: str) -> None:
    store.need(Case, case_id).recuses = True
    person = people.need_person(store, code)
    store.add(Recusal(root_case_id=case_id, case_id=case_id, person_id=person.id, since_at=store.now))


def test_who_became_unfit_after_the_decision_receives_nothing_and_an_administrator_sees_it(world: World):
    case, task = overdue(world)
    to_level(world, 1)
    values = {"outcome": "transfer", "note": "请接手", "transfer_to": world.code(CLERK_2)}
    found = world.escalation(closed_at=None)
    world.run(decide_escalation, found.case_id, values, actor=world.actor(HEAD), confirmed_at=world.now)
    disable(world, CLERK_2)

    world.settle()

    assert task.candidates() == [CLERK]
    (incident,) = world.rows(Incident)
    assert (incident.case_id, incident.code, incident.element_id) == (case, "transfer-not-possible", "Draft")
    assert incident.status == "open"


def test_the_receiver_is_told(world: World):
    overdue(world)
    to_level(world, 1)

    transfer(world)

    receiver = world.read(lambda store: people.need_person(store, world.code(CLERK_2)).id)
    told = [notice for notice in world.rows(Notice) if notice.person_id == receiver]
    assert [notice.kind for notice in told if notice.kind == "task-transferred"] == ["task-transferred"]

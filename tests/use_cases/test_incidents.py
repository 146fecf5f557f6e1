"""Incidents: a fault of a process waits for its administrator and never for anybody else."""

from __future__ import annotations

import pytest

from tests.world import CLERK, FLOWADMIN, SUPERVISOR, World
from workflows.cases import cancel_case
from workflows.engine.types import SetVariables
from workflows.errors import NotAllowedError, NotFoundError, WrongStateError
from workflows.incidents import retry_incident
from workflows.running import carry_out
from workflows.store import cases as stored
from workflows.tables import Incident


def retry(world: World, incident_id: str, as_: str = FLOWADMIN) -> None:
    world.run(retry_incident, incident_id, actor=world.actor(as_))
    world.settle()


def set_variables(world: World, case: str, **variables: object) -> None:
    def change(store):
        carry_out(store, stored.lock_case(store, case), SetVariables(variables), actor=world.actor(FLOWADMIN))

    world.run(change)


def test_a_faulty_condition_keeps_the_token_and_has_an_owner(world: World):
    case = world.start("faulty")
    world.task("办理").complete(CLERK)

    (incident,) = world.incidents(case)
    assert (incident.element_id, incident.owner_role, incident.status) == ("Which", "flowadmin", "open")
    assert (incident.code, incident.params["why"]["code"]) == ("unknown-name", "unknown-name")
    assert incident.params["expression"] in incident.message
    assert world.case(case).status == "active"
    world.check()


def test_retrying_before_the_cause_is_mended_opens_another(world: World):
    case = world.start("faulty")
    world.task("办理").complete(CLERK)
    (first,) = world.incidents(case)

    retry(world, first.id)

    (second,) = world.incidents(case)
    assert second.id != first.id
    world.check()


def test_retrying_after_the_cause_was_mended_lets_the_case_go_on(world: World):
    case = world.start("faulty")
    world.task("办理").complete(CLERK)
    set_variables(world, case, amount=5)

    retry(world, world.incidents(case)[0].id)

    assert world.names(case) == ["再办"]
    assert world.incidents() == []
    assert "incident-retried" in world.kinds(case)
    world.check()


def test_an_incident_is_resolved_once(world: World):
    case = world.start("faulty")
    world.task("办理").complete(CLERK)
    (incident,) = world.incidents(case)
    retry(world, incident.id)

    with pytest.raises(WrongStateError) as told:
        retry(world, incident.id)

    assert told.value.code == "incident-resolved"


@pytest.mark.parametrize("username", [CLERK, SUPERVISOR])
def test_only_the_administrator_of_processes_retries(world: World, username):
    case = world.start("faulty")
    world.task("办理").complete(CLERK)

    with pytest.raises(NotAllowedError):
        retry(world, world.incidents(case)[0].id, as_=username)
    with pytest.raises(NotFoundError):
        retry(world, "0" * 22)


def test_cancelling_a_case_resolves_its_incidents(world: World):
    case = world.start("nobody", who="post:督办专员@unit")
    assert [incident.code for incident in world.incidents(case)] == ["no-candidate"]

    world.run(cancel_case, case, "不办了", actor=world.actor(SUPERVISOR))

    assert world.incidents() == []
    world.check()


@pytest.mark.parametrize("who", [None, 7, "", "post:", "post:督办专员@unit", "person:p999", "post:书记@unit(nowhere)"])
def test_a_step_without_anybody_is_an_incident_and_never_a_pass(world: World, who):
    case = world.start("nobody", who=who)

    assert [incident.code for incident in world.incidents(case)] == ["no-candidate"]
    assert world.names(case) == ["办理"]
    world.check()


def test_still_nobody_is_an_incident_again(world: World):
    case = world.start("nobody", who="post:督办专员@unit")
    (first,) = world.incidents(case)

    retry(world, first.id)

    assert [incident.code for incident in world.incidents(case)] == ["no-candidate"]
    assert world.one(Incident, id=first.id).status == "resolved"


def test_a_step_finds_somebody_once_the_owner_names_one(world: World):
    case = world.start("nobody", who="person:p999")
    set_variables(world, case, who="post:经办@unit")

    retry(world, world.incidents(case)[0].id)

    assert world.incidents() == []
    world.task("办理").complete(CLERK)
    assert world.case(case).status == "completed"
    world.check()

"""Recusal 回避: a party to a matter is no candidate, takes nothing, sees nothing, in the whole family of cases."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.world import CLERK, CLERK_2, HEAD, OFFICE, SUPERVISOR, World
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.proxies import grant_proxy
from workflows.queries.case_filters import CaseFilter
from workflows.queries.cases import case_row, list_cases
from workflows.queries.tasks import task_detail
from workflows.tables import Recusal

BOTH_CLERKS = [CLERK, CLERK_2]


def sees(world: World, case: str, who: str) -> bool:
    actor = world.actor(who)
    listed = world.read(list_cases, CaseFilter(), actor=actor)
    try:
        world.read(case_row, case, actor=actor)
    except NotFoundError:
        assert case not in [row.id for row in listed.items]
        return False
    return True


def codes(world: World, *usernames: str) -> list[str]:
    return [world.code(name) for name in usernames]


def named(world: World, *usernames: str, **variables: Any) -> str:
    """A matter about these people, registered by the second clerk."""
    return world.start("recusing", as_=CLERK_2, parties=codes(world, *usernames), registrar=[], **variables)


def test_a_party_named_at_the_start_neither_sees_nor_takes_anything(world: World):
    case = named(world, CLERK)
    task = world.task("登记当事人")

    assert not sees(world, case, CLERK)
    with pytest.raises(NotFoundError) as told:
        task.claim(CLERK)
    assert told.value.code == "task-not-found"
    with pytest.raises(NotFoundError):
        task.complete(CLERK, parties=[])
    with pytest.raises(NotFoundError):
        world.read(task_detail, task.id, actor=world.actor(CLERK))
    assert sees(world, case, CLERK_2)
    task.complete(CLERK_2, parties=codes(world, CLERK))
    world.check()


def test_the_parties_of_a_case_are_kept_out_of_the_cases_it_calls(world: World):
    case = named(world, HEAD)
    world.task("登记当事人").complete(CLERK_2, parties=codes(world, HEAD, CLERK))
    world.settle()
    child = world.child(case)

    assert not sees(world, child.id, CLERK)
    with pytest.raises(NotFoundError):
        world.task("补充当事人").claim(HEAD)
    world.task("核查").claim(CLERK_2)
    world.check()


def test_a_party_that_is_added_later_loses_what_they_hold(world: World):
    case = named(world)
    world.task("登记当事人").complete(CLERK_2, parties=[])
    world.settle()
    work = world.task("核查").claim(CLERK)

    world.task("补充当事人").complete(HEAD, parties=codes(world, CLERK))
    world.settle()

    assert (work.row.status, work.row.assignee_id) == ("open", None)
    assert not sees(world, case, CLERK)
    assert not sees(world, world.child(case).id, CLERK)
    with pytest.raises(NotFoundError):
        work.complete(CLERK, answer="查清")
    assert "task-taken-from-party" in world.kinds(world.child(case).id)
    assert world.incidents() == []
    work.complete(CLERK_2, answer="查清")
    world.check()


def test_a_step_with_nobody_but_parties_is_an_incident_that_heals(world: World):
    case = named(world, *BOTH_CLERKS, HEAD)

    (incident,) = world.incidents(case)
    assert (incident.code, incident.element_id, incident.owner_role) == ("no-candidate", "Name", "flowadmin")
    assert not sees(world, case, CLERK_2)  # who started it is a party as well


def test_a_supervisor_who_is_a_party_sees_nothing(world: World):
    case = named(world, SUPERVISOR)

    assert not sees(world, case, SUPERVISOR)
    with pytest.raises(NotFoundError):
        world.task("登记当事人").transfer(CLERK, as_=SUPERVISOR)


def test_nobody_hands_work_to_a_party(world: World):
    named(world, CLERK)
    task = world.task("登记当事人")

    with pytest.raises(RejectedError) as told:
        task.transfer(CLERK, as_=CLERK_2)
    assert told.value.code == "recused"
    assert [fault.pointer for fault in told.value.faults] == ["/to"]


def test_who_stands_in_for_a_party_is_kept_out_too(world: World):
    until = world.now.date() + timedelta(days=30)
    holder = world.actor(HEAD)
    world.run(grant_proxy, world.code(CLERK), "ws-caizheng", "书记", to_day=until, ground="出差", actor=holder)
    case = named(world, HEAD)

    assert not sees(world, case, CLERK)
    with pytest.raises(NotFoundError):
        world.task("登记当事人").claim(CLERK)
    world.task("登记当事人").claim(CLERK_2)


def test_a_step_may_be_closed_to_somebody_who_sees_the_case(world: World):
    world.start("recusing", as_=CLERK_2, parties=[], registrar=codes(world, HEAD))
    world.task("登记当事人").complete(CLERK_2, parties=[])
    world.settle()
    world.task("核查").complete(CLERK, answer="查清")
    world.task("补充当事人").complete(HEAD, parties=[])
    world.settle()
    decide = world.task("审定")

    with pytest.raises(NotAllowedError) as told:
        decide.claim(HEAD)
    assert told.value.code == "recused"
    decide.claim(OFFICE)
    with pytest.raises(RejectedError):
        decide.transfer(HEAD, as_=OFFICE)
    decide.complete(OFFICE, answer="同意")
    world.check()


def test_who_is_no_longer_named_may_come_back(world: World):
    case = named(world, CLERK)
    world.task("登记当事人").complete(CLERK_2, parties=[])
    world.settle()

    assert sees(world, case, CLERK)
    (row,) = world.rows(Recusal)
    assert row.until_at is not None
    assert world.kinds(case).count("parties-changed") == 2


def test_an_escalation_about_such_a_case_keeps_the_parties_out(world: World):
    named(world, CLERK)
    world.let_pass(days=14)
    escalation = world.rows(Recusal)

    assert len({row.root_case_id for row in escalation}) == 2
    assert not any(sees(world, row.root_case_id, CLERK) for row in escalation)
    world.check()


def test_a_code_of_nobody_is_told_as_an_incident(world: World):
    case = world.start("recusing", as_=CLERK_2, parties=["nobody-of-this-name"], registrar=[])

    assert [incident.code for incident in world.incidents(case)] == ["recusal-not-worked-out"]


def test_what_is_no_list_of_people_is_told_as_an_incident(world: World):
    case = world.start("recusing", as_=CLERK_2, parties=[7], registrar=[])

    (incident,) = world.incidents(case)
    assert (incident.code, "7" in incident.message) == ("recusal-not-worked-out", True)
    assert partial(sees, world, case)(CLERK)


def test_a_name_that_nobody_has_written_shuts_nobody_out_in_silence(world: World):
    case = world.start("recusing", as_=CLERK_2, registrar=[])

    (incident,) = world.incidents(case)
    assert (incident.code, "parties" in incident.message) == ("recusal-not-worked-out", True)


def test_a_step_whose_recusal_cannot_be_told_is_nobodys(world: World):
    case = world.start("recusing", as_=CLERK_2, parties=[])
    world.task("登记当事人").complete(CLERK_2, parties=[])
    world.settle()
    world.task("核查").complete(CLERK, answer="查清")
    world.task("补充当事人").complete(HEAD, parties=[])
    world.settle()

    (incident,) = world.incidents(case)
    assert (incident.code, incident.element_id) == ("no-candidate", "Decide")
    assert world.task("审定").candidates() == []

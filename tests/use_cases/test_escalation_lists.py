"""Escalations: how secret they are, and what lists and their details show."""

from __future__ import annotations

import pytest

from tests.use_cases.escalation_scene import DEPUTY, LATE, SECRETARY, overdue, stages, to_level
from tests.world import CLERK, CLERK_2, HEAD, SUPERVISOR, World
from workflows.access import system_actor
from workflows.cases import cancel_case
from workflows.effects import give_task
from workflows.errors import NotFoundError
from workflows.people import set_clearance
from workflows.queries.escalations import EscalationFilter, escalation_detail, list_escalations
from workflows.store import people
from workflows.tables import Case, Deadline, Person, Task


def test_an_escalation_is_as_secret_as_its_source(world: World):
    def clear(store):
        for username in (CLERK, CLERK_2, HEAD, SECRETARY):
            person = store.session.query(Person).filter_by(username=username).one()
            level = "internal" if username == SECRETARY else "confidential"
            set_clearance(store, person.code, level, actor=system_actor("test"))

    world.run(clear)
    world.start("secret")
    world.move_to(LATE)

    found = world.escalation()
    assert world.case(found.case_id).classification == "confidential"
    assert (
        world.read(lambda store: list_escalations(store, EscalationFilter(), actor=world.actor(SECRETARY))).items == ()
    )


def test_the_list_shows_what_waits_for_me(world: World):
    overdue(world)
    to_level(world, 1)
    ask_for = EscalationFilter(waiting=True)

    assert len(world.read(lambda store: list_escalations(store, ask_for, actor=world.actor(HEAD))).items) == 1
    assert world.read(lambda store: list_escalations(store, ask_for, actor=world.actor(SUPERVISOR))).items == ()
    every = EscalationFilter(kind="overdue", unit="ws", status="proposed")
    assert len(world.read(lambda store: list_escalations(store, every, actor=world.actor(SUPERVISOR))).items) == 1
    none = EscalationFilter(unit="yc")
    assert world.read(lambda store: list_escalations(store, none, actor=world.actor(SUPERVISOR))).items == ()


def test_a_decision_that_names_a_person_waits_for_that_person(world: World):
    overdue(world)
    to_level(world, 1)
    deputy = world.read(lambda store: people.need_person(store, world.code(DEPUTY)).id)
    decision = world.task("决定").id
    world.run(lambda store: give_task(store, store.need(Task, decision), deputy))
    ask_for = EscalationFilter(waiting=True)

    assert len(world.read(lambda store: list_escalations(store, ask_for, actor=world.actor(DEPUTY))).items) == 1
    assert world.read(lambda store: list_escalations(store, ask_for, actor=world.actor(HEAD))).items == ()


def test_the_detail_tells_facts_levels_and_the_step_that_decides(world: World):
    overdue(world)
    to_level(world, 2)
    found = world.escalation()

    detail = world.read(lambda store: escalation_detail(store, found.case_id, actor=world.actor(SUPERVISOR)))

    assert detail.task_id == world.task("决定").id
    assert [stage.level for stage in detail.stages] == [1, 2]
    assert detail.facts["source_step"] == "拟稿"
    with pytest.raises(NotFoundError):
        world.read(lambda store: escalation_detail(store, found.case_id, actor=world.actor("p219")))


def test_cancelling_an_escalation_is_not_told_as_silence(world: World):
    overdue(world)
    to_level(world, 1)
    world.run(cancel_case, world.escalation().case_id, "误报", actor=world.actor(SUPERVISOR))

    assert world.escalation().status == "closed"
    assert stages(world) == [(1, "cancelled")]
    assert world.rows(Task, case_id=world.escalation().case_id, status="open") == []
    assert world.rows(Case, status="active")
    assert world.rows(Deadline, case_id=world.escalation().case_id, done_at=None) == []
    assert world.read(lambda store: people.need_unit(store, "ws").code) == "ws"

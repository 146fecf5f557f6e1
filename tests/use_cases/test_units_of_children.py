"""Whom a child case belongs to: the unit that the diagram names (``zc:unit``), else that of its parent."""

from __future__ import annotations

from sqlalchemy import select

from tests.world import CLERK, CLERK_2, UNIT, World
from workflows.incidents import retry_incident
from workflows.queries.access import sees_case
from workflows.tables import Case, StepFact, Unit

UNITS = ["ws-zhujian", "yc-caizheng"]


def children(world: World, parent: str) -> dict[str, Case]:
    codes = {unit.id: unit.code for unit in world.rows(Unit)}
    return {codes[child.unit_id]: child for child in world.rows(Case, parent_case_id=parent)}


def test_each_child_belongs_to_the_unit_that_the_diagram_names(world: World):
    parent = world.start("assigning", units=UNITS)

    found = children(world, parent)
    facts = {fact.case_id: fact.unit_id for fact in world.rows(StepFact)}
    steps = {task.row.case_id: task.row.unit_id for task in world.tasks("分办")}

    assert sorted(found) == UNITS
    assert {child.region_version_id for child in found.values()} == {world.case(parent).region_version_id}
    assert all(steps[child.id] == facts[child.id] == child.unit_id for child in found.values())
    world.check()


def test_a_child_belongs_to_its_parent_s_unit_when_the_diagram_names_none(world: World):
    parent = world.start("gathering", units=UNITS)

    assert list(children(world, parent)) == [UNIT]


def test_who_works_on_a_body_sees_the_whole_and_a_stranger_does_not(world: World):
    parent = world.start("assigning", units=["ws-zhujian"])
    (task,) = world.tasks("分办")
    worker = task.candidates()[0]

    def sees(username: str) -> bool:
        actor = world.actor(username)
        return bool(world.read(lambda store: sees_case(store, store.need(Case, parent), actor=actor)))

    assert worker not in {CLERK, CLERK_2}
    assert sees(worker)
    assert sees(CLERK)
    assert not sees(CLERK_2)


def test_a_unit_that_does_not_exist_stops_before_any_child_is_opened(world: World):
    parent = world.start("assigning", units=["ws-zhujian", "nowhere"])

    (incident,) = world.incidents()
    assert (incident.case_id, incident.code, incident.element_id) == (parent, "unit-unknown", "Each")
    assert children(world, parent) == {}

    def found(store):
        unit = store.session.scalars(select(Unit).where(Unit.code == "ws-zhujian")).one()
        store.add(
            Unit(
                code="nowhere",
                name="新单位",
                kind=unit.kind,
                level=unit.level,
                parent_id=unit.parent_id,
                path=f"{unit.path}x/",
            )
        )

    world.run(found)
    world.run(retry_incident, incident.id, actor=world.actor("flowadmin"))
    world.settle()

    assert sorted(children(world, parent)) == ["nowhere", "ws-zhujian"]

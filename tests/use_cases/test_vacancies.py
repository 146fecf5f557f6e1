from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.city_scene import City
from tests.use_cases.law_scene import SYSTEM, activate, deploy, small
from workflows import people as organisation
from workflows.accounts import disable_person
from workflows.cases import start_case
from workflows.store import people
from workflows.tables import Incident, Task, TaskCandidate, TaskStatus
from workflows.vacancies import look_after_holders

VILLAGE = "ws-yl-c1"
OWNER = 'zc:owner="post:书记@unit" zc:form="f" zc:deadline="five" zc:clause="编者补"'


@pytest.fixture
def secretary(city: City) -> str:
    """The only holder of the post that the village's one open task waits for."""
    (definition,) = deploy(city, small(task=OWNER))
    activate(city, definition)
    village = city.read(lambda store: people.need_unit(store, VILLAGE).id)
    city.run(start_case, definition="small", unit_id=village, actor=SYSTEM)
    (only,) = city.holder_codes(VILLAGE, "书记")
    return only


def incidents(city: City) -> list[tuple[str, str]]:
    told = select(Incident.code, Incident.status).order_by(Incident.id)
    return [(code, status) for code, status in city.read(lambda store: store.session.execute(told).all())]


def end(city: City, person: str, day: date | None = None) -> None:
    city.run(organisation.end_holding, person, VILLAGE, "书记", actor=city.actor("sysadmin"), to_day=day)


def look(city: City) -> int:
    return look_after_holders(city.application, 100)


def test_a_task_whose_post_is_held_needs_nothing(city: City, secretary: str):
    assert secretary
    assert look(city) == 0
    assert incidents(city) == []


def test_a_post_that_falls_vacant_is_one_incident_however_often_one_looks(city: City, secretary: str):
    end(city, secretary)

    assert look(city) == 1
    assert look(city) == 0
    assert incidents(city) == [("no-candidate", "open")]


def test_filling_the_post_again_heals_the_incident_and_the_task_waits_for_the_new_holder(city: City, secretary: str):
    end(city, secretary)
    look(city)
    city.run(organisation.assign_post, "p001", VILLAGE, "书记", actor=city.actor("sysadmin"))

    assert look(city) == 1
    assert look(city) == 0

    assert incidents(city) == [("no-candidate", "resolved")]
    newcomer = city.holder(VILLAGE, "书记")
    offered = city.read(lambda store: store.session.scalars(select(TaskCandidate.post_id)).all())
    assert set(offered) <= set(newcomer.post_ids)


def test_a_holding_that_ended_overnight_returns_the_task_and_reports_the_vacancy(city: City, secretary: str):
    def claim(store) -> None:
        person = people.need_person(store, secretary)
        task = store.session.scalars(select(Task)).one()
        candidate = store.session.scalars(select(TaskCandidate)).one()
        task.status, task.assignee_id, task.claimed_at = TaskStatus.CLAIMED, person.id, store.now
        task.assignee_post_id = candidate.post_id

    city.run(claim)
    end(city, secretary, date(2026, 3, 3))
    assert look(city) == 0

    city.pass_time(days=1)

    assert look(city) == 2
    assert city.read(lambda store: store.session.scalars(select(Task.status)).one()) == TaskStatus.OPEN
    assert incidents(city) == [("no-candidate", "open")]


def test_who_is_disabled_leaves_a_vacancy_too(city: City, secretary: str):
    city.run(disable_person, secretary, actor=city.actor("sysadmin"))

    assert look(city) == 1
    assert incidents(city) == [("no-candidate", "open")]

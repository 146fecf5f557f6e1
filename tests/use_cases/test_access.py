"""Who may see what: role × own, foreign, child and confidential, at the level of the queries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.city_scene import City, add_case, add_task
from workflows.access import Actor, system_actor
from workflows.queries.access import (
    candidate_tasks,
    readable_cases,
    reads_case,
    sees_case,
    sees_task,
    units_in_reach,
    visible_cases,
    visible_tasks,
)
from workflows.store import Store, people
from workflows.tables import Case, Deadline, Escalation, Person, Task, Unit

CASES = ("own", "child", "foreign", "above", "secret")
DISTRICT = {"own", "child", "secret"}


@pytest.fixture
def seen(city: City) -> dict[str, str]:
    """Five cases as seen from ws: its own, a town's, another district's, the city's, and a confidential one."""

    def write(store: Store) -> dict[str, str]:
        cases = {
            "own": add_case(store, "ws"),
            "child": add_case(store, "ws-yl"),
            "foreign": add_case(store, "yc"),
            "above": add_case(store, "yt"),
            "secret": add_case(store, "ws", classification="confidential"),
        }
        for name, unit in {"own": "ws", "child": "ws-yl", "foreign": "yc", "above": "yt", "secret": "ws"}.items():
            add_task(store, cases[name], unit, "经办")
        return cases

    return city.run(write)


def known(city: City, seen: dict[str, str], actor: Actor) -> set[str]:
    ids = city.read(lambda store: set(store.session.scalars(select(Case.id).where(visible_cases(actor)))))
    return {name for name, case_id in seen.items() if case_id in ids}


def readable(city: City, seen: dict[str, str], actor: Actor) -> set[str]:
    ids = city.read(lambda store: set(store.session.scalars(select(Case.id).where(readable_cases(actor)))))
    return {name for name, case_id in seen.items() if case_id in ids}


def with_tasks(city: City, seen: dict[str, str], actor: Actor) -> set[str]:
    ids = city.read(lambda store: set(store.session.scalars(select(Task.case_id).where(visible_tasks(actor)))))
    return {name for name, case_id in seen.items() if case_id in ids}


def somebody(city: City, role: str, unit: str, clearance: str = "internal") -> Actor:
    """A person without any post, with one role over a unit."""

    def find(store: Store) -> Actor:
        person = store.session.scalars(select(Person).where(Person.username == "clerk")).one()
        path = people.need_unit(store, unit).path
        granted = people.actor_of(store, person.id).roles[0]
        nobody = replace(people.actor_of(store, person.id), person_id="nobody", posts=(), roles=())
        return replace(nobody, roles=(replace(granted, role=role, unit_path=path),), clearance=clearance)

    return city.read(find)


@pytest.mark.parametrize(
    ("role", "unit", "clearance", "listed", "content", "tasks"),
    [
        ("clerk", "ws", "confidential", set(), set(), set()),
        ("clerk", "yt", "confidential", set(), set(), set()),
        ("supervisor", "ws", "internal", {"own", "child"}, {"own", "child"}, {"own", "child"}),
        (
            "supervisor",
            "ws",
            "confidential",
            {"own", "child", "secret"},
            {"own", "child", "secret"},
            {"own", "child", "secret"},
        ),
        ("supervisor", "ws-yl", "confidential", {"child"}, {"child"}, {"child"}),
        ("supervisor", "ws", "public", set(), set(), set()),
        ("supervisor", "yt", "confidential", set(CASES), set(CASES), set(CASES)),
        ("auditor", "yt", "confidential", set(CASES), set(CASES), set(CASES)),
        ("auditor", "yt", "internal", set(CASES) - {"secret"}, set(CASES) - {"secret"}, set(CASES) - {"secret"}),
        ("auditor", "yc", "confidential", {"foreign"}, {"foreign"}, {"foreign"}),
        ("flowadmin", "yt", "internal", set(CASES) - {"secret"}, set(), set()),
        ("flowadmin", "yt", "confidential", set(CASES), set(), set()),
        ("flowadmin", "ws", "internal", {"own", "child"}, set(), set()),
        ("sysadmin", "yt", "confidential", set(), set(), set()),
        ("secadmin", "yt", "confidential", set(), set(), set()),
    ],
)
def test_a_role_alone_opens_this_and_nothing_else(
    city: City,
    seen: dict[str, str],
    role: str,
    unit: str,
    clearance: str,
    listed: set[str],
    content: set[str],
    tasks: set[str],
):
    actor = somebody(city, role, unit, clearance)

    assert known(city, seen, actor) == listed
    assert readable(city, seen, actor) == content
    assert with_tasks(city, seen, actor) == tasks


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("clerk", {"own"}),
        ("supervisor", set(CASES)),
        ("auditor", set(CASES)),
        ("flowadmin", set(CASES)),
        ("sysadmin", set()),
        ("secadmin", set()),
    ],
)
def test_the_demo_accounts_see_what_their_office_gives(
    city: City, seen: dict[str, str], username: str, expected: set[str]
):
    assert known(city, seen, city.actor(username)) == expected


def test_the_system_sees_everything(city: City, seen: dict[str, str]):
    assert known(city, seen, system_actor()) == set(CASES)
    assert with_tasks(city, seen, system_actor()) == set(CASES)
    assert readable(city, seen, system_actor()) == set(CASES)


def test_a_post_opens_its_tasks_and_their_cases_only(city: City, seen: dict[str, str]):
    clerk = city.actor("clerk")

    assert known(city, seen, clerk) == readable(city, seen, clerk) == with_tasks(city, seen, clerk) == {"own"}
    assert known(city, seen, replace(clerk, clearance="confidential")) == {"own", "secret"}
    assert known(city, seen, replace(clerk, posts=())) == set()


def test_single_reads_answer_like_lists(city: City, seen: dict[str, str]):
    clerk, flowadmin = city.actor("clerk"), city.actor("flowadmin")

    def asked(store: Store) -> list[tuple[bool, ...]]:
        own, foreign = store.need(Case, seen["own"]), store.need(Case, seen["foreign"])
        task = store.session.scalars(select(Task).where(Task.case_id == own.id)).one()
        return [
            (
                sees_case(store, own, actor=clerk),
                reads_case(store, own, actor=clerk),
                sees_task(store, task, actor=clerk),
            ),
            (sees_case(store, foreign, actor=clerk), reads_case(store, foreign, actor=clerk)),
            (
                sees_case(store, own, actor=flowadmin),
                reads_case(store, own, actor=flowadmin),
                sees_task(store, task, actor=flowadmin),
            ),
        ]

    assert city.read(asked) == [(True, True, True), (False, False), (True, False, False)]


@pytest.mark.parametrize("column", ["assignee_id", "completed_by"])
def test_who_worked_on_a_task_goes_on_seeing_it_without_the_post(city: City, column: str):
    clerk = replace(city.actor("clerk"), posts=(), roles=())

    def write(store: Store) -> str:
        case_id = add_case(store, "yc")
        add_task(store, case_id, "yc", "经办", **{column: clerk.person_id})
        return case_id

    case_id = city.run(write)
    assert readable(city, {"worked": case_id}, clerk) == {"worked"}
    assert with_tasks(city, {"worked": case_id}, clerk) == {"worked"}


def test_who_started_a_case_follows_it_and_its_tasks(city: City):
    clerk = replace(city.actor("clerk"), posts=(), roles=())

    def write(store: Store) -> str:
        case_id = add_case(store, "yc", started_by=clerk.person_id)
        add_task(store, case_id, "yc", "经办")
        return case_id

    case_id = city.run(write)
    assert readable(city, {"started": case_id}, clerk) == {"started"}
    assert with_tasks(city, {"started": case_id}, clerk) == {"started"}


def test_a_supervisor_sees_the_work_of_their_unit_in_cases_of_others(city: City):
    def write(store: Store) -> str:
        case_id = add_case(store, "yc")
        add_task(store, case_id, "ws", "经办")
        add_task(store, case_id, "yc", "经办")
        return case_id

    case_id = city.run(write)
    supervisor = somebody(city, "supervisor", "ws")

    assert readable(city, {"lent": case_id}, supervisor) == {"lent"}
    tasks = city.read(lambda store: len(store.session.scalars(select(Task.id).where(visible_tasks(supervisor))).all()))
    assert tasks == 1


def test_who_has_a_step_in_an_escalation_reads_the_case_that_it_is_about(city: City, seen: dict[str, str]):
    decider = replace(city.holder("yt", "书记"), roles=())

    def write(store: Store) -> None:
        source = store.session.scalars(select(Task).where(Task.case_id == seen["foreign"])).one()
        late = store.add(
            Deadline(
                case_id=source.case_id,
                activity_id=source.activity_id,
                rule="r",
                rule_version=1,
                calendar_version="1",
                started_at=store.now,
                due_at=store.now,
                explanation={},
                inputs={},
            )
        )
        escalation = Escalation(
            case_id=add_case(store, "yc"),
            kind="overdue",
            status="proposed",
            source_case_id=source.case_id,
            source_activity_id=source.activity_id,
            source_deadline_id=late.id,
            unit_id=source.unit_id,
            rule="r",
            facts={},
            created_at=store.now,
        )
        add_task(store, store.add(escalation).case_id, "yt", "书记")

    assert readable(city, seen, decider) == set()
    city.run(write)
    assert readable(city, seen, decider) == {"foreign"}
    assert readable(city, seen, replace(decider, clearance="public")) == set()


def test_candidates_are_those_of_the_post_with_the_clearance(city: City, seen: dict[str, str]):
    clerk = city.actor("clerk")

    def cases_of(store: Store, actor: Actor) -> set[str]:
        return set(store.session.scalars(select(Task.case_id).where(candidate_tasks(actor))))

    assert city.read(cases_of, clerk) == {seen["own"]}
    assert city.read(cases_of, replace(clerk, clearance="confidential")) == {seen["own"], seen["secret"]}
    assert city.read(cases_of, city.actor("auditor")) == set()


def test_a_subtree_is_no_prefix_of_a_name(city: City):
    """/yt/ws/ must not open /yt/wsx/, and SQLite's LIKE would not tell W from w."""
    supervisor = somebody(city, "supervisor", "ws")

    def write(store: Store) -> set[str]:
        root = people.need_unit(store, "yt")
        for code in ("wsx", "WS"):
            store.add(
                Unit(code=code, name=code, kind="committee", level="district", parent_id=root.id, path=f"/yt/{code}/")
            )
        return set(store.session.scalars(select(Unit.code).where(units_in_reach(supervisor, "supervisor"))))

    reached = city.run(write)
    assert "ws-yl-c1" in reached
    assert not reached & {"wsx", "WS", "yt", "yc"}
    assert (
        city.read(lambda store: store.session.scalars(select(Unit.code).where(units_in_reach(supervisor))).all()) == []
    )

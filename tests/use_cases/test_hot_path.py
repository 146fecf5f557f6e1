"""What the path of every step keeps must never be older than what it stands for, nor let anybody see more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.city_scene import PASSWORD, City
from tests.databases import Databases
from tests.world import CLERK, World, open_world
from workflows import accounts
from workflows.cases import cancel_case
from workflows.errors import NotFoundError
from workflows.people import NewUnit, create_unit
from workflows.queries.access import sees_task
from workflows.store import people
from workflows.store.marks import era
from workflows.surroundings import describe_unit
from workflows.tables import Case, Classification, Draft, Task
from workflows.tasks import Submission, claim_task, complete_task

MOST_STATEMENTS = 26  # of one step that opens the next one, with begin and without commit


@contextmanager
def listening(city: City, asked: list[str]) -> Iterator[None]:
    """Write down every statement of the block."""

    def count(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(city.application.database, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(city.application.database, "before_cursor_execute", count)


def test_a_described_unit_is_described_anew_once_the_organisation_has_changed(city: City):
    def relations(code: str) -> tuple[object, object]:
        found = city.read(lambda store: describe_unit(store, people.need_unit(store, code)))
        return found["committee"], found["discipline"]

    city.run(
        create_unit, NewUnit("xx", "中共新区委", "committee", "district", parent="yt"), actor=city.actor("sysadmin")
    )
    before = relations("xx"), relations("xx")
    new = NewUnit("xx-jw", "新区纪委", "discipline", "district", parent="xx")
    city.run(create_unit, new, actor=city.actor("sysadmin"))

    assert before == (("xx", None), ("xx", None))
    assert relations("xx") == ("xx", "xx-jw")


def test_a_login_begins_no_era_and_a_new_unit_does(city: City):
    before = city.read(era)
    city.run(accounts.log_in, "clerk", PASSWORD)
    logged_in = city.read(era)
    new = NewUnit("xx", "中共新区委", "committee", "district", parent="yt")
    city.run(create_unit, new, actor=city.actor("sysadmin"))

    assert logged_in == before
    assert city.read(era) != before


def test_a_candidate_without_clearance_finds_no_task_by_the_short_way_either(world: World):
    case_id = world.start("approval")
    task = world.task("拟稿", case=case_id)
    actor = world.actor(CLERK)

    def hide(store):
        store.need(Case, case_id).classification = Classification.CONFIDENTIAL

    world.run(hide)

    assert not world.read(lambda store: sees_task(store, store.need(Task, task.id), actor=actor))
    with pytest.raises(NotFoundError):
        world.run(claim_task, task.id, actor=actor)


def test_what_is_missing_is_asked_for_once_and_again_after_it_was_added(world: World):
    task_id = world.task("拟稿", case=world.start("approval")).id
    person_id = world.actor(CLERK).person_id
    asked: list[str] = []

    def use(store) -> tuple[bool, int, bool]:
        with listening(world, asked):
            missing = store.get(Draft, task_id) is None and store.get(Draft, task_id) is None
        draft = Draft(
            task_id=task_id, person_id=person_id, form_digest="d", content={}, saved_at=store.now, row_version=1
        )
        store.add_later(draft)
        return missing, sum("FROM draft" in each for each in asked), store.get(Draft, task_id) is draft

    assert world.run(use) == (True, 1, True)


def test_a_step_takes_few_statements(world: World):
    task = world.task("拟稿", case=world.start("approval"))
    actor = world.actor(CLERK)
    asked: list[str] = []

    with listening(world, asked):
        world.run(complete_task, task.id, Submission({"answer": "同意"}), actor=actor)

    assert len(asked) <= MOST_STATEMENTS, asked


def test_no_statement_of_a_step_reads_all_rows_of_a_state(databases: Databases, tmp_path: Path):
    """What a step asks about one case must not cost more the more cases there are; SQLite plans without statistics."""
    asked: list[str] = []
    with open_world(databases, "sqlite", tmp_path) as world:
        case = world.start("approval")
        task = world.task("拟稿", case=case)
        with listening(world, asked):
            task.complete(CLERK, answer="同意")
            world.run(cancel_case, case, "不办了", actor=world.actor("supervisor"))
        with world.application.database.connect() as connection:
            plans = {
                step[3]
                for statement in set(asked)
                if statement.startswith(("SELECT", "UPDATE", "DELETE"))
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("x",) * statement.count("?"))
            }

    grows = "(timer|incident|task|activity|deadline|case|case_inbox|ledger_event|subscription)"
    wide = rf"SCAN {grows}\b|SEARCH {grows} USING .*INDEX \w+ \((state|status|kind)=\?( AND due_at<\?)?\)"
    assert [plan for plan in plans if re.match(wide, plan)] == []

"""The play: people go through the doors with their own rights, and the same seed plays the same days."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from sqlalchemy import text

import api
from api.loopback import served
from tests.city_scene import City
from workflows.access import system_actor
from workflows.clock import SHANGHAI
from workflows.deadlines.calendar_files import load_calendar
from workflows.deciders import find_decider
from workflows.demo import year
from workflows.demo.acts import COMPLETE, Act, WorkError
from workflows.demo.habits import Habits
from workflows.demo.http_door import HttpDoor
from workflows.demo.judging import judge
from workflows.duties import generate_all
from workflows.errors import WorkflowError
from workflows.settings import Settings
from workflows.store import demo, people
from workflows.store.demo import OpenTask
from workflows.tables import Case
from workflows.transaction import read

LAW = Path("bpmn")
INVARIANTS = Path("workflows/demo/invariants")
PASSWORD = "an-invented-password"
HABITS = yaml.safe_load((LAW / "demo/answers.yaml").read_text(encoding="utf-8"))["habits"]


def test_the_checker_imports_nothing_that_it_checks():
    allowed = {"workflows.demo.invariants", "workflows.deadlines.recount"}
    found = {
        (path.name, node.module)
        for path in INVARIANTS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("workflows")
    }

    assert {module for _, module in found if not any(module.startswith(name) for name in allowed)} == set()


def test_the_calendar_of_2027_is_marked_as_invented_and_no_law():
    shipped = yaml.safe_load((LAW / year.CALENDAR_FILE).read_text(encoding="utf-8"))

    assert shipped["status"] == "invented"
    assert shipped["year"] == 2027
    assert not (LAW / "calendars" / "2027.yaml").exists()


# ------------------------------------------------------------------ habits


def task(due_at: datetime | None, *, decides: bool = False) -> OpenTask:
    return OpenTask("t", datetime(2026, 9, 28, 9, tzinfo=SHANGHAI), due_at, in_escalation=decides, decides=decides)


@pytest.mark.parametrize(("kind", "is_late"), [("early", False), ("last_day", False), ("late", True)])
def test_habits_decide_whether_work_is_late(kind, is_late):
    now, due = datetime(2026, 9, 28, 9, tzinfo=SHANGHAI), datetime(2026, 10, 10, 0, tzinfo=SHANGHAI)
    data = {**HABITS, "clerk": {kind: 1}, "extension": 0}
    habits = Habits(data, Random(1), load_calendar(LAW / "calendars"))

    for _ in range(50):
        [(at, act)] = habits.plan(task(due), now)

        assert act == Act(COMPLETE, "t")
        assert at >= now
        assert (at >= due) is is_late
        assert is_late or habits.calendar.is_workday(at.date()).workday


def test_who_never_works_plans_nothing():
    habits = Habits({**HABITS, "supervisor": {"never": 1}}, Random(1), load_calendar(LAW / "calendars"))

    assert habits.plan(task(None, decides=True), datetime(2026, 9, 28, 9, tzinfo=SHANGHAI)) == ()


# ------------------------------------------------------------------ on both databases


def played(url: str, folder: Path, seed: int, begin: date, days: int) -> list[tuple[Any, ...]]:
    settings = year.own_settings(Settings(), folder, url)
    stage = year.set_up(settings, begin=begin, password=PASSWORD)
    year.play(stage, seed=seed, until=begin + timedelta(days=days))
    told = read(
        stage.application,
        lambda store: [
            tuple(row)
            for row in store.session.execute(
                text("SELECT kind, via, count(*) FROM ledger_event GROUP BY kind, via ORDER BY kind, via")
            )
        ],
    )
    judgement = judge(settings.url, folder / "keys", stage.clock.now())
    stage.application.database.dispose()

    assert [(each.key, each.faults) for each in judgement.verdicts if not each.holds] == []
    return told


def test_a_play_holds_every_invariant_on_both_databases(database_url, tmp_path):
    told = played(database_url, tmp_path, 3, date(2026, 11, 13), days=5)

    assert [number for kind, _, number in told if kind == "task-completed"]


def test_the_same_seed_plays_the_same_days(databases, tmp_path):
    first = played(databases.make("sqlite"), tmp_path / "first", 5, date(2026, 3, 2), days=7)
    second = played(databases.make("sqlite"), tmp_path / "second", 5, date(2026, 3, 2), days=7)

    assert first == second


def test_a_play_begins_on_an_empty_database_only(city, tmp_path):
    url = city.application.database.url.render_as_string(hide_password=False)

    with pytest.raises(year.DatabaseNotEmptyError):
        year.set_up(year.own_settings(Settings(), tmp_path, url), password=PASSWORD)


# ------------------------------------------------------------------ over HTTP


@pytest.fixture
def reporting(city_under_law: City) -> City:
    """The city on the day after the yearly reports opened."""
    city_under_law.clock.move_to(datetime(2026, 11, 17, 9, tzinfo=SHANGHAI))
    generate_all(city_under_law.application, date(2026, 11, 17), actor=system_actor("test"))
    return city_under_law


@pytest.fixture
def door(reporting: City) -> Iterator[HttpDoor]:
    with served(api.create_app(reporting.application)) as port:
        made = HttpDoor(port, "an-invented-password")
        yield made
        made.close()


def test_people_complete_tasks_over_http(reporting, door):
    opened = reporting.read(demo.news, datetime(2026, 1, 1, tzinfo=SHANGHAI)).opened[0]
    work = reporting.read(demo.task_for_work, opened.id, 0.0)
    assert isinstance(work, demo.Work)

    with pytest.raises(WorkError) as refused:
        door.complete(work.username, opened.id, {"variables": {"nonsense": Decimal("1.50")}})
    door_values = {"variables": answers_for(reporting, work)}
    door.complete(work.username, opened.id, door_values)
    with pytest.raises(WorkError) as twice:
        door.complete(work.username, opened.id, door_values)

    assert refused.value.can_correct
    assert twice.value.code == "task-completed"
    assert reporting.read(demo.task_for_work, opened.id, 0.0) is demo.Absence.CLOSED


def test_a_wrong_password_is_told(reporting, door):
    door._password = "another"

    with pytest.raises(WorkError, match="login-failed"):
        door.complete("clerk", "nothing", {})


def answers_for(city: City, work: demo.Work) -> dict[str, object]:
    from workflows.demo.answers import Answers, Setting  # noqa: PLC0415 - only here

    content = yaml.safe_load((LAW / "demo/answers.yaml").read_text(encoding="utf-8"))
    setting = Setting(city.clock.now(), work.unit_name, work.people or (work.actor.code,), work.units, "")
    assert work.form is not None
    return Answers(content, Random(1)).fill(work.form, work.around, setting)


# ------------------------------------------------------------------ who decides when all are parties


def test_somebody_above_decides_when_everybody_at_the_unit_is_a_party(reporting):
    def decide(store, parties):
        case = store.session.query(Case).filter(Case.unit_id == people.need_unit(store, "yt-zf").id).first()
        case = case or store.session.query(Case).first()
        case.unit_id = people.need_unit(store, "yt-zf").id
        return find_decider(
            store,
            case,
            level=4,
            candidate="post:书记@upper_committee",
            last=True,
            fallback="role:supervisor@unit",
            parties=parties,
        )

    heads = reporting.read(
        lambda store: [
            person.code for person in people.nearest_granted(store, "supervisor", people.need_unit(store, "yt-zf"))
        ]
    )
    everybody = reporting.read(lambda store: [row[0] for row in store.session.execute(text("SELECT code FROM person"))])

    assert reporting.run(decide, heads) == "role:supervisor@unit.parent"
    with pytest.raises(WorkflowError, match="nobody up to the root"):
        reporting.run(decide, everybody)

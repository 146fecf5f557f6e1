from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from tests.city_scene import PASSWORD, City
from workflows.accounts import NewSession, log_in
from workflows.candidates import parse_owner, resolve_owner
from workflows.demo.city import load_city
from workflows.demo.city_plan import CityError, plan_city
from workflows.organisation import load_organisation
from workflows.people import SEPARATED
from workflows.store import Store, people
from workflows.tables import Holding, Person, Post, RoleGrant, Unit

CONTENT: dict[str, Any] = yaml.safe_load(Path("bpmn/demo/city.yaml").read_text(encoding="utf-8"))
ACCOUNTS = ("clerk", "supervisor", "flowadmin", "auditor", "sysadmin", "secadmin")


def count(store: Store, kind: Any) -> int:
    return store.session.scalar(select(func.count()).select_from(kind)) or 0


def test_the_city_has_about_seventy_units_on_four_levels_and_four_hundred_people(city: City):
    levels = city.read(lambda store: set(store.session.scalars(select(Unit.level))))
    depth = city.read(lambda store: max(path.count("/") for path in store.session.scalars(select(Unit.path))))

    assert 65 <= city.read(count, Unit) <= 80
    assert city.read(count, Person) == 400
    assert {"city", "district", "town", "village"} <= levels
    assert depth == 5


def test_loading_it_again_changes_nothing(city: City):
    before = city.read(count, Holding)

    again = city.run(load_city, password="another-password")

    assert not again.is_new
    assert city.read(count, Holding) == before
    assert city.ledger("people") == ["city-loaded"]


def test_the_plan_is_the_same_every_time_and_names_everybody_once():
    first, second = plan_city(CONTENT, year=2026), plan_city(CONTENT, year=2026)

    assert first == second
    assert len({person.name for person in first.people}) == 400


@pytest.mark.parametrize("username", ACCOUNTS)
def test_each_named_account_logs_in_and_has_its_role_and_a_post(city: City, username: str):
    assert isinstance(city.run(log_in, username, PASSWORD), NewSession)

    actor = city.actor(username)
    assert actor.posts
    assert {granted.role for granted in actor.roles} == {username}


def test_the_three_administrators_are_different_people(city: City):
    grants = city.read(lambda store: store.session.execute(select(RoleGrant.person_id, RoleGrant.role)).all())

    separated: dict[str, set[str]] = {}
    for person_id, role in grants:
        if role in SEPARATED:
            separated.setdefault(person_id, set()).add(role)
    assert len(separated) == 6
    assert all(len(roles) == 1 for roles in separated.values())


def test_every_post_is_held_and_is_a_word_of_the_organisation(city: City):
    def vacant(store: Store) -> list[str]:
        return [post.name for post in store.session.scalars(select(Post)) if not people.holders(store, [post.id])]

    keys = city.read(lambda store: set(store.session.scalars(select(Post.key))))
    assert city.read(vacant) == []
    assert keys <= set(load_organisation(Path("bpmn")).posts)


def test_holders_change_in_the_middle_of_the_year_and_no_seat_stays_empty(city: City):
    july = date(2026, 7, 1)

    def changes(store: Store) -> tuple[int, int]:
        ended = select(func.count()).select_from(Holding).where(Holding.to_day == july)
        begun = select(func.count()).select_from(Holding).where(Holding.from_day == july)
        return store.session.scalar(ended) or 0, store.session.scalar(begun) or 0

    def vacant(store: Store) -> list[str]:
        return [post.name for post in store.session.scalars(select(Post)) if not people.holders(store, [post.id], july)]

    assert city.read(changes) == (20, 20)
    assert city.read(vacant) == []
    assert [city.actor(name).posts for name in ACCOUNTS] == [
        city.read(people.held_posts, city.actor(name).person_id or "", july) for name in ACCOUNTS
    ]


def test_the_variants_of_the_documents_stand_side_by_side(city: City):
    regions = {told["region"] for told in CONTENT["units"] if "region" in told}

    def region(store: Store, code: str) -> str | None:
        return people.region_of(store, people.need_unit(store, code))

    assert regions == {"seed_000", "seed_001", "seed_002", "seed_004"}
    assert all((Path("bpmn/regions") / f"{name}.yaml").exists() for name in regions)
    assert city.read(region, "yl-cy-c1") == "seed_002"
    assert city.read(region, "ws-yl-c1") is None


@pytest.mark.parametrize(
    "owner",
    [
        "post:经办@unit",
        "post:办公室主任@unit",
        "post:主要负责人@unit",
        "post:书记@upper_committee",
        "post:办公室主任@upper_committee | post:办公室主任@upper_discipline",
        "post:督办专员@upper_discipline | post:督办专员@upper_committee | post:督办专员@committee",
        "post:书记@upper_discipline",
        "post:经办@discipline",
    ],
)
def test_every_unit_below_the_top_can_fill_the_steps_of_the_families(city: City, owner: str):
    def lost(store: Store) -> list[str]:
        units = store.session.scalars(select(Unit).where(Unit.code.not_in(["yt", "yt-jw", "yt-zf"]))).all()
        parsed = parse_owner(owner, load_organisation(Path("bpmn")))
        return [unit.code for unit in units if resolve_owner(store, parsed, unit_id=unit.id, variables={}).is_empty]

    assert city.read(lost) == []


def test_the_city_grows_to_a_province_of_units():
    plan = plan_city(CONTENT, year=2026, units=3000)

    assert len(plan.units) >= 3000
    assert len({unit.name for unit in plan.units.values()}) == len(plan.units)
    assert len(plan.people) == len({person.code for person in plan.people}) > 9000
    assert Counter(unit.level for unit in plan.units.values())["village"] > 1700


@pytest.mark.parametrize(
    "change",
    [
        {"units": [{"code": "b", "in": "a", "kind": "committee", "level": "city", "name": "乙", "short_name": "乙"}]},
        {"units": [{"code": "a", "kind": "teapot", "level": "city", "name": "甲", "short_name": "甲"}]},
        {"accounts": {"clerk": {"unit": "yt", "post": "行政首长"}}},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(change: dict[str, Any]):
    with pytest.raises(CityError):
        plan_city({**CONTENT, **change}, year=2026)

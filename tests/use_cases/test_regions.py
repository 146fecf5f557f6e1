from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.city_scene import City
from tests.databases import Databases
from tests.use_cases.law_scene import LAW, SYSTEM, standing_law
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.regions import load_regions
from workflows.store import Store, people
from workflows.store.definitions import newest_region, resolve_definition
from workflows.tables import Unit

DEFAULT = (LAW / "regions" / "default.yaml").read_bytes()
OTHER = """
name: 丙市
parameters:
  dual_reporting:
    draft_workdays: {value: 9, source: 编者补}
lights:
  levels:
    near: {name: 快到期}
"""


@pytest.fixture
def law(city_under_law: City) -> City:
    return city_under_law


@pytest.fixture(scope="module")
def standing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with standing_law(databases, tmp_path_factory.mktemp("standing")) as city:
        yield city


def load(city: City, **files: str | bytes) -> list[str]:
    given = {f"regions/{name}.yaml": text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return [f"{each.region}:{each.version}" for each in city.run(load_regions, given, actor=SYSTEM)]


def newest(store: Store, key: str) -> str:
    found = newest_region(store, key)
    assert found is not None
    return found.id


def region(city: City, key: str):
    return city.read(lambda store: store.application.law.region(store, newest(store, key)))


def bundle(city: City, key: str):
    def find(store):
        return store.application.law.bundle(store, resolve_definition(store, key).id)

    return city.read(find)


def test_a_region_says_only_what_differs_and_the_rest_is_the_default(law: City):
    assert load(law, other=OTHER) == ["other:1"]

    other = region(law, "other")
    values = other.parameters(bundle(law, "dual_reporting"))

    assert (other.name, values["draft_workdays"], values["review_workdays"]) == ("丙市", 9, 2)
    assert other.lights.levels["near"].name == "快到期"
    assert other.lights.levels["overdue"].name == "逾期"
    assert other.lights.near.amount == 3


def test_the_same_file_again_makes_no_version_and_a_changed_one_does(law: City):
    assert load(law, other=OTHER) == ["other:1"]
    assert load(law, other=OTHER) == []
    assert load(law, other=OTHER.replace("9", "8")) == ["other:2"]
    assert load(law, default=DEFAULT) == []
    assert law.ledger("config")[-2:] == ["region-loaded", "region-loaded"]


def test_a_case_keeps_the_version_it_began_with(law: City):
    load(law, other=OTHER)
    pinned = law.read(lambda store: newest(store, "other"))
    load(law, other=OTHER.replace("9", "8"))

    kept = law.read(lambda store: store.application.law.region(store, pinned))

    assert kept.parameters(bundle(law, "dual_reporting"))["draft_workdays"] == 9
    assert region(law, "other").parameters(bundle(law, "dual_reporting"))["draft_workdays"] == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (OTHER.replace("draft_workdays", "draft_workday"), "parameter-unknown"),
        (OTHER.replace("dual_reporting", "dual_report"), "parameter-unknown"),
        (OTHER.replace(", source: 编者补", ""), "missing"),
        (OTHER.replace("name: 丙市", "title: 丙市"), "missing"),
        (OTHER.replace("near:", "nearly:"), "unknown-value"),
        ("- a", "wrong-type"),
        ("{", "not-yaml"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(standing: City, text, code):
    with pytest.raises(RejectedError) as caught:
        load(standing, fine=OTHER, other=text)

    assert caught.value.code == "region-invalid"
    assert code in {fault.code for fault in caught.value.faults}
    assert all(fault.pointer.startswith("/regions/other.yaml#") for fault in caught.value.faults)
    assert standing.read(lambda store: newest_region(store, "fine")) is None


def test_the_nearest_ancestor_that_names_a_region_decides(law: City):
    load(law, other=OTHER)

    def name_region(store):
        parent = store.session.scalars(select(Unit).where(Unit.parent_id.is_not(None), Unit.region.is_(None))).first()
        child = store.add(
            Unit(code="child", name="下级", kind="office", level="x", parent_id=parent.id, path=f"{parent.path}child/")
        )
        parent.region = "other"
        law_of = store.application.law
        return law_of.region(store, law_of.region_for_unit(store, child)).key

    assert law.run(name_region) == "other"


def test_a_unit_whose_region_no_file_describes_is_not_given_the_default(standing: City):
    def look_up(store):
        unit = store.session.scalars(select(Unit)).first()
        unit.region = "nowhere"
        store.session.flush()
        return store.application.law.region_for_unit(store, people.need_unit(store, unit.code))

    with pytest.raises(NotFoundError) as caught:
        standing.run(look_up)

    assert caught.value.code == "region-not-found"


def test_only_the_flow_administrator_loads_regions(standing: City):
    with pytest.raises(NotAllowedError):
        standing.run(load_regions, {}, actor=standing.actor("clerk"))

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.city_scene import City, open_city
from tests.databases import Databases
from tests.use_cases.law_scene import LAW, SYSTEM, activate, deploy, small, standing_law
from workflows.duties import generate_all, generate_due, generate_occurrences, load_duties
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.queries.duties import list_duties, list_occurrences, read_duty
from workflows.tables import Case, Duty, Occurrence, Unit

RESPONSIBLE = "government"


def duty(
    key: str = "weekly",
    *,
    rrule: str = "FREQ=WEEKLY;BYDAY=FR",
    catch_up: str = "all",
    period: str = "week",
    **more: str,
) -> str:
    lines = "".join(f"\n  {name}: {value}" for name, value in more.items())
    return f"""
- id: {key}
  title: 每周一件
  clause: 编者补
  source: '003'
  definition: small
  trigger: {{kind: periodic, rrule: "{rrule}", period: {period}, lead: {{amount: 4, unit: 日}}}}
  responsible: {{kinds: [{RESPONSIBLE}]}}
  deadline: five
  catch_up: {catch_up}
  elements: [Do]{lines}"""


def catalogue(*duties: str) -> dict[str, bytes]:
    return {"duties/small.yaml": ("duties:" + "".join(duties)).encode()}


@pytest.fixture(scope="module")
def standing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with standing_law(databases, tmp_path_factory.mktemp("standing")) as city:
        activate(city, deploy(city, small())[0])
        yield city


@pytest.fixture
def weekly(city_under_law: City) -> City:
    """A duty that opens on Mondays for every government; today is Monday, 2 March 2026."""
    activate(city_under_law, deploy(city_under_law, small())[0])
    city_under_law.run(load_duties, catalogue(duty()), actor=SYSTEM)
    return city_under_law


def units(city: City) -> int:
    return len(city.read(lambda store: store.session.scalars(select(Unit.id).where(Unit.kind == RESPONSIBLE)).all()))


def occurrences(city: City) -> Counter[tuple[str, str]]:
    rows = select(Occurrence.period, Occurrence.status)
    return Counter((period, status) for period, status in city.read(lambda store: store.session.execute(rows).all()))


# ------------------------------------------------------------------ the catalogue


def test_the_shipped_catalogue_loads_and_loading_it_again_changes_nothing(standing: City):
    files = {path.name: path.read_bytes() for path in (LAW / "duties").glob("*.yaml")}

    assert standing.run(load_duties, files, actor=SYSTEM) == 0
    assert {row.trigger for row in standing.read(list_duties, limit=200).items} == {"periodic", "event", ""}


def test_a_duty_that_two_families_carry_out_is_one_row(standing: City):
    row = standing.read(read_duty, "d3_070")

    assert row.content["elsewhere"][0]["definition"] != row.definition_key


def test_a_row_that_is_gone_is_withdrawn_and_generates_nothing(weekly: City):
    assert weekly.run(load_duties, catalogue(duty("other")), actor=SYSTEM) == 2

    assert weekly.read(read_duty, "weekly").withdrawn
    generate_all(weekly.application, date(2026, 3, 2), actor=SYSTEM)
    rows = weekly.read(lambda store: set(store.session.scalars(select(Occurrence.duty_id))))
    assert rows == {"other"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (duty().replace("definition: small", "definition: nothing"), "definition-not-found"),
        (duty().replace("[Do]", "[Do, Undo]"), "element-not-found"),
        (duty().replace("[Do]", "[]"), "missing"),
        (duty().replace("deadline: five", "deadline: six"), "deadline-rule-not-found"),
        (duty(rrule="FREQ=SOMETIMES"), "rrule-not-supported"),
        (duty(period="year"), "period-not-unique"),
        (duty(catch_up="never"), "unknown-value"),
        (duty(applies="{parameter: nothing, value: 1}"), "parameter-unknown"),
        (duty(variables="{a: 1 +}"), "expression-wrong"),
        (duty(colour="red"), "unknown-field"),
        (duty() + duty(), "duty-twice"),
        (duty().replace(f"kinds: [{RESPONSIBLE}]", "note: 无"), "missing"),
    ],
)
def test_a_row_with_a_fault_is_refused_naming_it(standing: City, text, code):
    with pytest.raises(RejectedError) as caught:
        standing.run(load_duties, catalogue(text), actor=SYSTEM)

    assert caught.value.code == "duty-invalid"
    assert code in {fault.code for fault in caught.value.faults}


def test_only_the_flow_administrator_loads_duties_and_generates(standing: City):
    with pytest.raises(NotAllowedError):
        standing.run(load_duties, {}, actor=standing.actor("clerk"))
    with pytest.raises(NotAllowedError):
        standing.run(generate_occurrences, date(2026, 3, 2), actor=standing.actor("clerk"))


# ------------------------------------------------------------------ occurrences


def test_each_responsible_unit_gets_one_case_with_its_occurrence(weekly: City):
    done = generate_all(weekly.application, date(2026, 3, 2), actor=SYSTEM)

    cases = weekly.read(lambda store: list(store.session.scalars(select(Case).where(Case.occurrence_id.is_not(None)))))
    assert (done.opened, done.skipped, done.faults) == (units(weekly), 0, [])
    assert occurrences(weekly) == {("2026W10", "open"): units(weekly)}
    assert len({case.unit_id for case in cases}) == units(weekly)
    assert all((case.business_key or "").startswith("weekly:2026W10:") for case in cases)
    assert weekly.ledger("campaign:weekly:2026W10")[0] == "occurrences-opened"


def test_generating_twice_makes_nothing_twice(weekly: City):
    generate_all(weekly.application, date(2026, 3, 2), actor=SYSTEM)

    again = generate_all(weekly.application, date(2026, 3, 2), actor=SYSTEM)

    assert again.size == 0
    assert sum(occurrences(weekly).values()) == units(weekly)


def test_generators_at_once_make_nothing_twice(databases: Databases, tmp_path: Path):
    with open_city(databases, "postgresql", tmp_path, under_law=True) as city:
        activate(city, deploy(city, small())[0])
        city.run(load_duties, catalogue(duty()), actor=SYSTEM)

        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: generate_all(city.application, date(2026, 3, 2), actor=SYSTEM), range(4)))

        assert sum(each.opened for each in done) == units(city)
        assert occurrences(city) == {("2026W10", "open"): units(city)}


def test_a_batch_stops_at_its_limit_and_says_that_more_remain(weekly: City):
    done = weekly.run(generate_occurrences, date(2026, 3, 2), actor=SYSTEM, limit=2)

    assert (done.opened, done.remaining) == (2, True)


def test_a_duty_that_misses_nothing_rests_until_its_next_period_opens(weekly: City):
    opened = [generate_all(weekly.application, date(2026, 3, day), actor=SYSTEM).opened for day in (2, 3, 8, 9)]

    assert opened == [units(weekly), 0, 0, units(weekly)]


def test_the_scheduler_generates_up_to_today_only(weekly: City):
    weekly.clock.move_to(datetime(2026, 3, 3, 1, tzinfo=UTC))

    while generate_due(weekly.application):
        pass

    assert set(occurrences(weekly)) == {("2026W10", "open")}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("all", {"2026W10": "open", "2026W11": "open", "2026W12": "open", "2026W13": "open"}),
        ("latest", {"2026W10": "skipped", "2026W11": "skipped", "2026W12": "open", "2026W13": "open"}),
        ("none", {"2026W10": "skipped", "2026W11": "skipped", "2026W12": "skipped", "2026W13": "open"}),
    ],
)
def test_what_was_missed_is_made_up_for_as_declared(city_under_law: City, policy, expected):
    """The scheduler stood still from Monday, 2 March to Wednesday, 18 March; next Monday is opened ahead."""
    activate(city_under_law, deploy(city_under_law, small())[0])
    city_under_law.run(load_duties, catalogue(duty(catch_up=policy)), actor=SYSTEM)
    city_under_law.clock.move_to(datetime(2026, 3, 18, 2, tzinfo=UTC))

    generate_all(city_under_law.application, date(2026, 3, 23), actor=SYSTEM)

    assert dict(occurrences(city_under_law)) == {
        (period, status): units(city_under_law) for period, status in expected.items()
    }


def test_a_skipped_occurrence_says_why_and_has_no_case(city_under_law: City):
    activate(city_under_law, deploy(city_under_law, small())[0])
    city_under_law.run(load_duties, catalogue(duty(catch_up="none")), actor=SYSTEM)
    city_under_law.clock.move_to(datetime(2026, 3, 4, 2, tzinfo=UTC))

    generate_all(city_under_law.application, date(2026, 3, 4), actor=SYSTEM)

    page = city_under_law.read(list_occurrences, "weekly", actor=SYSTEM)
    assert {(row.status, row.reason, row.case_id) for row in page.items} == {("skipped", "missed-none", None)}


def test_a_unit_whose_case_cannot_start_does_not_hold_up_the_others(weekly: City):
    def break_one(store):
        unit = store.session.scalars(select(Unit).where(Unit.kind == RESPONSIBLE).order_by(Unit.path)).all()[-1]
        duty_row = store.session.get(Duty, "weekly")
        duty_row.content = {
            **duty_row.content,
            "variables": {"n": f'if unit.code = "{unit.code}" then nothing(1) else 1'},
        }

    weekly.run(break_one)

    done = generate_all(weekly.application, date(2026, 3, 2), actor=SYSTEM)

    assert len(done.faults) == 1
    assert done.opened == units(weekly) - 1


def test_the_year_end_report_opens_for_whoever_has_somebody_above(city_under_law: City):
    done = generate_all(city_under_law.application, date(2026, 12, 1), actor=SYSTEM)

    page = city_under_law.read(list_occurrences, "d3_143", actor=SYSTEM, limit=200)
    assert done.faults == []
    assert {row.period for row in page.items} == {"2026"}
    kinds = city_under_law.read(lambda store: dict(store.session.execute(select(Unit.code, Unit.kind)).all()))
    assert {kinds[row.unit_code] for row in page.items} <= {"committee", "department", "enterprise"}
    root = city_under_law.read(
        lambda store: store.session.scalars(select(Unit.code).where(Unit.parent_id.is_(None))).first()
    )
    assert root not in {row.unit_code for row in page.items}


def test_a_duty_that_does_not_exist_is_not_found(standing: City):
    with pytest.raises(NotFoundError):
        standing.read(list_occurrences, "nothing", actor=SYSTEM)
    with pytest.raises(NotFoundError):
        standing.read(read_duty, "nothing")

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.city_scene import City
from tests.databases import Databases
from tests.use_cases.law_scene import LAW, SYSTEM, activate, deploy, small, standing_law
from workflows.calendars import approve_calendar, load_calendar, preview_calendar
from workflows.cases import start_case
from workflows.errors import NotAllowedError, RejectedError, WrongStateError
from workflows.queries.calendars import count_deadline, list_calendars, list_days
from workflows.tables import (
    Deadline,
    DeadlineChange,
    Notice,
    StepFact,
    Task,
    Timer,
    TimerKind,
    TimerState,
    Unit,
)

INVENTED_2027 = (Path(__file__).resolve().parents[1] / "data" / "calendar_2027_invented.yaml").read_bytes()
YEAR_2026 = (LAW / "calendars" / "2026.yaml").read_text(encoding="utf-8")
# an invented correction of 2026: Thursday 31 December would be free
CORRECTED_2026 = YEAR_2026.replace("version: 1", "version: 2").replace(
    "off_days:", "off_days:\n  2026-12-31: 更正（虚构）"
)


@pytest.fixture
def law(city_under_law: City) -> City:
    """The law in force, late in December: five working days lead into a year that is not announced."""
    activate(city_under_law, deploy(city_under_law, small())[0])
    city_under_law.clock.move_to(datetime(2026, 12, 30, 2, 0, tzinfo=UTC))
    return city_under_law


@pytest.fixture(scope="module")
def standing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with standing_law(databases, tmp_path_factory.mktemp("standing")) as city:
        yield city


def start(city: City) -> str:
    committees = many(city, Unit, Unit.region.is_(None), Unit.kind == "committee")
    return city.run(start_case, definition="small", unit_id=committees[0].id, actor=SYSTEM).id


def one(city: City, kind, *conditions):
    return city.read(lambda store: store.session.scalars(select(kind).where(*conditions)).one())


def many(city: City, kind, *conditions):
    return city.read(lambda store: list(store.session.scalars(select(kind).where(*conditions))))


def last_day(city: City, case_id: str) -> tuple[str, bool]:
    deadline = one(city, Deadline, Deadline.case_id == case_id)
    return deadline.explanation["last_day"], deadline.provisional


def test_a_limit_that_leads_into_an_unannounced_year_is_provisional_until_the_year_is_loaded(law: City):
    case = start(law)
    before = last_day(law, case)

    loading = law.run(load_calendar, INVENTED_2027, actor=SYSTEM)

    after = last_day(law, case)
    task, fact = one(law, Task, Task.case_id == case), one(law, StepFact, StepFact.case_id == case)
    deadline = one(law, Deadline, Deadline.case_id == case)
    assert not loading.waits
    assert before == ("2027-01-07", True)
    assert after == ("2027-01-08", False)  # the invented notice frees 4 January
    assert (task.due_at, task.provisional, fact.due_at) == (deadline.due_at, False, deadline.due_at)
    assert law.ledger("calendar")[-1] == "calendar-loaded"


def test_a_moved_date_leaves_a_trace_tells_the_workers_and_moves_the_ladder(law: City):
    case = start(law)

    law.run(load_calendar, INVENTED_2027, actor=SYSTEM)

    deadline = one(law, Deadline, Deadline.case_id == case)
    change = one(law, DeadlineChange, DeadlineChange.deadline_id == deadline.id)
    notices = many(law, Notice, Notice.kind == "deadline-moved")
    assert (change.ground, change.after_due_at) == ("calendar", deadline.due_at)
    assert change.before_due_at < change.after_due_at
    assert notices
    assert {notice.case_id for notice in notices} == {case}
    assert "deadline-moved" in law.ledger(f"case:{case}")


def test_loading_the_same_year_again_changes_nothing(law: City):
    case = start(law)
    law.run(load_calendar, INVENTED_2027, actor=SYSTEM)
    changes = len(many(law, DeadlineChange))

    again = law.run(load_calendar, INVENTED_2027, actor=SYSTEM)

    assert (again.moves, again.waits) == ((), False)
    assert len(many(law, DeadlineChange)) == changes
    assert law.ledger("calendar").count("calendar-loaded") == len(many_years(law))
    assert last_day(law, case)[1] is False


def many_years(city: City) -> list:
    found: list = []
    after = None
    while True:
        page = city.read(list_calendars, after=after)
        found.extend(page.items)
        after = page.next
        if after is None:
            return found


def test_a_correction_of_an_announced_year_only_waits_and_shows_what_would_move(law: City):
    case = start(law)
    law.run(load_calendar, INVENTED_2027, actor=SYSTEM)
    before = last_day(law, case)

    preview = law.read(preview_calendar, CORRECTED_2026, actor=law.actor("flowadmin"))
    loading = law.run(load_calendar, CORRECTED_2026, actor=law.actor("flowadmin"))

    assert preview.needs_approval
    assert [move.moved for move in preview.moves] == [True]
    assert loading.waits
    assert last_day(law, case) == before
    assert law.read(list_days, date(2026, 12, 31), date(2026, 12, 31))[0].workday


def test_whoever_loaded_a_correction_cannot_approve_it(law: City):
    loader = law.actor("flowadmin")
    loading = law.run(load_calendar, CORRECTED_2026, actor=loader)

    with pytest.raises(NotAllowedError) as caught:
        law.run(approve_calendar, loading.version.id, actor=loader)

    assert caught.value.code == "second-person-required"


def test_an_approved_correction_moves_confirmed_dates(law: City):
    case = start(law)
    law.run(load_calendar, INVENTED_2027, actor=SYSTEM)
    before = one(law, Deadline, Deadline.case_id == case).due_at
    loading = law.run(load_calendar, CORRECTED_2026, actor=law.actor("flowadmin"))

    law.run(approve_calendar, loading.version.id, actor=SYSTEM)

    assert one(law, Deadline, Deadline.case_id == case).due_at > before
    assert not law.read(list_days, date(2026, 12, 31), date(2026, 12, 31))[0].workday
    assert law.ledger("calendar")[-4:] == [
        "calendar-loaded",
        "approval-asked",
        "approval-confirmed",
        "calendar-approved",
    ]
    with pytest.raises(WrongStateError):
        law.run(approve_calendar, loading.version.id, actor=SYSTEM)


def test_an_older_version_cannot_come_after_a_newer_one(law: City):
    law.run(load_calendar, CORRECTED_2026.replace("version: 2", "version: 3"), actor=SYSTEM)

    with pytest.raises(RejectedError) as caught:
        law.run(load_calendar, CORRECTED_2026, actor=SYSTEM)

    assert caught.value.code == "calendar-version-not-newer"


def test_a_rolled_back_year_is_forgotten(law: City):
    def load_and_fail(store):
        load_calendar(store, INVENTED_2027, actor=SYSTEM)
        assert not store.application.law.calendar(store).is_workday(date(2027, 1, 4)).workday
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        law.run(load_and_fail)

    (day,) = law.read(list_days, date(2027, 1, 4), date(2027, 1, 4))
    assert (day.workday, day.provisional) == (True, True)


@pytest.mark.parametrize("content", [b"", b"{", b"year: 2027", INVENTED_2027.replace(b"2027-", b"2028-"), b"\xff\xfe"])
def test_a_file_that_is_no_calendar_is_refused_with_every_fault(standing: City, content):
    with pytest.raises(RejectedError) as caught:
        standing.run(load_calendar, content, actor=SYSTEM)

    assert caught.value.code == "calendar-invalid"
    assert caught.value.faults


def test_only_the_flow_administrator_loads_a_calendar(standing: City):
    with pytest.raises(NotAllowedError):
        standing.run(load_calendar, INVENTED_2027, actor=standing.actor("clerk"))


def test_a_timer_of_a_diagram_that_rests_on_an_unannounced_year_is_counted_again(law: City):
    body = """
        <intermediateCatchEvent id="Wait"><timerEventDefinition>
          <timeDuration xsi:type="tFormalExpression">workdays(5)</timeDuration>
        </timerEventDefinition></intermediateCatchEvent>
        <sequenceFlow id="f1" sourceRef="Start" targetRef="Wait"/>
        <sequenceFlow id="f2" sourceRef="Wait" targetRef="End"/>"""
    activate(law, deploy(law, small("waiting", body=body))[0])
    unit = many(law, Unit, Unit.region.is_(None))[0]
    case = law.run(start_case, definition="waiting", unit_id=unit.id, actor=SYSTEM).id
    before = one(law, Timer, Timer.case_id == case, Timer.kind == TimerKind.BPMN)

    law.run(load_calendar, INVENTED_2027, actor=SYSTEM)

    after = one(law, Timer, Timer.case_id == case, Timer.kind == TimerKind.BPMN)
    assert (before.provisional, after.provisional, after.state) == (True, False, TimerState.ARMED)
    assert after.due_at > before.due_at
    assert "timer-moved" in law.ledger(f"case:{case}")


def test_a_date_is_told_with_its_count(standing: City):
    limit = standing.read(count_deadline, date(2026, 9, 28), 5)

    assert str(limit.last_day) == "2026-10-10"  # the make-up Saturday after the National Day holidays
    assert any(run.name == "国庆节" for segment in limit.explanation.segments for run in segment.runs)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 2, 1), date(2026, 1, 1)), (date(2020, 1, 1), date(2026, 1, 1)), (date(1990, 1, 1), date(1990, 1, 2))],
)
def test_days_outside_what_can_be_told_are_refused(standing: City, first, last):
    with pytest.raises(RejectedError):
        standing.read(list_days, first, last)


def test_versions_of_years_are_listed_latest_first(law: City):
    law.run(load_calendar, CORRECTED_2026, actor=SYSTEM)

    rows = many_years(law)

    assert [(row.year, row.version, row.waits) for row in rows[:2]] == [(2026, 2, True), (2026, 1, False)]

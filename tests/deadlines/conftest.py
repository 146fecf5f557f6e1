"""The shipped calendar and rules, and the invented 2027."""

from pathlib import Path

import pytest

from workflows.deadlines.calendar import Calendar, CalendarYear
from workflows.deadlines.calendar_files import load_calendar, read_calendar_year
from workflows.deadlines.rule_files import load_rules
from workflows.deadlines.rules import DeadlineRule

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar(ROOT / "bpmn" / "calendars")


@pytest.fixture(scope="session")
def invented_2027() -> CalendarYear:
    return read_calendar_year((ROOT / "tests" / "data" / "calendar_2027_invented.yaml").read_bytes())


@pytest.fixture(scope="session")
def calendar_with_2027(calendar: Calendar, invented_2027: CalendarYear) -> Calendar:
    return calendar.with_year(invented_2027)


@pytest.fixture(scope="session")
def rules() -> dict[str, DeadlineRule]:
    return load_rules(ROOT / "bpmn" / "deadlines")

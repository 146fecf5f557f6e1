from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.city_scene import City, open_city
from tests.databases import KINDS, Databases
from workflows.clock import SHANGHAI
from workflows.demo import year
from workflows.settings import Settings

BEGIN, END = date(2026, 11, 5), date(2026, 12, 5)  # the yearly reports open, and the next calendar is loaded
CALENDAR_COMES = datetime(2026, 11, 30, 10, tzinfo=SHANGHAI)


@pytest.fixture(params=KINDS)
def city(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[City]:
    """The demo city in March 2026, on SQLite and on PostgreSQL."""
    with open_city(databases, request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def city_under_law(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[City]:
    """The same under the shipped law."""
    with open_city(databases, request.param, tmp_path, under_law=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a play of six weeks at the end of the year. Never write to it: copy it."""
    folder = tmp_path_factory.mktemp("played")
    settings = year.own_settings(Settings(), folder)
    stage = year.set_up(settings, begin=BEGIN, password="an-invented-password")
    year.play(stage, seed=7, until=END, calendar_comes=CALENDAR_COMES)
    stage.application.database.dispose()
    return folder

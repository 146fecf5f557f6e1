from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.door_scene import Door, Template, furnish, open_door, settings_for
from tests.city_scene import START
from tests.databases import Databases
from workflows.application import open_application
from workflows.clock import VirtualClock
from workflows.tables import new_id


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The demo city under the shipped law, made once a process."""
    return Template(databases.make("sqlite"), tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgresql_template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on PostgreSQL: the name of a database to clone."""
    url = databases.make("postgresql")
    application = open_application(settings_for(tmp_path_factory.mktemp("template"), url), VirtualClock(START))
    furnish(application)
    application.database.dispose()
    return name_of(url)


@pytest.fixture
def postgresql_city(postgresql_template: str, databases: Databases) -> Iterator[str]:
    """The address of a clone of it."""
    name = f"city_{new_id()}"
    databases.server.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    url = databases.server.url(name)
    yield url
    databases.drop(url)


def name_of(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]


@pytest.fixture
def door(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_door(template.copy(tmp_path / "door.db"), tmp_path / "var") as opened:
        yield opened

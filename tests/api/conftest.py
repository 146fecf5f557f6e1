from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.door_scene import Door, Template, open_door
from tests.city_scene import UNDER_LAW
from tests.databases import Databases


@pytest.fixture(scope="session")
def template(databases: Databases) -> Template:
    """The demo city under the shipped law, made once a process."""
    return Template(databases)


@pytest.fixture
def postgresql_city(databases: Databases) -> Iterator[str]:
    """The address of the same on PostgreSQL."""
    url = databases.make("postgresql", filled=UNDER_LAW)
    yield url
    databases.drop(url)


@pytest.fixture
def door(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_door(template.copy(tmp_path / "door.db"), tmp_path / "var") as opened:
        yield opened

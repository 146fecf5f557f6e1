from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.door_scene import Door, Template, open_door
from tests.databases import Databases


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The demo city under the shipped law, made once a process."""
    return Template(databases.make("sqlite"), tmp_path_factory.mktemp("template"))


@pytest.fixture
def door(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_door(template.copy(tmp_path / "door.db"), tmp_path / "var") as opened:
        yield opened

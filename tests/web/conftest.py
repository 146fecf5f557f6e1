from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.api.door_scene import Door, Template, open_door
from tests.databases import Databases
from tests.web.page_scene import Served, open_browser, serve


@pytest.fixture(scope="session")
def template(databases: Databases) -> Template:
    """The demo city under the shipped law, made once a process."""
    return Template(databases)


@pytest.fixture
def door(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_door(template.copy(tmp_path / "pages.db"), tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def served(door: Door) -> Iterator[Served]:
    """The same behind a real server on loopback."""
    with serve(door) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened

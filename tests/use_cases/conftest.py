from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.city_scene import City, open_city
from tests.databases import KINDS, Databases
from tests.world import World, open_world


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


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[World]:
    """The city under the shipped law and the models, on SQLite and on PostgreSQL."""
    with open_world(databases, request.param, tmp_path) as opened:
        yield opened

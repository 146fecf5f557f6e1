from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, Databases
from tests.world import World, open_world


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    """The city on PostgreSQL: races need row locks."""
    with open_world(databases, "postgresql", tmp_path) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def each_world(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[World]:
    with open_world(databases, request.param, tmp_path) as opened:
        yield opened

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.settings import Settings


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def application(database_url: str, tmp_path: Path, clock: VirtualClock) -> Iterator[Application]:
    opened = open_application(Settings(var=tmp_path / "var", database_url=database_url), clock)
    yield opened
    opened.database.dispose()

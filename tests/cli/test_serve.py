from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.cli.serve import demo_password, prepare
from tests.city_scene import START
from workflows.application import open_application
from workflows.clock import VirtualClock
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import Definition, LedgerEvent, Unit
from workflows.transaction import read


def counts(application) -> list[int]:
    def count(store: Store, kind: type) -> int:
        return store.session.scalar(select(func.count()).select_from(kind)) or 0

    return [read(application, count, kind) for kind in (Definition, Unit, LedgerEvent)]


def test_a_second_start_keeps_everything_and_tells_the_same_password(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture
):
    settings = Settings(var=tmp_path, database_url=sqlite_url, password_memory_kib=8, password_passes=1)
    application = open_application(settings, VirtualClock(START))

    prepare(application)
    first, told = counts(application), capsys.readouterr().out
    prepare(application)
    second, told_again = counts(application), capsys.readouterr().out

    assert first == second
    assert "deployed dual_reporting:1" in told
    assert "deployed" not in told_again
    assert told.splitlines()[-1] == told_again.splitlines()[-1]
    application.database.dispose()


def test_a_made_password_is_kept_for_its_owner_only(tmp_path: Path):
    password = demo_password(Settings(var=tmp_path))

    kept = tmp_path / "demo_password"
    assert demo_password(Settings(var=tmp_path)) == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert demo_password(Settings(var=tmp_path, demo_password="given")) == "given"

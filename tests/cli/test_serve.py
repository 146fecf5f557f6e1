from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.cli.serve import demo_password, prepare
from workflows.application import open_application
from workflows.clock import VirtualClock
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import Definition, LedgerEvent, Unit
from workflows.transaction import read

OUTSIDE_THE_SEASON = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)  # no unit has a yearly report to write


def counts(application) -> list[int]:
    def count(store: Store, kind: type) -> int:
        return store.session.scalar(select(func.count()).select_from(kind)) or 0

    return [read(application, count, kind) for kind in (Definition, Unit, LedgerEvent)]


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """The shipped law, but the first start plays ten days: tests/demo/test_first_start.py plays more and judges it."""
    folder = tmp_path / "bpmn"
    shutil.copytree(Settings().law, folder)
    answers = folder / "demo" / "answers.yaml"
    told = answers.read_text(encoding="utf-8")
    assert "\n  days: 90\n" in told
    answers.write_text(told.replace("\n  days: 90\n", "\n  days: 10\n"), encoding="utf-8")
    return folder


def test_a_second_start_keeps_everything_and_tells_the_same_password(
    sqlite_url: str, tmp_path: Path, law: Path, capsys: pytest.CaptureFixture
):
    settings = Settings(var=tmp_path, law=law, database_url=sqlite_url, password_memory_kib=8, password_passes=1)
    application = open_application(settings, VirtualClock(OUTSIDE_THE_SEASON))

    prepare(application)
    first, told = counts(application), capsys.readouterr().out
    prepare(application)
    second, told_again = counts(application), capsys.readouterr().out

    assert first == second
    assert "deployed dual_reporting:1" in told
    assert "playing the last 10 days of the demo city" in told
    assert "deployed" not in told_again
    assert told.splitlines()[-1] == told_again.splitlines()[-1]
    application.database.dispose()


def test_a_made_password_is_kept_for_its_owner_only(tmp_path: Path):
    password = demo_password(Settings(var=tmp_path))

    kept = tmp_path / "demo_password"
    assert demo_password(Settings(var=tmp_path)) == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert demo_password(Settings(var=tmp_path, demo_password="given")) == "given"

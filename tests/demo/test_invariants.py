"""A played database holds every invariant, and each of many ways to damage it is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import Result

import api
from tests.demo.damages import DAMAGES
from workflows.application import open_application
from workflows.demo.invariants import INVARIANTS
from workflows.settings import Settings


def check(folder: Path, *arguments: str) -> Result:
    app = api.create_app(open_application(Settings(var=folder)))
    return app.test_cli_runner().invoke(args=["simulate", "check", "--out", str(folder), *arguments])


def damaged(played: Path, folder: Path, statements: list[str]) -> Path:
    shutil.copytree(played, folder, dirs_exist_ok=True)
    with sqlite3.connect(folder / "zecheng.db") as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")  # they would refuse to change the ledger
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, f"nothing was damaged by: {statement}"
    connection.close()
    return folder


def test_a_played_database_holds_every_invariant(played, tmp_path):
    result = check(damaged(played, tmp_path, []))

    assert result.exit_code == 0, result.output
    assert "BROKEN" not in result.output
    assert result.output.count("ok    ") == len(INVARIANTS)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_named(played, tmp_path, damage):
    invariant, statements = DAMAGES[damage]

    result = check(damaged(played, tmp_path, statements))

    assert result.exit_code == 1, result.output
    assert f"BROKEN {invariant} " in result.output


def test_every_invariant_is_damaged_at_least_once():
    assert {invariant for invariant, _ in DAMAGES.values()} == {each.key for each in INVARIANTS}


def test_the_verdicts_are_told_as_json(played, tmp_path):
    folder = damaged(played, tmp_path, DAMAGES["a timer fired twice"][1])

    result = check(folder, "--json")
    told = json.loads(result.output)

    assert result.exit_code == 1
    assert told["holds"] is False
    assert [each["key"] for each in told["invariants"] if not each["holds"]] == ["timers-fired-once"]
    assert told["counts"]["totals"]["unit"] > 60


def test_a_database_where_nothing_happened_is_refused(tmp_path):
    missing = check(tmp_path)
    shutil.copyfile("/dev/null", tmp_path / "zecheng.db")

    assert missing.exit_code == 1
    assert "Expected a database" in missing.output

import doctest
import re
import sqlite3
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import yaml

from workflows.deadlines.calendar_files import read_calendar_year
from workflows.deadlines.lights import light_key
from workflows.deadlines.recurrence import duty_rule, read_recurrence
from workflows.deadlines.rule_files import read_rules

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deadlines.md").read_text(encoding="utf-8")


@pytest.fixture
def blocks():
    return re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_gives_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)

    result = doctest.testfile(str(ROOT / "docs" / "deadlines.md"), module_relative=False)

    assert result.attempted >= 7
    assert result.failed == 0


def test_the_formats_shown_are_the_formats_read(blocks):
    calendar, rules, recurrence = blocks

    assert read_calendar_year(calendar).year == 2027
    assert [
        rule.key
        for rule in read_rules(rules.replace("    …\n", "    title: 题\n    start: 起\n    confidence: 编者补\n"))
    ]
    with_offset = yaml.safe_load(recurrence)
    assert read_recurrence(with_offset, duty_rule("duty:x", "题")).festivals == ("春节",)


def test_the_light_in_sql_is_the_light_in_python():
    (case,) = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    moments = [None, *range(4)]
    database = sqlite3.connect(":memory:")

    for started, near, due, done, now in product(moments, moments, moments, moments, range(4)):
        row = {"started_at": started, "near_at": near, "due_at": due, "done_at": done}
        columns = ", ".join(f":{name} AS {name}" for name in row)
        (in_sql,) = database.execute(f"SELECT {case} FROM (SELECT {columns})", {**row, "now": now}).fetchone()

        assert in_sql == light_key(instant(started), instant(near), instant(due), instant(done), instant(now)), (
            row,
            now,
        )

    database.close()


def instant(number):
    return None if number is None else datetime(2026, 11, 1 + number, tzinfo=UTC)

"""The report is one page that needs nothing from outside, and tells what broke."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import api
from workflows.application import open_application
from workflows.demo.invariants import Verdict
from workflows.demo.judging import Judgement, judge
from workflows.demo.play import Tally
from workflows.demo.plots import Part, stacked_bars
from workflows.demo.report import Run, write_report
from workflows.queries.lighting import lights_of_law
from workflows.settings import Settings


def simulate(folder: Path, *arguments: str):
    app = api.create_app(open_application(Settings(var=folder)))
    return app.test_cli_runner().invoke(args=["simulate", "year", "--out", str(folder), *arguments])


def test_a_short_year_is_played_checked_and_reported(tmp_path):
    result = simulate(tmp_path, "--days", "7", "--seed", "3")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))

    assert result.exit_code == 0, result.output
    assert "BROKEN" not in result.output
    assert "全部不变量成立" in page
    assert told["holds"] is True
    assert told["run"]["seed"] == 3
    assert told["run"]["tally"]["days"] == 7
    assert all(each["holds"] for each in told["invariants"])


def test_a_second_year_in_the_same_folder_begins_anew(tmp_path):
    first = simulate(tmp_path, "--days", "1")
    second = simulate(tmp_path, "--days", "1")

    assert (first.exit_code, second.exit_code) == (0, 0), second.output


@pytest.mark.parametrize("days", ["0", "397", "many"])
def test_an_impossible_number_of_days_is_refused(tmp_path, days):
    result = simulate(tmp_path, "--days", days)

    assert result.exit_code == 2
    assert "--days" in result.output
    assert not (tmp_path / "zecheng.db").exists()


def test_the_page_needs_nothing_from_outside_and_tells_what_broke(played, tmp_path):
    judgement = judge(f"sqlite:///{played / 'zecheng.db'}", played / "keys")
    broken = Verdict("timers-fired-once", "每个定时恰好点火一次", 3, ("定时 <b>1</b> 点火 2 次",))
    spoilt = Judgement(judgement.as_of, [broken, *judgement.verdicts[1:]], judgement.counts)
    page, _ = write_report(tmp_path, spoilt, Run(1, Tally(), 1.0, 1.0, 1.0, "SQLite", lights_of_law(Settings().law)))
    content = page.read_text(encoding="utf-8")

    assert "有不变量被破坏" in content
    assert "&lt;b&gt;1&lt;/b&gt;" in content
    assert not re.search(r"(src|href)=|https?://|@import|url\(", content)
    assert content.count("<svg") == 3


def test_bars_carry_their_numbers_and_need_no_data():
    parts = (Part("a", "甲", "#000000"), Part("b", "乙", "#ffffff"))

    assert 'class="total">5<' in stacked_bars("题", [("行", {"a": 3, "b": 2})], parts)
    assert "<svg" in stacked_bars("题", [], parts)

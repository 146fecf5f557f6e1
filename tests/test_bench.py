"""The benchmarks run, at small sizes on real databases. How fast the house is, ``make bench`` tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import engine, flat, lists, step
from bench.floor import gathered, table_of
from bench.measuring import Result, Spread
from bench.recording import Write
from workflows.access import system_actor

ROOT = Path(__file__).parents[1]


def test_both_engines_bring_the_process_to_its_end_and_ours_is_faster():
    result = engine.run(pairs=1, cases=2)

    (ratio,) = [line for line in result.lines if line.unit == "×"]
    assert ratio.spread.minimum > 1


def test_a_step_is_compared_after_few_and_many_rounds_and_siblings():
    result = flat.run(pairs=1, rounds=(2, 20), siblings=(12, 24))

    names = [line.name for line in result.lines if line.unit == "×"]
    assert names == [
        "engine, rounds: 20 against 2",
        "use case, rounds: 20 against 2",
        "use case, siblings: 24 against 12",
    ]


def test_the_floor_writes_the_rows_of_the_use_case_on_both_databases():
    result = step.run(pairs=1, cases=1)

    shares = [line.spread.median for line in result.lines if line.name.endswith("share of the floor")]
    assert len(shares) == 2
    assert all(0 < share < 1 for share in shares)
    assert all(result.facts[f"{kind}: a task"]["rows"] > 10 for kind in ("SQLite", "PostgreSQL"))


def test_every_list_is_asked_with_rows_behind_it(tmp_path: Path):
    result = Result("lists")

    lists.measure(f"sqlite:///{tmp_path / 'house.db'}", "SQLite", tmp_path, rows=3, pairs=1, result=result)

    assert len(result.lines) == len(lists.questions(system_actor()))
    assert any("USING INDEX" in str(told) for told in result.facts.values())


def test_new_rows_go_first_in_the_order_in_which_tables_refer_to_each_other():
    writes = [
        Write("UPDATE task SET status=? WHERE task.id = ?", (("completed", "t1"),)),
        Write("INSERT INTO task (id) VALUES (?)", (("t2",),)),
        Write("INSERT INTO activity (id) VALUES (?)", (("a2",),)),
        Write('INSERT INTO "case" (id) VALUES (?)', (("c2",),)),
        Write("INSERT INTO task (id) VALUES (?)", (("t3",),)),
    ]

    order = gathered(writes)

    assert [(table_of(write), len(write.rows)) for write in order] == [
        ("case", 1),
        ("activity", 1),
        ("task", 2),
        ("task", 1),
    ]


def test_a_statement_with_several_groups_of_values_writes_several_rows():
    assert Write("INSERT INTO task (id, name) VALUES (?, ?), (?, ?)", (("a", "b", "c", "d"),)).count == 2


def test_a_statement_that_writes_nothing_is_no_write():
    with pytest.raises(ValueError, match="writes to a table"):
        table_of(Write("SELECT 1", ((),)))


def test_a_spread_tells_three_digits():
    assert str(Spread.of([0.12345, 2.0, 1234.5])) == "0.123 / 2 / 1234"


def test_an_unknown_benchmark_is_refused_before_anything_runs():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "nothing" in done.stderr

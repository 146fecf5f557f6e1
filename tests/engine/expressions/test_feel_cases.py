"""The cases in ``feel_cases.txt``: several hundred ideas of DMN chapter 10, and cells of tables beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.engine.expressions import compile_expression
from workflows.engine.values import dumps

NOW = datetime(2026, 10, 1, tzinfo=UTC)
LINES = (Path(__file__).parent / "feel_cases.txt").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.split(" ==> ")) for line in LINES if " ==> " in line and line[0] != "#"]


def test_there_are_several_hundred_cases_each_once():
    assert len(CASES) >= 400
    assert len({text for text, _ in CASES}) == len(CASES)
    assert [line for line in LINES if line and not line.startswith("#") and " ==> " not in line] == []


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_case_has_its_value(text, expected):
    answer = compile_expression(text).evaluate({}, now=NOW)
    wanted = compile_expression(expected).evaluate({}, now=NOW)

    if isinstance(wanted, list | dict | str | bool) or wanted is None:
        assert dumps(answer) == dumps(wanted)
    else:
        assert answer == wanted
        assert type(answer) is type(wanted) or {type(answer).__name__, type(wanted).__name__} == {"int", "Decimal"}


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("-", None, True),
        ("1", 1, True),
        ("1", 2, False),
        ("1, 2", 2, True),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ("> 1", 2, True),
        ("> 1", None, False),
        ("[1..3]", 3, True),
        ("(1..3)", 3, False),
        ('"a"', "a", True),
        ("null", None, True),
        ("not(null)", None, False),
        ("true", True, True),
        ("false", True, False),
        ("[1, 2]", 1, True),
        ("[1, 2]", [1, 2], True),
        ("? > 1 and ? < 5", 3, True),
        ("odd(?)", 3, True),
        ('contains(?, "b")', "abc", True),
        ("< 5, > 10", 12, True),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("[1..3], 7", 7, True),
        ("some x in [1, 2] satisfies x = ?", 2, True),
        ('date("2026-10-01")', "2026-10-01", False),
        ("{a: 1}", {"a": 1}, True),
        ("not(> 5)", 3, True),
        ('not("a")', 1, False),
        ("x", 5, True),
        ("> x", 6, True),
    ],
)  # fmt: skip
def test_a_cell_passes_the_values_that_it_means(cell, value, passes):
    assert compile_expression(cell, unary=True).passes(value, {"x": 5}, now=NOW) is passes

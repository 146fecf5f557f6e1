"""Cells of decision tables (DMN 1.5, 10.3.1.2, grammar rules 7 to 17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from workflows.engine.expressions import ExpressionSyntaxError, compile_expression


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", 1, True),
        ("-", None, True),
        ("", "x", True),
        ("  ", "x", True),
        ("5", 5, True),
        ("5", Decimal("5.0"), True),
        ("5", 6, False),
        ("5", None, False),
        ("> 5", 6, True),
        ("> 5", 5, False),
        (">= 5", 5, True),
        ("< 5", None, False),
        ("> 5", "6", False),
        ("= 5", 5, True),
        ("== 5", 5, True),
        ("!= 5", 4, True),
        ("!= 5", 5, False),
        ("-5", -5, True),
        ("[1..5]", 5, True),
        ("[1..5)", 5, False),
        ("(1..5)", 3, True),
        ("]1..5[", 1, False),
        ("1, 2, 3", 2, True),
        ("1, 2, 3", 4, False),
        ("< 1, > 5", 6, True),
        ("[1..2], [4..6]", 5, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ("not(5)", 6, True),
        ("not(5)", 5, False),
        ('not("a", "b")', "c", True),
        ("not([1..3], > 10)", 11, False),
        ("not(null)", 1, True),
        ("not(null)", None, False),
        ("null", None, True),
        ("null", 1, False),
        ("true", True, True),
        ("true", False, False),
        ("false", False, True),
        ("true", None, False),
        ("flag", False, False),
        ("flag", True, True),
        ("limit", 10, True),
        ("> limit * 2", 21, True),
        ("allowed", "x", True),
        ("allowed", "z", False),
        ("? > 3 and ? < 6", 5, True),
        ("? > 3 and ? < 6", 7, False),
        ('starts with(?, "00")', "001", True),
        ("count(?) > 1", [1, 2], True),
        ("[1, 2]", [1, 2], True),
        ("[1, 2]", 2, True),
        ('date("2026-10-01")', date(2026, 10, 1), True),
        ('< date("2026-10-01")', date(2026, 9, 30), True),
        ('[@"2026-01-01"..@"2026-12-31"]', date(2026, 10, 1), True),
        ('"甲", "乙"', "乙", True),
        ("单位.级别", 2, True),
        ("limit > 5", "anything", True),
        ("limit > 50", "anything", False),
        ("if limit > 5 then 1 else 2", 1, True),
        ("(1 + 1)", 2, True),
    ],
)
def test_a_cell_matches_as_dmn_says(passes, cell, value, expected):
    answer = passes(cell, value, flag=True, limit=10, allowed=["x", "y"], 单位={"级别": 2})

    assert answer is expected


@pytest.mark.parametrize("cell", [">", "1,", ",1", "not(1", "not()", "[1..", "1 2", "> > 5", "-,-", "${x}"])
def test_a_cell_that_is_none_is_refused(cell):
    with pytest.raises(ExpressionSyntaxError):
        compile_expression(cell, unary=True)


def test_the_value_of_a_cell_is_no_free_name():
    assert compile_expression("? > limit, x", unary=True).names == {"limit", "x"}

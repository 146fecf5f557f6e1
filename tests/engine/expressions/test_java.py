"""Conditions in Java and MVEL: what holds no code means the same here, the rest is refused by its name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflows.engine.expressions import ExpressionError, compile_expression

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JAVA, MVEL = "http://www.java.com/java", "http://www.mvel.org/2.0"
ORDER = {"amount": 7, "paid": True, "state": "open", "order": {"total": 12, "lines": [{"count": 3}]}, "left": None}


@pytest.mark.parametrize("language", [JAVA, MVEL, "java"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return amount > 5;", True),
        ("return  amount >= 8 ;", False),
        ("amount == 7 && !(paid == false)", True),
        ("return paid;", True),
        ("return !paid || order.total < 20;", True),
        ("return order.lines[0].count != 3;", False),
        ("return left == null;", True),
        ("return amount > -1 ? paid : false;", True),
        ("\n  return amount > 5;\n", True),
    ],
)
def test_comparison_logic_and_properties_are_read(language: str, text: str, expected: object):
    assert compile_expression(text, language=language).evaluate(ORDER, now=NOW) is expected


def test_a_text_is_compared_by_its_value_in_mvel_and_by_identity_in_java():
    text = 'return state == "open";'

    assert compile_expression(text, language=MVEL).evaluate(ORDER, now=NOW) is True
    with pytest.raises(ExpressionError, match="==") as caught:
        compile_expression(text, language=JAVA)
    assert caught.value.code == "word-not-run"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("return amount + 1 > 5;", "+"),
        ("return amount / 2 == 3;", "/"),
        ('return state.equals("open");', "equals"),
        ('return kcontext.getVariable("amount") == 7;', "getVariable"),
        ("return kcontext.amount == 7;", "kcontext"),
        ("return check(amount);", "check"),
        ("return empty state;", "empty"),
        ("amount = 5; return true;", "="),
        ("return true; } Runtime.exec(1); {", ";"),
        ("System.exit(1)", "exit"),
        ("return new java.io.File(1);", "java"),
        ("if (amount > 5) return true; else return false;", "return"),
        ("return amount > 5; // why", ";"),
        ("return;", ""),
        ("", ""),
    ],
)
def test_code_is_refused_by_its_name(text: str, named: str):
    for language in (JAVA, MVEL):
        with pytest.raises(ExpressionError) as caught:
            compile_expression(text, language=language)
        assert named in str(caught.value)


def test_cells_of_decision_tables_are_not_in_java():
    with pytest.raises(ExpressionError):
        compile_expression("> 5", language=JAVA, unary=True)

"""Against an oracle: random arithmetic against Python's decimal, logic against Kleene's tables, and noise."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.engine.expressions import Budget, ExpressionError, compile_expression
from workflows.engine.values import dumps

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ORACLE = Context(prec=34, Emax=6_144, Emin=-6_143)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(Decimal),
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4),
)
TRUTHS = st.sampled_from([True, False, None])


def evaluate(text: str, **scope: object) -> object:
    return compile_expression(text, max_length=20_000).evaluate(scope, now=NOW, budget=Budget(steps=20_000))


def _written(number: Decimal) -> str:
    return f"({format(number, 'f')})"


TREES: Any = st.recursive(
    NUMBERS.map(lambda number: (_written(number), number)),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda parts: (
            f"({parts[0][0]} {parts[1]} {parts[2][0]})",
            {"+": ORACLE.add, "-": ORACLE.subtract, "*": ORACLE.multiply}[parts[1]](parts[0][1], parts[2][1]),
        )
    ),
    max_leaves=12,
)


@given(TREES)
def test_sums_and_products_are_those_of_decimal128(tree):
    text, expected = tree

    assert evaluate(text) == expected


@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 9)), min_size=1, max_size=30), st.integers(0, 9))
def test_precedence_and_order_are_those_of_arithmetic(rest, first):
    text = str(first) + "".join(f" {sign} {number}" for sign, number in rest)
    terms: list[Decimal] = [ORACLE.create_decimal(first)]
    for sign, number in rest:
        value = Decimal(number)
        if sign in "*/":
            terms[-1] = (ORACLE.multiply if sign == "*" else ORACLE.divide)(terms[-1], value)
        else:
            terms.append(value if sign == "+" else -value)
    expected = terms[0]
    for term in terms[1:]:
        expected = ORACLE.add(expected, term)

    answer = evaluate(text)

    assert isinstance(answer, (int, Decimal))
    assert abs(Decimal(answer) - expected) <= abs(expected) * Decimal("1e-30") + Decimal("1e-30")


@given(NUMBERS, NUMBERS)
def test_comparison_is_that_of_the_numbers(left, right):
    answers = [evaluate(f"a {sign} b", a=left, b=right) for sign in ("=", "!=", "<", "<=", ">", ">=")]

    assert answers == [left == right, left != right, left < right, left <= right, left > right, left >= right]


@given(st.lists(TRUTHS, min_size=1, max_size=6))
def test_and_or_are_those_of_three_valued_logic(values):
    names = {f"v{index}": value for index, value in enumerate(values)}

    every = evaluate(" and ".join(names), **names)
    some = evaluate(" or ".join(names), **names)

    assert every is (False if False in values else None if None in values else True)
    assert some is (True if True in values else None if None in values else False)
    assert every is evaluate(f"not({' or '.join(f'not({name})' for name in names)})", **names)


@given(st.text(max_size=60))
def test_a_text_survives_as_a_literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')

    if not any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        assert evaluate(f'"{escaped}"') == text


VOCABULARY = """
( ) [ ] { } , : . .. + - * / ** = == != < <= > >= in not and or if then else for some every return satisfies
between instance of function null true 1 2.5 "a" x xs c count sum date @ ? item 金额
"""
WORDS = st.sampled_from(VOCABULARY.split())


def outcome(text: str, *, unary: bool, **scope: object) -> str:
    """Give what was made, in JSON, or the code of the error."""
    try:
        value = compile_expression(text, unary=unary).evaluate(scope, now=NOW, budget=Budget(steps=20_000))
    except ExpressionError as error:
        return error.code
    return dumps(value)


@settings(max_examples=400)
@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_any_row_of_words_is_plain_data_or_an_error_with_a_code(text):
    assert outcome(text, unary=False, x=1, xs=[1, 2], c={"a": 1}, 金额=Decimal("1.5"))


@settings(max_examples=300)
@given(st.text(alphabet=string.printable + "中（“\u0000\ud7ff", max_size=40))
def test_any_noise_is_plain_data_or_an_error_with_a_code(text):
    for unary in (False, True):
        assert outcome(text, unary=unary, **{"?": 1, "x": 1})


@given(TREES)
def test_the_three_languages_calculate_alike(tree):
    text, expected = tree

    for language, written in (("feel", text), ("juel", f"${{{text}}}"), ("python", text)):
        expression = compile_expression(written, language=language, max_length=20_000)
        assert expression.evaluate({}, now=NOW, budget=Budget(steps=20_000)) == expected


@given(NUMBERS, NUMBERS)
def test_the_three_languages_compare_numbers_alike(left, right):
    for sign, answer in (("==", left == right), ("<", left < right), (">=", left >= right)):
        for language, written in (("feel", f"a {sign} b"), ("juel", f"${{a {sign} b}}"), ("python", f"a {sign} b")):
            expression = compile_expression(written, language=language)
            assert expression.evaluate({"a": left, "b": right}, now=NOW) is answer

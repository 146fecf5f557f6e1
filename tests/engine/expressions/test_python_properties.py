"""Random expressions of Python answer as Python does, over whole numbers, texts and lists."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.expressions.test_python import SCOPE, python

WHOLE = st.integers(-20, 20).map(str)
TREES = st.recursive(
    st.one_of(WHOLE, st.sampled_from(["x", "y", "t", "f"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "==", "!=", "<", "<=", ">", ">=", "and", "or"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda text: f"(not {text})"),
        inner.map(lambda text: f"(-{text})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"max([{', '.join(parts)}])"),
        st.tuples(inner, st.lists(inner, max_size=3)).map(lambda parts: f"({parts[0]} in [{', '.join(parts[1])}])"),
    ),
    max_leaves=10,
)


@given(TREES)
def test_random_expressions_over_whole_numbers_are_those_of_python(text):
    expected = eval(text, dict(SCOPE))

    answer = python(text)

    assert answer == expected
    assert isinstance(answer, bool) is isinstance(expected, bool)


@given(st.text(max_size=20), st.integers(-25, 25), st.integers(-25, 25), st.sampled_from([1, 2, -1, -3]))
def test_slices_are_those_of_python(text, low, high, step):
    assert python("v[a:b:n]", v=text, a=low, b=high, n=step) == text[low:high:step]
    assert python("v[a:b:n]", v=list(text), a=low, b=high, n=step) == list(text)[low:high:step]


@given(st.integers(-(10**9), 10**9), st.integers(-(10**4), 10**4).filter(bool))
def test_floor_and_remainder_are_those_of_python(left, right):
    assert [python("a // b", a=left, b=right), python("a % b", a=left, b=right)] == [left // right, left % right]
    exact = Decimal(left) / 8
    assert python("a // b * b + a % b", a=exact, b=right) == exact

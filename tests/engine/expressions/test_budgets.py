"""Bombs: each ends at once, in a code and not in a crash."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import pytest

from workflows.engine.expressions import MAX_LENGTH, Budget, ExpressionError, ExpressionSyntaxError, compile_expression

# Far above what any of them needs, and far below what one that got through would take.
PATIENCE_SECONDS = 5.0
NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick():
    before = time.process_time()
    yield
    assert time.process_time() - before < PATIENCE_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9**9**9**9**9**9",
        "10 ** 6145",
        "2 ** 100000000000000000000",
        "(-8) ** (1/3)",
        "1e6000 * 1e6000",
        "exp(exp(exp(10)))",
        "decimal(1e6000, 6000)",
        "round up(1e6000, 6000)",
        "floor(9e6144)",
        "string length(string(9e6144))",
        'number("9e9999")',
        "sqrt(2) ** 1000000",
        "0.5 ** 1000000",
        "modulo(1e6144, 3)",
        "odd(1e6144)",
        "for i in 1..10 return 9**9**9",
    ],
)
def test_a_number_bomb_gives_a_number_or_null(feel, text):
    value = feel(text)

    assert value is None or isinstance(value, (bool, list)) or abs(value) >= 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("for i in 1..1000000000 return i", "expression-result-too-large"),
        ("for i in 1..999999999999999999999999 return i", "expression-result-too-large"),
        ("for i in 1..10000, j in 1..10000 return 1", "expression-result-too-large"),
        ("some i in 1..10000, j in 1..10000 satisfies i < 0", "expression-too-costly"),
        ("every a in 1..99, b in 1..99, c in 1..99, d in 1..99 satisfies true", "expression-too-costly"),
        ("for i in 1..9999 return partial", "expression-too-costly"),
        ("count(for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]])", "expression-too-costly"),
        ("(function(f) f(f))(function(f) f(f))", "expression-too-deep"),
        ("(function(f, n) f(f, n + 1))(function(f, n) f(f, n + 1), 1)", "expression-too-deep"),
        ("sort(1..3, function(a, b) sort([1, 2], function(c, d) c < d) = 1)", "syntax"),
        ("for a in 1..20000 return for b in 1..20000 return 1", "expression-too-costly"),
    ],
)
def test_a_loop_ends_with_its_budget(fails, text, code):
    assert fails(text) == code


@pytest.mark.parametrize(
    "text",
    [
        'for i in 1..40 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1]',
        'replace(big, "a", big)',
        'replace(big, "", big)',
        "string join(for i in 1..10000 return big, big)",
        "string(for i in 1..10000 return big)",
        "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]",
        "string((for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[-1])",
        "for x in [(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[-1]] return x = x",
        "flatten((for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[-1])",
        "concatenate(many, many, many, many)",
        "distinct values(many)",
        "union(many, many)",
        "sort(many, function(a, b) true)[many]",
        "for i in many return many",
    ],
)
def test_what_grows_without_end_is_cut_off(fails, text):
    code = fails(text, big="a" * 100_000, many=list(range(9_000)))

    assert code in {"expression-result-too-large", "expression-too-costly", "expression-too-deep"}


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "a*a*a*a*a*a*a*b"],
)
def test_no_pattern_hangs(feel, pattern):
    assert feel(f'matches(text, "{pattern}")', text="a" * 50_000 + "!") is not None
    assert isinstance(feel(f'replace(text, "{pattern}", "")', text="a" * 5_000 + "!"), str)


@pytest.mark.parametrize(
    "pattern", ["(", "[", "*", "(?P<", "a{1001}", "((a{100}){100}){100}", "\\\\1", "(?=a)", "(?<!a)b", "a" * 1_001]
)
def test_a_pattern_that_cannot_be_run_is_an_error(fails, pattern):
    assert fails(f'matches("a", "{pattern}")') in {"pattern-malformed", "pattern-too-long"}


def test_unknown_flags_of_a_pattern_are_an_error(fails):
    assert fails('matches("a", "a", "z")') == "pattern-flags"


@pytest.mark.parametrize("depth", [51, 200, 1_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("not ", ""),
        ("f(", ")"),
        ("if a then ", " else 1"),
        ("x[", "]"),
        ("1 in (", ")"),
        ("for x in ", " return x"),
        ("function(a) ", ""),
        ("1 + (", ")"),
        ("[1..", "]"),
        ("]1..", "]"),
        ("[1..", "["),
    ],
)
def test_deep_nesting_is_refused_when_it_is_read(opening, closing, depth):
    text = opening * depth + "1" + closing * depth

    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression(text, max_length=100_000)

    assert caught.value.code in {"expression-too-deep", "syntax", "index-zero"}


@pytest.mark.parametrize("opening", ["(", "[", "{a:", "not ", "f(", "if a then ", "1 in (", "[1.."])
def test_an_opening_that_never_closes_is_refused(opening):
    with pytest.raises(ExpressionSyntaxError):
        compile_expression(opening * (MAX_LENGTH // len(opening)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+".join(["1"] * 2_000), 2_000),
        (" and ".join(["true"] * 450), True),
        ("1" + "-1" * 2_000, -1_999),
        ("-" * 4_000 + "1", 1),
        ("c" + ".c" * 2_000, None),
        ("[" + ",".join(["1"] * 2_000) + "][1]", 1),
        ("(" * 45 + "1" + ")" * 45, 1),
    ],
)
def test_what_is_long_but_flat_is_no_bomb(feel, text, expected):
    assert feel(text, c={"c": None}) == expected


def test_a_text_longer_than_the_limit_is_refused():
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression("1" + " " * MAX_LENGTH)

    assert caught.value.code == "expression-too-long"


def test_no_nesting_that_may_be_read_exhausts_the_stack():
    """Worst case of both parsers and evaluator, on a stack that a web server has half used up already."""

    def deep(levels: int) -> object:
        if levels:
            return deep(levels - 1)
        return compile_expression("1+(1*(" * 22 + "1" + "))" * 22).evaluate({}, now=NOW)

    assert sys.getrecursionlimit() >= 1_000
    assert deep(200) == 23


def test_a_smaller_budget_ends_sooner():
    tiny = Budget(steps=50, text=10, items=5, depth=10)

    for text in ("for i in 1..5 return i * i * i * i * i * i * i", '"aaaaaa" + "aaaaaa"', "for i in 1..6 return i"):
        with pytest.raises(ExpressionError):
            compile_expression(text).evaluate({}, now=NOW, budget=tiny)


def test_a_cyclic_value_from_outside_does_not_hang(fails):
    cyclic: list[object] = []
    cyclic.append(cyclic)
    context: dict[str, object] = {}
    context["self"] = context

    assert fails("xs", xs=cyclic) in {"value-too-deep", "expression-too-costly"}
    assert fails("c", c=context) == "expression-result-too-large"
    assert fails("c = d", c=context, d={"self": context}) == "expression-too-deep"
    assert fails("string(c)", c=context) == "expression-too-deep"

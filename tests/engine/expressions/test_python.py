"""Expressions of Python over plain data: the same answers as Python's, with exact numbers; the rest is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from workflows.engine.expressions import Budget, ExpressionError, compile_expression

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SCOPE = {
    "x": 2, "y": 5, "s": "abc", "t": True, "f": False, "nothing": None, "xs": [3, 1, 2], "none": [], "金额": 8,
    "c": {"a": 1, "b": {"k": "v"}}, "rows": [{"n": 1, "ok": True}, {"n": 2, "ok": False}], "day": date(2026, 10, 1),
}  # fmt: skip

# Each is worked out by Python itself too: what differs in kind (tuples, floats) stands in the table after this one.
SAME_AS_PYTHON = r"""
1
'a' "b"
r'\d+'
'\n\t\\\'\x41\u4e2d'
x == 2
x != 2
x < y <= 5
1 < x < 2
x == 2 == True
1 == True
'1' == 1
nothing is None
x is not None
t is True
t is not False
x in [1, 2]
x in (1, 2)
x in {1, 2}
x not in [1, 2]
'a' in s
'z' not in s
'a' in c
not x
not not x
not x == 2
x and y
0 and y
none or 'default'
t and not f or unknown
f or nothing
x if t else y
x if f else y if f else 9
1 + 2 * 3
(1 + 2) * 3
-x ** 2
2 ** 3 ** 2
2 ** -0
7 // 2
-7 // 2
7 % 3
-7 % 3
7 % -3
--x
+x
-True
True + True
s + 'd'
xs + [4]
s * 2
2 * [0]
xs[0]
xs[-1]
xs[x]
xs[1:]
xs[:-1]
xs[::2]
xs[::-1]
s[0]
s[1:2]
c['a']
c['b']['k']
rows[0]['n']
{'a': 1, 'b': [x]}
{'a': x}['a']
[]
[1, [2, 3]]
[x, y,]
len(s)
len(xs)
len(c)
sum(xs)
sum([])
sum(xs, 10)
min(xs)
max(xs)
min(x, y)
max('a', 'b')
abs(-x)
round(2.5)
round(3.5)
int('12')
int(3.9)
int(-3.9)
int(True)
str(x)
str(None)
str(True)
str(s)
bool(none)
bool(xs)
bool('x')
sorted(xs)
sorted(xs, reverse=True)
any([0, x])
all([0, x])
all([])
list('ab')
list(range(3))
list(range(5, 0, -2))
list(range(0))
list(reversed(xs))
[i * 2 for i in xs]
[i for i in xs if i > 1]
[i for i in xs if i > 1 if i < 3]
[(i + j) for i in xs for j in [10, 20] if j > 10]
[k for k in c]
[a for a in 'ab']
{k: len(k) for k in ['a', 'bb']}
sum(r['n'] for r in rows if r['ok'])
any(r['ok'] for r in rows)
len([r for r in rows if not r['ok']]) == 1
[a + b for a, b in [[1, 2], [3, 4]]]
c.get('a')
c.get('z')
c.get('z', 5)
list(c.keys())
s.upper().lower()
' a '.strip()
s.startswith('a') and s.endswith('c')
'a,b'.split(',')
' a  b '.split()
'-'.join(['a', 'b'])
s.replace('b', 'x')
s.count('a')
xs.count(1)
f'{s} is {x}'
f'{x + 1}{{}}'
f'{c["a"]}'
f'{1}{True}'
'' 'x' ''
x # a comment
(x)
(x if t else y) + 1
[1, 2] == [1, 2]
[1, 2] < [1, 3]
{'a': 1} == {'a': True}
[] == {}
'' == None
'a' < 'b'
金额 > 7
""".strip().splitlines()


def python(text: str, **scope: object) -> object:
    return compile_expression(text, language="python").evaluate({**SCOPE, **scope}, now=NOW)


@pytest.mark.parametrize("text", SAME_AS_PYTHON)
def test_an_expression_means_what_it_means_in_python(text):
    expected = eval(text, dict(SCOPE))

    answer = python(text)

    assert answer == expected
    assert isinstance(answer, bool) is isinstance(expected, bool)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        ("7 / 2", Decimal("3.5")),
        ("4 / 2", 2),
        ("round(2.675, 2)", Decimal("2.68")),
        ("round(1234, -2)", 1200),
        ("float('1.50')", Decimal("1.50")),
        ("str(1.50)", "1.50"),
        ("7.5 // 2", 3),
        ("-7.5 % 2", Decimal("0.5")),
        ("(1, 2)", [1, 2]),
        ("()", []),
        ("1, 2", [1, 2]),
        ("(1,)", [1]),
        ("set([1, 2, 1])", [1, 2]),
        ("tuple(xs)", [3, 1, 2]),
        ("list(enumerate(['a']))", [[0, "a"]]),
        ("list(zip(xs, 'ab'))", [[3, "a"], [1, "b"]]),
        ("list(c.items())[0]", ["a", 1]),
        ("[k for k, v in c.items() if v == 1]", ["a"]),
        ("c.a", 1),
        ("c.b.k", "v"),
        ("rows[1].n", 2),
        ("day.year", 2026),
        ("day < day", False),
        ("f'{day}'", "2026-10-01"),
        ("x in set([1, 2])", True),
    ],
)
def test_where_the_kinds_of_python_are_others_plain_data_stand_for_them(text, value):
    answer = python(text)

    assert answer == value
    assert isinstance(answer, bool) is isinstance(value, bool)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lambda: 1", "word-not-run"),
        ("import os", "word-not-run"),
        ("await x", "word-not-run"),
        ("x := 1", "word-not-run"),
        ("x = 1", "word-not-run"),
        ("x & 1", "word-not-run"),
        ("~x", "word-not-run"),
        ("x | y", "word-not-run"),
        ("x is y", "word-not-run"),
        ("x is 1", "word-not-run"),
        ("b'a'", "word-not-run"),
        ("{1, 2}", "word-not-run"),
        ("{i for i in xs}", "word-not-run"),
        ("(lambda: 1)()", "word-not-run"),
        ("x()()", "word-not-run"),
        ("xs[0](1)", "word-not-run"),
        ("xs.append(1)", "method-not-run"),
        ("s.format(x)", "method-not-run"),
        ("s.__class__()", "method-not-run"),
        ("c.get()", "arguments-not-run"),
        ("len(xs, xs)", "arguments-not-run"),
        ("sorted(xs, key=x)", "arguments-not-run"),
        ("print(1, end='')", "arguments-not-run"),
        ("f'{x:.2f}'", "format-not-run"),
        ("f'{x!r}'", "format-not-run"),
        ("f'{x'", "format-not-run"),
        ("f'x}'", "format-not-run"),
        ("f'{}'", "segment-empty"),
        ("xs[]", "segment-empty"),
        ("'a", "string-not-closed"),
        ("x +", "syntax"),
        ("x y", "syntax"),
        ("(x", "syntax"),
        ("[*xs]", "syntax"),
        ("x if t", "syntax"),
        ("x == not t", "syntax"),
        ("1_000", "name-begins-with-digit"),
        ("x $ y", "character-unknown"),
        (r"'\ud800'", "escape-unknown"),
        ("[1 for a in xs for b in xs for c in xs for d in xs for e in xs for g in xs]", "too-many-iterators"),
    ],
)
def test_what_is_not_run_is_refused_by_its_name_when_it_is_read(text, code):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, language="python")

    assert caught.value.code == code
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unknown", "unknown-name"),
        ("true", "unknown-name"),
        ("unknown(1)", "unknown-function"),
        ("print(1)", "unknown-function"),
        ("__import__('os')", "unknown-function"),
        ("getattr(s, 'upper')", "unknown-function"),
        ("None < 1", "no-order"),
        ("'a' < 1", "no-order"),
        ("s + 1", "operands-unfit"),
        ("'%s' % x", "operands-unfit"),
        ("nothing + 1", "operands-unfit"),
        ("1 in 2", "operands-unfit"),
        ("1 / 0", "no-result"),
        ("1 // 0", "no-result"),
        ("1 % 0", "no-result"),
        ("9 ** 9 ** 9", "no-result"),
        ("-s", "operand-kind"),
        ("len(1)", "operand-kind"),
        ("int('a')", "operand-kind"),
        ("int('1.5')", "operand-kind"),
        ("str(xs)", "operand-kind"),
        ("s.get('a')", "operand-kind"),
        ("x.upper()", "operand-kind"),
        ("'a'.join([1])", "operand-kind"),
        ("min([])", "list-empty"),
        ("xs[9]", "index-out-of-range"),
        ("xs['a']", "not-a-number"),
        ("c['z']", "entry-missing"),
        ("c.z", "entry-missing"),
        ("s.real", "part-missing"),
        ("s.__class__", "part-missing"),
        ("x.__class__", "part-missing"),
        ("nothing.a", "part-missing"),
        ("nothing[0]", "part-missing"),
        ("xs[::0]", "step-zero"),
        ("[i for i in 5]", "not-iterable"),
        ("[a for a, b in xs]", "not-taken-apart"),
        ("{1: 2}", "operand-kind"),
        ("range(10 ** 9)", "expression-result-too-large"),
        ("'a' * 10 ** 9", "expression-result-too-large"),
        ("[0] * 10 ** 9", "expression-result-too-large"),
        ("[i for i in range(1000) for j in range(1000)]", "expression-result-too-large"),
        ("[0 for i in range(1000) for j in range(1000) if j < 0]", "expression-too-costly"),
    ],
)
def test_what_raises_in_python_is_an_incident_with_a_code(text, code):
    with pytest.raises(ExpressionError) as caught:
        python(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "truth"),
    [("xs", True), ("none", False), ("x and y", True), ("''", False), ("nothing", False), ("0", False)],
)
def test_a_condition_of_python_has_the_truth_of_python(text, truth):
    assert compile_expression(text, language="python").test(SCOPE, now=NOW) is truth


@pytest.mark.parametrize(
    "text", ["a if x else b", "[i for i in xs]", "f'{a}'", "xs.count(1) > 0", "c.get('a')", "', '.join(xs)"]
)
def test_a_text_that_can_only_be_python_is_python_without_being_declared(text):
    assert compile_expression(text).language == "python"


@pytest.mark.parametrize("text", ["xs[0]", "xs[1:2]", "xs[0] if a else b", "1 < x < 3", "a = b = c"])
def test_a_text_that_would_count_or_chain_in_two_ways_must_be_declared(text):
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_the_variables_that_a_text_reads_are_known():
    expression = compile_expression("[i + x for i in rows if i.n > limit] and f'{s}' and count > 1", language="python")

    assert expression.names == {"x", "rows", "limit", "s", "count"}
    assert compile_expression("len(xs) + workdays(3)", language="python").functions == {"workdays"}


def test_the_budget_holds():
    with pytest.raises(ExpressionError) as caught:
        compile_expression("sum(range(5000))", language="python").evaluate({}, now=NOW, budget=Budget(steps=1000))
    assert caught.value.code == "expression-too-costly"
    for text in ("(" * 60 + "1" + ")" * 60, "not " * 60 + "x", "-" * 60 + "x", "[" * 60 + "]" * 60, "2 ** " * 60 + "1"):
        with pytest.raises(ExpressionError) as caught:
            compile_expression(text, language="python")
        assert caught.value.code == "expression-too-deep"

"""Tables of FEEL: text, what it is worth. Clauses are those of DMN 1.5."""

from __future__ import annotations

from decimal import Decimal as D  # noqa: N817 - it stands in every line of the tables

import pytest

from workflows.engine.expressions import compile_expression

SCOPE = {
    "n": 3,
    "text": "foobar",
    "none": None,
    "yes": True,
    "xs": [1, 2, 3, 4],
    "people": [{"name": "甲", "age": 30}, {"name": "乙", "age": 50, "city": {"code": "0101"}}],
    "金额": D("1000.50"),
    "单位": {"名称": "示例局", "级别": 2},
    "item": "outer",
}

ARITHMETIC = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 - 3 - 2", 5),
    ("100 / 10 / 5", 2),
    ("10 / 4", D("2.5")),
    ("1 / 3", D("0.3333333333333333333333333333333333")),
    ("0.1 + 0.2", D("0.3")),
    ("0.1 + 0.2 = 0.3", True),
    (".5 + .5", D("1.0")),
    ("1e3", D(1000)),
    ("1.5E-2", D("0.015")),
    ("-5", -5),
    ("--5", 5),
    ("-n", -3),
    ("- -n", 3),
    ("2 ** 10", 1024),
    ("2 ** -1", D("0.5")),
    ("2 ** 0.5 > 1.414", True),
    ("-2 ** 2", 4),
    ("2 ** 3 ** 2", 64),
    ("7 % 3", 1),
    ("-7 % 3", 2),
    ("1 / 0", None),
    ("0 ** -1", None),
    ("10 ** 7000", None),
    ("9 ** 9 ** 9", D("1.966270504755529136180759085269121E+77")),
    ("1 + null", None),
    ('1 + "1"', None),
    ('"foo" + "bar"', "foobar"),
    ('"foo" - "bar"', None),
    ("true + 1", None),
    ('-"a"', None),
    ("99999999999999999999999999999999999 + 1", D("1.000000000000000000000000000000000E+35")),
    ("1 // a comment\n + 1", 2),
    ("1 /* a comment */ + 1", 2),
]
COMPARISON = [
    ("1 = 1.0", True),
    ("1 = 2", False),
    ("1 != 2", True),
    ('"a" = "a"', True),
    ('"a" < "b"', True),
    ('1 = "1"', None),
    ('1 != "1"', None),
    ('1 < "2"', None),
    ("null = null", True),
    ("1 = null", False),
    ("null != null", False),
    ("1 != null", True),
    ("null < 1", None),
    ("true = true", True),
    ("true = 1", None),
    ("true > false", None),
    ("[1, 2] = [1, 2]", True),
    ("[1, 2] = [2, 1]", False),
    ("[1, 2] = [1]", False),
    ("[] = []", True),
    ("[1, null] = [1, null]", True),
    ('[1] = ["1"]', None),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("{a: 1} = {b: 1}", False),
    ("[1..5] = [1..5]", True),
    ("[1..5] = (1..5]", False),
    ("5 between 1 and 10", True),
    ("0 between 1 and 10", False),
    ("null between 1 and 10", None),
    ("5 between 1 and 10 and 2 between 1 and 2", True),
    ("5 in [1..5]", True),
    ("5 in [1..5)", False),
    ("5 in [1..5[", False),
    ("1 in (1..5]", False),
    ("1 in ]1..5]", False),
    ("3 in (1..5)", True),
    ("xs[1] in [1..xs[1]]", True),
    ("3 in [1..xs[3][", False),
    ("5 in > 3", True),
    ("5 in <= 3", False),
    ("5 in (1, 3, 5)", True),
    ("5 in (1, > 4)", True),
    ("5 in ([1..2], [4..6])", True),
    ("5 in [1, 5]", True),
    ("5 in []", False),
    ("5 in xs", False),
    ("4 in xs", True),
    ('"a" in ["a", "b"]', True),
    ('"a" in "a"', True),
    ("5 in (? > 3 and ? < 6)", True),
    ("1 in [[0..2], 7]", True),
    ("(1 + 2) in (3)", True),
    ("1 instance of number", True),
    ('"1" instance of number', False),
    ("null instance of Null", True),
    ("xs instance of list", True),
    ("xs instance of list<number>", True),
    ("[1, true] instance of list<number>", False),
    ('date("2026-01-01") instance of date', True),
    ('duration("P1D") instance of days and time duration', True),
    ("{} instance of context", True),
    ("[1..3] instance of range<number>", True),
    ("(function(a) a) instance of function", True),
]
LOGIC = [
    ("true and true", True),
    ("true and false", False),
    ("true and null", None),
    ("false and null", False),
    ("null and false", False),
    ("null and true", None),
    ("null and null", None),
    ("true or null", True),
    ("null or true", True),
    ("false or null", None),
    ("false or false", False),
    ("null or null", None),
    ("true and 1", None),
    ("false and 1", False),
    ("true or 1", True),
    ("false or 1", None),
    ("not(true)", False),
    ("not(null)", None),
    ('not("a")', None),
    ("not(true) or true", True),
    ("true or false and false", True),
    ("none != null and none.part > 1", False),
    ('if n > 2 then "a" else "b"', "a"),
    ("if null then 1 else 2", 2),
    ('if "x" then 1 else 2', 2),
    ("if n = 1 then 1 else if n = 3 then 33 else 0", 33),
    ("1 + if true then 1 else 2", 2),
]
COLLECTIONS = [
    ("xs[1]", 1),
    ("xs[-1]", 4),
    ("xs[9]", None),
    ("xs[item > 2]", [3, 4]),
    ("xs[item > 9]", []),
    ("xs[n]", 3),
    ("[][1]", None),
    ("[][item > 1]", []),
    ("n[1]", 3),
    ("n[item > 1]", [3]),
    ("none[1]", None),
    ("none[item > 1]", []),
    ("people[age > 40].name", ["乙"]),
    ("people[age > 40][1].name", "乙"),
    ("people.name", ["甲", "乙"]),
    ("people[item.age < 40].name", ["甲"]),
    ('people[city.code = "0101"].name', ["乙"]),
    ("people[nothing = 1]", []),
    ("count(people[age > n])", 2),
    ("{a: 1, b: a + 1}.b", 2),
    ('{"a key": 1}', {"a key": 1}),
    ("{first name: 1}", {"first name": 1}),
    ("{a: {b: {c: 1}}}.a.b.c", 1),
    ("{a: 1}.b", None),
    ('单位["名称"]', "示例局"),
    ("单位.名称", "示例局"),
    ("none.a.b.c", None),
    ("n.a", None),
    ("for i in [1, 2] return i * 2", [2, 4]),
    ("for i in 1..3 return i", [1, 2, 3]),
    ("for i in 3..1 return i", [3, 2, 1]),
    ("for i in -1..n - 2 return i", [-1, 0, 1]),
    ("for i in [1..3) return i", [1, 2]),
    ("for i in 1..2, j in 1..2 return [i, j]", [[1, 1], [1, 2], [2, 1], [2, 2]]),
    ("for i in [[1, 2], [3]], j in i return j", [1, 2, 3]),
    ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
    ("for i in null return i", []),
    ("for i in 5 return i", [5]),
    ('count(for d in @"2026-01-30"..@"2026-02-02" return d)', 4),
    ("some x in xs satisfies x > 3", True),
    ("some x in xs satisfies x > 4", False),
    ("every x in xs satisfies x > 0", True),
    ("every x in xs satisfies x > 1", False),
    ("some x in [] satisfies x", False),
    ("every x in [] satisfies x", True),
    ("some x in [1, null] satisfies x > 2", None),
    ("every x in [1, null] satisfies x > 0", None),
    ("some x in xs, y in xs satisfies x + y = 8", True),
    ("(function(a, b) a + b)(1, 2)", 3),
    ("(function(a: number, b: number) a - b)(b: 1, a: 5)", 4),
    ("{f: function(a) a * n, r: f(2)}.r", 6),
    ("[1, [2, [3]]]", [1, [2, [3]]]),
    ("[1..5].start", 1),
    ("(1..5].start included", False),
    ("(1..5].end included", True),
]
NAMES = [
    ("金额 > 1000", True),
    ("金额 * 2", D("2001.00")),
    ('if 单位.级别 = 2 then 单位.名称 else ""', "示例局"),
    ("for 项 in xs return 项 + 1", [2, 3, 4, 5]),
    ("{合计: 金额 + 1}.合计", D("1001.50")),
    ('"责成" + "办理"', "责成办理"),
    ('"\\u8d23\\U008d23"', "责责"),
    ('"a\\"b\\\\c\\n"', 'a"b\\c\n'),
    ("'single'", "single"),
    ('"PT5M"', "PT5M"),
    ('"R2/PT0.2S"', "R2/PT0.2S"),
    ("item", "outer"),
]


@pytest.mark.parametrize(("text", "expected"), [*ARITHMETIC, *COMPARISON, *LOGIC, *COLLECTIONS, *NAMES])
def test_an_expression_is_worth_what_feel_says(feel, text, expected):
    value = feel(text, **SCOPE)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x == 2", True),
        ("x != 2", False),
        ("1==1", True),
        ("xs == [9]", True),
        ("x == 2 and not y", True),
        ("not x == 3", True),
        ("not (x) in [3]", True),
        ("x not in [1, 3]", True),
        ("9 in xs and x in (2, 3)", True),
        ("x is None", False),
        ("x is not None", True),
        ("y == False", True),
        ("y == True or x == True", None),
        ("len(xs) == 1", True),
        ("'a' == \"a\"", True),
        ("y or None", None),
        ("True and x > 1", True),
    ],
)
def test_the_spelling_of_python_is_read_with_the_meaning_of_feel(feel, text, expected):
    assert feel(text, x=2, y=False, xs=[9]) is expected


def test_a_leading_equals_sign_marks_feel_in_some_modelers(feel):
    assert feel("= x > 1", x=2) is True
    assert feel("=x", x=2) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "expression-empty"),
        ("   ", "expression-empty"),
        ("1 +", "syntax"),
        ("(1", "syntax"),
        ("1)", "syntax"),
        ("a b", "syntax"),
        ("[1, 2", "syntax"),
        ("{a 1}", "syntax"),
        ("{a: 1, a: 2}", "key-twice"),
        ("if a then b", "syntax"),
        ("for x in xs", "syntax"),
        ("some x in xs", "syntax"),
        ('"abc', "string-not-closed"),
        ('"\\ud800"', "escape-unknown"),
        ("1 < 2 < 3", "chained-comparison"),
        ("a = b = c", "chained-comparison"),
        ("xs[0]", "index-zero"),
        ("f(1, a: 2)", "arguments-mixed"),
        ("a & b", "character-unknown"),
        ("a && b", "sign-of-another-language"),
        ("a || b", "sign-of-another-language"),
        ("!a", "character-unknown"),
        ("a ? b : c", "syntax"),
        ("a ＞ 1", "full-width-character"),
        ("（a）", "full-width-character"),
        ("“a”", "full-width-character"),
        ("5天", "name-begins-with-digit"),
        ("x = 1; y = 2", "character-unknown"),
        ("${x > 1", "segment-not-closed"),
        ("#{}", "segment-empty"),
        (" ${x.foo()}", "method-not-run"),
        ("function(a) external {java: 1}", "external-function"),
        ("x instance of nonsense", "unknown-type"),
        ("1" * 1_001, "number-too-long"),
        ("x.foo()", "method-call"),
        ("xs.append(1)", "method-call"),
        ("f(x)(1)", "method-call"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_read(fails, text, code):
    assert fails(text, a=1, b=2, x=1, xs=[1]) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unknown", "unknown-name"),
        ("unknown.part", "unknown-name"),
        ("unknown(1)", "unknown-function"),
        ("x(1)", "unknown-function"),
        ("{a: 1}.a(1)", "not-a-function"),
        ("(function(f) f.x(1))(c)", "not-a-function"),
        ("date()", "function-arguments"),
        ("substring(text: 1)", "function-arguments"),
        ("(function(a) a)(1, 2)", "function-arguments"),
        ("function(a) a", "result-not-plain"),
        ("[1..5]", "result-not-plain"),
        ("{a: [1..2]}", "result-not-plain"),
        ("count", "result-not-plain"),
    ],
)
def test_what_cannot_be_evaluated_says_so_with_a_code(fails, text, code):
    assert fails(text, x=1, c={"x": 1}) == code


def test_is_defined_asks_for_a_name_without_an_incident(feel):
    assert feel("is defined(x)", x=1) is True
    assert feel("is defined(x)") is False
    assert feel("if is defined(x) then x else 0") == 0


def test_names_with_blanks_are_read_when_they_are_known(now):
    expression = compile_expression('lead unit = "a" and lead', known_names=["lead unit"])

    assert expression.names == {"lead unit", "lead"}
    assert expression.evaluate({"lead unit": "a", "lead": True}, now=now) is True

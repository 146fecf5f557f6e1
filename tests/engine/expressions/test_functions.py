"""Tables of the functions of the language (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.types import DueDate
from workflows.engine.values import ValueFault, YearsMonths

D = Decimal
LOCAL = datetime  # a date and time without a zone is what these cases are about
SHANGHAI = ZoneInfo("Asia/Shanghai")

TEXTS = [
    ('string length("责成")', 2),
    ("string length(1)", None),
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("foobar", 0)', None),
    ('substring("foobar", -9)', None),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
    ('upper case("aBc4")', "ABC4"),
    ('lower case("aBc4")', "abc4"),
    ('trim("  a ")', "a"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "xyz")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("", "a")', ""),
    ('contains("foobar", "of")', False),
    ('contains("foobar", null)', None),
    ('starts with("foobar", "fo")', True),
    ('ends with("foobar", "r")', True),
    ('matches("foobar", "^fo*b")', True),
    ('matches("FOO", "foo")', False),
    ('matches("FOO", "foo", "i")', True),
    (r'matches("2026-10", "\d{4}-\d{2}")', True),
    (r'matches("〔2026〕1号", "^〔\\d+〕\\d+号$")', True),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('replace("a.b", "[.]", "-")', "a-b"),
    ('replace("abc", "b", "\\\\$")', "a$c"),
    ('split("John Doe", "\\\\s")', ["John", "Doe"]),
    ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
    ('string join(["a", "b", "c"], "_and_")', "a_and_b_and_c"),
    ('string join(["a", null, "c"])', "ac"),
    ('string join([], "x")', ""),
    ('string join([1], "x")', None),
    ("string(1.1)", "1.1"),
    ("string(1e3)", "1000"),
    ("string(null)", None),
    ("string(true)", "true"),
    ('string([1, "a", {b: 2}])', '[1, "a", {b: 2}]'),
    ('string(date("2026-10-01"))', "2026-10-01"),
    ("string([1..5))", "[1..5)"),
    ('string(duration("P1DT2H"))', "P1DT2H"),
]
NUMBERS = [
    ('number("1 000,0", " ", ",")', D("1000.0")),
    ('number("1,000.5", ",", ".")', D("1000.5")),
    ('number("12")', 12),
    ('number("abc")', None),
    ('number("")', None),
    ('number("1_000")', None),
    ('number("NaN")', None),
    ('number("Infinity")', None),
    ("decimal(1/3, 2)", D("0.33")),
    ("decimal(1.5, 0)", 2),
    ("decimal(2.5, 0)", 2),
    ("floor(1.5)", 1),
    ("floor(-1.56, 1)", D("-1.6")),
    ("ceiling(1.5)", 2),
    ("ceiling(-1.5)", -1),
    ("round up(5.5, 0)", 6),
    ("round up(-1.126, 2)", D("-1.13")),
    ("round down(1.126, 2)", D("1.12")),
    ("round half up(5.5, 0)", 6),
    ("round half down(5.5, 0)", 5),
    ("round half up(1234, -2)", 1200),
    ("abs(-10)", 10),
    ('abs(duration("-PT5H")) = duration("PT5H")', True),
    ("modulo(-12, 5)", 3),
    ("modulo(12, -5)", -3),
    ("modulo(10.1, 4.5)", D("1.1")),
    ("modulo(10, 0)", None),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("log(1)", 0),
    ("log(0)", None),
    ("exp(0)", 1),
    ("exp(100000)", None),
    ("odd(5)", True),
    ("even(5)", False),
    ("even(2.5)", None),
    ("floor(null)", None),
]
LISTS = [
    ("list contains([1, 2, 3], 2)", True),
    ("list contains([1, null], null)", True),
    ('list contains([1], "1")', False),
    ("list contains(null, 1)", None),
    ("count([1, 2, 3])", 3),
    ("count([])", 0),
    ("count(null)", None),
    ("count([1, [2, 3]])", 2),
    ("min([1, 2, 3])", 1),
    ("min(1, 2, 3)", 1),
    ('max("a", "c", "b")', "c"),
    ("min([])", None),
    ('max([1, "a"])', None),
    ("sum([1, 2, 3])", 6),
    ("sum(1, 2.5)", D("3.5")),
    ("sum([])", None),
    ('sum([1, "a"])', None),
    ('sum([duration("P1D"), duration("P2D")]) = duration("P3D")', True),
    ("mean([1, 2, 3])", 2),
    ("mean([])", None),
    ("all([true, false])", False),
    ("all([])", True),
    ("all(true, null)", None),
    ("all(false, null)", False),
    ("any([false, true])", True),
    ("any([])", False),
    ("any(false, null)", None),
    ("sublist([4, 5, 6], 1, 2)", [4, 5]),
    ("sublist([4, 5, 6], -1)", [6]),
    ("sublist([4, 5, 6], 9)", None),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1, 2], [3])", [1, 2, 3]),
    ("insert before([1, 3], 1, 2)", [2, 1, 3]),
    ("insert before([1, 3], -1, 2)", [1, 2, 3]),
    ("insert before([1], 5, 2)", None),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("remove([1], 0)", None),
    ("list replace([2, 4, 7], 3, 6)", [2, 4, 6]),
    ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", [5, 5, 7]),
    ("reverse([1, 2, 3])", [3, 2, 1]),
    ("index of([1, 2, 3, 2], 2)", [2, 4]),
    ("index of([1, null], null)", [2]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 2, 3, 2, 1])", [1, 2, 3]),
    ("distinct values([1, null, null])", [1, None]),
    ("duplicate values([1, 2, 1, 3, 2])", [1, 2]),
    ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
    ("product(2, 3, 4)", 24),
    ("product([])", None),
    ("median(8, 2, 5, 3, 4)", 4),
    ("median([6, 1, 2, 3])", D("2.5")),
    ("median([])", None),
    ("stddev(2, 4, 7, 5)", D("2.081665999466132735282297706979931")),
    ("stddev([47])", None),
    ("mode(6, 3, 9, 6, 6)", [6]),
    ("mode([6, 1, 9, 6, 1])", [1, 6]),
    ("mode([])", []),
    ("sort([3, 1, 4, 5, 2], function(x, y) x < y)", [1, 2, 3, 4, 5]),
    ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
    ("sort([3, 1, 2])", [1, 2, 3]),
    ("is empty([])", True),
    ("len([1, 2])", 2),
    ('len("责成")', 2),
]
CONTEXTS = [
    ('get value({a: 1}, "a")', 1),
    ('get value({a: 1}, "b")', None),
    ('get value({a: {b: 2}}, ["a", "b"])', 2),
    ("get entries({a: 1, b: 2})", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
    ("context(get entries({a: 1}))", {"a": 1}),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
    ("context merge([{a: 1}, {b: 2}, {a: 3}])", {"a": 3, "b": 2}),
    ("get or else(null, 1)", 1),
    ("get or else(2, 1)", 2),
    ("is(1, 1.0)", True),
    ('is(1, "1")', False),
    ('is(time("10:00:00Z"), time("10:00:00+00:00"))', True),
    ('is(time("10:00:00Z"), time("18:00:00+08:00"))', False),
]
TEMPORAL = [
    ('date("2026-10-01")', date(2026, 10, 1)),
    ("date(2026, 10, 1)", date(2026, 10, 1)),
    ('date("2026-02-29")', None),
    ('date("2026-1-1")', None),
    ("date(2026, 13, 1)", None),
    ('date(date and time("2026-10-01T10:00:00"))', date(2026, 10, 1)),
    ('@"2026-10-01"', date(2026, 10, 1)),
    ('@"10:30:00"', time(10, 30)),
    ('@"2026-10-01T10:30:00Z"', datetime(2026, 10, 1, 10, 30, tzinfo=UTC)),
    ('@"P1D"', timedelta(days=1)),
    ('@"-P1Y2M"', YearsMonths(-14)),
    ('time("10:30:00")', time(10, 30)),
    ('time("10:30:00.5+08:00")', time(10, 30, 0, 500_000, timezone(timedelta(hours=8)))),
    ('time("25:00:00")', None),
    ("time(10, 30, 15.5)", time(10, 30, 15, 500_000)),
    ('time(10, 30, 0, duration("PT8H"))', time(10, 30, tzinfo=timezone(timedelta(hours=8)))),
    ('date and time("2026-10-01T10:30:00")', LOCAL(2026, 10, 1, 10, 30)),
    ('date and time("2026-10-01T24:00:00Z")', datetime(2026, 10, 2, tzinfo=UTC)),
    ('date and time(@"2026-10-01", @"10:30:00")', LOCAL(2026, 10, 1, 10, 30)),
    ('date and time("2026-10-01T10:30:00@Asia/Shanghai")', datetime(2026, 10, 1, 10, 30, tzinfo=SHANGHAI)),
    ('date and time(@"2026-10-01T02:30:00Z", "Asia/Shanghai").hour', 10),
    ('date and time("2026-10-01T10:30:00@../../etc/passwd")', None),
    ('duration("P1DT2H3M4.5S")', timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
    ('duration("P1Y")', YearsMonths(12)),
    ('duration("P")', None),
    ('duration("1 day")', None),
    ('duration("P999999999Y")', None),
    ('years and months duration(@"2025-08-31", @"2026-10-01")', YearsMonths(13)),
    ('years and months duration(@"2026-10-01", @"2025-08-31")', YearsMonths(-13)),
    ("today()", date(2026, 10, 2)),
    ("today", date(2026, 10, 2)),
    ("now().hour", 1),
    ("now() = now", True),
    ('@"2026-10-01".year', 2026),
    ('@"2026-10-01".weekday', 4),
    ('@"2026-10-01T10:30:15".minute', 30),
    ('@"10:30:00+08:00".time offset', timedelta(hours=8)),
    ('@"2026-10-01T10:30:00@Asia/Shanghai".timezone', "Asia/Shanghai"),
    ('duration("P3DT5H6M7S").hours', 5),
    ('duration("-P3DT5H").days', -3),
    ('duration("P1Y14M").years', 2),
    ('duration("P1Y14M").months', 2),
    ('@"2026-10-01".nothing', None),
    ('day of year(@"2026-02-01")', 32),
    ('day of week(@"2026-10-01")', "Thursday"),
    ('month of year(@"2026-10-01")', "October"),
    ('week of year(@"2026-01-01")', 1),
    ('last day of month(@"2026-02-10")', date(2026, 2, 28)),
    ('@"2026-01-31" + @"P1M"', date(2026, 2, 28)),
    ('@"2028-02-29" + @"P1Y"', date(2029, 2, 28)),
    ('@"2026-10-01" + @"P1D"', date(2026, 10, 2)),
    ('@"P1D" + @"2026-10-01"', date(2026, 10, 2)),
    ('@"2026-10-01" - @"P1D"', date(2026, 9, 30)),
    ('@"2026-10-01" + @"PT36H"', date(2026, 10, 2)),
    ('@"2026-10-01" - @"PT1H"', date(2026, 9, 30)),
    ('@"2026-10-01T10:00:00" + @"PT36H"', LOCAL(2026, 10, 2, 22)),
    ('@"23:00:00" + @"PT2H"', time(1, 0)),
    ('@"2026-10-08" - @"2026-10-01"', timedelta(days=7)),
    ('@"2026-10-01T10:00:00+08:00" - @"2026-10-01T01:00:00Z"', timedelta(hours=1)),
    ('@"2026-10-01T08:00:00" - @"2026-10-01T00:00:00Z"', timedelta(0)),
    ('@"10:00:00" - @"08:30:00"', timedelta(hours=1, minutes=30)),
    ('@"P1D" * 3', timedelta(days=3)),
    ('2 * @"P1Y"', YearsMonths(24)),
    ('@"P1D" / 2', timedelta(hours=12)),
    ('@"P1D" / @"PT6H"', D(4)),
    ('@"P1Y" / @"P1M"', 12),
    ('@"P1Y" + @"P1D"', None),
    ('-@"P1D"', timedelta(days=-1)),
    ('@"9999-12-31" + @"P1D"', None),
    ('@"2026-10-01" + 1', None),
    ('@"2026-10-01" < @"2026-10-02"', True),
    ('@"2026-10-01T10:00:00+08:00" = @"2026-10-01T02:00:00Z"', True),
    ('@"2026-10-01T10:00:00" = @"2026-10-01T02:00:00Z"', True),
    ('@"10:00:00+08:00" = @"02:00:00Z"', True),
    ('@"10:00:00" < @"02:00:00Z"', None),
    ('@"2026-10-01" < @"2026-10-01T00:00:00"', None),
    ('@"P1D" > @"PT23H"', True),
    ('@"P1Y" > @"P11M"', True),
    ('@"P1Y" > @"P300D"', None),
    ('@"2026-10-01" in [@"2026-09-01"..@"2026-10-01"]', True),
]
RANGES = [
    ("before(1, 10)", True),
    ("before(10, 1)", False),
    ("before([1..5], 6)", True),
    ("before([1..5), [5..6])", True),
    ("before([1..5], [5..6])", False),
    ("after(6, [1..5])", True),
    ("after([5..6], [1..5))", True),
    ("meets([1..5], [5..10])", True),
    ("meets([1..5), [5..10])", False),
    ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [3..8])", True),
    ("overlaps([1..5], [6..8])", False),
    ("overlaps([1..5), [5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps before([3..8], [1..5])", False),
    ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True),
    ("finishes([5..10], [1..10])", True),
    ("finishes([5..10], [1..10))", False),
    ("finished by([1..10], 10)", True),
    ("includes([1..10], 5)", True),
    ("includes([1..10), 10)", False),
    ("includes([1..10], [1..10])", True),
    ("during([4..6], [1..10])", True),
    ("starts(1, [1..10])", True),
    ("starts((1..5], [1..5])", False),
    ("started by([1..10], [1..5])", True),
    ("coincides([1..5], [1..5])", True),
    ("coincides(5, 5)", True),
    ("coincides([1..5), [1..5])", False),
    ('before(1, "a")', None),
    ("before(null, 1)", None),
]


@pytest.mark.parametrize(("text", "expected"), [*TEXTS, *NUMBERS, *LISTS, *CONTEXTS, *TEMPORAL, *RANGES])
def test_a_function_answers_what_dmn_says(feel, text, expected):
    value = feel(text)

    assert value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)


def test_an_instant_from_outside_has_the_day_and_hour_of_its_readers(feel):
    started = datetime(2026, 10, 1, 17, 0, tzinfo=UTC)

    assert feel("date(started)", started=started) == date(2026, 10, 2)
    assert feel("started.hour", started=started) == 1
    assert feel('started = date and time("2026-10-01T17:00:00Z")', started=started) is True


def workdays(n: int, *, start: date | None = None) -> DueDate:
    return DueDate(datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=int(n)), rule=str(start), provisional=True)


def units(kind: str) -> tuple[str, ...]:
    return (kind, "x")


def ratio() -> float:
    return 0.1


def broken() -> None:
    raise RuntimeError("no calendar")


def refuses() -> None:
    raise ExpressionError("rule-unknown", "There is no rule.")


def misreads() -> None:
    raise ValueFault("date-malformed", "Not a date.")


APPLICATION = {
    "workdays": workdays,
    "units": units,
    "ratio": ratio,
    "broken": broken,
    "refuses": refuses,
    "misreads": misreads,
    "连接": lambda a, b: a + b,
    "opaque": object,
}


def test_functions_of_the_application_return_due_dates_lists_and_numbers(feel):
    due = feel("workdays(5)", functions=APPLICATION)

    assert due == DueDate(datetime(2026, 10, 6, tzinfo=UTC), "None", provisional=True)
    assert feel('workdays(n: 1, start: @"2026-10-01").rule', functions=APPLICATION) == "2026-10-01"
    assert feel("workdays(1).at < workdays(2).at", functions=APPLICATION) is True
    assert feel("workdays(1).provisional", functions=APPLICATION) is True
    assert feel('"x" in units("k")', functions=APPLICATION) is True
    assert feel("ratio() + 0.2", functions=APPLICATION) == Decimal("0.3")
    assert feel('连接("a", "b")', functions=APPLICATION) == "ab"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("workdays()", "function-arguments"),
        ("workdays(1, 2)", "function-arguments"),
        ("workdays(days: 1)", "function-arguments"),
        ('workdays("a")', "function-failed"),
        ("broken()", "function-failed"),
        ("refuses()", "rule-unknown"),
        ("misreads()", "date-malformed"),
        ("opaque()", "value-not-plain"),
        ("workdays(function(a) a)", "result-not-plain"),
        ("workdays", "result-not-plain"),
    ],
)
def test_a_failing_function_of_the_application_is_an_expression_error(fails, text, code):
    assert fails(text, functions=APPLICATION) == code


def test_the_free_names_of_an_expression_are_told_for_checks_at_upload():
    expression = compile_expression(
        "for i in 单位列表 return f(i, x.y) + count(rows[price > limit and item.z = 1]) + {k: 1, m: k}.m"
    )

    assert expression.names == {"单位列表", "x", "rows"}
    assert expression.possible_names == {"单位列表", "x", "rows", "price", "limit"}
    assert expression.functions == {"f"}


def test_bound_names_and_the_clock_are_not_free():
    assert compile_expression("some a in xs, b in a satisfies a = b and today() > now").names == {"xs"}
    assert compile_expression("function(a, b) a + b + c").names == {"c"}
    assert compile_expression("x in (? > limit)").names == {"x", "limit"}
    assert compile_expression("is defined(x)").names == frozenset()

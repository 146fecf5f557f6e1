"""The Java expression language, case by case: JSR 245 (EL 2.2), sections 1.2 to 1.18."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.expressions import Budget, ExpressionError, compile_expression
from workflows.engine.model import EventDefinition, Text
from workflows.engine.texts import compile_timer

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SCOPE = {
    "x": 2, "n": 3, "s": "abc", "t": True, "f": False, "nothing": None, "xs": [1, 2, 3], "none": [],
    "day": date(2026, 10, 1),
    "c": {"a": 1, "b": {"k": "v"}, "empty": {}, "a b": 5, "list": [{"k": 7}]}, "amount": Decimal("1500.50"), "金额": 8,
}  # fmt: skip


def juel(text: str, **scope: object) -> object:
    return compile_expression(text, language=None).evaluate({**SCOPE, **scope}, now=NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # section 1.3: literals
        ("${1}", 1),
        ("${1.50}", Decimal("1.50")),
        ("${.5}", Decimal("0.5")),
        ("${1e3}", Decimal("1e3")),
        ("${'a'}", "a"),
        ('${"a"}', "a"),
        (r"${'it\'s'}", "it's"),
        (r'${"\\"}', "\\"),
        ("${true}", True),
        ("${null}", None),
        ("#{x}", 2),
        ("  ${x}\n", 2),
        ("${ x }", 2),
        ("${金额}", 8),
        # arithmetic (1.7): null is 0, texts are numbers, / is exact, % has the sign of the dividend
        ("${1 + 2 * 3}", 7),
        ("${(1 + 2) * 3}", 9),
        ("${7 / 2}", Decimal("3.5")),
        ("${7 div 2}", Decimal("3.5")),
        ("${7 % 4}", 3),
        ("${-7 mod 3}", -1),
        ("${0.1 + 0.2}", Decimal("0.3")),
        ("${nothing + 1}", 1),
        ("${'2' * '3'}", 6),
        ("${'' + 1}", 1),
        ("${-x}", -2),
        ("${- -x}", 2),
        ("${-'4'}", -4),
        ("${amount - 0.5}", Decimal("1500.00")),
        # section 1.8: comparison
        ("${x > 1}", True),
        ("${x gt 1}", True),
        ("${x >= 2}", True),
        ("${x ge 3}", False),
        ("${x < 2}", False),
        ("${x lt 3}", True),
        ("${x <= 2}", True),
        ("${x le 1}", False),
        ("${x == 2}", True),
        ("${x eq 3}", False),
        ("${x != 2}", False),
        ("${x ne 3}", True),
        ("${x == '2'}", True),
        ("${'10' > 9}", True),
        ("${'10' > '9'}", False),
        ("${'a' < 'b'}", True),
        ("${t == 'true'}", True),
        ("${f == ''}", True),
        ("${nothing == null}", True),
        ("${nothing != null}", False),
        ("${s == null}", False),
        ("${nothing < 1}", False),
        ("${nothing >= 1}", False),
        ("${nothing <= nothing}", True),
        ("${day == '2026-10-01'}", True),
        ("${day < day}", False),
        ("${day <= day}", True),
        ("${xs == xs}", True),
        ("${xs == none}", False),
        ("${1 == 1 == true}", True),
        # section 1.9: logic
        ("${t && f}", False),
        ("${t and t}", True),
        ("${t || f}", True),
        ("${f or f}", False),
        ("${!t}", False),
        ("${not f}", True),
        ("${!!t}", True),
        ("${'TRUE' && t}", True),
        ("${nothing || t}", True),
        ("${f && unknown}", False),
        ("${t or f and f}", True),
        ("${!f && x > 1 || unknown}", True),
        # section 1.10: empty
        ("${empty none}", True),
        ("${empty xs}", False),
        ("${empty ''}", True),
        ("${empty nothing}", True),
        ("${empty c.empty}", True),
        ("${empty 0}", False),
        ("${not empty s}", True),
        ("${!empty xs && xs[0] == 1}", True),
        # section 1.11: conditional
        ("${t ? 1 : 2}", 1),
        ("${f ? 1 : t ? 3 : 4}", 3),
        ("${nothing ? 1 : 2}", 2),
        ("${x > 1 ? 'big' : unknown}", "big"),
        # properties (1.6): null for what is not there, lists count from 0
        ("${c.a}", 1),
        ("${c.b.k}", "v"),
        ("${c['b']['k']}", "v"),
        ('${c["a b"]}', 5),
        ("${c.missing}", None),
        ("${c.missing.more}", None),
        ("${nothing.a}", None),
        ("${xs[0]}", 1),
        ("${xs['1']}", 2),
        ("${xs[x]}", 3),
        ("${xs[9]}", None),
        ("${xs[-1]}", None),
        ("${c.list[0].k}", 7),
        ("${c[s]}", None),
        ("${day.year}", 2026),
        # methods with a plain meaning
        ("${s.equals('abc')}", True),
        ("${s.equals(1)}", False),
        ("${'A'.equalsIgnoreCase('a')}", True),
        ("${xs.size() == 3}", True),
        ("${c.size()}", 5),
        ("${none.isEmpty()}", True),
        ("${s.isEmpty()}", False),
        ("${s.length()}", 3),
        ("${xs.contains(2)}", True),
        ("${xs.contains('2')}", False),
        ("${s.contains('bc')}", True),
        ("${c.containsKey('a')}", True),
        ("${s.startsWith('a') && s.endsWith('c')}", True),
        ("${s.toUpperCase().toLowerCase().trim()}", "abc"),
        ("${xs.get(0)}", 1),
        ("${c.get('a')}", 1),
        ("${x.toString()}", "2"),
        ("${amount.intValue()}", 1500),
        ("${amount.doubleValue()}", Decimal("1500.50")),
        # the execution of a process engine means the case
        ("${execution.getVariable('x')}", 2),
        ("${execution.getVariable('c').a > 0}", True),
        ("${execution.x + 1}", 3),
        ("${execution.hasVariable('x')}", True),
        ("${execution.hasVariable('never')}", False),
        # texts of several segments (1.2)
        ("Hello ${s} and #{n}!", "Hello abc and 3!"),
        ("${x}${n}", "23"),
        ("${x} ", 2),
        ("a${nothing}b", "ab"),
        (r"\${x}", "${x}"),
        (r"costs \${${x}}", "costs ${2}"),
        ("It's ${x}", "It's 2"),
        ("${'}'}", "}"),
        ("${amount} 元", "1500.50 元"),
    ],
)
def test_what_a_text_means(text, value):
    answer = juel(text)

    assert answer == value
    assert type(answer) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${", "segment-not-closed"),
        ("${x", "segment-not-closed"),
        ("a ${x} ${", "segment-not-closed"),
        ("${}", "segment-empty"),
        ("${'a}", "string-not-closed"),
        (r"${'\d'}", "escape-unknown"),
        ("${x y}", "syntax"),
        ("${x +}", "syntax"),
        ("${(x}", "syntax"),
        ("${x ? 1}", "syntax"),
        ("${x @ 1}", "character-unknown"),
        ("${x = 1}", "word-not-run"),
        ("${x; n}", "word-not-run"),
        ("${a -> a}", "word-not-run"),
        ("${x += n}", "word-not-run"),
        ("${{1, 2}}", "word-not-run"),
        ("${x instanceof y}", "word-not-run"),
        ("${s.foo()}", "method-not-run"),
        ("${s.getClass()}", "method-not-run"),
        ("${''.getClass().forName('java.lang.Runtime')}", "method-not-run"),
        ("${bean.doIt()}", "method-not-run"),
        ("${execution.setVariable('x', 1)}", "method-not-run"),
        ("${execution.getVariable(s)}", "arguments-not-run"),
        ("${execution.id}", "property-not-run"),
        ("${execution.processInstanceId}", "property-not-run"),
        ("${execution['x']}", "property-not-run"),
        ("${s.equals()}", "arguments-not-run"),
        ("${fn:length(s)}", "function-not-run"),
        ("${1a}", "name-begins-with-digit"),
    ],
)
def test_what_is_not_run_is_refused_by_its_name_when_it_is_read(text, code):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert caught.value.code == code
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${unknown}", "unknown-name"),
        ("${count}", "unknown-name"),
        ("${execution.getVariable('unknown')}", "unknown-name"),
        ("${unknown(1)}", "unknown-function"),
        ("${'a' + 1}", "not-a-number"),
        ("${s * 2}", "not-a-number"),
        ("${t + 1}", "not-a-number"),
        ("${'a' == 1}", "not-a-number"),
        ("${1 / 0}", "no-result"),
        ("${1 % 0}", "no-result"),
        ("${xs && t}", "not-a-truth"),
        ("${x ? 1 : 2}", "not-a-truth"),
        ("${xs < c}", "no-order"),
        ("${s.part}", "part-missing"),
        ("${xs.name}", "not-a-number"),
        ("${nothing.equals(1)}", "operand-kind"),
        ("${s.size()}", "operand-kind"),
        ("${xs.get(9)}", "index-out-of-range"),
        ("${day * 2}", "operands-unfit"),
    ],
)
def test_what_has_no_value_is_an_incident_with_a_code(text, code):
    with pytest.raises(ExpressionError) as caught:
        juel(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        (None, "${x}", "juel"),
        (None, "a ${x}", "juel"),
        (None, '"${x}"', "feel"),
        (None, '= "${x}"', "feel"),
        (None, "= x", "feel"),
        (None, "x", "feel"),
        (None, "f'{x}'", "python"),
        (None, "1 if x else 2", "python"),
        ("http://www.w3.org/1999/XPath", "${x}", "juel"),
        ("http://www.w3.org/1999/XPath", "x > 1", "feel"),
        ("http://www.omg.org/spec/FEEL/20140401", "${x}", "juel"),
        ("https://www.omg.org/spec/DMN/20191111/FEEL/", "x", "feel"),
        ("feel", "x", "feel"),
        ("FEEL", "x", "feel"),
        ("juel", "${x}", "juel"),
        ("http://www.java.com/uel", "${x}", "juel"),
        ("http://java.sun.com/products/jsp/JSTL/expressionLanguage", "${x}", "juel"),
        ("python", "x == 1", "python"),
        ("http://www.python.org/", "x == 1", "python"),
        ("text/x-python", "x == 1", "python"),
        ("python", "= x", "feel"),
    ],
)
def test_the_language_is_what_the_file_declares_or_the_text_has_the_shape_of(declared, text, language):
    assert compile_expression(text, language=declared).language == language


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("groovy", "x > 1"),
        ("javascript", "${x}"),
        ("jsonpath", "x"),
        ("http://www.w3.org/1999/XPath", "/order/amount > 1"),
        ("http://www.w3.org/1999/XPath", "getDataObject('x') > 1"),
        ("http://www.w3.org/1999/XPath", "$x > 1"),
        ("http://www.w3.org/1999/XPath", "x div 2"),
    ],
)
def test_other_languages_are_refused_by_name(declared, text):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, language=declared)

    assert caught.value.code == "expression-language-not-supported"
    assert caught.value.params["language"].lower() in declared.lower()


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("FALSE", False), ("3", 3), ("PT5M", "PT5M"), ("a b", "a b")]
)
def test_a_text_without_segments_is_itself_where_the_file_declares_juel(text, value):
    assert compile_expression(text, language="juel").evaluate({}, now=NOW) == value


def test_the_variables_that_a_text_reads_are_known():
    expression = compile_expression("${x > 1 && c.b.k == s ? count : execution.getVariable('y')} ${day}")

    assert expression.names == {"x", "c", "s", "count", "y", "day"}
    assert compile_expression("${execution.hasVariable('y') && deadline('a') == 1}").names == frozenset()
    assert compile_expression("${deadline('a')}").functions == {"deadline"}


def test_functions_of_the_application_are_called():
    expression = compile_expression("${twice(x) + 1}")

    assert expression.evaluate({"x": 2}, now=NOW, functions={"twice": lambda n: n * 2}) == 5


def test_the_budget_holds():
    with pytest.raises(ExpressionError) as caught:
        compile_expression("${" + "+".join(["x"] * 200) + "}").evaluate({"x": 1}, now=NOW, budget=Budget(steps=100))
    assert caught.value.code == "expression-too-costly"
    for text in ("${" + "(" * 60 + "1" + ")" * 60 + "}", "${" + "!" * 60 + "true}", "${" + "-" * 60 + "1}"):
        with pytest.raises(ExpressionError) as caught:
            compile_expression(text)
        assert caught.value.code == "expression-too-deep"


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 999)), max_size=8), st.integers(-99, 99))
def test_whole_arithmetic_is_that_of_java_and_python(rest, first):
    text = str(first) + "".join(f" {sign} {number}" for sign, number in rest)

    assert juel(f"${{{text}}}") == eval(text)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000).filter(bool))
def test_the_remainder_has_the_sign_of_the_dividend(left, right):
    expected = abs(left) % abs(right) * (-1 if left < 0 else 1)

    assert juel("${a mod b}", a=left, b=right) == expected


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-999, max_value=999), st.integers(-999, 999)
)
def test_numbers_compare_as_numbers_also_when_written_as_texts(left, right):
    signs = ("==", "!=", "<", "<=", ">", ">=")
    expected = [left == right, left != right, left < right, left <= right, left > right, left >= right]

    assert [juel(f"${{a {sign} b}}", a=left, b=right) for sign in signs] == expected
    assert [juel(f"${{a {sign} b}}", a=format(left, "f"), b=right) for sign in signs] == expected


def test_a_timer_may_be_put_together_of_segments():
    definition = EventDefinition("timer", timer_kind="timeCycle", timer=Text("R3/PT${n}M", ""))

    timer = compile_timer(definition)

    assert timer.expression is not None
    assert timer.expression.evaluate({"n": 5}, now=NOW) == "R3/PT5M"

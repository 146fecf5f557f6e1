"""Every fault of an expression has Chinese words with the same parameters, and none of them is an English sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest
from flask import Flask
from flask_babel import Babel

from api.decision_wording import DECISION_FINDINGS, DECISION_REASONS
from api.expression_wording import EXPRESSION_REASONS
from api.finding_wording import word_file_fault
from api.reason_wording import word_reason
from web.labels import INCIDENT_CODE
from workflows.deadlines.errors import DataFaultsError
from workflows.duty_files import read_duties
from workflows.engine.decisions.catalogue import FINDINGS
from workflows.engine.decisions.faults import DECISION_FAULTS
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.expressions.cursor import WANTED
from workflows.engine.expressions.kinds import KINDS
from workflows.engine.expressions.messages import EVALUATION, MESSAGES

NOW = datetime(2026, 10, 1, tzinfo=UTC)
_ENGLISH = re.compile(r"[A-Za-z']+(?:[ ,]+[A-Za-z']+){2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_code_has_words_and_every_word_a_code():
    kinds = {f"kind-{name.replace(' ', '-')}" for name in KINDS}
    wanted = {f"wanted-{name}" for name in (*WANTED, "one-of")}

    assert set(EXPRESSION_REASONS) == {*MESSAGES, *kinds, *wanted, "token"}


def test_every_fault_of_a_decision_has_words_and_a_label():
    assert set(DECISION_REASONS) == set(DECISION_FAULTS)
    assert set(DECISION_FAULTS) - set(INCIDENT_CODE) == set()
    assert set(DECISION_FINDINGS) == {code for code in FINDINGS if code.startswith("dmn-")}
    for code, text in DECISION_REASONS.items():
        assert fields(text) == fields(DECISION_FAULTS[code])
        assert not _ENGLISH.search(re.sub(r"\{[^{}]*\}", "", text))
    for code, (text, hint) in DECISION_FINDINGS.items():
        assert fields(text) <= fields(FINDINGS[code][1]) | {"element"}
        assert not _ENGLISH.search(re.sub(r"\{[^{}]*\}", "", text + hint).replace("SUM", "").replace("COUNT", ""))


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_the_words_of_a_code_tell_the_same(code):
    assert fields(EXPRESSION_REASONS[code]) == fields(MESSAGES[code])


@pytest.mark.parametrize("code", sorted(set(EXPRESSION_REASONS) - {"token"}))
def test_the_words_of_a_code_are_chinese(code):
    bare = re.sub(r"\{[^{}]*\}", "", EXPRESSION_REASONS[code])

    assert _CHINESE.search(bare)
    assert not _ENGLISH.search(bare.replace("upper case", ""))


def test_every_incident_of_an_expression_has_a_label():
    assert set(EVALUATION) - set(INCIDENT_CODE) == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "f(1",
        "{a 1}",
        "@1",
        "[1..",
        "'a",
        '"\\u12"',
        "5天",
        "a & b",
        "（a）",
        "a && b",
        "1<2<3",
        "xs[0]",
        "f(1, a: 2)",
        "{a: 1, a: 2}",
        "x instance of nonsense",
        "function(a) external {}",
        "x.append(1)",
        "${x.foo()}",
        "${execution.id}",
        "${fn:a(1)}",
        "${",
        "${}",
        "x = 1 then",
        "(" * 60,
        "9" * 2000,
        "zz",
        "zz(1)",
        "date()",
        "x(1)",
        "null",
        "s + 1 > 2",
        'date("never") > s',
        "s > 1",
        'matches(s, "(")',
        'matches(s, "a", "z")',
        "function(a) a",
        "xs[9] > 1",
        "[1..null]",
        "for i in 1..99999 return i",
        "sum(s) > 1",
        "${x && xs}",
        "${s + 1}",
        "[s..1]",
        "before([1..2], xs) and true",
    ],
)
def test_a_fault_is_told_in_chinese(text):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text).test({"x": 1, "s": "abc", "xs": [1], "c": {}}, now=NOW)

    told = word_reason(caught.value.reason_in(text).plain())
    assert _CHINESE.search(told)
    said = told.replace(text[:200], "")
    assert not _ENGLISH.search(re.sub(r"\([^()]*\)|upper case", "", said)), said


def test_a_variable_of_a_duty_that_cannot_be_read_is_told_in_chinese():
    with pytest.raises(DataFaultsError) as caught:
        read_duties("duties: [{id: d, variables: {a: 'x +'}}]", "d.yaml")

    (fault,) = [fault for fault in caught.value.faults if fault.code == "expression-wrong"]
    app = Flask("wording")
    Babel(app, default_locale="zh_CN")
    with app.test_request_context():
        told = word_file_fault(fault.code, fault.params, fault.message)
    assert told == "表达式读不懂：“x +”第 4 字处：这里应是值，却是结尾。"

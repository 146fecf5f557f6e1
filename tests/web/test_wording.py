"""Every code that a use case or the engine can speak has words of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from api.finding_wording import word_finding, worded_codes
from api.wording import known_codes, word_error, word_field
from web.labels import TABLES, label
from workflows.engine.check.catalogue import MESSAGES
from workflows.engine.check.report import Report
from workflows.engine.model import Document
from workflows.engine.reasons import Reason
from workflows.engine.types import Finding, Severity
from workflows.errors import FieldFault, NotFoundError, WrongStateError

ROOT = Path(__file__).resolve().parents[2]
_RAISED = re.compile(r"(?:Error|refuse)\([^()]*(?:\([^()]*\)[^()]*)*?code=\"([a-z-]+)\"", re.DOTALL)
_FIELD = re.compile(r"(?:refuse|Remark)\(\s*\"([a-z-]+)\"")
_NEVER_TOLD = {
    "job-failed",
    "no-candidate",
    "timer-failed",
    "uncaught-error",
    "nobody-decides",
    "not-a-track",
    "operation-failed",
}  # incidents, not faults of a caller


@pytest.fixture
def app() -> Flask:
    made = Flask("wording")
    Babel(made, default_locale="zh_CN")
    return made


def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflows").glob("*.py")))


def test_every_code_that_a_use_case_raises_has_words():
    raised = set(_RAISED.findall(sources()))

    assert len(raised) > 40
    assert {code for code in raised - _NEVER_TOLD if not code.startswith("owner-")} - set(known_codes()) == set()


def test_every_remark_on_a_field_has_words():
    forms = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflows/forms").glob("*.py")))

    assert set(_FIELD.findall(forms)) - set(known_codes()) == set()


def test_every_finding_of_the_engine_has_chinese_words():
    assert set(MESSAGES) - worded_codes() == set()
    assert worded_codes() - set(MESSAGES) == set()


def test_a_finding_is_told_in_the_reader_s_language(app: Flask):
    finding = Finding(
        Severity.ERROR,
        "gateway-condition-missing",
        "English",
        "Hint",
        "a.bpmn",
        "f1",
        "去审核",
        params={"gateway": "g"},
    )
    with app.test_request_context():
        with force_locale("zh_CN"):
            assert word_finding(finding)[0] == "连线“去审核”从网关“g”出来，没有条件，也不是默认连线。"
        with force_locale("en"):
            assert word_finding(finding) == ("English", "Hint")


def test_a_reason_inside_a_finding_is_told_in_the_reader_s_language(app: Flask):
    report = Report()
    why = Reason("never-worded", "The inner sentence.", {"n": 1})
    report.add(
        "expression-invalid",
        "a.bpmn",
        Document("a.bpmn"),
        reason=Reason("in-expression", "E", {"text": "x", "why": why}),
    )
    (finding,) = report.findings

    assert finding.params["reason"]["params"]["why"] == why.plain()
    assert finding.message.endswith("cannot be read: E")
    with app.test_request_context(), force_locale("zh_CN"):
        assert "“x”第  字处：The inner sentence." in word_finding(finding)[0]


def test_an_unknown_code_is_told_in_the_words_of_its_class(app: Flask):
    with app.test_request_context():
        assert word_error(NotFoundError("x", code="never-seen")).detail == "要找的内容不存在，或者您无权查看。"
        assert word_error(WrongStateError("x", code="never-seen")).title == "现在不能这样做"
        assert word_field(FieldFault("/a", "never-seen", "x")) == "内容不对"


def test_a_missing_parameter_does_not_break_the_telling(app: Flask):
    with app.test_request_context():
        assert "MB" in word_error(NotFoundError("x", code="attachment-too-large")).detail


def test_labels_show_a_code_that_has_no_word(app: Flask):
    with app.test_request_context():
        assert label("active", "case") == "办理中"
        assert label("never-seen", "case") == "never-seen"
        assert label(None, "case") == ""
        assert all(table for table in TABLES.values())

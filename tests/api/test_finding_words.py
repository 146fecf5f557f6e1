"""Every finding speaks the reader's language: real findings of tiny files, and the whole catalogue.

A Chinese report holds no English sentence (ids, codes, tag names and what the file itself says may stay), an English
one no Chinese beyond what the file says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from api.file_wording import FILES
from api.finding_wording import word_finding, word_place
from api.reason_wording import REASONS
from api.wording import word_field
from tests.engine.scene import definitions, node, process, subprocess, tasks, timer
from tests.law.law_files import LAW
from workflows.bundles import read_bundle
from workflows.deadlines.calendar_files import load_calendar, read_calendar_year
from workflows.deadlines.errors import DataFaultsError, Fault
from workflows.duty_files import read_duties
from workflows.duty_profile import Ground
from workflows.engine.check.catalogue import MESSAGES
from workflows.engine.types import FileContent, Finding, Profile, Severity
from workflows.errors import FieldFault
from workflows.forms.reading import read_form
from workflows.organisation import load_organisation

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_ENGLISH = re.compile(r"[A-Za-z']+(?:[ ,]+[A-Za-z']+){2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask("wording")
    Babel(made, default_locale="zh_CN")
    return made


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(load_organisation(LAW), load_calendar(LAW / "calendars"), NOW, frozenset({"known"}))


def values_of(params: Any) -> Iterator[str]:
    """Yield what the file said: texts among the params, also inside reasons (their codes aside)."""
    match params:
        case {"code": _, "params": inner, "message": _}:
            yield from values_of(inner)
        case dict():
            for value in params.values():
                yield from values_of(value)
        case list() | tuple():
            for value in params:
                yield from values_of(value)
        case str() if params:
            yield params
            yield from re.findall(r"\w+", params)


def without(text: str, params: Any) -> str:
    for value in sorted(values_of(params), key=len, reverse=True):
        text = text.replace(value, "").replace(repr(value)[1:-1], "")
    return text


def assert_speaks_both(app: Flask, finding: Finding) -> None:
    params = {**finding.params, "name": finding.element_name, "id": finding.element_id}
    with app.test_request_context(), force_locale("zh_CN"):
        text, hint = word_finding(finding)
        said = without(text, params) + without(hint, params) + without(word_place(finding), finding.path)
    assert _CHINESE.search(text), (finding.code, text)
    assert not _ENGLISH.search(said), (finding.code, text, hint)
    assert not re.search(r"（[a-z]+(-[a-z]+)+）", text), text  # a reason told by its code alone
    with app.test_request_context(), force_locale("en"):
        text, hint = word_finding(finding)
    assert text
    assert not _CHINESE.search(without(text, params) + without(hint, params)), (finding.code, text, hint)


# ------------------------------------------------------------------ the engine's catalogue, whatever stands in it


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_code_of_the_catalogue_is_said_in_both_languages(app: Flask, code: str):
    severity, message, hint = MESSAGES[code]
    named = [name for _, name, _, _ in Formatter().parse(message) if name]
    params = {name: f"«{name}»" for name in named}
    finding = Finding(severity, code, message.format(**params), hint.format(**params), "a.bpmn", "A", params=params)

    assert_speaks_both(app, finding)


@pytest.mark.parametrize("code", sorted(code for code in FILES if code.startswith("migration-")))
def test_what_forbids_a_migration_is_said_in_both_languages(app: Flask, code: str):
    params = {"element": "«A»", "flow": "«f»", "activity": "|A:0:1"}

    assert_speaks_both(app, Finding(Severity.ERROR, code, "It is told.", "", "", "A", params=params))


# ------------------------------------------------------------------ real findings of tiny files

DUTY = {"zc__owner": "post:书记", "zc__deadline": "r", "zc__clause": "第一条", "zc__form": "f"}


def flow(drawn: str, arrows: str = "s > A\n A > e") -> bytes:
    return definitions(process(drawn, arrows, zc__clause="第一条"))


def border(inner: str) -> bytes:
    return flow(
        node("userTask", "A", **DUTY) + node("boundaryEvent", "b", inner, attachedToRef="A"), "s > A\n A > e\n b > e"
    )


def multiple(inside: str, arrows: str = "") -> bytes:
    return flow(subprocess("M", inside, arrows, LOOP), "s > M\n M > e")


_WRITES = node("userTask", "A", zc__form="f")
_THROWS = node("endEvent", "A", '<bpmn:escalationEventDefinition escalationRef="Esc"/>')
_CAUGHT = node("boundaryEvent", "b", '<bpmn:escalationEventDefinition escalationRef="Esc"/>', attachedToRef="M")
FORM = b'{"type": "default", "components": []}'
LOOP = '<bpmn:multiInstanceLoopCharacteristics zc:collection="各单位" zc:item="一家"/>'
RULES = "rules:\n- {key: r, title: t, start: s, amount: 5, unit: workday, confidence: 编者补}\n".encode()

DIAGRAMS: list[tuple[str, str, bytes]] = [
    ("duration-malformed", "timer-invalid", border(timer("P1H"))),
    ("duration-negative", "timer-invalid", border(timer("-PT2H"))),
    ("cron-malformed", "timer-invalid", border(timer("0 0 25 * * ?", "timeCycle"))),
    ("cron-ambiguous", "timer-invalid", border(timer("0 0 12 ? * 2", "timeCycle"))),
    ("duration-out-of-range", "timer-invalid", border(timer("P99999Y"))),
    ("date-malformed", "timer-invalid", border(timer("2026-1-1", "timeDate"))),
    ("date-out-of-range", "timer-invalid", border(timer("2026-02-30", "timeDate"))),
    ("date-time-malformed", "timer-invalid", border(timer("2026-01-01T9", "timeDate"))),
    ("time-out-of-range", "timer-invalid", border(timer("2026-01-01T25:00:00Z", "timeDate"))),
    ("zone-out-of-range", "timer-invalid", border(timer("2026-01-01T09:00:00+19:00", "timeDate"))),
    ("zone-unknown", "timer-invalid", border(timer("2026-01-01T09:00:00@No/Where", "timeDate"))),
    ("cycle-malformed", "timer-invalid", border(timer("R3/P1D/P2D/P3D", "timeCycle"))),
    ("cycle-out-of-range", "timer-invalid", border(timer("R9999999/PT1H", "timeCycle"))),
    ("cycle-not-positive", "timer-invalid", border(timer("R3/PT0S", "timeCycle"))),
    ("cycle-of-zero", "timer-invalid", border(timer("R0/PT1H", "timeCycle"))),
    ("body-inside-another", "multi-instance-not-isolated", multiple(subprocess("N", tasks("A"), "", LOOP))),
    ("body-writes", "multi-instance-not-isolated", multiple(_WRITES)),
    (
        "body-exchanges-messages",
        "multi-instance-not-isolated",
        multiple(node("intermediateCatchEvent", "A", '<bpmn:messageEventDefinition messageRef="Msg"/>')),
    ),
    (
        "body-reads-case",
        "multi-instance-not-isolated",
        multiple(node("exclusiveGateway", "G", default="f_G_B") + tasks("A", "B"), "G > A if 年度 > 1; G > B"),
    ),
    (
        "body-ended-by-escalation",
        "multi-instance-not-isolated",
        flow(
            subprocess("M", _THROWS, "", LOOP) + _CAUGHT,
            "s > M\n M > e\n b > e",
        ),
    ),
    ("owner-unknown-post", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "post:舵主"}))),
    ("owner-unknown-kind", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "谁都行"}))),
    ("owner-value", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "post:"}))),
    ("owner-unknown-role", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "role:king"}))),
    (
        "owner-unexpected-reference",
        "owner-unknown",
        flow(node("userTask", "A", **{**DUTY, "zc__owner": "person:a@unit"})),
    ),
    ("owner-reference", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "post:书记@a-b"}))),
    (
        "owner-unknown-relation",
        "owner-unknown",
        flow(node("userTask", "A", **{**DUTY, "zc__owner": "post:书记@unit.mother"})),
    ),
    ("owner-too-long", "owner-unknown", flow(node("userTask", "A", **{**DUTY, "zc__owner": "post:" + "长" * 400}))),
    ("no-such-form", "form-unknown", flow(node("userTask", "A", **{**DUTY, "zc__form": "g"}))),
    ("no-such-rule", "deadline-unknown", flow(node("userTask", "A", **{**DUTY, "zc__deadline": "q"}))),
    ("no-such-operation", "operation-unknown", flow(node("serviceTask", "A", zc__operation="fly"))),
    ("", "timer-depends-on-case", border(timer("截止日", "timeDate"))),
    ("", "timer-date", border(timer("P3D"))),
    ("", "deadline-date", flow(node("userTask", "A", **DUTY))),
    ("", "xml-malformed", flow(tasks("A"))[:-20]),
    ("", "xml-empty", b""),
    ("", "xml-doctype-forbidden", b"<!DOCTYPE d><definitions/>"),
    ("", "xml-encoding-unknown", flow(tasks("A")).replace(b"UTF-8", b"EBCDIC-CP-FR")),
    ("", "xml-encoding-invalid", flow(tasks("A")).replace(b'id="A"', b'id="A\xff"')),
    ("", "xml-too-deep", b"<a>" * 100 + b"</a>" * 100),
    ("", "not-bpmn", b"<html/>"),
    ("", "process-missing", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'),
    ("", "attribute-invalid", flow(tasks("A")).replace(b'isExecutable="true"', b'isExecutable="maybe"')),
    ("", "event-not-allowed-here", flow(node("intermediateThrowEvent", "A", timer("P3D")))),
    ("", "own-extension-unknown", flow(node("userTask", "A", zc__ownr="x"))),
    ("", "vendor-extension-not-supported", flow(node("userTask", "A", camunda__topic="x"))),
    ("", "unreachable-node", flow(tasks("A", "B"))),
]


@pytest.mark.parametrize(("reason", "code", "content"), DIAGRAMS, ids=[each[0] or each[1] for each in DIAGRAMS])
def test_a_real_finding_on_a_diagram_speaks_both_languages(
    app: Flask, ground: Ground, reason: str, code: str, content: bytes
):
    files = [
        FileContent("test.bpmn", content),
        FileContent("forms/f.json", FORM.replace(b"[]", b'[{"type": "textfield", "key": "x"}]')),
        FileContent("deadlines/d.yaml", RULES),
    ]

    found = read_bundle(files, profile=Profile.DUTY, ground=ground).findings

    hits = [each for each in found if each.code == code]
    assert hits, [(each.code, each.message) for each in found]
    if reason:
        assert reason in {value["code"] for each in hits for value in each.params.values() if isinstance(value, dict)}
    for each in found:
        assert_speaks_both(app, each)


def form(*components: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "default", "components": list(components), **more}).encode()


def field(**more: Any) -> bytes:
    return form({"type": "textfield", "key": "x", **more})


FORMS: list[tuple[str, bytes]] = [
    ("form-not-json", b"{"),
    ("form-not-a-form", b"[]"),
    ("form-property-unknown", form(colour="red")),
    ("form-property-unknown", field(validate={"even": True})),
    ("form-wrong-type", form(title=5)),
    ("form-wrong-type", b'{"type": "default"}'),
    ("form-wrong-type", b'{"type": "default", "components": [1]}'),
    ("form-wrong-type", field(label=5)),
    ("form-wrong-type", field(validate={"required": "yes"})),
    ("form-wrong-type", field(validate={"minLength": -1})),
    ("form-wrong-type", field(validate={"validationType": "fax"})),
    ("form-wrong-type", form({"type": "number", "key": "x", "validate": {"min": "a"}})),
    ("form-wrong-type", form({"type": "datetime", "key": "x", "subtype": "era"})),
    ("form-type-unknown", form({"type": "magic", "key": "x"})),
    ("form-key-missing", form({"type": "textfield"})),
    ("form-key-twice", form({"type": "textfield", "key": "x"}, {"type": "textfield", "key": "x"})),
    ("form-id-mismatch", form(id="other")),
    ("form-limits-crossed", field(validate={"minLength": 5, "maxLength": 2})),
    ("form-pattern-refused", field(validate={"pattern": "("})),
    ("form-pattern-refused", field(validate={"pattern": 5})),
    ("form-options-missing", form({"type": "select", "key": "x"})),
    ("form-option-wrong", form({"type": "select", "key": "x", "values": [{"value": 1}]})),
    ("form-option-twice", form({"type": "select", "key": "x", "values": [{"value": "a"}, {"value": "a"}]})),
    ("form-default-wrong", form({"type": "select", "key": "x", "values": [{"value": "a"}], "defaultValue": "b"})),
    ("form-condition-wrong", field(conditional={"show": "=x"})),
    ("form-too-large", b" " * 600_000),
    ("form-too-many-fields", form(*({"type": "textfield", "key": f"x{number}"} for number in range(501)))),
]


@pytest.mark.parametrize(("code", "content"), FORMS)
def test_a_real_finding_on_a_form_speaks_both_languages(app: Flask, code: str, content: bytes):
    _, found = read_form("forms/f.json", content)

    assert code in {each.code for each in found}
    for each in found:
        assert_speaks_both(app, each)


DATA: list[tuple[str, str, str]] = [
    ("not-yaml", "deadlines/d.yaml", "rules: ["),
    ("wrong-type", "deadlines/d.yaml", "[]"),
    ("missing", "deadlines/d.yaml", "{}"),
    ("unknown-field", "deadlines/d.yaml", "rules: []\ncolour: red"),
    ("unknown-value", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, amount: 5, unit: eon}]"),
    ("out-of-range", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, amount: -5, unit: day}]"),
    ("bad-key", "deadlines/d.yaml", "rules: [{key: 'a b', title: t, start: s, amount: 5, unit: day}]"),
    ("empty", "deadlines/d.yaml", "rules: [{key: r, title: ' ', start: s, amount: 5, unit: day}]"),
    ("limit-missing", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s}]"),
    ("source-missing", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, amount: 5, unit: day}]"),
    (
        "editor-cites-law",
        "deadlines/d.yaml",
        "rules: [{key: r, title: t, start: s, amount: 5, unit: day, confidence: 编者补, article: 第一条}]",
    ),
    ("amount-missing", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, unit: day}]"),
    ("unit-missing", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, amount: 5}]"),
    ("parameter-without-amount", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, parameter: p}]"),
    ("anchor-unclear", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, anchor: {}}]"),
    ("not-a-month-day", "deadlines/d.yaml", "rules: [{key: r, title: t, start: s, anchor: {month_day: soon}}]"),
    ("bad-key", "parameters.yaml", "A-1: {value: 1, label: l, source: 编者补}"),
    ("wrong-type", "parameters.yaml", "a: {value: {b: null}, label: l, source: 编者补}"),
    ("file-type-unknown", "readme.txt", "hello"),
]


@pytest.mark.parametrize(("code", "path", "content"), DATA)
def test_a_real_finding_on_a_data_file_speaks_both_languages(
    app: Flask, ground: Ground, code: str, path: str, content: str
):
    found = read_bundle([FileContent(path, content.encode())], profile=Profile.DUTY, ground=ground).findings

    assert code in {each.code for each in found}, found
    for each in found:
        assert_speaks_both(app, each)


def test_faults_of_data_that_an_administrator_sends_speak_both_languages(app: Flask):
    year = (
        "year: 2027\nversion: 1\nstatus: official\nsource: s\noff_days: {2026-06-01: a}\nmake_up_days: {2027-03-01: b}"
    )
    faults: list[Fault] = []
    for content, read in ((year, read_calendar_year), ("duties: [{id: d}, {id: d}]", read_duties)):
        with pytest.raises(DataFaultsError) as raised:
            read(content.encode(), "a.yaml")
        faults += raised.value.faults

    assert {"wrong-year", "make-up-on-weekday", "duty-twice"} <= {fault.code for fault in faults}
    for fault in faults:
        told = FieldFault(fault.path, fault.code, fault.message, tuple(fault.params.items()))
        with app.test_request_context(), force_locale("zh_CN"):
            assert not _ENGLISH.search(without(word_field(told), fault.params)), fault
        with app.test_request_context(), force_locale("en"):
            assert not _CHINESE.search(without(word_field(told), fault.params)), fault


def test_words_for_files_take_only_params_that_are_given_somewhere():
    named = {name for text, _ in FILES.values() for _, name, _, _ in Formatter().parse(text) if name}

    assert all(re.fullmatch(r"[a-z]+", name) for name in named)
    assert len(REASONS) > 30

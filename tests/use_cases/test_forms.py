from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.use_cases.form_scene import AROUND, LAW, NOW, faults_of, findings_of, form_of, text
from workflows.errors import RejectedError
from workflows.forms import (
    FieldType,
    Surroundings,
    attachment_ids,
    describe_form,
    read_form,
    references,
    validate,
    validate_draft,
    visible_fields,
)

# ------------------------------------------------------------------ reading a form


def test_every_shipped_form_is_read_and_described():
    paths = sorted((LAW / "forms").rglob("*.json"))

    for path in paths:
        form, findings = read_form(path.relative_to(LAW).as_posix(), path.read_bytes())

        assert form is not None, [finding.message for finding in findings]
        assert describe_form(form)["schema"]["additionalProperties"] is False
    assert len(paths) > 20


def test_an_unknown_type_is_an_error_that_names_its_place():
    assert findings_of(text(), {"type": "iframe", "key": "b"}) == [("form-type-unknown", "components[1].type")]


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (text(colour="red"), ("form-property-unknown", "components[0].colour")),
        (text(properties={"a": "b"}), ("form-property-unknown", "components[0].properties")),
        (text(validate={"min": 3}), ("form-property-unknown", "components[0].validate.min")),
        (text(validate={"maxLength": "3"}), ("form-wrong-type", "components[0].maxLength")),
        (text(validate={"maxLength": -1}), ("form-wrong-type", "components[0].maxLength")),
        (text(validate={"minLength": 9, "maxLength": 3}), ("form-limits-crossed", "components[0].validate")),
        (text(key="1a"), ("form-key-missing", "components[0].key")),
        (text(key=""), ("form-key-missing", "components[0].key")),
        (text(label=7), ("form-wrong-type", "components[0].label")),
        (text(readonly="yes"), ("form-wrong-type", "components[0].readonly")),
        (text(conditional={"hide": "=1 +"}), ("form-condition-wrong", "components[0].conditional.hide")),
        (text(conditional={"show": "=true"}), ("form-condition-wrong", "components[0].conditional")),
        ({"type": "radio", "key": "a"}, ("form-options-missing", "components[0].values")),
        ({"type": "radio", "key": "a", "values": ["x"]}, ("form-option-wrong", "components[0].values[0]")),
        (
            {"type": "select", "key": "a", "values": [{"value": "x"}, {"value": "x"}]},
            ("form-option-twice", "components[0].values"),
        ),
        ({"type": "datetime", "key": "a", "subtype": "year"}, ("form-wrong-type", "components[0].subtype")),
        ({"type": "dynamiclist", "path": "a", "components": {}}, ("form-wrong-type", "components[0].components")),
        ("text", ("form-wrong-type", "components[0]")),
    ],
)
def test_a_form_with_a_fault_is_refused_naming_the_place(component, expected):
    assert expected in findings_of(component)


def test_one_key_cannot_be_asked_for_twice_even_in_groups():
    group = {"type": "group", "label": "组", "components": [text("a")]}

    assert findings_of(text("a"), group) == [("form-key-twice", "components[1]")]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"form"', b'{"type": "other"}', b"\xff\xfe\x00", b"[" * 100_000]
)
def test_what_is_no_form_is_refused(content):
    form, findings = read_form("x.json", content)

    assert form is None
    assert [finding.severity for finding in findings] == ["error"]


def test_a_form_nested_too_deep_is_refused():
    inner: dict = text()
    for _ in range(10):
        inner = {"type": "group", "components": [inner]}

    assert findings_of(inner)[0][0] == "form-too-deep"


@pytest.mark.parametrize("pattern", [r"(.)\1", "(?=a)b", "[", "(", "a" * 1001, "((a{100}){100}){100}", 7])
def test_a_pattern_that_cannot_run_in_linear_time_is_refused(pattern):
    assert findings_of(text(validate={"pattern": pattern}))[0][0] == "form-pattern-refused"


@pytest.mark.parametrize("pattern", [r"^\d{4}-\d{2}$", "^[一-龥]{2,20}$", "^(甲|乙|丙)字第[0-9]+号$", "^[a-z]+[0-9]*$"])
def test_a_simple_pattern_is_taken(pattern):
    assert form_of(text(validate={"pattern": pattern})).fields[0].pattern == pattern


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "^(a*)*$", "^(a+a+)+y"])
def test_a_pattern_made_to_backtrack_costs_nothing(pattern):
    form = form_of(text(validate={"pattern": pattern}))

    assert faults_of(form, {"a": "a" * 1_900 + "!" + "x" * 90}) == {"/a": "field-pattern"}


# ------------------------------------------------------------------ values


def test_values_become_plain_data_of_a_process():
    form = form_of(
        text("title"),
        {"type": "number", "key": "amount", "decimalDigits": 2},
        {"type": "datetime", "key": "on", "subtype": "date"},
        {"type": "datetime", "key": "at", "subtype": "datetime"},
        {"type": "checkbox", "key": "agreed"},
        {"type": "checklist", "key": "kinds", "values": [{"value": "a"}, {"value": "b"}]},
        {"type": "filepicker", "key": "files", "multiple": True},
    )

    clean = validate(
        form,
        {
            "title": "  标题 ",
            "amount": "12.50",
            "on": "2026-11-20",
            "at": "2026-11-20T09:30",
            "agreed": "on",
            "kinds": ["a", "b"],
            "files": ["f1", "f2"],
        },
        AROUND,
    )

    assert clean["title"] == "标题"
    assert (clean["amount"], type(clean["amount"])) == (Decimal("12.50"), Decimal)
    assert clean["on"] == date(2026, 11, 20)
    assert clean["at"].utcoffset() == timedelta(hours=8)
    assert clean["agreed"] is True
    assert attachment_ids(form, clean) == ("f1", "f2")


def test_a_field_left_out_keeps_what_it_had_and_one_sent_empty_becomes_none():
    form = form_of(text("a"), text("b"))

    assert validate(form, {"a": " "}, AROUND) == {"a": None}


def test_a_field_that_the_form_does_not_have_is_refused():
    assert faults_of(form_of(text("a")), {"a": "x", "b": "y"}) == {"/b": "field-unknown"}


def test_a_field_that_is_only_shown_takes_no_value():
    form = form_of(text("a"), text("seen", readonly=True))

    assert faults_of(form, {"a": "x", "seen": "forged"}) == {"/seen": "field-read-only"}


@pytest.mark.parametrize("values", [None, [], "x", 3, True])
def test_values_that_are_no_object_are_refused(values):
    assert faults_of(form_of(text("a")), values) == {"": "field-not-an-object"}


CHOICE = {"type": "radio", "key": "a", "values": [{"value": "x"}, {"value": "y"}]}
MANY = {"type": "checklist", "key": "a", "values": [{"value": "x"}, {"value": "y"}]}
DAY = {"type": "datetime", "key": "a", "subtype": "date"}
MOMENT = {"type": "datetime", "key": "a", "subtype": "datetime"}
NUMBER = {"type": "number", "key": "a", "decimalDigits": 1, "validate": {"min": 0, "max": 10}}
FILES = {"type": "filepicker", "key": "a"}
TICK = {"type": "checkbox", "key": "a", "validate": {"required": True}}
SIGN = {"type": "signature", "key": "a", "statement": "本人签字", "validate": {"required": True}}


@pytest.mark.parametrize(
    ("component", "value", "code"),
    [
        (text(), 5, "field-not-a-text"),
        (text(), ["x"], "field-not-a-text"),
        (text(), {"a": 1}, "field-not-a-text"),
        (text(), "x" * 2001, "field-too-long"),
        (text(validate={"maxLength": 3}), "xxxx", "field-too-long"),
        (text(validate={"minLength": 3}), "xx", "field-too-short"),
        (text(), "a\x00b", "field-control-character"),
        (text(), "a\ud800b", "field-control-character"),
        (text(validate={"pattern": "^[0-9]+$"}), "12a", "field-pattern"),
        (text(validate={"validationType": "email"}), "nobody", "field-pattern"),
        (text(validate={"required": True}), "  ", "field-required"),
        (text(validate={"required": True}), None, "field-required"),
        ({"type": "textarea", "key": "a"}, "x" * 20_001, "field-too-long"),
        (NUMBER, "ten", "field-not-a-number"),
        (NUMBER, True, "field-not-a-number"),
        (NUMBER, "NaN", "field-not-a-number"),
        (NUMBER, "Infinity", "field-not-a-number"),
        (NUMBER, [1], "field-not-a-number"),
        (NUMBER, "1e999999999", "field-number-too-long"),
        (NUMBER, "9" * 200, "field-number-too-long"),
        (NUMBER, "9" * 5000, "field-not-a-number"),
        (NUMBER, 10.5, "field-too-large"),
        (NUMBER, -1, "field-too-small"),
        (NUMBER, "1.25", "field-too-precise"),
        (DAY, "2026-02-30", "field-not-a-date"),
        (DAY, "tomorrow", "field-not-a-date"),
        (DAY, 20261120, "field-not-a-date"),
        (DAY, "0001-01-01", "field-date-out-of-range"),
        (MOMENT, "2026-11-20T25:00", "field-not-a-date-time"),
        (MOMENT, "0001-01-01T00:00+14:00", "field-date-out-of-range"),
        ({"type": "datetime", "key": "a", "subtype": "time"}, "25:00", "field-not-a-time"),
        (CHOICE, "z", "field-not-an-option"),
        (CHOICE, ["x"], "field-not-a-text"),
        (MANY, {"x": True}, "field-not-a-list"),
        (MANY, ["x", "x"], "field-entry-twice"),
        (FILES, ["f1", "f2"], "field-too-many"),
        (TICK, False, "field-not-confirmed"),
        (TICK, None, "field-required"),
        (TICK, "perhaps", "field-not-a-truth-value"),
        (SIGN, False, "field-not-confirmed"),
        (SIGN, "data:image/png;base64,AAAA", "field-not-a-truth-value"),
    ],
)
def test_a_wrong_value_is_refused_naming_its_field(component, value, code):
    assert faults_of(form_of(component), {"a": value}) == {"/a": code}


def test_an_entry_of_a_list_is_named_by_its_place():
    assert faults_of(form_of(MANY), {"a": ["x", "z"]}) == {"/a/1": "field-not-an-option"}


def test_faults_of_rows_name_row_and_field():
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "validate": {"minItems": 1, "maxItems": 3},
        "components": [text("what", validate={"required": True}), {"type": "number", "key": "days"}],
    }
    form = form_of(rows)

    assert validate(form, {"rows": [{"what": "x", "days": 3}]}, AROUND) == {"rows": [{"what": "x", "days": Decimal(3)}]}
    assert faults_of(form, {"rows": [{"what": "x"}, {"days": "many", "more": 1}]}) == {
        "/rows/1/what": "field-required",
        "/rows/1/days": "field-not-a-number",
        "/rows/1/more": "field-unknown",
    }
    assert faults_of(form, {}) == {"/rows": "field-required"}
    assert faults_of(form, {"rows": [{"what": "x"}] * 4}) == {"/rows": "field-too-many"}
    assert faults_of(form, {"rows": "x"}) == {"/rows": "field-not-a-list"}
    assert faults_of(form, {"rows": ["x"]}) == {"/rows/0": "field-not-an-object"}


def test_a_group_with_a_path_holds_its_fields():
    form = form_of({"type": "group", "path": "who", "components": [text("name", validate={"required": True})]})

    assert validate(form, {"who": {"name": "某人"}}, AROUND) == {"who": {"name": "某人"}}
    assert faults_of(form, {}) == {"/who/name": "field-required"}
    assert faults_of(form, {"who": {"name": ""}}) == {"/who/name": "field-required"}


def test_pointers_escape_nothing_but_what_rfc_6901_says():
    assert faults_of(form_of(text("a")), {"x/y~z": 1}) == {"/x~1y~0z": "field-unknown"}


def test_people_and_units_are_found_with_their_places():
    person = {"type": "user", "key": "who"}
    form = form_of(
        person,
        {"type": "dynamiclist", "path": "rows", "components": [{"type": "unit", "key": "unit", "multiple": True}]},
    )
    clean = validate(form, {"who": "P1", "rows": [{"unit": ["U1", "U2"]}]}, AROUND)

    assert references(form, clean, FieldType.USER) == (("/who", "P1"),)
    assert references(form, clean, FieldType.UNIT) == (("/rows/0/unit/0", "U1"), ("/rows/0/unit/1", "U2"))


# ------------------------------------------------------------------ shown when

CONDITIONAL = (
    {"type": "radio", "key": "kind", "values": [{"value": "late"}, {"value": "done"}], "validate": {"required": True}},
    text("reason", validate={"required": True}, conditional={"hide": '=not(kind = "late")'}),
)


def test_a_hidden_field_is_neither_needed_nor_taken():
    form = form_of(*CONDITIONAL)

    assert validate(form, {"kind": "done"}, AROUND) == {"kind": "done"}
    assert validate(form, {"kind": "done", "reason": ""}, AROUND) == {"kind": "done"}
    assert faults_of(form, {"kind": "done", "reason": "x"}) == {"/reason": "field-not-shown"}


def test_a_shown_field_is_needed():
    assert faults_of(form_of(*CONDITIONAL), {"kind": "late"}) == {"/reason": "field-required"}


def test_nothing_is_shown_before_the_choice_that_shows_it():
    form = form_of(*CONDITIONAL)

    assert [part.key for part in visible_fields(form, {}, AROUND)] == ["kind"]
    assert [part.key for part in visible_fields(form, {"kind": "late"}, AROUND)] == ["kind", "reason"]


def test_conditions_see_the_variables_of_the_case():
    form = form_of(text("a", conditional={"hide": "=level > 2"}))

    assert visible_fields(form, {}, Surroundings(NOW, {"level": 3})) == ()
    assert len(visible_fields(form, {}, Surroundings(NOW, {"level": 1}))) == 1


def test_a_condition_that_cannot_be_evaluated_hides_nothing():
    form = form_of(text("a", validate={"required": True}, conditional={"hide": "=nowhere.found + 1 > 3"}))

    assert faults_of(form, {}) == {"/a": "field-required"}


def test_a_row_decides_for_itself_what_it_shows():
    form = form_of({"type": "dynamiclist", "path": "rows", "components": list(CONDITIONAL)})

    assert faults_of(form, {"rows": [{"kind": "done"}, {"kind": "late"}]}) == {"/rows/1/reason": "field-required"}


# ------------------------------------------------------------------ drafts


def test_a_draft_is_kept_as_it_was_typed():
    form = form_of(NUMBER, text("b", validate={"required": True}))

    assert validate_draft(form, {"a": "not yet a number"}) == {"a": "not yet a number"}


@pytest.mark.parametrize(
    ("values", "pointer"), [({"c": 1}, "/variables/c"), ([], "/variables"), ({"a": "x" * 1_100_000}, "/variables")]
)
def test_a_draft_takes_only_fields_of_the_form_and_a_sane_size(values, pointer):
    with pytest.raises(RejectedError) as caught:
        validate_draft(form_of(text("a")), values)

    assert [fault.pointer for fault in caught.value.faults] == [pointer]


OFFERED: dict[str, Any] = {
    "type": "radio",
    "key": "outcome",
    "validate": {"required": True},
    "values": [{"value": "urge"}, {"value": "transfer", "conditional": {"hide": "=holder = null"}}],
}


def test_a_choice_is_offered_only_where_its_condition_lets_it():
    form = form_of(OFFERED)
    nobody, somebody = Surroundings(NOW, {"holder": None}), Surroundings(NOW, {"holder": "p1"})

    assert [option.value for option in visible_fields(form, {}, nobody)[0].options] == ["urge"]
    assert [option.value for option in visible_fields(form, {}, somebody)[0].options] == ["urge", "transfer"]
    assert validate(form, {"outcome": "transfer"}, somebody) == {"outcome": "transfer"}
    with pytest.raises(RejectedError) as told:
        validate(form, {"outcome": "transfer"}, nobody)
    assert [(fault.pointer, fault.code) for fault in told.value.faults] == [
        ("/variables/outcome", "field-not-an-option")
    ]


def test_a_faulty_condition_of_a_choice_is_told_with_its_place():
    choice = {"type": "radio", "key": "a", "values": [{"value": "x", "conditional": {"hide": "=1 +"}}]}

    assert findings_of(choice) == [("form-condition-wrong", "components[0].values[0].conditional.hide")]


@pytest.mark.parametrize(
    ("around", "offered"),
    [
        ({"kind": "extension", "source_task": "t1"}, {"extend", "reject"}),
        (
            {"kind": "overdue", "source_task": None},
            {"urge", "extend", "order", "talk", "circular", "accountability", "reject"},
        ),
    ],
)
def test_a_decision_offers_what_makes_sense_for_its_case(around, offered):
    """More time is granted or not; and a limit of a whole case has no task that could be handed over."""
    path = "forms/escalation/decide.json"
    form, _ = read_form(path, (LAW / path).read_bytes())
    assert form is not None

    shown = visible_fields(form, {}, Surroundings(NOW, around))

    (choice,) = (part for part in shown if part.key == "outcome")
    assert {option.value for option in choice.options} == offered

from __future__ import annotations

import json
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.use_cases.form_scene import AROUND, faults_of, form_of
from workflows.errors import RejectedError
from workflows.forms import Form, describe_form, read_form, validate

_words = st.text(st.characters(whitelist_categories=("L", "N"), max_codepoint=0x9FFF), min_size=1, max_size=20)


@st.composite
def fields_with_values(draw: st.DrawFn, key: str, depth: int = 0) -> tuple[dict, object, object]:
    """A component, a value that it takes, and one that it refuses."""
    kinds = ["textfield", "textarea", "number", "date", "datetime", "select", "checklist", "checkbox", "files", "user"]
    kind = draw(st.sampled_from(kinds if depth else [*kinds, "dynamiclist"]))
    required = draw(st.booleans())
    validate_ = {"required": required}
    if kind in {"textfield", "textarea"}:
        least = draw(st.integers(0, 3))
        most = draw(st.integers(least + 1, 30))
        value = draw(st.text(st.sampled_from("甲乙丙abc123"), min_size=max(least, 1), max_size=most))
        bounds = {**validate_, "minLength": least, "maxLength": most}
        return {"type": kind, "key": key, "validate": bounds}, value, "x" * (most + 1)
    if kind == "number":
        low, high = sorted(draw(st.lists(st.integers(-1000, 1000), min_size=2, max_size=2)))
        number = draw(st.decimals(low, high, allow_nan=False, places=2))
        return (
            {"type": kind, "key": key, "decimalDigits": 2, "validate": {**validate_, "min": low, "max": high}},
            str(number),
            high + 1,
        )
    if kind in {"date", "datetime"}:
        day = draw(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
        told = day.isoformat() if kind == "date" else f"{day}T08:00:00+08:00"
        return {"type": "datetime", "subtype": kind, "key": key, "validate": validate_}, told, "soon"
    if kind in {"select", "checklist"}:
        names = draw(st.lists(_words, min_size=1, max_size=4, unique=True))
        chosen: object = draw(st.sampled_from(names))
        component = {"type": kind, "key": key, "values": [{"value": name} for name in names], "validate": validate_}
        return (component, chosen, "没有") if kind == "select" else (component, [chosen], ["没有的选项" * 5])
    if kind == "checkbox":
        return {"type": kind, "key": key, "validate": validate_}, True, "perhaps"
    if kind == "files":
        return {"type": "filepicker", "key": key, "validate": validate_}, [draw(_words)], ["a", "b"]
    if kind == "user":
        return {"type": kind, "key": key, "validate": validate_}, draw(_words), 7
    inner = [draw(fields_with_values(f"f{index}", depth + 1)) for index in range(draw(st.integers(1, 3)))]
    component = {"type": kind, "path": key, "components": [each[0] for each in inner], "validate": validate_}
    row = {f"f{index}": each[1] for index, each in enumerate(inner)}
    return component, [row] * draw(st.integers(1, 3)), [{**row, "f0": inner[0][2]}]


@st.composite
def filled_forms(draw: st.DrawFn) -> tuple[Form, dict, dict]:
    parts = [draw(fields_with_values(f"k{index}")) for index in range(draw(st.integers(1, 5)))]
    good = {f"k{index}": part[1] for index, part in enumerate(parts)}
    bad = {f"k{index}": part[2] for index, part in enumerate(parts)}
    return form_of(*(part[0] for part in parts)), good, bad


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled_forms())
def test_any_form_takes_its_own_values_and_describes_them(made):
    form, good, _ = made

    clean = validate(form, good, AROUND)

    assert clean.keys() == good.keys()
    assert set(describe_form(form)["schema"]["properties"]) == good.keys()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled_forms(), st.data())
def test_every_refused_value_names_its_field_and_only_that(made, data):
    form, good, bad = made
    wrong = data.draw(st.sampled_from(sorted(bad)))

    faults = faults_of(form, {**good, wrong: bad[wrong]})

    assert {pointer.split("/")[1] for pointer in faults} == {wrong}


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filled_forms(), _anything, st.data())
def test_no_value_whatever_breaks_a_form(made, value, data):
    form, good, _ = made
    key = data.draw(st.sampled_from(sorted(good)))

    pointers = []
    try:
        validate(form, {**good, key: value}, AROUND, pointer="")
    except RejectedError as refused:
        pointers = [fault.pointer for fault in refused.faults]

    assert all(pointer.startswith(f"/{key}") for pointer in pointers)


@settings(max_examples=200, deadline=None)
@given(_anything)
def test_no_document_whatever_breaks_the_reader(document):
    form, findings = read_form("x.json", json.dumps({"type": "default", "components": [document, document]}).encode())

    assert (form is None) == bool(findings)

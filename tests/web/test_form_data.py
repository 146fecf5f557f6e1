"""What a page sends becomes the values of its form, and what is drawn is what was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from web import form_data, form_view
from web.form_data import Posted
from workflows.errors import FieldFault
from workflows.forms import Form, Surroundings, read_form

ROOT = Path(__file__).resolve().parents[2]
NOW = Surroundings(datetime(2026, 3, 2, tzinfo=UTC))
FORMS = sorted((ROOT / "bpmn" / "forms").glob("*/*.json"))


def shipped(path: Path) -> Form:
    form, findings = read_form(path.relative_to(ROOT / "bpmn").as_posix(), path.read_bytes())
    assert form is not None, findings
    return form


INTAKE = shipped(ROOT / "bpmn/forms/dual_reporting/intake.json")


def posted(*fields: tuple[str, str]) -> Posted:
    return Posted(MultiDict(fields), {})


def sent_back(views: Any) -> list[tuple[str, str]]:
    """What a browser would send with these fields."""
    found: list[tuple[str, str]] = []
    for view in views:
        if view.part.key is None or (view.children and not view.part.readonly):
            found += sent_back(view.children)
        elif view.part.readonly or not view.part.asks:
            continue
        elif view.part.is_list:
            for number, row in enumerate(view.rows):
                found += [(f"{view.name}#row", str(number)), *sent_back(row)]
        elif view.type in {"checkbox", "signature"}:
            found += [(view.name, "true")] if view.checked else []
        else:
            found += [(view.name, text) for text in (view.texts or [view.text])]
    return found


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_form_is_drawn_and_read_back_unchanged(path):
    form = shipped(path)
    first = form_view.draw(form, {}, NOW)

    fields = MultiDict([*sent_back(first.views), *(("shown", key) for key in first.shown)])
    values = form_data.posted_values(form, Posted(fields, {}), {})
    again = form_view.draw(form, values, NOW)

    assert set(values) <= set(form.variables)
    assert sent_back(again.views) == sent_back(first.views)


def test_rows_keep_the_order_in_which_they_stood():
    sent = posted(
        ("shown", "duties_done"),
        ("v/duties_done#row", "2"),
        ("v/duties_done#row", "0"),
        ("v/duties_done/2/matter", "乙"),
        ("v/duties_done/0/matter", "甲"),
    )

    values = form_data.posted_values(INTAKE, sent, {})

    assert [row["matter"] for row in values["duties_done"]] == ["乙", "甲"]


def test_what_was_not_on_the_page_keeps_what_was_typed_before():
    before = {"zero_reason": "先前写的", "duties_done": [{"matter": "甲"}], "gone": "x"}

    values = form_data.posted_values(INTAKE, posted(("shown", "zero_claimed"), ("v/zero_claimed", "no")), before)

    assert values == {"zero_reason": "先前写的", "duties_done": [{"matter": "甲"}], "zero_claimed": "no"}


def test_only_what_is_shown_is_handed_in():
    typed = {"zero_claimed": "yes", "zero_reason": "无", "duties_done": [{"matter": "甲"}]}

    assert set(form_data.for_submission(INTAKE, typed, NOW)) == {"zero_claimed", "zero_reason"}


def test_rows_are_added_and_removed_where_they_are():
    values: dict[str, Any] = {"group": {"rows": [{"a": 1}, {"a": 2}]}}

    form_data.add_row(values, "group/rows")
    form_data.remove_row(values, "group/rows", 0)
    form_data.remove_row(values, "group/rows", 99)
    form_data.remove_row(values, "nowhere/rows", 0)

    assert values == {"group": {"rows": [{"a": 2}, {}]}}


def test_a_fault_leads_to_its_field():
    typed = {"zero_claimed": "no", "duties_done": [{"matter": ""}]}
    fault = FieldFault("/variables/duties_done/0/matter", "never-seen", "x")

    app = Flask("drawing")
    Babel(app)
    with app.test_request_context():
        drawing = form_view.draw(INTAKE, typed, NOW, [fault])
    (place, words) = drawing.faults[0]
    row = next(view for view in drawing.views if view.part.key == "duties_done").rows[0]

    assert place == next(view for view in row if view.part.key == "matter").id
    assert words.startswith("事项：")


def test_a_group_of_opinions_that_nobody_has_given_is_blank():
    form = shipped(ROOT / "bpmn/forms/rectification/plan.json")

    empty = form_view.draw(form, {}, NOW)
    told = form_view.draw(form, {}, Surroundings(NOW.now, {"plan_note": "请补充"}))

    def blank(drawing: form_view.Drawing) -> list[bool]:
        return [view.is_blank for view in drawing.views if view.type == "group"]

    assert blank(empty) == [True]
    assert blank(told) == [False]


_texts = st.text(max_size=12)
_names = (
    st.sampled_from(
        [
            "v/duties_done#row",
            "v/duties_done/0/matter",
            "v/zero_scope",
            "v/zero_claimed",
            "v/x/y",
            "shown",
            "drop",
            "v//",
        ]
    )
    | _texts
)


@given(st.lists(st.tuples(_names, _texts | st.sampled_from(["duties_done", "0", "1", "-1", "999999999", "²"]))))
def test_nothing_that_is_sent_breaks_the_reading(sent):
    values = form_data.posted_values(INTAKE, posted(*sent), {})

    drawing = form_view.draw(INTAKE, values, NOW)

    assert set(values) <= set(INTAKE.variables)
    assert drawing.views

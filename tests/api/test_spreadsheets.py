"""A sheet holds texts, days and numbers; what looks like a formula stays a text."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from api.spreadsheets import write_sheet


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("x")'])
def test_what_begins_like_a_formula_is_written_as_text_and_quoted(text: str) -> None:
    content = write_sheet("问题台账", ["事实"], [[text]])

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    cell = load_workbook(io.BytesIO(content)).active["A2"]
    assert "<f>" not in sheet
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_days_and_instants_are_what_people_in_china_read() -> None:
    content = write_sheet("清单", ["时限", "生效"], [[date(2026, 6, 30), datetime(2026, 3, 1, 20, tzinfo=UTC)]])

    row = next(load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True))
    assert [str(value)[:16] for value in row] == ["2026-06-30 00:00", "2026-03-02 04:00"]


def test_what_no_sheet_can_hold_is_left_out() -> None:
    content = write_sheet("清单", ["事实"], [["a\x00b\x07c"]])

    assert load_workbook(io.BytesIO(content)).active["A2"].value == "abc"

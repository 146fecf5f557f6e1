"""Spreadsheets (xlsx) of registers, written so that no cell is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from workflows.clock import SHANGHAI

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST, _NARROWEST = 48, 10
_LONGEST_CELL = 32_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, headings and rows; ``note`` stands in a line of its own below them."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    note: str = ""


def write_sheet(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook with one sheet."""
    return write_book([Sheet(title, headings, rows)])


def write_book(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook. What begins like a formula is written as text and marked as such."""
    book = Workbook(write_only=True)
    for each in sheets:
        _fill(book.create_sheet(each.title[:31]), each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, told: Sheet) -> None:
    sheet.freeze_panes = "A2"
    table = [list(row) for row in told.rows]
    for number, heading in enumerate(told.headings):
        longest = max([len(heading) * 2, *(len(str(row[number])) for row in table[:200])], default=_NARROWEST)
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.append([_cell(sheet, heading, is_heading=True) for heading in told.headings])
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    if told.note:
        sheet.append([])
        sheet.append([_cell(sheet, told.note)])


def _cell(sheet: Any, value: Any, *, is_heading: bool = False) -> Any:
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
    if isinstance(value, str):
        value = "".join(sign for sign in value if sign >= " " or sign in "\n\t")[:_LONGEST_CELL]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.quotePrefix = value.startswith(_DANGEROUS)  # also when somebody edits the cell or saves it as CSV
    if is_heading:
        cell.font = Font(bold=True)
    return cell

"""Spreadsheets (xlsx) of registers and rows of a list: written so that no cell is a formula, read with care."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from workflows.clock import SHANGHAI
from workflows.errors import FieldFault, RejectedError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST, _NARROWEST = 48, 10
_MOST_BYTES = 40 * 1024 * 1024  # unpacked: a small file may unfold into a large one
_LONGEST_CELL = 32_000


def write_sheet(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook with one sheet. What begins like a formula is written as text and marked as such."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    table = [list(row) for row in rows]
    for number, heading in enumerate(headings):
        longest = max([len(heading) * 2, *(len(str(row[number])) for row in table[:200])], default=_NARROWEST)
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.append([_cell(sheet, heading, is_heading=True) for heading in headings])
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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


def read_sheet(file: BinaryIO, headings: Sequence[str], *, most: int) -> list[dict[str, Any]]:
    """Return the rows of the first sheet by heading; blank rows are left out. Formulas are their last values.

    Raises ``RejectedError`` for what is no workbook, lacks a heading, is too large or has more than ``most`` rows.
    """
    sheet = _open(file)
    lines = sheet.iter_rows(values_only=True)
    told = [str(cell).strip() if cell is not None else "" for cell in next(lines, ())]
    missing = [heading for heading in headings if heading not in told]
    if missing:
        raise _fault("sheet-heading-missing", f"Expected the headings {', '.join(missing)}.", headings=missing)
    places = {heading: told.index(heading) for heading in headings}
    rows = []
    for line in lines:
        row = {heading: line[place] if place < len(line) else None for heading, place in places.items()}
        if any(value not in (None, "") for value in row.values()):
            rows.append({heading: _plain(value) for heading, value in row.items()})
        if len(rows) > most:
            raise _fault("field-too-many", f"Expected at most {most} rows.", limit=most, count=len(rows))
    return rows


def _open(file: BinaryIO) -> Any:
    try:
        with zipfile.ZipFile(file) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > _MOST_BYTES:
            raise _fault("sheet-too-large", "Expected a smaller workbook.", limit=_MOST_BYTES)
        file.seek(0)
        return load_workbook(file, read_only=True, data_only=True, keep_links=False).worksheets[0]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError) as fault:
        raise _fault("sheet-not-readable", "Expected an xlsx workbook.") from fault


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value in (None, "") else str(value).strip()


def _fault(code: str, message: str, **params: Any) -> RejectedError:
    return RejectedError(message, code=code, faults=[FieldFault("/file", code, message, tuple(params.items()))])

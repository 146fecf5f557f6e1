"""Rows of a list as xlsx: a sheet to fill in, and reading one that somebody filled in, however hostile it may be.

A workbook is an archive of XML. Its size, what it claims to unpack to, macros, entities and formulas are looked at
before any cell counts; a formula is never worked out and never taken over.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask_babel import gettext
from openpyxl import load_workbook

from api.spreadsheets import write_sheet
from workflows.errors import FieldFault, RejectedError
from workflows.file_types import require_type
from workflows.forms import Field
from workflows.forms.fields import MAX_ROWS

LARGEST = 2 * 1024 * 1024
_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_COLUMNS = 60
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error)


def sheet_of_rows(part: Field, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a sheet with a column for each field and the rows that are typed so far; choices show their labels."""
    columns = columns_of(part)
    table = [[shown_in(column, row.get(key, "")) for key, column in columns] for row in rows]
    return write_sheet(part.label or gettext("清单项目"), [_heading(key, column) for key, column in columns], table)


def columns_of(part: Field) -> list[tuple[str, Field]]:
    """Return the columns of a list: key and field."""
    return [(column.key, column) for column in part.fields if column.key is not None and column.asks]


def read_sheet(content: bytes, part: Field) -> tuple[list[dict[str, Any]], list[FieldFault]]:
    """Return the rows of a filled-in sheet by column key, and a fault for each formula; empty rows are left out.

    Raises ``RejectedError`` for what is no ordinary workbook, lacks a column, or has more rows than the list takes.
    """
    _require_ordinary(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(max_row=_most(part) + 2, max_col=_MOST_COLUMNS)
        keys = _keys(next(lines, ()), part)
        return _rows(lines, keys, part)
    except RejectedError:
        raise
    except Exception as fault:  # a hostile workbook may fail anywhere in the library
        raise _refuse("sheet-unreadable", "Expected a workbook that can be read.") from fault


def _require_ordinary(content: bytes) -> None:
    """Raise for what is too large, no workbook, a bomb, or holds macros or entities; nothing is unpacked unbounded."""
    if len(content) > LARGEST:
        raise _refuse("sheet-too-large", f"Expected at most {LARGEST} bytes.", maximum=LARGEST)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        require_type(Path(file.name), "rows.xlsx", "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
            raise _refuse("attachment-archive-bomb", "Expected a workbook of ordinary size.")
        for entry in archive.infolist():
            if entry.filename.endswith((".xml", ".rels")):
                _require_plain(archive, entry)


def _require_plain(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    try:
        with archive.open(entry) as file:
            text = file.read(_MOST_UNPACKED + 1)  # what it says of its own size may be a lie
    except _BROKEN as fault:
        raise _refuse("sheet-unreadable", "Expected a workbook that can be unpacked.") from fault
    if len(text) > _MOST_UNPACKED or any(word in text.upper() for word in _FORBIDDEN):
        raise _refuse("sheet-unreadable", "Expected XML without document types and entities.")


def _keys(line: Sequence[Any], part: Field) -> list[str | None]:
    """Return the column key under each heading: by label or key, in any order; what is not ours is left out."""
    columns = columns_of(part)
    known = {text: key for key, column in columns for text in (_heading(key, column), column.label, key)}
    keys = [known.get(str(cell.value or "").strip()) for cell in line]
    missing = [_heading(key, column) for key, column in columns if column.required and key not in keys]
    if missing:
        raise _refuse("sheet-columns", f"Expected the columns {', '.join(missing)}.", columns=missing)
    return keys


def _rows(
    lines: Iterator[Sequence[Any]], keys: Sequence[str | None], part: Field
) -> tuple[list[dict[str, Any]], list[FieldFault]]:
    rows: list[dict[str, Any]] = []
    faults: list[FieldFault] = []
    for line in lines:
        cells = [(key, cell) for key, cell in zip(keys, line, strict=False) if key is not None]
        if all(cell.value in {None, ""} for _key, cell in cells):
            continue
        for key, cell in cells:
            if getattr(cell, "data_type", "") == "f":
                message = "Expected a value, but the cell holds a formula."
                faults.append(FieldFault(f"/rows/{len(rows)}/{key}", "row-formula", message))
        rows.append({key: _plain(cell.value) for key, cell in cells})
    if len(rows) > _most(part):
        raise _refuse("sheet-rows", f"Expected at most {_most(part)} rows.", limit=_most(part))
    return rows, faults


def _most(part: Field) -> int:
    return part.max_items or MAX_ROWS


def _plain(value: Any) -> Any:
    """Return a cell as text or day: a whole number without the point that the file may give it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(Decimal(repr(value)))
    return str(value)


def _heading(key: str, column: Field) -> str:
    return column.label or key


def shown_in(column: Field, value: Any) -> Any:
    """Return what a cell shows: the label of a choice, else the value."""
    return next((option.label for option in column.options if option.value == value), value)


def _refuse(code: str, message: str, **params: Any) -> RejectedError:
    return RejectedError(message, code=code, **params)

"""Rows of a list by sheet: a template with what is typed so far, a look at a filled-in one, and taking it over."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.fields import anything
from api.http import act, actor, answer, application, expected_version, show
from api.openapi import Resource
from api.row_sheets import LARGEST, read_sheet, sheet_of_rows
from api.spreadsheets import MEDIA_TYPE
from api.wording import word_field
from workflows.access import Actor
from workflows.checklists.importing import ReadRows, columns_of, import_rows, read_rows
from workflows.errors import FieldFault, RejectedError
from workflows.idempotency import Answer
from workflows.rights import require_workable, require_worker
from workflows.store import Store
from workflows.transaction import read

resource = Resource("rows", "清单项目导入导出: rows of a list as xlsx")


class CellFaultShape(Schema):
    """What is wrong with a cell: the row counts from 1 without the heading."""

    row = fields.Integer(allow_none=True)
    column = fields.String()
    code = fields.String()
    detail = fields.String()


class ReadRowsShape(Schema):
    """Rows as they would be typed, and what is wrong with them. Nothing was kept."""

    rows = fields.List(anything())
    faults = fields.List(fields.Nested(CellFaultShape))


class ImportedShape(Schema):
    """How many rows stand in the draft now."""

    rows = fields.Integer()
    row_version = fields.Integer()


@resource.get("/tasks/<task_id>/rows/sheet", media_type=MEDIA_TYPE)
def sheet(task_id: str) -> Response:
    """Download a sheet to fill in, with the rows that are typed so far."""
    part, typed = read(application(), columns_of, task_id, actor=actor())
    response = Response(sheet_of_rows(part, typed), mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename="rows.xlsx")
    return response


@resource.post("/tasks/<task_id>/rows/check", ReadRowsShape)
def check(task_id: str) -> Response:
    """Look at a filled-in sheet (a part called `file`): rows and faults, nothing is kept."""

    def ask(store: Store) -> Answer:
        require_worker(store, task_id, actor=actor())
        found = look(store, task_id, posted_sheet(), reader=actor())
        told = [place_of(each) | {"detail": word_field(each)} for each in found.faults]
        return answer(ReadRowsShape(), {"rows": list(found.rows), "faults": told})

    return show(ask)


@resource.post("/tasks/<task_id>/rows/import", ImportedShape)
def take_over(task_id: str) -> Response:
    """Put the rows of a sheet into the draft in place of those there; one fault, and nothing is kept."""

    def change(store: Store) -> Answer:
        part, _typed = columns_of(store, task_id, actor=actor())
        cells, faults = read_sheet(posted_sheet(), part)
        if faults:
            raise RejectedError("Expected values, not formulas.", code="rows-refused", faults=faults, count=len(faults))
        draft = import_rows(store, task_id, cells, actor=actor(), expected_version=expected_version())
        return answer(ImportedShape(), {"rows": len(draft.content["rows"]), "row_version": draft.row_version})

    return act(
        change,
        see=lambda store: require_worker(store, task_id, actor=actor()),
        ready=lambda store: require_workable(store, task_id, actor=actor(), expected_version=None),
    )


def posted_sheet() -> bytes:
    """Return the sheet that was sent, or raise ``RejectedError``; no more than the limit is read."""
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file is not None else b""
    if not content:
        raise RejectedError("Expected a file.", code="files-missing")
    return content


def look(store: Store, task_id: str, content: bytes, *, reader: Actor) -> ReadRows:
    """Return the rows of a sheet with every fault, formulas among them."""
    part, _typed = columns_of(store, task_id, actor=reader)
    cells, faults = read_sheet(content, part)
    found = read_rows(store, task_id, cells, actor=reader)
    formulas = {fault.pointer for fault in faults}
    return ReadRows(found.rows, (*faults, *(each for each in found.faults if each.pointer not in formulas)))


def place_of(fault: FieldFault) -> dict[str, Any]:
    """Return the row (from 1) and column of a fault."""
    parts = fault.pointer.strip("/").split("/")
    row = int(parts[1]) + 1 if len(parts) > 1 and parts[1].isdecimal() else None
    return {"row": row, "column": "/".join(parts[2:]), "code": fault.code}

"""清单项目导入导出: a sheet to fill in, a preview with the fault of each cell, and taking it over once it is right."""

from __future__ import annotations

from typing import Any

import orjson
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api.row_import import look, place_of, posted_sheet
from api.row_sheets import LARGEST, sheet_of_rows, shown_in
from api.row_sheets import columns_of as heads_of
from api.spreadsheets import MEDIA_TYPE
from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from workflows.checklists.importing import ReadRows, columns_of, import_rows, read_rows
from workflows.errors import RejectedError
from workflows.rights import require_worker

_REFUSED = 422


@pages.get("/tasks/<task_id>/rows")
def row_import_page(task_id: str) -> str:
    """Offer the sheet, and ask for a filled-in one."""
    return _page(task_id)


@pages.get("/tasks/<task_id>/rows/sheet")
def row_sheet(task_id: str) -> Response:
    """Send a sheet to fill in, with the rows that are typed so far."""
    part, typed = ask(columns_of, task_id, actor=actor())
    response = Response(sheet_of_rows(part, typed), mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename="rows.xlsx")
    return response


@pages.post("/tasks/<task_id>/rows/check")
def check_rows(task_id: str) -> Response | str:
    """Show what a sheet holds, with the fault of each cell; nothing is kept."""
    ask(require_worker, task_id, actor=actor())
    try:
        found = ask(look, task_id, posted_sheet(), reader=actor())
    except RejectedError as fault:
        return make_response(_page(task_id, fault=word_error(fault).detail), _REFUSED)
    return make_response(_page(task_id, found), _REFUSED if found.faults else 200)


@pages.post("/tasks/<task_id>/rows/import")
def take_over_rows(task_id: str) -> Response | str:
    """Put the rows that were shown into the draft; they are judged again."""
    ask(require_worker, task_id, actor=actor())
    rows = _confirmed()
    try:
        draft = act(import_rows, task_id, rows, actor=actor())
    except RejectedError:
        return make_response(_page(task_id, ask(read_rows, task_id, rows, actor=actor())), _REFUSED)
    flash(gettext("已导入 %(count)d 项到草稿，请核对后提交。", count=len(draft.content["rows"])))
    return redirect(url_for("web.work_page", task_id=task_id))


def _confirmed() -> list[dict[str, Any]]:
    """Return the rows that the preview put into its form; whatever else comes is no row."""
    try:
        rows = orjson.loads(request.form.get("rows", "")[:LARGEST])
    except orjson.JSONDecodeError as fault:
        raise RejectedError("Expected the rows of a preview.", code="files-missing") from fault
    told = rows if isinstance(rows, list) else []
    return [{str(key): str(value) for key, value in row.items()} for row in told if isinstance(row, dict)]


def _page(task_id: str, found: ReadRows | None = None, fault: str = "") -> str:
    part, typed = ask(columns_of, task_id, actor=actor())
    cells: dict[tuple[int, str], list[str]] = {}
    others: list[str] = []
    for each in found.faults if found else ():
        place = place_of(each)
        if place["row"] and place["column"]:
            cells.setdefault((place["row"], place["column"]), []).append(word_field(each))
        else:
            others.append(word_field(each) if not place["row"] else f"{place['row']}: {word_field(each)}")
    return render_template(
        "row_import.html",
        task_id=task_id,
        columns=heads_of(part),
        shown=shown_in,
        typed=len(typed),
        found=found,
        cells=cells,
        faults=[("file", fault)] if fault else [("", each) for each in others],
        content=orjson.dumps(list(found.rows)).decode() if found else "",
    )

"""Files of a form: with the form itself, or one by one while the page shows how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO, cast

from flask import make_response, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from api.problems import status_of
from api.wording import word_error
from web.blueprint import act, actor, application, ask, pages
from web.form_data import PREFIX
from workflows.errors import RejectedError, WorkflowError
from workflows.evidence import add_attachment, receive_file
from workflows.queries.desk import desk_of
from workflows.rights import require_worker
from workflows.tables import Attachment

_MOST_FILES = 20


def receive_posted_files(case_id: str, activity_id: str) -> Mapping[str, Sequence[str]]:
    """Take in the files that came with a form; return attachment ids by field name, or raise ``RejectedError``."""
    received: dict[str, list[str]] = {}
    for name in request.files:
        chosen = [file for file in request.files.getlist(name) if file.filename]
        if name.startswith(f"{PREFIX}/"):
            received[name] = [_attach(case_id, activity_id, file).id for file in chosen[:_MOST_FILES]]
    return received


def _attach(case_id: str, activity_id: str | None, file: FileStorage) -> Attachment:
    kept = receive_file(application(), name=file.filename or "", content=cast("BinaryIO", file.stream))
    return act(add_attachment, case_id, file=kept, actor=actor(), activity_id=activity_id)


@pages.post("/tasks/<task_id>/files")
def upload(task_id: str) -> Response:
    """Take in one file for a field; answers a script with the line that names it, or with what is wrong."""
    file, field = request.files.get("file"), request.form.get("field", "")
    try:
        ask(require_worker, task_id, actor=actor())
        if file is None or not file.filename or not field.startswith(f"{PREFIX}/"):
            raise RejectedError("Expected one file for one field.", code="files-missing")
        desk = ask(desk_of, task_id, actor=actor())
        attachment = _attach(desk.case.id, desk.detail.activity_id, file)
    except WorkflowError as fault:
        answer = make_response(word_error(fault).detail, status_of(fault))
        answer.mimetype = "text/plain"
        return answer
    return make_response(render_template("file_item.html", name=field, file=attachment), 201)

"""附件: a case's files, always as a download: nothing that somebody uploaded is shown inside these pages."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from web.blueprint import act, actor, application, ask, pages
from workflows.errors import RejectedError
from workflows.evidence import add_attachment, open_attachment, receive_file
from workflows.rights import require_participant


@pages.get("/attachments/<attachment_id>")
def download(attachment_id: str) -> Response:
    """Send one file."""
    attachment, content = ask(open_attachment, attachment_id, actor=actor())
    answer = send_file(
        content, mimetype=attachment.media_type, as_attachment=True, download_name=attachment.name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


@pages.post("/cases/<case_id>/attachments")
def attach(case_id: str) -> Response:
    """Attach a file to a case, or a newer version of one."""
    ask(require_participant, case_id, actor=actor())
    file = request.files.get("file")
    if file is None or not file.filename:
        raise RejectedError("Expected a file.", code="files-missing")
    kept = receive_file(application(), name=file.filename, content=cast("BinaryIO", file.stream))
    replaces = request.form.get("replaces") or None
    attachment = act(add_attachment, case_id, file=kept, actor=actor(), replaces=replaces)
    flash(gettext("已上传“%(name)s”。", name=attachment.name))
    return redirect(url_for("web.case_page", case_id=case_id) + "#attachments")

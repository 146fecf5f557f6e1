"""Attachments 附件: files of a case. Bytes are safe on disk before any row names them."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Response, request, send_file
from marshmallow import Schema, fields

from api.fields import Given, Instant, said, text
from api.http import act, actor, answer, application, page_answer, show
from api.openapi import PREFIX, Resource, page_of
from workflows.errors import RejectedError
from workflows.evidence import ReceivedFile, add_attachment, list_attachments, open_attachment, receive_file
from workflows.idempotency import Answer
from workflows.queries.paging import Page
from workflows.rights import require_participant
from workflows.store import Store
from workflows.transaction import read

resource = Resource("attachments", "附件: files of cases")
_MOST_FILES = 20


class AttachmentShape(Schema):
    """One version of a file. ``replaces`` names the version before."""

    id = fields.String()
    case_id = fields.String()
    activity_id = said()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    digest = fields.String(metadata={"description": "SHA-256 of the content."})
    replaces = said(attribute="replaces_id")
    created_at = Instant()
    content = fields.Function(lambda row: f"{PREFIX}/attachments/{row.id}", metadata={"type": "string"})


class AttachmentsShape(Schema):
    """What was attached."""

    items = fields.List(fields.Nested(AttachmentShape))


class AttachQuery(Given):
    """Which step the files belong to, and which version they replace."""

    activity = text(60)
    replaces = text(60)


UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                    "required": ["file"],
                }
            }
        },
    }
}


@resource.post("/cases/<case_id>/attachments", AttachmentsShape, status=201, query=AttachQuery, doc=UPLOAD)
def attach(query: dict[str, Any], case_id: str) -> Response:
    """Attach files: multipart, one or more parts `file`."""
    read(application(), require_participant, case_id, actor=actor())
    received = _receive()

    def change(store: Store) -> Answer:
        rows = [
            add_attachment(
                store,
                case_id,
                file=file,
                actor=actor(),
                activity_id=query.get("activity"),
                replaces=query.get("replaces"),
            )
            for file in received
        ]
        return answer(AttachmentsShape(), {"items": rows}, status=201)

    return act(change, see=lambda store: require_participant(store, case_id, actor=actor()))


def _receive() -> list[ReceivedFile]:
    files = request.files.getlist("file")
    if not files:
        raise RejectedError("Expected a multipart part named file, but there is none.", code="files-missing")
    if len(files) > _MOST_FILES:
        message = f"Expected at most {_MOST_FILES} files, but there are {len(files)}."
        raise RejectedError(message, code="too-many-files", limit=_MOST_FILES)
    return [
        receive_file(application(), name=file.filename or "", content=cast("BinaryIO", file.stream)) for file in files
    ]


@resource.get("/cases/<case_id>/attachments", page_of(AttachmentShape))
def list_of_attachments(case_id: str) -> Response:
    """List the files of a case, every version, oldest first."""

    def ask(store: Store) -> Answer:
        rows = list_attachments(store, case_id, actor=actor())
        return page_answer(page_of(AttachmentShape)(), Page(tuple(rows), None))

    return show(ask)


@resource.get("/attachments/<attachment_id>", media_type="application/octet-stream")
def content(attachment_id: str) -> Response:
    """Download the content of a file."""
    row, file = read(application(), open_attachment, attachment_id, actor=actor())
    answered = send_file(file, mimetype=row.media_type, as_attachment=True, download_name=row.name)
    answered.headers["Content-Length"] = str(row.size)
    return answered

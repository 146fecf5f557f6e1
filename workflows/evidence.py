"""Evidence 附件: files of a case. Rows never change; a new version is a further row that names the one it replaces."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from workflows import ledger
from workflows.access import Actor
from workflows.application import Application
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.file_types import require_type
from workflows.files import FileStore, LocalFiles
from workflows.queries.access import is_cleared, reads_case
from workflows.settings import Settings
from workflows.store import Store
from workflows.store import cases as stored_cases
from workflows.store import evidence as rows
from workflows.tables import Activity, Attachment, Case, CaseStatus

_LONGEST_NAME = 120
_FORBIDDEN_SIGNS = set('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """Content that is kept and was found to be what its name says; no row names it yet."""

    name: str
    media_type: str
    size: int
    digest: str


def file_store(settings: Settings) -> FileStore:
    """Return where this installation keeps its files."""
    return LocalFiles(settings.files)


def receive_file(application: Application, *, name: str, content: BinaryIO | bytes) -> ReceivedFile:
    """Take in an upload outside of any transaction: size, name, type, then bytes on disk. Writes no row.

    Raises ``RejectedError``; nothing is left behind then. Content that never gets a row is harmless and unreachable.
    """
    settings = application.settings
    clean = clean_name(name)
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    draft = file_store(settings).receive(source, settings.attachment_bytes)
    try:
        media_type = require_type(draft.path, clean, settings.attachment_types)
        draft.keep()
    except BaseException:
        draft.discard()
        raise
    return ReceivedFile(clean, media_type, draft.content.size, draft.content.digest)


def add_attachment(
    store: Store,
    case_id: str,
    *,
    file: ReceivedFile,
    actor: Actor,
    activity_id: str | None = None,
    replaces: str | None = None,
) -> Attachment:
    """Attach a received file to a running case. Open to those who have work in it, or started it.

    ``replaces`` is the id of the version before; each version is replaced at most once.
    """
    case = stored_cases.lock_case(store, case_id)
    _require_participant(store, case, actor)
    if case.status not in {CaseStatus.ACTIVE, CaseStatus.SUSPENDED}:
        message = f"Expected case {case_id} to run, but it is {case.status}."
        raise WrongStateError(message, code=f"case-{case.status}", id=case_id)
    if activity_id is not None and store.need(Activity, activity_id).case_id != case_id:
        message = f"Expected activity {activity_id} to belong to case {case_id}."
        raise NotFoundError(message, code="activity-not-found", id=activity_id)
    if replaces is not None:
        _require_newest(store, case_id, replaces)
    attachment = store.add(
        Attachment(
            case_id=case_id,
            activity_id=activity_id,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            digest=file.digest,
            replaces_id=replaces,
            created_at=store.now,
            created_by=actor.person_id,
        )
    )
    content = {
        "attachment": attachment.id,
        "activity": activity_id,
        "sha256": file.digest,
        "size": file.size,
        "media_type": file.media_type,
        "replaces": replaces,
    }
    ledger.record(store, f"case:{case_id}", "attachment-added", content, actor=actor)
    return attachment


def require_attachments(store: Store, case_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
    """Return these attachments in this order, or raise ``RejectedError`` naming those that the case does not have."""
    found = {row.id: row for row in rows.attachments(store, attachment_ids) if row.case_id == case_id}
    missing = [attachment_id for attachment_id in attachment_ids if attachment_id not in found]
    if missing:
        faults = [
            FieldFault(f"/attachments/{position}", "attachment-not-found", "Expected an attachment of this case.")
            for position, attachment_id in enumerate(attachment_ids)
            if attachment_id in missing
        ]
        message = f"Expected attachments of case {case_id}, but {len(missing)} are not."
        raise RejectedError(message, code="attachment-not-found", faults=faults, ids=missing)
    return [found[attachment_id] for attachment_id in attachment_ids]


def list_attachments(store: Store, case_id: str, *, actor: Actor) -> Sequence[Attachment]:
    """Return the attachments of a case that the actor may see, oldest first, or raise ``NotFoundError``."""
    _require_visible(store, store.get(Case, case_id), case_id, actor)
    return rows.attachments_of(store, case_id)


def open_attachment(store: Store, attachment_id: str, *, actor: Actor) -> tuple[Attachment, BinaryIO]:
    """Open the content of an attachment whose case the actor may see; the caller closes it."""
    attachment = store.get(Attachment, attachment_id)
    if attachment is None:
        message = f"Expected attachment {attachment_id} to exist, but it does not."
        raise NotFoundError(message, code="attachment-not-found", id=attachment_id)
    try:
        _require_visible(store, store.get(Case, attachment.case_id), attachment.case_id, actor)
    except NotFoundError as fault:
        message = f"Expected attachment {attachment_id} to exist, but it does not."
        raise NotFoundError(message, code="attachment-not-found", id=attachment_id) from fault
    return attachment, file_store(store.application.settings).open(attachment.digest)


def clean_name(name: str) -> str:
    """Return a file name without folders, control and direction signs, or raise ``RejectedError`` if none is left."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in base
        if sign.isspace() or (unicodedata.category(sign)[0] != "C" and sign not in _FORBIDDEN_SIGNS)
    )
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if not dot or not stem.strip(" ."):
        message = "Expected a file name with an ending."
        raise RejectedError(message, code="attachment-name-malformed")
    return f"{stem.strip(' .')[: _LONGEST_NAME - len(ending) - 1]}.{ending}"


def _require_newest(store: Store, case_id: str, replaces: str) -> None:
    require_attachments(store, case_id, [replaces])
    if rows.replacement_of(store, replaces) is not None:
        message = f"Expected attachment {replaces} to be the newest version, but it was replaced."
        raise WrongStateError(message, code="attachment-replaced", id=replaces)


def _require_visible(store: Store, case: Case | None, case_id: str, actor: Actor) -> None:
    if case is None or not reads_case(store, case, actor=actor):
        message = f"Expected case {case_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="case-not-found", id=case_id)


def _require_participant(store: Store, case: Case, actor: Actor) -> None:
    works_here = rows.has_open_task(store, case.id, actor.person_id or "", actor.post_ids)
    if not (works_here and is_cleared(store, case, actor)):  # who works here reads it; the full rule is a wide query
        _require_visible(store, case, case.id, actor)
    if actor.person_id is None or (case.started_by != actor.person_id and not works_here):
        message = f"Expected {actor.code} to have work in case {case.id}."
        raise NotAllowedError(message, code="not-participant", id=case.id)

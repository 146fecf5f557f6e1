"""Signatures 签署: a fresh password, the digest of exactly what was shown, and a line in the ledger."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.errors import NotAllowedError
from workflows.evidence import require_attachments
from workflows.ledger.hashing import ALGORITHM, DOCUMENT, SHOWN, canonical, digest
from workflows.store import Store
from workflows.tables import Activity, Signature


def sign(
    store: Store,
    activity: Activity,
    *,
    actor: Actor,
    confirmed_at: datetime | None,
    shown: Mapping[str, Any],
    files: Sequence[str] = (),
    post_id: str | None = None,
    read: Mapping[str, Any] | None = None,
) -> Signature:
    """Sign what was ``shown`` and the attachments ``files`` (ids, of the same case).

    ``read`` is the part of it that the case already held: a digest of each such value stands with the signature.

    Raises ``NotAllowedError`` (``confirmation-required``) when the password was not given within the last minutes.
    """
    _require_fresh(store, actor, confirmed_at)
    attached = [file.digest for file in require_attachments(store, activity.case_id, files)]
    salt = secrets.token_hex(32)
    told = {"read": {name: digest(DOCUMENT, canonical(value)) for name, value in read.items()}} if read else {}
    shown = {**shown, "read": dict(read)} if read else shown
    signature = store.add(
        Signature(
            case_id=activity.case_id,
            activity_id=activity.id,
            person_id=actor.person_id,
            post_id=post_id,
            digest=shown_digest(shown, attached, salt, ALGORITHM),
            algorithm=ALGORITHM,
            content={"fields": sorted(shown), "files": attached, "salt": salt, **told},
            signed_at=store.now,
        )
    )
    content = {
        "signature": signature.id,
        "activity": activity.id,
        "element": activity.element_id,
        "attempt": activity.attempt,
        "post": post_id,
        "digest": signature.digest,
        "algorithm": signature.algorithm,
        "files": attached,
    }
    ledger.record(store, f"case:{activity.case_id}", "signed", content, actor=actor)
    return signature


def fits(signature: Signature, shown: Mapping[str, Any]) -> bool:
    """Whether ``shown`` is what was signed, to the last character."""
    content = signature.content
    again = shown_digest(shown, content["files"], content["salt"], signature.algorithm)
    return hmac.compare_digest(again, signature.digest)


def shown_digest(shown: Mapping[str, Any], files: Sequence[str], salt: str, algorithm: str) -> str:
    """Hash what was shown and the files' digests, under a salt: short answers could be guessed from a bare digest."""
    return digest(SHOWN, canonical({"files": list(files), "salt": salt, "shown": shown}), algorithm=algorithm)


def _require_fresh(store: Store, actor: Actor, confirmed_at: datetime | None) -> None:
    minutes = store.application.settings.confirm_minutes
    fresh = confirmed_at is not None and store.now - confirmed_at <= timedelta(minutes=minutes)
    if actor.person_id is None or not fresh:
        message = f"Expected {actor.code} to have given the password within the last {minutes} minutes."
        raise NotAllowedError(message, code="confirmation-required", minutes=minutes)

"""The outbox 待发: mails leave at least once, with a record of each delivery.

A row is claimed in one transaction, sent outside of any, and marked in another. Whoever dies in between leaves a row
whose claim runs out, and it is sent again under the same Message-ID: twice is possible, never is not.
"""

from __future__ import annotations

import logging
import smtplib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workflows.application import Application
from workflows.engine.values import format_date_time, to_json
from workflows.mails import is_address, make_mail
from workflows.settings import Settings
from workflows.store import Store
from workflows.store import outbox as rows
from workflows.tables import DeliveryState, Outbox, Person
from workflows.transaction import run

MAIL = "mail"
MOST_ATTEMPTS = 10
_CLAIM = timedelta(minutes=5)  # longer than a batch can take: its timeouts are 30 seconds each
_LONGEST_PAUSE = timedelta(hours=6)
_REFUSED_FOR_GOOD = 500
_logger = logging.getLogger(__name__)


def queue_mail(store: Store, person: Person, kind: str, content: Mapping[str, Any], *, key: str) -> Outbox | None:
    """Queue a mail to a person; the same ``key`` is never queued twice.

    Returns None where no mail leaves this house, or the person has no address: the notice in the application is all.
    """
    if not store.application.settings.mail_host or not person.email:
        return None
    if not is_address(person.email):
        _logger.warning("a mail address is malformed", extra={"action": "address_malformed", "person": person.id})
        return None
    found = rows.find(store, key)
    if found is not None:
        return found
    known = {"kind": kind, "locale": person.locale, "name": person.name, "at": format_date_time(store.now)}
    return store.add(
        Outbox(
            key=key,
            channel=MAIL,
            person_id=person.id,
            address=person.email,
            content={**to_json(content), **known},
            state=DeliveryState.WAITING,
            due_at=store.now,
        )
    )


def deliver_due(application: Application, limit: int = 20) -> int:
    """Send what is due over one connection, and return how many were accepted by the server."""
    settings = application.settings
    if not settings.mail_host:
        return 0
    claimed = run(application, claim, limit)
    if not claimed:
        return 0
    delivered, waiting = 0, deque(claimed)
    try:
        with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=30) as server:
            while waiting:
                delivered += _deliver(application, server, waiting.popleft())
    except (OSError, smtplib.SMTPException) as fault:
        _logger.warning("the mail server cannot be used", extra={"action": "mail_fault", "fault": str(fault)})
        run(application, give_back, [row.id for row in waiting], _text(fault))
    return delivered


def claim(store: Store, limit: int) -> list[Outbox]:
    """Take due rows for this process: others leave them alone until the pause after this attempt has passed."""
    claimed = rows.due(store, limit)
    for row in claimed:
        row.attempts += 1
        pause = min(timedelta(minutes=2**row.attempts), _LONGEST_PAUSE)
        row.due_at = store.now + max(pause, _CLAIM)
    return list(claimed)


def _deliver(application: Application, server: smtplib.SMTP, row: Outbox) -> bool:
    try:
        receipt = _send(application.settings, server, row)
    except Exception as fault:
        _logger.exception("a mail was not accepted", extra={"action": "mail_refused", "outbox": row.id})
        run(application, mark_failed, row.id, _text(fault), for_good=_is_final(fault))
        if isinstance(fault, smtplib.SMTPServerDisconnected):
            raise  # nothing more can be sent over this connection
        return False
    run(application, mark_delivered, row.id, receipt)
    return True


def _send(settings: Settings, server: smtplib.SMTP, row: Outbox) -> str:
    mail = make_mail(row, settings.mail_from)
    server.send_message(mail)
    return f"{settings.mail_host}:{settings.mail_port} {mail['Message-ID']}"


def _is_final(fault: Exception) -> bool:
    """Whether the server refused in a way that no repetition changes (RFC 5321 §4.2.1: 5yz)."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= _REFUSED_FOR_GOOD for code, _ in fault.recipients.values())
    if isinstance(fault, smtplib.SMTPResponseException):
        return fault.smtp_code >= _REFUSED_FOR_GOOD
    return isinstance(fault, KeyError | ValueError)  # a row that no message can be made of


def _text(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:500]


def give_back(store: Store, outbox_ids: Sequence[str], error: str) -> None:
    """Let rows that never reached the server wait for it: a server that is down uses up no attempt."""
    for outbox_id in outbox_ids:
        row = store.need(Outbox, outbox_id)
        row.attempts -= 1
        row.due_at = store.now + _CLAIM
        row.error = error


def mark_delivered(store: Store, outbox_id: str, receipt: str) -> None:
    """Keep the record that the server took a mail over."""
    row = store.need(Outbox, outbox_id)
    row.state, row.delivered_at, row.receipt, row.error = DeliveryState.DELIVERED, store.now, receipt, ""


def mark_failed(store: Store, outbox_id: str, error: str, *, for_good: bool) -> None:
    """Keep what went wrong; it is tried again unless that is pointless or was done often enough."""
    row = store.need(Outbox, outbox_id)
    if row.state != DeliveryState.WAITING:
        return
    row.error = error
    if for_good or row.attempts >= MOST_ATTEMPTS:
        row.state = DeliveryState.FAILED

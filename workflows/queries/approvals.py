"""Approval requests 复核申请: who asked for what and why, and what became of it. The law is everybody's to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Approval, ApprovalStatus, Person, Role


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One request. ``may_decide``: it waits, the reader keeps the law and did not ask for it."""

    id: str
    act: str
    subject: str
    reason: str
    status: str
    asked_at: datetime
    asked_by: str | None
    decided_at: datetime | None
    decided_by: str | None
    note: str
    may_decide: bool


def list_approvals(
    store: Store,
    *,
    actor: Actor,
    act: str | None = None,
    subject: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[ApprovalRow]:
    """Return one page of requests, the latest first."""
    asker, decider = aliased(Person), aliased(Person)
    statement = (
        select(Approval, asker.name, decider.name)
        .outerjoin(asker, asker.id == Approval.asked_by)
        .outerjoin(decider, decider.id == Approval.decided_by)
    )
    for column, wanted in ((Approval.act, act), (Approval.subject, subject), (Approval.status, status)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    keys = [Key(Approval.asked_at, datetime, descending=True), Key(Approval.id, str, descending=True)]
    page = take_page(store, statement, keys, after=after, limit=limit)
    return page.map(lambda found: _row(*found, actor=actor))


def read_approval(store: Store, approval_id: str, *, actor: Actor) -> ApprovalRow:
    """Return one request, or raise ``NotFoundError``."""
    found = store.need(Approval, approval_id)
    names = [store.need(Person, key).name if key else None for key in (found.asked_by, found.decided_by)]
    return _row(found, *names, actor=actor)


def _row(approval: Approval, asked_by: str | None, decided_by: str | None, *, actor: Actor) -> ApprovalRow:
    keeps_law = actor.has_role(Role.FLOWADMIN)
    return ApprovalRow(
        approval.id,
        approval.act,
        approval.subject,
        approval.reason,
        approval.status,
        approval.asked_at,
        asked_by,
        approval.decided_at,
        decided_by,
        approval.note,
        may_decide=approval.status == ApprovalStatus.WAITING and keeps_law and approval.asked_by != actor.person_id,
    )

"""Approval requests: by id under a lock, and those that wait for one of some things."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from workflows.errors import NotFoundError
from workflows.store import Store
from workflows.tables import Approval, ApprovalStatus, TwoPersonAct


def lock_approval(store: Store, approval_id: str) -> Approval:
    """Lock a request and return it as it is now, or raise ``NotFoundError``."""
    statement = select(Approval).where(Approval.id == approval_id).with_for_update()
    found = store.session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        message = f"Expected approval request {approval_id} to exist, but it does not."
        raise NotFoundError(message, code="approval-not-found", id=approval_id)
    return found


def latest_request(store: Store, act: TwoPersonAct, subject: str) -> Approval | None:
    """Return the request for an act on a thing that was made last, whatever became of it."""
    statement = select(Approval).where(Approval.act == act, Approval.subject == subject)
    return store.session.scalar(statement.order_by(Approval.asked_at.desc(), Approval.id.desc()).limit(1))


def all_waiting(store: Store) -> Sequence[Approval]:
    """Return the requests that wait, the oldest first."""
    statement = select(Approval).where(Approval.status == ApprovalStatus.WAITING)
    return store.session.scalars(statement.order_by(Approval.asked_at, Approval.id)).all()


def waiting_requests(store: Store, subjects: Sequence[str]) -> Sequence[Approval]:
    """Lock and return the requests that wait for an act on one of ``subjects``."""
    statement = select(Approval).where(Approval.subject.in_(subjects), Approval.status == ApprovalStatus.WAITING)
    return store.session.scalars(statement.order_by(Approval.id).with_for_update()).all()

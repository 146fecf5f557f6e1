"""Rows of attachments."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from workflows.store import Store
from workflows.tables import Attachment, Task, TaskCandidate, TaskStatus


def attachments(store: Store, ids: Sequence[str]) -> Sequence[Attachment]:
    """Return those of ``ids`` that exist."""
    return store.session.scalars(select(Attachment).where(Attachment.id.in_(list(ids)))).all() if ids else []


def attachments_of(store: Store, case_id: str) -> Sequence[Attachment]:
    """Return the attachments of a case, oldest first."""
    mine = select(Attachment).where(Attachment.case_id == case_id)
    return store.session.scalars(mine.order_by(Attachment.created_at, Attachment.id)).all()


def replacement_of(store: Store, attachment_id: str) -> str | None:
    """Return the id of the version that replaced this one."""
    return store.session.scalar(select(Attachment.id).where(Attachment.replaces_id == attachment_id))


def has_open_task(store: Store, case_id: str, person_id: str, post_ids: Sequence[str]) -> bool:
    """Whether a person holds an open task of a case, or may claim one."""
    waiting = Task.case_id == case_id, Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED])
    mine = or_(
        Task.assignee_id == person_id,
        TaskCandidate.person_id == person_id,
        TaskCandidate.post_id.in_(list(post_ids)),
    )
    query = select(Task.id).outerjoin(TaskCandidate, TaskCandidate.task_id == Task.id).where(*waiting, mine).limit(1)
    return store.session.scalar(query) is not None

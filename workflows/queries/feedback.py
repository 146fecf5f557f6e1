"""Lists of feedback: one's own, and everybody's for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.feedback import KEEPERS
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Feedback, Person


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What somebody said, and what was answered."""

    id: str
    person: str
    person_name: str
    page: str
    text: str
    status: str
    answer: str
    created_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    row_version: int


def list_feedback(
    store: Store,
    *,
    actor: Actor,
    status: str | None = None,
    mine: bool = False,
    after: str | None = None,
    limit: int | None = None,
) -> Page[FeedbackRow]:
    """Return one page, the latest first: everybody's for administrators unless they want ``mine``."""
    keeper = aliased(Person)
    statement = (
        select(Feedback, Person.code, Person.name, keeper.name)
        .join(Person, Person.id == Feedback.person_id)
        .outerjoin(keeper, keeper.id == Feedback.answered_by)
    )
    if mine or not actor.has_role(*KEEPERS):
        statement = statement.where(Feedback.person_id == actor.person_id)
    if status:
        statement = statement.where(Feedback.status == status)
    keys = [Key(Feedback.created_at, datetime, descending=True), Key(Feedback.id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda row: _row(*row))


def _row(told: Feedback, code: str, name: str, answered_by: str | None) -> FeedbackRow:
    return FeedbackRow(
        told.id,
        code,
        name,
        told.page,
        told.text,
        told.status,
        told.answer,
        told.created_at,
        answered_by,
        told.answered_at,
        told.row_version,
    )

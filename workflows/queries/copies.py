"""抄送我的: the cases that were sent to a person to read, and who was sent a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.queries import case_filters
from workflows.queries.access import bounded_cases, readable_cases
from workflows.queries.case_filters import CaseFilter
from workflows.queries.cases import CaseRow, case_statement, row_of
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Case, CaseCopy, Person, Task

COPY_SORTS = ("sent", *case_filters.CASE_SORTS)
_OF_COPY = 6


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy. ``step`` is that with whose end it was sent, ``sent_by_name`` who added it, None for the diagram."""

    id: str
    sent_at: datetime
    read_at: datetime | None
    step: str | None
    sent_by_code: str | None
    sent_by_name: str | None
    case: CaseRow


def list_copies(
    store: Store,
    wanted: CaseFilter,
    *,
    actor: Actor,
    unread: bool | None = None,
    after: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Page[CopyRow]:
    """Return one page of what was sent to the actor and is open to them still, the latest first."""
    sender = aliased(Person)
    statement = (
        case_statement(store.now)
        .join(CaseCopy, CaseCopy.case_id == Case.id)
        .outerjoin(Task, Task.id == CaseCopy.task_id)
        .outerjoin(sender, sender.id == CaseCopy.sent_by)
        .where(CaseCopy.person_id == actor.person_id, bounded_cases(actor))
        .add_columns(
            CaseCopy.id.label("copy_id"), CaseCopy.created_at, CaseCopy.read_at, Task.name, sender.code, sender.name
        )
    )
    if unread is not None:
        statement = statement.where(CaseCopy.read_at.is_(None) if unread else CaseCopy.read_at.is_not(None))
    statement = case_filters.narrowed(statement, wanted, store.now, actor)
    told = wanted.sort or "-sent"
    if told.removeprefix("-") == "sent":
        back = told.startswith("-")
        keys = [Key(CaseCopy.created_at, datetime, descending=back)]
    else:
        keys = case_filters.sort_keys(told, store.now)
        back = keys[-1].descending
    keys.append(Key(CaseCopy.id, str, descending=back))
    page = take_page(store, statement, keys, after=after, before=before, limit=limit)
    return page.map(_row)


def _row(found: tuple[Any, ...]) -> CopyRow:
    copy_id, sent_at, read_at, step, sender_code, sender_name = found[-_OF_COPY:]
    return CopyRow(copy_id, sent_at, read_at, step, sender_code, sender_name, row_of(found[:-_OF_COPY]))


def unread_copies(store: Store, *, actor: Actor, most: int) -> int:
    """Return how many copies the actor has not marked as read, counted up to ``most``."""
    statement = select(CaseCopy.id).join(Case, Case.id == CaseCopy.case_id)
    mine = CaseCopy.person_id == actor.person_id, CaseCopy.read_at.is_(None), bounded_cases(actor)
    return len(store.session.scalars(statement.where(*mine).limit(most)).all())


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who was sent a case, and when they marked it as read."""

    copy_id: str
    code: str
    name: str
    step: str | None
    sent_by_name: str | None
    sent_at: datetime
    read_at: datetime | None


def readers_of_case(store: Store, case_id: str, *, actor: Actor) -> Sequence[Reader]:
    """Return who was sent a case, for those who may read it, or raise ``NotFoundError``."""
    if store.session.scalar(select(Case.id).where(Case.id == case_id, readable_cases(actor))) is None:
        message = f"Expected case {case_id} to be open to {actor.code}, but it is not."
        raise NotFoundError(message, code="case-not-found", id=case_id)
    sender = aliased(Person)
    statement = (
        select(CaseCopy.id, Person.code, Person.name, Task.name, sender.name, CaseCopy.created_at, CaseCopy.read_at)
        .join(Person, Person.id == CaseCopy.person_id)
        .outerjoin(Task, Task.id == CaseCopy.task_id)
        .outerjoin(sender, sender.id == CaseCopy.sent_by)
        .where(CaseCopy.case_id == case_id)
        .order_by(CaseCopy.created_at, CaseCopy.id)
        .limit(500)
    )
    return [Reader(*row) for row in store.session.execute(statement)]

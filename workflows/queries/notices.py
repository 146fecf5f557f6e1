"""A person's notices 消息, and the counts beside the menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflows.access import Actor
from workflows.engine.values import from_json
from workflows.queries.copies import unread_copies
from workflows.queries.escalations import EscalationFilter, list_escalations
from workflows.queries.paging import Key, Page, take_page
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import counts_by_light
from workflows.store import Store
from workflows.store import notices as rows
from workflows.tables import Notice

_MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One message; ``kind`` and ``content`` are data, the page words them."""

    id: str
    kind: str
    content: Mapping[str, Any]
    case_id: str | None
    created_at: datetime
    read_at: datetime | None


def list_notices(store: Store, *, actor: Actor, after: str | None = None, limit: int | None = None) -> Page[NoticeRow]:
    """Return one page of the actor's notices, newest first."""
    statement = select(Notice).where(Notice.person_id == actor.person_id)
    keys = [Key(Notice.created_at, datetime, descending=True), Key(Notice.id, str, descending=True)]
    return take_page(store, statement, keys, after=after, limit=limit).map(_row)


def _row(notice: Notice) -> NoticeRow:
    content = from_json(notice.content)
    return NoticeRow(notice.id, notice.kind, content, notice.case_id, notice.created_at, notice.read_at)


@dataclass(frozen=True, slots=True)
class Badges:
    """What waits for a person: open tasks by light, unread notices, escalations to decide, unread copies."""

    tasks: Mapping[str, int]
    notices: int
    escalations: int
    copies: int

    @property
    def todo(self) -> int:
        """Return the number of open tasks."""
        return sum(self.tasks.values())


def badges(store: Store, *, actor: Actor) -> Badges:
    """Return the counts beside the menu."""
    waiting = list_escalations(store, EscalationFilter(waiting=True), actor=actor, limit=_MOST_COUNTED)
    return Badges(
        counts_by_light(store, TaskFilter(scope="todo"), actor=actor),
        rows.count_unread(store, actor.person_id or ""),
        len(waiting.items),
        unread_copies(store, actor=actor, most=_MOST_COUNTED),
    )

"""Objections to a list as its readers may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.queries.checklists import one_checklist
from workflows.store import Store
from workflows.tables import ChecklistObjection, Person, SealedValue


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """One objection and its answer, as far as a reader may know it."""

    number: int
    row_no: str | None
    text: str | None
    raised_by: str
    raised_at: datetime
    outcome: str | None
    reply: str | None
    answered_at: datetime | None


def objections_to(store: Store, checklist_id: str, *, actor: Actor) -> Sequence[ObjectionView]:
    """Return the objections to a list that its readers may know: answers to all, words and names only to their author.

    Whoever handles them reads them in the step.
    """
    one_checklist(store, checklist_id, actor=actor)
    reply = aliased(SealedValue)
    statement = (
        select(
            ChecklistObjection.number,
            ChecklistObjection.row_no,
            SealedValue.value,
            Person.name,
            ChecklistObjection.raised_at,
            ChecklistObjection.outcome,
            reply.value,
            ChecklistObjection.answered_at,
            ChecklistObjection.raised_by,
        )
        .join(SealedValue, SealedValue.id == ChecklistObjection.text_id)
        .join(Person, Person.id == ChecklistObjection.raised_by)
        .outerjoin(reply, reply.id == ChecklistObjection.reply_id)
        .where(ChecklistObjection.checklist_id == checklist_id)
        .order_by(ChecklistObjection.number)
    )
    found = []
    for row in store.session.execute(statement):
        told: tuple[Any, ...] = tuple(row)
        view = ObjectionView(*told[:-1])
        mine = told[-1] == actor.person_id
        found.append(view if mine else replace(view, text=None, raised_by=""))
    return found

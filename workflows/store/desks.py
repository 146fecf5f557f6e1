"""Rows of saved filters and phrases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from workflows.store import Store
from workflows.tables import Phrase, SavedFilter


def filters_of(store: Store, person_id: str, list_name: str | None = None) -> Sequence[SavedFilter]:
    """Return a person's filters, of one list or of all, by name."""
    statement = select(SavedFilter).where(SavedFilter.person_id == person_id)
    if list_name is not None:
        statement = statement.where(SavedFilter.list_name == list_name)
    return store.session.scalars(statement.order_by(SavedFilter.list_name, SavedFilter.name, SavedFilter.id)).all()


def phrases_of(store: Store, person_id: str) -> Sequence[Phrase]:
    """Return a person's phrases, the oldest first."""
    statement = select(Phrase).where(Phrase.person_id == person_id)
    return store.session.scalars(statement.order_by(Phrase.created_at, Phrase.id)).all()

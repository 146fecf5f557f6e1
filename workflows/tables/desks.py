"""What people keep for their own work: filters of lists and phrases. No part of any case, in no ledger."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Prose, Ref, Table, one_of


class ListName(StrEnum):
    """The lists that keep filters."""

    TODO = "todo"
    DONE = "done"
    STARTED = "started"
    COPIED = "copied"


class SavedFilter(Table):
    """A filter of a list under a name that its owner gave. At most one a list is applied unasked (``is_default``)."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("person_id", "list_name", "name"),
        CheckConstraint(one_of("list_name", ListName), "list_name"),
    )
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    list_name: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[Prose]  # as it stands in the address, in one order
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Phrase(Table):
    """A phrase 常用语 that a person puts into opinions."""

    __tablename__ = "phrase"
    __table_args__ = (Index("ix_phrase_person", "person_id", "created_at"), UniqueConstraint("person_id", "text"))
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]

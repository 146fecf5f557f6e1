"""Copies 抄送 of cases: who may read along without a duty."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Ref, Table


class CaseCopy(Table):
    """A person who was sent a case to read, by the diagram (``zc:copy``) or by somebody (``sent_by``).

    ``task_id`` is the step with whose end it was sent; None: when the case began, or from the page of the case. A row
    is also the right to read the case, within clearance and recusal.
    """

    __tablename__ = "case_copy"
    __table_args__ = (
        UniqueConstraint("case_id", "task_id", "person_id"),
        Index("ix_case_copy_person", "person_id", "created_at", "id"),
    )
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    sent_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

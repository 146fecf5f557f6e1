"""Who is kept out of a matter because they are a party to it (回避)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Ref, Table


class Recusal(Table):
    """A person kept out of every case that hangs on ``root_case_id``, or of one task of it only.

    ``case_id`` is the case whose diagram (``zc:recuse``) named the person. ``until_at`` is set when it no longer does.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        UniqueConstraint("case_id", "task_id", "person_id"),
        Index("ix_recusal_person", "person_id", "root_case_id"),
        Index("ix_recusal_root", "root_case_id"),
    )
    id: Mapped[Id]
    root_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[str | None] = mapped_column(String(22), ForeignKey("task.id"))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    since_at: Mapped[datetime]
    until_at: Mapped[datetime | None]

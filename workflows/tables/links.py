"""Links between cases that are not parent and child: one opened the other and may wait for its end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Ref, Table


class CaseLink(Table):
    """``source`` opened ``target``. With a ``message``, the end of the target is told to the source by its inbox."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("source_case_id", "target_case_id"),
        Index("ix_case_link_target", "target_case_id"),
    )
    id: Mapped[Id]
    source_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    target_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    relation: Mapped[Key]
    message: Mapped[str | None] = mapped_column(String(120))
    opened_at: Mapped[datetime]

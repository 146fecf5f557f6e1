"""What readers of the pages prefer, and what they told us about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Prose, Ref, Table, one_of


class ReadingPreference(Table):
    """How somebody reads the pages. A row exists once they have chosen; before that the browser's cookies count."""

    __tablename__ = "reading_preference"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    large: Mapped[bool] = mapped_column(default=False)
    contrast: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str | None] = mapped_column(String(20))  # None: what the browser asks for


class FeedbackStatus(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    DONE = "done"
    DECLINED = "declined"


class Feedback(Table):
    """An opinion 意见反馈 on a page, with what an administrator answered."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint(one_of("status", FeedbackStatus), "status"),
        Index("ix_feedback_status", "status", "created_at"),
    )
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    page: Mapped[str] = mapped_column(String(300), default="")  # the address it is about, without arguments
    text: Mapped[Prose]
    status: Mapped[str] = mapped_column(String(20), default=FeedbackStatus.NEW)
    answer: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)

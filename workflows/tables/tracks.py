"""Twin investigations 一案双查: facts that two tracks share, the tracks, and which case took up which fact."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Ref, Table, one_of


class TrackKind(StrEnum):
    PERSON = "person"
    LEADER = "leader"


class OpenedFact(Table):
    """The one case that a family opened about a fact: another about the same fact is joined to it."""

    __tablename__ = "opened_fact"
    family: Mapped[Key] = mapped_column(primary_key=True)
    fact_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    at: Mapped[datetime]


class Track(Table):
    """One of two investigations of a matter. Once open, it changes under the lock of ``main_case_id`` only.

    ``conclusion`` holds codes and numbers, no texts: those are sealed (``opinion_id``).
    """

    __tablename__ = "track"
    __table_args__ = (
        CheckConstraint(one_of("kind", TrackKind), "kind"),
        CheckConstraint("released_at IS NULL OR concluded_at IS NOT NULL", "released"),
        Index("ix_track_main", "main_case_id"),
    )
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), primary_key=True)
    main_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    conclusion: Mapped[dict[str, Any] | None]
    opinion_id: Mapped[str | None] = mapped_column(ForeignKey("sealed_value.id"))


class SharedFact(Table):
    """One version of a fact that both tracks see. Rows never change: a correction is a new version."""

    __tablename__ = "shared_fact"
    __table_args__ = (UniqueConstraint("main_case_id", "number", "version"),)
    id: Mapped[Id]
    main_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    version: Mapped[int]
    title: Mapped[Name]
    statement_id: Mapped[Ref] = mapped_column(ForeignKey("sealed_value.id"))
    source: Mapped[Name] = mapped_column(default="")
    from_case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))  # the track, or the main case
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]

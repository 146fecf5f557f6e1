"""The five lists 五张清单: a unit's list of a year, its rows in versions, objections to it, and the problems found.

Rows and objections are never rewritten: a changed row ends (``valid_to``) and a new version begins.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Prose, Ref, Table, one_of


class ChecklistStatus(StrEnum):
    DRAFTING = "drafting"
    SIGNING = "signing"
    PUBLICITY = "publicity"
    IN_FORCE = "in_force"
    ARCHIVED = "archived"


class PublicityScope(StrEnum):
    """Who may read a list while it is publicised and afterwards, besides those who may read its case."""

    UNIT = "unit"
    SYSTEM = "system"
    AREA = "area"
    PUBLIC = "public"


class ObjectionOutcome(StrEnum):
    UPHOLD = "uphold"
    DISMISS = "dismiss"


class Checklist(Table):
    """One list (清单) of a unit for a year; ``case_id`` draws it up and sees it through the year.

    ``version`` counts its drafts, ``digest`` is over the rows of the last one: what is signed and published.
    """

    __tablename__ = "checklist"
    __table_args__ = (
        UniqueConstraint("case_id"),
        CheckConstraint(one_of("status", ChecklistStatus), "status"),
        Index("ix_checklist_unit_year", "unit_id", "year"),
        Index("ix_checklist_year_status", "year", "status"),
    )
    id: Mapped[Id]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    inspector_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))  # the unit that checks it
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    algorithm: Mapped[str] = mapped_column(String(20), default="")
    seats: Mapped[list[Any]] = mapped_column(default=list)  # who signs the version: post, person at that time
    scope: Mapped[str | None] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    publicised_at: Mapped[datetime | None]
    publicity_until: Mapped[datetime | None]
    in_force_at: Mapped[datetime | None] = mapped_column(index=True)
    archived_at: Mapped[datetime | None]


class ChecklistRow(Table):
    """One version of one row (清单项目). ``no`` is its number in the list and stays from year to year."""

    __tablename__ = "checklist_row"
    __table_args__ = (
        UniqueConstraint("checklist_id", "no", "version"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", "valid"),
        Index("ix_checklist_row_key", "key"),
        Index("ix_checklist_row_due", "due_on", "id"),
    )
    id: Mapped[Id]
    checklist_id: Mapped[Ref] = mapped_column(ForeignKey("checklist.id"))
    no: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))  # unit/year/no: the business key of the case that performs it
    version: Mapped[int]  # the version of the list that brought it
    sort: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    duty: Mapped[Prose]
    measure: Mapped[Prose]
    due_on: Mapped[date]
    holder_post: Mapped[Key]
    holder_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))  # where the holder's post is
    owner: Mapped[Name]  # the candidate expression of who performs it
    evidence: Mapped[Name]
    digest: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class ChecklistObjection(Table):
    """What somebody says against a list that is publicised (公示意见), and how it was answered."""

    __tablename__ = "checklist_objection"
    __table_args__ = (
        UniqueConstraint("checklist_id", "number"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", "answered"),
    )
    id: Mapped[Id]
    checklist_id: Mapped[Ref] = mapped_column(ForeignKey("checklist.id"))
    number: Mapped[int]
    row_no: Mapped[str | None] = mapped_column(String(20))
    text_id: Mapped[Ref] = mapped_column(ForeignKey("sealed_value.id"))
    raised_by: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(20))
    reply_id: Mapped[str | None] = mapped_column(ForeignKey("sealed_value.id"))
    answered_at: Mapped[datetime | None]


class Problem(Table):
    """One entry of the list of problems (问题清单). It closes with its rectification case, never by hand.

    ``case_id`` is the case that waits for the rectification.
    """

    __tablename__ = "problem"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("case_id"),
        CheckConstraint("closed_at IS NULL OR rectification_case_id IS NOT NULL", "closed"),
        Index("ix_problem_unit_year", "unit_id", "year"),
        Index("ix_problem_found", "found_at", "id"),
        Index("ix_problem_rectification", "rectification_case_id"),
    )
    id: Mapped[Id]
    checklist_id: Mapped[Ref] = mapped_column(ForeignKey("checklist.id"))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(200))
    row_no: Mapped[str | None] = mapped_column(String(20))
    fact: Mapped[Prose]
    basis: Mapped[Name]
    severity: Mapped[str] = mapped_column(String(20))
    traced: Mapped[bool]
    supervising_unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"))
    found_at: Mapped[datetime]
    found_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    rectification_case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    accountability_case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    closed_at: Mapped[datetime | None]

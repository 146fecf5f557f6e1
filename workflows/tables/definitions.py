"""Uploaded law: bundles of files, their versions, deadline rules, regions, calendars, duties."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Document, Id, Key, Name, Prose, Ref, Table, one_of

_ACTIVE = text("status = 'active'")


class DefinitionStatus(StrEnum):
    DRAFT = "draft"
    TRIAL = "trial"
    ACTIVE = "active"
    RETIRED = "retired"


class Bundle(Table):
    """The unit of upload and version: one diagram with its forms, decisions, deadlines and parameter defaults.

    ``digest`` is over all files, so that identical bytes make no new version.
    """

    __tablename__ = "bundle"
    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class BundleFile(Table):
    __tablename__ = "bundle_file"
    bundle_id: Mapped[Ref] = mapped_column(ForeignKey("bundle.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(300), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Definition(Table):
    """One version of a process (流程版本). At most one version of a key is active."""

    __tablename__ = "definition"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint(one_of("status", DefinitionStatus), "status"),
        Index("ux_definition_active", "key", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    version: Mapped[int]
    name: Mapped[Name]
    status: Mapped[str] = mapped_column(String(20), index=True)
    bundle_id: Mapped[Ref] = mapped_column(ForeignKey("bundle.id"))
    file: Mapped[str] = mapped_column(String(300))
    findings: Mapped[list[Any]] = mapped_column(Document)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)


class RegionVersion(Table):
    """What one region does otherwise, by version: parameter overlays, lights, ladder. Cases pin the version."""

    __tablename__ = "region_version"
    __table_args__ = (UniqueConstraint("region", "version"),)
    id: Mapped[Id]
    region: Mapped[Key]
    version: Mapped[int]
    name: Mapped[Name]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class CalendarVersion(Table):
    """One loaded year of the working-day calendar, or a region's additions to it (``region`` not empty).

    A correction is a further version of the same year: it counts only from the moment it is approved, by somebody
    else than who loaded it. A year that was not known before counts at once.
    """

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("region", "year", "version"),)
    id: Mapped[Id]
    region: Mapped[Key] = mapped_column(default="")
    year: Mapped[int]
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))  # announced | invented
    source: Mapped[Prose]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class Duty(Table):
    """A row of the catalogue (责任事项): which process, for whom, when, on which clause."""

    __tablename__ = "duty"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    title: Mapped[Name]
    definition_key: Mapped[Key] = mapped_column(index=True)
    source: Mapped[Key]
    clause: Mapped[Name]
    trigger: Mapped[Key]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    since: Mapped[date]  # when it came into the catalogue: periods that were over by then are not ours
    withdrawn: Mapped[bool] = mapped_column(default=False)  # no longer in the catalogue: nothing new is generated


class OccurrenceStatus(StrEnum):
    OPEN = "open"
    SKIPPED = "skipped"


class Occurrence(Table):
    """One period of a duty for one responsible unit (期次). The unique key makes generation idempotent."""

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("duty_id", "period", "unit_id"),
        CheckConstraint(one_of("status", OccurrenceStatus), "status"),
    )
    id: Mapped[Id]
    duty_id: Mapped[str] = mapped_column(ForeignKey("duty.id"))
    period: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), index=True)
    opens_on: Mapped[date]
    due_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]

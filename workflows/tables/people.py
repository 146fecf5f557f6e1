"""Units, posts, people and who holds which post when; accounts, roles, sessions and tokens."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables.columns import Id, Key, Name, Prose, Ref, Table, one_of


class PersonStatus(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    LEFT = "left"


class Role(StrEnum):
    """Rights of a person over a subtree of units (design 7). Three administrators and the 流程管理员 are separate."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    FLOWADMIN = "flowadmin"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    WORKER = "worker"  # a program that does external tasks


class Classification(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"


class Unit(Table):
    """A unit 单位. ``path`` is the chain of codes from the root, ``/A/B/``, so that a subtree is a prefix.

    ``kind`` and ``level`` are data of the city (committee, discipline, government, …), not an enum of the code.
    ``region`` is set where a city's own rules begin; the nearest ancestor's wins.
    """

    __tablename__ = "unit"
    id: Mapped[Id]
    code: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name]
    short_name: Mapped[Name] = mapped_column(default="")
    kind: Mapped[Key]
    level: Mapped[Key]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(String(600), index=True)
    region: Mapped[str | None] = mapped_column(String(120))
    sort: Mapped[int] = mapped_column(default=0)
    closed_on: Mapped[date | None]


class UnitRelation(Table):
    """What one unit agrees otherwise than the rule of ``bpmn/organisation.yaml``: 综合派驻, a shared committee."""

    __tablename__ = "unit_relation"
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    relation: Mapped[Key] = mapped_column(primary_key=True)
    target_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), index=True)


class Post(Table):
    """A post 职务 at a unit. ``key`` is what candidate expressions name (``post:书记@unit``)."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)
    id: Mapped[Id]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[Key]
    name: Mapped[Name]
    sort: Mapped[int] = mapped_column(default=0)
    closed_on: Mapped[date | None]


class Person(Table):
    __tablename__ = "person"
    __table_args__ = (CheckConstraint(one_of("status", PersonStatus), "status"),)
    id: Mapped[Id]
    code: Mapped[Key] = mapped_column(unique=True)
    username: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str | None] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(20), default="zh_CN")
    clearance: Mapped[str] = mapped_column(String(20), default=Classification.INTERNAL)
    status: Mapped[str] = mapped_column(String(20), default=PersonStatus.ACTIVE)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Holding(Table):
    """Who holds a post from a day on, to the day before ``to_day`` (exclusive; None: still)."""

    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint("to_day IS NULL OR to_day > from_day", "period"),
        Index("ix_holding_post_person", "post_id", "person_id"),
    )
    id: Mapped[Id]
    post_id: Mapped[Ref] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    from_day: Mapped[date]
    to_day: Mapped[date | None]


class Proxy(Table):
    """A person who may act for a post within a period: its place in the model; no use case grants one yet."""

    __tablename__ = "proxy"
    id: Mapped[Id]
    post_id: Mapped[Ref] = mapped_column(ForeignKey("post.id"), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    from_day: Mapped[date]
    to_day: Mapped[date]
    ground: Mapped[Prose] = mapped_column(default="")


class RoleGrant(Table):
    """A role over the subtree of ``unit_id``."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), "role"),
        UniqueConstraint("person_id", "role", "unit_id", "from_day"),
    )
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), index=True)
    from_day: Mapped[date]
    to_day: Mapped[date | None]


class Session(Table):
    """A login of a person in a browser. ``digest`` is the SHA-256 of the cookie's secret."""

    __tablename__ = "session"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    client: Mapped[Name] = mapped_column(default="")  # browser and address, for the owner's list of logins
    confirmed_at: Mapped[datetime]  # last time the password was given: signing asks for a fresh one
    ended_at: Mapped[datetime | None]


class Token(Table):
    """A bearer token for programs. ``digest`` is the SHA-256 of its secret."""

    __tablename__ = "token"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[Name]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CalendarFeed(Table):
    """An address by which a calendar program reads a unit's year for a person. ``digest``: SHA-256 of its secret."""

    __tablename__ = "calendar_feed"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

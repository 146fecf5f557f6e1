"""Column types shared by all tables: UTC instants, JSON documents, short keys.

Instants are stored in UTC with microseconds on both databases and come back aware; naive ones are refused.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, DateTime, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 22


def new_id() -> str:
    """Return a new opaque id: 22 characters that sort by creation time, so that index pages fill in order."""
    number = (time.time_ns() // 1_000_000) << 62 | secrets.randbits(62)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(105, -1, -5))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"Expected an aware datetime, but {value!r} has no time zone."
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Document = JSON().with_variant(JSONB(), "postgresql")


class Table(DeclarativeBase):
    """Parent of all mapped records."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UtcDateTime(), dict[str, Any]: Document, list[Any]: Document}


Id = Annotated[str, mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)]
Ref = Annotated[str, mapped_column(String(ID_LENGTH))]
Key = Annotated[str, mapped_column(String(120))]
Name = Annotated[str, mapped_column(String(300))]
Prose = Annotated[str, mapped_column(Text)]


def one_of(column: str, values: type) -> str:
    """Return the text of a CHECK constraint that keeps ``column`` within an enum's values."""
    allowed = ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return f"{column} IN ({allowed})"

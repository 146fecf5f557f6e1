"""The database: one engine per process, the same code on SQLite and PostgreSQL.

SQLite runs in WAL with ``synchronous=FULL``; a writing transaction begins IMMEDIATE (a deferred one that reads
first cannot be upgraded once another has written), a reading one deferred, so lists work while a writer holds
the lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

__all__ = ["READ_ONLY", "Engine", "alembic_config", "make_engine", "migrate"]

READ_ONLY = "zecheng_read"
_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Open the database at ``url``. Nothing is connected before the first use."""
    address = make_url(url)
    options: dict[str, Any] = {
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "json_deserializer": orjson.loads,
        "pool_size": pool_size,
        "hide_parameters": True,  # a fault's text goes to the log, where no value of a variable may stand
    }
    if address.get_backend_name() == "sqlite":
        if address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, connect_args={"timeout": 30, "check_same_thread": False}, **options)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
        return create_engine(address, pool_pre_ping=True, max_overflow=10, **options)
    message = f"Expected a sqlite or postgresql address, but got {address.get_backend_name()}."
    raise ValueError(message)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the begin event below decides how a transaction begins
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def forgo_durability(engine: Engine) -> None:
    """Let SQLite's commits return before they are on disk: for a play that is made anew when the power goes off."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _relax_sqlite)


def _relax_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for this project and database."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest schema."""
    command.upgrade(alembic_config(url), "head")

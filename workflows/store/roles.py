"""Two roles on PostgreSQL: an owner who changes the schema, and the worker, which can only add to the ledger.

The ledger's tables refuse UPDATE and DELETE by triggers on both databases; triggers can be switched off by whoever owns
the tables. So the application must not own them, and gets no right on them beyond reading and inserting.
"""

from __future__ import annotations

import re

from sqlalchemy import text

from workflows.errors import RejectedError
from workflows.store import Store
from workflows.tables import LedgerCheckpoint, LedgerEvent, LedgerHead, SealedValue, Table

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_INSERT_ONLY = (LedgerEvent, LedgerCheckpoint)
_UPDATES = {LedgerHead: ("seq", "hash"), SealedValue: ("value", "salt")}  # a chain's end moves on, a value is purged
_SCHEMA = "public"


def separate_roles(store: Store, *, owner: str, worker: str) -> list[str]:
    """Make the roles that are missing, give the schema to one and the grants to the other; return those made.

    For whoever set the database up (a superuser), again after every upgrade. Raises ``RejectedError`` on SQLite, for a
    bad name, and for an application role that is a superuser or a member of the owner: grants would not bind it.
    """
    if store.session.get_bind().dialect.name != "postgresql":
        raise RejectedError("Expected PostgreSQL: SQLite has no roles.", code="not-postgresql")
    for name in (owner, worker):
        if not _NAME.fullmatch(name):
            raise RejectedError(f"Expected a role name of small letters, digits and _, not {name}.", code="role-name")
    if owner == worker:
        raise RejectedError("Expected two different roles.", code="role-name")
    made = [name for name in (owner, worker) if _make(store, name)]
    _require_bound(store, owner, worker)
    _give_schema(store, owner)
    _grant(store, owner, worker)
    return made


def _make(store: Store, name: str) -> bool:
    known = store.session.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    if known:
        return False
    _do(store, f'CREATE ROLE "{name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE')
    return True


def _require_bound(store: Store, owner: str, worker: str) -> None:
    statement = text("SELECT rolsuper OR pg_has_role(rolname, :owner, 'MEMBER') FROM pg_roles WHERE rolname = :name")
    if store.session.scalar(statement, {"owner": owner, "name": worker}):
        message = f"Expected {worker} to be neither a superuser nor a member of {owner}."
        raise RejectedError(message, code="role-not-bound")


def _give_schema(store: Store, owner: str) -> None:
    _do(store, f"REVOKE CREATE ON SCHEMA {_SCHEMA} FROM PUBLIC")
    _do(store, f'GRANT USAGE, CREATE ON SCHEMA {_SCHEMA} TO "{owner}"')
    for table in _names(store, "SELECT tablename FROM pg_tables WHERE schemaname = :schema"):
        _do(store, f'ALTER TABLE {_SCHEMA}."{table}" OWNER TO "{owner}"')
    functions = "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = :schema"
    for function in _names(store, functions):
        _do(store, f'ALTER ROUTINE {_SCHEMA}."{function}" OWNER TO "{owner}"')


def _grant(store: Store, owner: str, worker: str) -> None:
    who, rights = f'"{worker}"', "SELECT, INSERT, UPDATE, DELETE"
    _do(store, f"GRANT USAGE ON SCHEMA {_SCHEMA} TO {who}")
    _do(store, f"REVOKE ALL ON ALL TABLES IN SCHEMA {_SCHEMA} FROM {who}, PUBLIC")
    _do(store, f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {_SCHEMA} TO {who}")
    _do(store, f'GRANT SELECT ON {_SCHEMA}."alembic_version" TO {who}')
    narrow = {*_INSERT_ONLY, *_UPDATES}
    narrow_names = {each.__tablename__ for each in narrow}
    for table in Table.metadata.sorted_tables:
        given = "SELECT, INSERT" if table.name in narrow_names else rights
        _do(store, f'GRANT {given} ON {_SCHEMA}."{table.name}" TO {who}')
    for kind, columns in _UPDATES.items():
        _do(store, f'GRANT UPDATE ({", ".join(columns)}) ON {_SCHEMA}."{kind.__tablename__}" TO {who}')
    future = f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA {_SCHEMA}'
    _do(store, f"{future} GRANT {rights} ON TABLES TO {who}")
    _do(store, f"{future} GRANT USAGE, SELECT ON SEQUENCES TO {who}")


def _names(store: Store, statement: str) -> list[str]:
    return list(store.session.scalars(text(statement), {"schema": _SCHEMA}))


def _do(store: Store, statement: str) -> None:
    store.session.execute(text(statement))

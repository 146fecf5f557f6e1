"""The ground that other tests stand on: real servers, fresh databases, migrations equal to the tables."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from tests import postgres
from tests.databases import Databases
from workflows import database
from workflows.tables import Table


@pytest.mark.parametrize("source", [postgres.system_binaries, postgres.bundled_binaries])
def test_postgresql_runs_from_the_machine_and_from_pypi(source):
    binaries = source()
    if source is postgres.system_binaries and binaries is None:
        binaries = postgres.bundled_binaries()  # a bare machine has only the other one

    with postgres.running(binaries) as server:
        server.execute("CREATE DATABASE works")

        assert server.version >= postgres.OLDEST


def test_a_crash_cannot_lose_what_a_test_committed(databases: Databases):
    url = databases.make("postgresql")
    engine = database.make_engine(url)

    with engine.connect() as connection:
        fsync = connection.execute(text("SHOW fsync")).scalar()
        synchronous = connection.execute(text("SHOW synchronous_commit")).scalar()

    engine.dispose()
    databases.drop(url)
    assert (fsync, synchronous) == ("on", "on")


def test_every_test_gets_an_empty_database_with_all_tables(engine: Engine):
    names = set(inspect(engine).get_table_names())

    assert set(Table.metadata.tables) <= names
    with engine.connect() as connection:
        filled = [
            name
            for name in Table.metadata.tables
            if connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
        ]
    assert filled == []


def test_migrations_from_nothing_give_exactly_the_tables(empty_database_url: str):
    database.migrate(empty_database_url)
    engine = database.make_engine(empty_database_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Table.metadata)

    engine.dispose()
    assert differences == []


def test_migrating_twice_changes_nothing(database_url: str):
    database.migrate(database_url)
    engine = database.make_engine(database_url)

    with engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()

    engine.dispose()
    assert len(versions) == 1


def test_the_migrations_form_one_line():
    scripts = ScriptDirectory.from_config(database.alembic_config("sqlite://"))

    assert len(scripts.get_heads()) == 1

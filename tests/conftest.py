"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests import compiled_statements
from tests.databases import KINDS, Databases
from workflows.database import make_engine

_MEMORY = Path("/dev/shm")  # a file system in memory: every fsync is made, none waits for a disk
_ENOUGH = 4 * 1024**3

if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)  # for this process and for those that it starts

compiled_statements.share()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with Databases(tmp_path_factory.mktemp("databases")) as made:
        yield made


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The address of a fresh, migrated database: a test that asks for it runs on SQLite and on PostgreSQL."""
    url = databases.make(request.param)
    yield url
    databases.drop(url)


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The same without any table, for tests of migrations."""
    url = databases.make(request.param, migrated=False)
    yield url
    databases.drop(url)


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """SQLite only: for tests of what only a file can do."""
    url = databases.make("sqlite")
    yield url
    databases.drop(url)


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """PostgreSQL only: for tests of row locks and of several processes."""
    url = databases.make("postgresql")
    yield url
    databases.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on both databases, one after the other."""
    opened = make_engine(database_url)
    yield opened
    opened.dispose()

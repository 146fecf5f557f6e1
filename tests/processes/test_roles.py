"""On PostgreSQL the application works under a role that can add to the ledger and not change it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests.city_scene import open_city
from tests.databases import Databases
from tests.postgres import OWNER
from tests.world import World, world_at
from workflows import ledger
from workflows.access import system_actor
from workflows.database import make_engine, migrate
from workflows.errors import RejectedError
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.verification import verify
from workflows.store.roles import separate_roles
from workflows.tables import SealedValue, new_id

FORBIDDEN = (
    "UPDATE ledger_event SET actor = 'nobody'",
    "DELETE FROM ledger_event",
    "TRUNCATE ledger_event",
    "UPDATE ledger_checkpoint SET size = 0",
    "DELETE FROM ledger_checkpoint",
    "TRUNCATE ledger_checkpoint",
    "DELETE FROM ledger_head",
    "TRUNCATE ledger_head",
    "UPDATE ledger_head SET stream = 'case:x'",
    "DELETE FROM sealed_value",
    "UPDATE sealed_value SET commitment = ''",
    "UPDATE sealed_value SET retain_until = NULL",
    "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
    "DROP TABLE ledger_event",
    "DROP TRIGGER ledger_event_append_only ON ledger_event",
    "SET session_replication_role = replica",
    "CREATE TABLE another (id int)",
    "UPDATE alembic_version SET version_num = 'x'",
)


@pytest.fixture
def roles(world: World, databases: Databases) -> Iterator[tuple[str, str]]:
    owner, application = f"owner_{new_id()}", f"app_{new_id()}"
    yield owner, application
    with world.application.database.begin() as connection:
        known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
        for name in {owner, application} & known:
            connection.execute(text(f'REASSIGN OWNED BY "{name}" TO "{OWNER}"'))
            connection.execute(text(f'DROP OWNED BY "{name}"'))
            connection.execute(text(f'DROP ROLE "{name}"'))


@pytest.fixture
def bound(world: World, roles: tuple[str, str], tmp_path: Path) -> Iterator[World]:
    """The same world, under the application's role."""
    owner, application = roles
    assert world.run(separate_roles, owner=owner, worker=application) == [owner, application]
    url = world.application.settings.database_url.replace(f"{OWNER}@", f"{application}@")
    migrate(url)  # at the newest schema there is nothing to do, and nothing to be allowed
    opened = world_at(url, tmp_path / "bound")
    yield opened
    opened.application.database.dispose()


def test_the_application_does_its_work_and_can_only_add_to_the_ledger(bound: World):
    case = bound.start("approval")
    bound.task("拟稿").transfer("p162", as_="p158")
    bound.settle()
    bound.run(checkpoint)
    sealed = bound.rows(SealedValue)[0].id
    bound.run(lambda store: ledger.purge(store, store.need(SealedValue, sealed), actor=system_actor("test")))

    for statement in FORBIDDEN:
        with pytest.raises(ProgrammingError), bound.application.database.begin() as connection:
            connection.execute(text(statement))

    assert "task-transferred" in bound.kinds(case)
    assert bound.read(verify, None).is_whole


def test_the_owner_changes_the_schema_and_the_roles_may_be_made_again(world: World, roles: tuple[str, str]):
    owner, application = roles
    world.run(separate_roles, owner=owner, worker=application)
    url = world.application.settings.database_url.replace(f"{OWNER}@", f"{owner}@")
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE person ADD COLUMN nickname text"))
        connection.execute(text("ALTER TABLE person DROP COLUMN nickname"))
    engine.dispose()

    assert world.run(separate_roles, owner=owner, worker=application) == []


def test_a_role_that_no_grant_binds_is_refused(world: World):
    for owner, application in ((f"owner_{new_id()}", OWNER), ("a", "a"), ("owner", 'x"; DROP ROLE y')):
        with pytest.raises(RejectedError):
            world.run(separate_roles, owner=owner, worker=application)


def test_sqlite_has_no_roles(databases: Databases, tmp_path: Path):
    with open_city(databases, "sqlite", tmp_path) as city, pytest.raises(RejectedError) as told:
        city.run(separate_roles, owner="a", worker="b")

    assert told.value.code == "not-postgresql"

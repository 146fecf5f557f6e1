"""The house as it is measured: the demo city on a real database, with the models deployed, driven by use cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bench.models import model_files
from workflows.access import Actor, system_actor
from workflows.application import Application, open_application
from workflows.cases import start_case
from workflows.clock import SHANGHAI, VirtualClock
from workflows.database import migrate
from workflows.definitions import activate_definition, deploy_files
from workflows.demo.city import load_city
from workflows.engine.types import Profile
from workflows.settings import Settings
from workflows.store import Store, people
from workflows.tables import DefinitionStatus, Person, Task, TaskStatus
from workflows.tasks import Submission, complete_task
from workflows.transaction import read, run

NOW = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)  # a Monday without a holiday near
UNIT, CLERK = "ws-caizheng", "p161"
_PASSWORD = "an-invented-password"  # noqa: S105 - of accounts that live as long as the benchmark


@dataclass
class Town:
    """The city under the models, and one of its clerks."""

    application: Application
    clerk: Actor
    unit_id: str

    def start(self, definition: str, **variables: object) -> str:
        """Start a case and let everything automatic happen; return its id."""
        case = run(
            self.application,
            start_case,
            definition=definition,
            unit_id=self.unit_id,
            variables=variables,
            actor=self.clerk,
        )
        return case.id

    def open_tasks(self, element: str, case_id: str | None = None) -> list[str]:
        """Return the open tasks at an element of all cases, or of one, oldest first."""
        statement = (
            select(Task.id)
            .where(Task.element_id == element, Task.status == TaskStatus.OPEN)
            .order_by(Task.started_at, Task.id)
        )
        if case_id is not None:
            statement = statement.where(Task.case_id == case_id)
        return read(self.application, lambda store: list(store.session.scalars(statement)))

    def complete(self, task_id: str, values: Mapping[str, object]) -> None:
        """Complete a task as the doors do: claimed by that, with access check, form, ledger, limits and timers."""
        run(self.application, complete_task, task_id, Submission(values), actor=self.clerk)

    def complete_all(self, task_ids: Sequence[str], values: Mapping[str, object]) -> None:
        """Complete tasks one after the other, each in its own transaction."""
        for task_id in task_ids:
            self.complete(task_id, values)


def build(url: str, folder: Path) -> None:
    """Fill a new database: schema, city, models."""
    migrate(url)
    with _opened(url, folder) as application:
        run(application, load_city, password=_PASSWORD, year=NOW.year)
        run(application, _deploy)


@contextmanager
def open_town(url: str, folder: Path) -> Iterator[Town]:
    """Open a database that ``build`` has filled."""
    with _opened(url, folder) as application:
        clerk = read(application, _clerk)
        yield Town(application, clerk, next(post.unit_id for post in clerk.posts))


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Application]:
    settings = Settings(var=folder, database_url=url, password_memory_kib=8, password_passes=1)
    application = open_application(settings, VirtualClock(NOW))
    try:
        yield application
    finally:
        application.database.dispose()


def _deploy(store: Store) -> None:
    actor = system_actor("bench")
    for definition, _ in deploy_files(store, model_files(store.application.settings.law), actor=actor):
        if definition.status == DefinitionStatus.DRAFT:
            activate_definition(store, definition.key, definition.version, actor=actor, profile=Profile.STANDARD)


def _clerk(store: Store) -> Actor:
    person = store.session.scalars(select(Person).where(Person.username == CLERK)).one()
    actor = people.actor_of(store, person.id)
    if all(post.unit_id != people.need_unit(store, UNIT).id for post in actor.posts):
        message = f"Expected {CLERK} of the demo city to hold a post at {UNIT}."
        raise ValueError(message)
    return actor

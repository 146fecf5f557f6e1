"""The demo city as a scene for tests: real databases, cheap password hashes, a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from tests.databases import Databases, Filling
from workflows import transaction
from workflows.access import Actor
from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.demo.city import load_city
from workflows.deployment import deploy_law
from workflows.law import CompiledBundle
from workflows.settings import Settings
from workflows.store import Store, people
from workflows.tables import (
    Activity,
    Bundle,
    Case,
    Definition,
    LedgerEvent,
    Person,
    Task,
    TaskCandidate,
    TaskStatus,
    new_id,
)

P = ParamSpec("P")
R = TypeVar("R")
PASSWORD = "an-invented-password"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_BUNDLES: dict[str, CompiledBundle] = {}  # of every city in this process: a definition's id is given once only


class City:
    """The loaded city: ``run`` and ``read`` as doors do, ``actor`` as somebody in it."""

    def __init__(self, application: Application, clock: VirtualClock) -> None:
        self.application = application
        self.clock = clock

    def run(self, use_case: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return transaction.run(self.application, use_case, *args, **kwargs)

    def read(self, query: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return transaction.read(self.application, query, *args, **kwargs)

    def pass_time(self, **duration: int) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**duration))

    def actor(self, username: str) -> Actor:
        return self.read(lambda store: people.actor_of(store, self._person(store, username).id))

    def code(self, username: str) -> str:
        return self.read(lambda store: self._person(store, username).code)

    def holder(self, unit: str, post: str) -> Actor:
        """The first holder of a post today."""

        def find(store: Store) -> Actor:
            found = people.find_post(store, people.need_unit(store, unit).id, post)
            assert found is not None
            return people.actor_of(store, people.holders(store, [found.id])[0].id)

        return self.read(find)

    def holder_codes(self, unit: str, post: str) -> list[str]:
        def find(store: Store) -> list[str]:
            found = people.find_post(store, people.need_unit(store, unit).id, post)
            return [person.code for person in people.holders(store, [found.id])] if found else []

        return self.read(find)

    def ledger(self, stream: str) -> list[str]:
        kinds = select(LedgerEvent.kind).where(LedgerEvent.stream == stream).order_by(LedgerEvent.seq)
        return self.read(lambda store: list(store.session.scalars(kinds)))

    @staticmethod
    def _person(store: Store, username: str) -> Person:
        return store.session.scalars(select(Person).where(Person.username == username)).one()


@contextmanager
def open_city(databases: Databases, kind: str, folder: Path, *, under_law: bool = False) -> Iterator[City]:
    """The city on a database of this kind, a copy of one that was filled once; ``under_law``: with the shipped law."""
    url = databases.make(kind, filled=UNDER_LAW if under_law else ("city", fill))
    clock = VirtualClock(START)
    application = open_application(cheap_settings(folder, url), clock)
    share_bundles(application)
    try:
        yield City(application, clock)
    finally:
        application.database.dispose()
        databases.drop(url)


def share_bundles(application: Application) -> None:
    """Let it compile only what no other test of this process has compiled."""
    application.law._bundles = _BUNDLES


def cheap_settings(folder: Path, url: str) -> Settings:
    """Cheap passwords; everything else as shipped."""
    return Settings(var=folder, database_url=url, password_memory_kib=8, password_passes=1)


def fill(url: str) -> None:
    """Put the city into a migrated database."""
    with _filling(url):
        pass


def fill_with_law(url: str) -> None:
    """Put the city into a migrated database, and the shipped law into force."""
    with _filling(url) as application:
        deploy_law(application)


UNDER_LAW: Filling = ("city under law", fill_with_law)


@contextmanager
def _filling(url: str) -> Iterator[Application]:
    application = open_application(cheap_settings(Path("/nonexistent"), url), VirtualClock(START))
    try:
        transaction.run(application, load_city, password=PASSWORD)
        yield application
    finally:
        application.database.dispose()


def add_case(store: Store, unit: str, *, classification: str = "internal", started_by: str | None = None) -> str:
    """Write a running case of a unit as rows: what an actor may see does not ask how it came about."""
    definition = store.session.scalar(select(Definition))
    if definition is None:
        bundle = store.add(Bundle(digest="0" * 64, created_at=store.now))
        definition = store.add(
            Definition(
                key="seen",
                version=1,
                name="所见",
                status="active",
                bundle_id=bundle.id,
                file="seen.bpmn",
                findings=[],
                created_at=store.now,
            )
        )
    case = Case(
        definition_id=definition.id,
        process_key="seen",
        unit_id=people.need_unit(store, unit).id,
        title=f"{unit} 的办件",
        status="active",
        classification=classification,
        state=b"",
        started_at=store.now,
        started_by=started_by,
    )
    return store.add(case).id


def add_task(store: Store, case_id: str, unit: str, post: str | None = None, **columns: object) -> str:
    """Write an open task of a case, offered to a post of a unit."""
    owner = people.need_unit(store, unit)
    activity = store.add(
        Activity(case_id=case_id, element_id=f"Step_{new_id()}", kind="task", status="open", opened_at=store.now)
    )
    told: dict[str, object] = {
        "name": "办理",
        "status": TaskStatus.OPEN,
        "started_at": store.now,
        "element_id": activity.element_id,
        **columns,
    }
    task = store.add(Task(activity_id=activity.id, case_id=case_id, unit_id=owner.id, **told))
    if post is not None:
        found = people.find_post(store, owner.id, post)
        assert found is not None
        store.add(TaskCandidate(task_id=task.id, post_id=found.id))
    return task.id

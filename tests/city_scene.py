"""The demo city as a scene for tests: real databases, cheap password hashes, a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from workflows import transaction
from workflows.access import Actor
from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.demo.city import load_city
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
def open_city(database_url: str, folder: Path) -> Iterator[City]:
    clock = VirtualClock(START)
    cheap = Settings(var=folder, database_url=database_url, password_memory_kib=8, password_passes=1)
    application = open_application(cheap, clock)
    transaction.run(application, load_city, password=PASSWORD)
    yield City(application, clock)
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

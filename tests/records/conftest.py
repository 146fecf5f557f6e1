from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import (
    Activity,
    Bundle,
    Case,
    Deadline,
    Definition,
    Holding,
    Person,
    Post,
    Task,
    TaskCandidate,
    Timer,
    Unit,
)
from workflows.transaction import run

MONDAY_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY_NOON)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", database_url=database_url)


@pytest.fixture
def application(settings: Settings, clock: VirtualClock) -> Iterator[Application]:
    opened = open_application(settings, clock)
    yield opened
    opened.database.dispose()


@pytest.fixture
def office(application: Application) -> SimpleNamespace:
    """An office with two people, one case, and a step that its post may take: due on Wednesday, remind on Monday."""
    return run(application, _furnish)


def _furnish(store: Store) -> SimpleNamespace:
    unit = store.add(Unit(code="u", name="办公室", kind="government", level="city", path="/u/"))
    post = store.add(Post(unit_id=unit.id, key="主任", name="主任"))
    clerk = store.add(Person(code="p1", username="p1", name="甲", email="p1@example.test"))
    other = store.add(Person(code="p2", username="p2", name="乙"))
    store.add(Holding(post_id=post.id, person_id=clerk.id, from_day=date(2026, 1, 1)))
    bundle = store.add(Bundle(digest="0" * 64, created_at=store.now))
    definition = store.add(
        Definition(
            key="d", version=1, name="流程", status="active", bundle_id=bundle.id, file="d.bpmn", findings=[],
            created_at=store.now,
        )
    )  # fmt: skip
    case = store.add(
        Case(
            definition_id=definition.id, process_key="d", unit_id=unit.id, title="述职报告", status="active",
            state=b"", started_at=store.now,
        )
    )  # fmt: skip
    activity = store.add(
        Activity(case_id=case.id, element_id="write", kind="user_task", status="open", opened_at=store.now)
    )
    task = store.add(
        Task(
            activity_id=activity.id, case_id=case.id, unit_id=unit.id, element_id="write", name="起草", status="open",
            started_at=store.now,
        )
    )  # fmt: skip
    store.add(TaskCandidate(task_id=task.id, post_id=post.id))
    due_at = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)  # the end of 4 March in Asia/Shanghai
    deadline = store.add(
        Deadline(
            case_id=case.id, activity_id=activity.id, rule="r", rule_version=1, calendar_version="2026", due_at=due_at,
            started_at=store.now, explanation={}, inputs={},
        )
    )  # fmt: skip
    timers = [
        store.add(
            Timer(
                case_id=case.id, host_activity_id=activity.id, deadline_id=deadline.id, kind="ladder",
                step=f"s{number}", due_at=store.now + timedelta(hours=number), content={}, state="armed",
                armed_at=store.now,
            )
        )
        for number in range(3)
    ]  # fmt: skip
    return SimpleNamespace(
        unit=unit, post=post, clerk=clerk, other=other, case=case, activity=activity, task=task, deadline=deadline,
        timers=timers,
    )  # fmt: skip

"""A world to test in: the demo city under the shipped law and the small diagrams of ``tests/models``.

Everything goes through the use cases, as the doors do it. A world is a copy of a prepared database (one preparation
per kind of database and test process), so that a test begins within milliseconds. The clock only moves when told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.city_scene import PASSWORD, City
from tests.databases import Databases
from tests.invariants import violations
from workflows import inbox, jobs, start_events, timers, transaction
from workflows.access import system_actor
from workflows.application import open_application
from workflows.cases import start_case, variables_of
from workflows.clock import SHANGHAI, VirtualClock
from workflows.definitions import activate_definition, deploy_files
from workflows.demo.city import load_city
from workflows.deployment import deploy_law, read_bundle_files
from workflows.engine.types import FileContent, Profile
from workflows.handing import return_task, transfer_task, urge_task
from workflows.law import Law
from workflows.settings import Settings
from workflows.store import Store, people
from workflows.tables import (
    Activity,
    Case,
    Deadline,
    Escalation,
    Incident,
    IncidentStatus,
    LedgerEvent,
    Person,
    StartTrigger,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
    TimerState,
)
from workflows.tasks import Submission, claim_task, complete_task, release_task

MODELS = Path(__file__).parent / "models"
SHIPPED = Path(__file__).parents[1] / "bpmn"
START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)  # a Monday without a holiday near
UNIT = "ws-caizheng"  # 望舒区财政局: below the district committee ws, whose discipline committee is ws-jw
CLERK, OFFICE, HEAD = "p161", "p160", "p158"  # its 经办, 办公室主任, 书记; CLERK_2 is another 经办
CLERK_2 = "p162"
SUPERVISOR, FLOWADMIN = "supervisor", "flowadmin"  # over the whole city
_LAWS: dict[str, Law] = {}


@dataclass(frozen=True)
class Handle:
    """A task of the world, asked anew for its row each time."""

    world: World
    id: str

    @property
    def row(self) -> Task:
        return self.world.read(lambda store: store.need(Task, self.id))

    @property
    def deadline(self) -> Deadline:
        found: Deadline = self.world.one(Deadline, activity_id=self.row.activity_id)
        return found

    @property
    def attempt(self) -> int:
        found: Activity = self.world.one(Activity, id=self.row.activity_id)
        return found.attempt

    def candidates(self) -> list[str]:
        """Who may claim it today, by user name."""

        def find(store: Store) -> list[str]:
            rows = store.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == self.id)).all()
            held = people.holders(store, [row.post_id for row in rows if row.post_id])
            named = people.people(store, [row.person_id for row in rows if row.person_id])
            return sorted(person.username or "" for person in (*held, *named))

        return self.world.read(find)

    def claim(self, as_: str, **more: Any) -> Handle:
        self.world.run(claim_task, self.id, actor=self.world.actor(as_), **more)
        return self

    def release(self, as_: str) -> Handle:
        self.world.run(release_task, self.id, actor=self.world.actor(as_))
        return self

    def complete(
        self, as_: str | None = None, *, version: int | None = None, submission: Submission | None = None, **values: Any
    ) -> Handle:
        """Complete it; as whoever may do it first, unless told."""
        late = self.row.due_at is not None and self.world.now >= self.row.due_at
        handed = submission or Submission(
            values, confirmed_at=self.world.now, late_reason="材料到得晚" if late else None
        )
        self.world.run(
            complete_task, self.id, handed, actor=self.world.actor(as_ or self._somebody()), expected_version=version
        )
        return self

    def _somebody(self) -> str:
        assignee = self.row.assignee_id
        if assignee is None:
            return self.candidates()[0]
        return self.world.read(lambda store: store.need(Person, assignee).username or "")

    def give_back(self, target: str, as_: str, reason: str = "请补充") -> Handle:
        self.world.run(return_task, self.id, target, reason, actor=self.world.actor(as_))
        return self

    def transfer(self, to: str, as_: str, reason: str = "分工调整") -> Handle:
        self.world.run(transfer_task, self.id, self.world.code(to), reason, actor=self.world.actor(as_))
        return self

    def urge(self, as_: str, note: str = "请抓紧") -> Handle:
        self.world.run(urge_task, self.id, note, actor=self.world.actor(as_))
        return self


class World(City):
    """The city with its law. Names of units and people are those of the demo city."""

    clock: VirtualClock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # ------------------------------------------------------------------ acting

    def start(self, definition: str, *, unit: str = UNIT, as_: str | None = CLERK, **variables: Any) -> str:
        """Start a case of ``definition`` for a unit and let everything automatic happen; return its id."""
        actor = self.actor(as_) if as_ else system_actor("test")
        unit_id = self.read(lambda store: people.need_unit(store, unit).id)
        case = self.run(start_case, definition=definition, unit_id=unit_id, variables=variables, actor=actor)
        self.settle()
        return case.id

    def settle(self) -> int:
        """Let timers, jobs and inboxes run dry at this instant; return how many timers fired."""
        fired = 0
        while True:
            now = timers.fire_due(self.application)
            now += start_events.fire_due(self.application)
            fired += now
            if not now + jobs.run_due(self.application) + inbox.advance_waiting(self.application):
                return fired

    def let_pass(self, **duration: float) -> int:
        """Let time pass as a running scheduler would see it: from one due row to the next; return how many fired."""
        return self.move_to(self.now + timedelta(**duration))

    def move_to(self, instant: datetime) -> int:
        fired = self.settle()
        while True:
            due = self.read(_next_due, instant)
            self.clock.move_to(due or instant)
            fired += self.settle()
            if due is None:
                return fired

    def sleep_until(self, instant: datetime) -> None:
        """Move the clock without anybody looking: the house was down."""
        self.clock.move_to(instant)

    def deploy(self, *files: FileContent, profile: Profile = Profile.STANDARD) -> None:
        def put(store: Store) -> None:
            for definition, _ in deploy_files(store, files, actor=system_actor("test")):
                if definition.status != "active":
                    activate_definition(
                        store, definition.key, definition.version, actor=system_actor("test"), profile=profile
                    )

        self.run(put)

    # ------------------------------------------------------------------ looking

    def task(self, name: str | None = None, *, case: str | None = None) -> Handle:
        """The one open task with this name (and of this case)."""
        found = self.tasks(name, case=case)
        assert len(found) == 1, f"{len(found)} open tasks {name!r}: {[each.row.name for each in self.tasks()]}"
        return found[0]

    def tasks(self, name: str | None = None, *, case: str | None = None) -> list[Handle]:
        statement = select(Task.id).where(Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED])).order_by(Task.id)
        if name is not None:
            statement = statement.where(Task.name == name)
        if case is not None:
            statement = statement.where(Task.case_id == case)
        return [Handle(self, found) for found in self.read(lambda store: list(store.session.scalars(statement)))]

    def names(self, case: str | None = None) -> list[str]:
        """The names of the open tasks, sorted."""
        return sorted(each.row.name for each in self.tasks(case=case))

    def rows(self, kind: Any, /, **columns: Any) -> list[Any]:
        statement = select(kind).filter_by(**columns).order_by(*kind.__table__.primary_key)
        return self.read(lambda store: list(store.session.scalars(statement)))

    def one(self, kind: Any, /, **columns: Any) -> Any:
        (found,) = self.rows(kind, **columns)
        return found

    def case(self, case_id: str) -> Case:
        return self.read(lambda store: store.need(Case, case_id))

    def child(self, case_id: str) -> Case:
        found: Case = self.one(Case, parent_case_id=case_id)
        return found

    def incidents(self, case_id: str | None = None) -> list[Incident]:
        narrowed = {"case_id": case_id} if case_id else {}
        return self.rows(Incident, status=IncidentStatus.OPEN, **narrowed)

    def escalation(self, **columns: Any) -> Escalation:
        found: Escalation = self.one(Escalation, **columns)
        return found

    def told(self, case_id: str) -> str:
        """Everything that the ledger of a case says, as text."""
        statement = select(LedgerEvent.content).where(LedgerEvent.stream == f"case:{case_id}")
        return "\n".join(self.read(lambda store: list(store.session.scalars(statement))))

    def kinds(self, case_id: str) -> list[str]:
        return self.ledger(f"case:{case_id}")

    def armed(self, **columns: Any) -> list[Timer]:
        return self.rows(Timer, state=TimerState.ARMED, **columns)

    def check(self) -> None:
        """Fail on the first sight of a broken invariant."""
        assert self.read(violations) == []


def _next_due(store: Store, until: datetime) -> datetime | None:
    statement = (
        select(Timer.due_at)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.state == TimerState.ARMED, Timer.due_at > store.now, Timer.due_at <= until)
        .where(Case.status == "active")
        .order_by(Timer.due_at)
        .limit(1)
    )
    starts = (
        select(StartTrigger.due_at)
        .where(StartTrigger.state == "armed", StartTrigger.due_at > store.now, StartTrigger.due_at <= until)
        .order_by(StartTrigger.due_at)
        .limit(1)
    )
    dates = [store.session.scalar(statement), store.session.scalar(starts)]
    return min((date for date in dates if date is not None), default=None)


# ---------------------------------------------------------------------- preparing


@contextmanager
def open_world(databases: Databases, kind: str, folder: Path, *, at: datetime = START) -> Iterator[World]:
    """A fresh world on a database of this kind."""
    url = databases.make(kind, filled=("world", fill))
    world = world_at(url, folder, at=at)
    try:
        yield world
    finally:
        world.application.database.dispose()
        databases.drop(url)


def world_at(url: str, folder: Path, *, at: datetime = START, shared: bool = True) -> World:
    """A world on a database that holds one; tests in one process share the compiled law of their kind of database."""
    clock = VirtualClock(at)
    application = open_application(settings(url, folder), clock)
    if shared:
        application.law = _LAWS.setdefault(url.split(":", maxsplit=1)[0], application.law)
    return World(application, clock)


def settings(url: str, folder: Path) -> Settings:
    return Settings(var=folder, database_url=url, password_memory_kib=8, password_passes=1)


def fill(url: str) -> None:
    """Put the city, the law and the models into a migrated database."""
    application = open_application(settings(url, Path("/nonexistent")), VirtualClock(START - timedelta(days=60)))
    try:
        deploy_law(application)
        transaction.run(application, load_city, password=PASSWORD)
        World(application, VirtualClock(START)).deploy(*model_files())
    finally:
        application.database.dispose()


def model_files() -> list[FileContent]:
    ladder = SHIPPED / "decisions" / "reminder_ladder.dmn"
    return [*read_bundle_files(MODELS), FileContent("decisions/reminder_ladder.dmn", ladder.read_bytes())]


def shanghai(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant as people in the city write it."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def values_of(world: World, case_id: str) -> Mapping[str, Any]:
    """The top-level variables of a case."""
    return world.read(lambda store: variables_of(store, store.need(Case, case_id)))

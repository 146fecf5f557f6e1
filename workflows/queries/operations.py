"""运行监控: is the house alive, how late is its background work, and which timers come next.

Numbers are shown to whoever keeps or audits the system; timers belong to cases, so they are shown as cases are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from workflows.access import Actor
from workflows.errors import NotAllowedError
from workflows.heartbeats import Lateness, watchdog
from workflows.queries.access import units_in_reach, visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.store.tasks import MAX_FAULTS
from workflows.tables import (
    Case,
    CaseInbox,
    CaseStatus,
    Definition,
    Heartbeat,
    Job,
    JobStatus,
    Outbox,
    Role,
    Timer,
    TimerKind,
    TimerState,
    Unit,
)

_KEEPERS = (Role.FLOWADMIN, Role.AUDITOR, Role.SYSADMIN)
OVERDUE, TO_COME, FAULTY, HELD = "overdue", "to_come", "faulty", "held"
STATES = (OVERDUE, TO_COME, FAULTY, HELD)


@dataclass(frozen=True, slots=True)
class Beat:
    """A background duty: when it last ran, what it said, and which runner holds it until when."""

    name: str
    ran_at: datetime | None
    note: str
    held_by: str | None
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the background work stands at ``at``. ``late`` is in whole seconds, of the oldest work of each kind."""

    at: datetime
    late: dict[str, int]
    oldest_timer: datetime | None
    waiting: dict[str, int]
    outbox: dict[str, int]
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A timer that is still to fire, with its case."""

    id: str
    case_id: str
    case_title: str
    process: str
    unit_name: str
    kind: str
    step: str
    due_at: datetime
    provisional: bool
    faults: int
    state: str


def require_keeper(actor: Actor) -> None:
    """Raise unless the actor keeps or audits the system somewhere."""
    if not actor.has_role(*_KEEPERS):
        message = f"Expected {actor.code} to keep or audit the system."
        raise NotAllowedError(message, code="missing-role", roles=list(_KEEPERS))


def health_of(store: Store, *, actor: Actor) -> Health:
    """Return how the background work stands, for administrators and auditors."""
    require_keeper(actor)
    late = watchdog(store)
    beats = store.session.scalars(select(Heartbeat).order_by(Heartbeat.name))
    by_state = select(Outbox.state, func.count()).group_by(Outbox.state)
    return Health(
        at=store.now,
        late={kind: int(seconds) for kind, seconds in late.seconds(store.now).items()},
        oldest_timer=late.timer_due_at,
        waiting=_waiting(store, late),
        outbox=dict(store.session.execute(by_state).all()),
        beats=tuple(Beat(each.name, each.ran_at, each.note, each.held_by, each.held_until) for each in beats),
    )


def _waiting(store: Store, late: Lateness) -> dict[str, int]:
    """Return how much waits for time, for a runner, or for somebody."""
    armed = select(func.count()).select_from(Timer).where(Timer.state == TimerState.ARMED)
    inbox = select(func.count()).select_from(CaseInbox).where(CaseInbox.consumed_at.is_(None))
    jobs = select(func.count()).select_from(Job).where(Job.status == JobStatus.WAITING)
    return {
        "timers": store.session.scalar(armed) or 0,
        "timers_due": store.session.scalar(armed.where(Timer.due_at <= store.now, Timer.faults < MAX_FAULTS)) or 0,
        "timers_faulty": late.faulty_timers,
        "inbox": store.session.scalar(inbox) or 0,
        "jobs": store.session.scalar(jobs) or 0,
        "jobs_failed": late.failed_jobs,
        "mails_failed": late.failed_mails,
        "incidents": late.open_incidents,
    }


def list_timers(
    store: Store, *, actor: Actor, state: str | None = None, after: str | None = None, limit: int | None = None
) -> Page[TimerRow]:
    """Return one page of the timers that are still to fire, the next first, of cases that the actor may see."""
    require_keeper(actor)
    statement = (
        select(Timer, Case.title, Case.status, Definition.name, Unit.short_name, Unit.name)
        .join(Case, Case.id == Timer.case_id)
        .join(Definition, Definition.id == Case.definition_id)
        .join(Unit, Unit.id == Case.unit_id)
        .where(
            Timer.state == TimerState.ARMED,
            units_in_reach(actor, Role.FLOWADMIN, Role.AUDITOR),
            visible_cases(actor),
        )
    )
    fit, runs = Timer.faults < MAX_FAULTS, Case.status == CaseStatus.ACTIVE
    wanted = {
        OVERDUE: (fit, runs, Timer.due_at <= store.now),
        TO_COME: (fit, runs, Timer.due_at > store.now),
        FAULTY: (Timer.faults >= MAX_FAULTS,),
        HELD: (fit, ~runs),
    }
    if state in wanted:
        statement = statement.where(*wanted[state])
    page = take_page(store, statement, [Key(Timer.due_at, datetime), Key(Timer.id, str)], after=after, limit=limit)
    return page.map(lambda row: _timer(store, *row))


def _timer(store: Store, timer: Timer, title: str, status: str, process: str, short: str, unit: str) -> TimerRow:
    if timer.faults >= MAX_FAULTS:
        state = FAULTY
    elif status != CaseStatus.ACTIVE:
        state = HELD
    else:
        state = OVERDUE if timer.due_at <= store.now else TO_COME
    step = _step(timer)
    return TimerRow(
        timer.id,
        timer.case_id,
        title,
        process,
        short or unit,
        timer.kind,
        step,
        timer.due_at,
        timer.provisional,
        timer.faults,
        state,
    )


def _step(timer: Timer) -> str:
    """Return the rung of a ladder, or the element of the diagram without scope, round and attempt."""
    if timer.kind == TimerKind.LADDER:
        return timer.step.rpartition(":")[2]
    return timer.step.rpartition("|")[2].partition(":")[0]

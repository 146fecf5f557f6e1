"""Tasks, candidates, deadlines, timers and the facts about steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from workflows.store import Store
from workflows.store.cases import RARE, know_rare
from workflows.store.ledger import hold_head
from workflows.tables import (
    Activity,
    Case,
    CaseStatus,
    ClockStop,
    Deadline,
    Draft,
    Escalation,
    Holding,
    LedgerHead,
    StepFact,
    Task,
    TaskCandidate,
    TaskStatus,
    Timer,
    TimerKind,
    TimerState,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Work:
    """What hangs on one activity: its task, its limit and the fact that reports read, as far as it has them."""

    activity_id: str
    task: Task | None
    deadline: Deadline | None
    fact: StepFact | None


# Built once, as in ``store/cases.py``: every step asks these.
_TASK = (
    select(Task, Activity, Draft, Unit, LedgerHead, Escalation, *RARE, TaskCandidate)
    .join(Activity, Activity.id == Task.activity_id)
    .join(Case, Case.id == Task.case_id)
    .join(Unit, Unit.id == Case.unit_id)
    .outerjoin(Draft, Draft.task_id == Task.id)
    .outerjoin(LedgerHead, LedgerHead.stream == "case:" + Task.case_id)
    .outerjoin(Escalation, Escalation.case_id == Task.case_id)
    .outerjoin(TaskCandidate, TaskCandidate.task_id == Task.id)
    .where(Task.id == bindparam("task"))
    .execution_options(populate_existing=True)
)
_WORKS = (
    select(Activity.id, Task, Deadline, StepFact)
    .outerjoin(Task, Task.activity_id == Activity.id)
    .outerjoin(Deadline, Deadline.activity_id == Activity.id)
    .outerjoin(StepFact, StepFact.activity_id == Activity.id)
    .where(Activity.id.in_(bindparam("activities", expanding=True)))
    .order_by(Activity.id)
)
_CANDIDATES = select(TaskCandidate).where(TaskCandidate.task_id == bindparam("task"))
_STOPS = select(ClockStop).where(ClockStop.case_id == bindparam("case")).order_by(ClockStop.from_at, ClockStop.id)
_CANCEL_ARMED = (
    update(Timer)
    .where(Timer.deadline_id.in_(bindparam("deadlines", expanding=True)), Timer.state == TimerState.ARMED)
    .values(state=TimerState.CANCELLED)
    .execution_options(
        synchronize_session=False
    )  # no step reads these timers as records after it has closed their task
)


def read_task(store: Store, task_id: str) -> Task | None:
    """Return a task of a locked case as it is now, whatever was read before.

    What its completion needs comes with it: activity, draft, candidates, the case's unit, chain and escalation.
    """
    found = store.session.execute(_TASK, {"task": task_id}).all()
    if not found:
        return None
    task, activity, draft, unit, head, escalation, *rare, _ = found[0]
    store.keep((task, activity, draft, unit, escalation))
    for kind, row, key in ((Draft, draft, task.id), (Escalation, escalation, task.case_id)):
        if row is None:
            store.know_missing(kind, key)
    if head is not None:
        hold_head(store, head)
    know_rare(store, task.case_id, rare)
    candidates: list[TaskCandidate | None] = [row[-1] for row in found]
    store.know((TaskCandidate, task.id), [candidate for candidate in candidates if candidate is not None])
    return task


def works_of(store: Store, activity_ids: Sequence[str]) -> list[Work]:
    """Return what hangs on these activities, in one query."""
    return [Work(*row) for row in store.session.execute(_WORKS, {"activities": activity_ids})]


def task_of_activity(store: Store, activity_id: str) -> Task | None:
    """Return the human task of an activity, if it has one."""
    return store.session.scalar(select(Task).where(Task.activity_id == activity_id))


def open_tasks(store: Store, case_id: str) -> Sequence[Task]:
    """Return the tasks of a case that wait for a person."""
    statement = select(Task).where(Task.case_id == case_id, Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]))
    return store.session.scalars(statement.order_by(Task.started_at, Task.id)).all()


def finished_tasks(store: Store, case_id: str) -> Sequence[Task]:
    """Return the completed tasks of a case, latest first."""
    statement = select(Task).where(Task.case_id == case_id, Task.status == TaskStatus.COMPLETED)
    return store.session.scalars(statement.order_by(Task.done_at.desc(), Task.id.desc())).all()


def candidates_of(store: Store, task_id: str) -> Sequence[TaskCandidate]:
    """Return who may claim a task."""
    return store.once((TaskCandidate, task_id), lambda: store.session.scalars(_CANDIDATES, {"task": task_id}).all())


def forget_candidates(store: Store, task_id: str) -> None:
    """Read the candidates of a task again: they are about to change."""
    store.forget((TaskCandidate, task_id))


def holders_of(store: Store, post_ids: Sequence[str], day: date) -> Sequence[Holding]:
    """Return who holds these posts on a day."""
    statement = select(Holding).where(
        Holding.post_id.in_(list(post_ids)),
        Holding.from_day <= day,
        or_(Holding.to_day.is_(None), Holding.to_day > day),
    )
    return store.session.scalars(statement.order_by(Holding.post_id, Holding.from_day)).all()


def deadline_of_activity(store: Store, activity_id: str) -> Deadline | None:
    """Return the limit of a step, if it has one."""
    return store.session.scalar(select(Deadline).where(Deadline.activity_id == activity_id))


def running_deadlines(store: Store, case_id: str) -> Sequence[Deadline]:
    """Return the limits of a case that are not done."""
    return store.session.scalars(
        select(Deadline).where(Deadline.case_id == case_id, Deadline.done_at.is_(None)).order_by(Deadline.id)
    ).all()


def clock_stops(store: Store, case_id: str) -> Sequence[ClockStop]:
    """Return the recorded stops of a case's clock, in order."""
    return store.once((ClockStop, case_id), lambda: store.session.scalars(_STOPS, {"case": case_id}).all())


def add_clock_stop(store: Store, stop: ClockStop) -> None:
    """Add a stop of a case's clock."""
    store.add(stop)
    store.forget((ClockStop, stop.case_id))


def cancel_timers_of_deadlines(store: Store, deadline_ids: Sequence[str]) -> None:
    """Take back the ladder timers of some deadlines that have not fired; one that is just firing stays fired."""
    store.session.execute(_CANCEL_ARMED, {"deadlines": deadline_ids})


def timers_of_deadline(store: Store, deadline_id: str) -> Sequence[Timer]:
    """Return all ladder timers of a deadline, whatever became of them."""
    return store.session.scalars(select(Timer).where(Timer.deadline_id == deadline_id)).all()


def events_of_limit(store: Store, deadline: Deadline) -> Sequence[Timer]:
    """Return the armed events of the diagram that keep a step's own limit: timers on the step that name its rule."""
    if deadline.activity_id is None:
        return ()
    return store.session.scalars(
        select(Timer).where(
            Timer.host_activity_id == deadline.activity_id,
            Timer.kind == TimerKind.BPMN,
            Timer.rule == deadline.rule,
            Timer.state == TimerState.ARMED,
        )
    ).all()


def limit_of_event(store: Store, timer: Timer) -> Deadline | None:
    """Return the limit that an event of the diagram keeps: that of the step it stands on, under the same rule."""
    return store.session.scalar(
        select(Deadline).where(Deadline.activity_id == timer.host_activity_id, Deadline.rule == timer.rule)
    )


def bpmn_timer(store: Store, case_id: str, step: str, occurrence: int) -> Timer | None:
    """Return the timer that an event of the diagram set."""
    return store.session.scalar(
        select(Timer).where(
            Timer.case_id == case_id,
            Timer.kind == TimerKind.BPMN,
            Timer.step == step,
            Timer.occurrence == occurrence,
        )
    )


def timers_due(store: Store, limit: int) -> list[str]:
    """Return ids of timers to fire, in order of their dates: those of suspended cases wait for the resume."""
    statement = (
        select(Timer.id)
        .join(Case, Case.id == Timer.case_id)
        .where(
            Timer.state == TimerState.ARMED,
            Timer.due_at <= store.now,
            Timer.faults < MAX_FAULTS,
            Case.status == CaseStatus.ACTIVE,
        )
        .order_by(Timer.due_at, Timer.id)
        .limit(limit)
    )
    return list(store.session.scalars(statement))


def read_timer(store: Store, timer_id: str) -> tuple[Timer, bool]:
    """Return a timer of a locked case as it is now, and whether another of the case is to be fired before it.

    The limit that it belongs to comes with it.
    """
    found = store.session.execute(_TIMER, {"timer": timer_id}).one()
    store.keep((found[0], found[1]))
    return found[0], bool(found[2])


MAX_FAULTS = 3
_OTHER = aliased(Timer)
_TIMER = (
    select(
        Timer,
        Deadline,
        exists().where(
            _OTHER.case_id == Timer.case_id,
            _OTHER.state == TimerState.ARMED,
            _OTHER.faults < MAX_FAULTS,
            or_(_OTHER.due_at < Timer.due_at, and_(_OTHER.due_at == Timer.due_at, _OTHER.id < Timer.id)),
        ),
    )
    .outerjoin(Deadline, Deadline.id == Timer.deadline_id)
    .where(Timer.id == bindparam("timer"))
    .execution_options(populate_existing=True)
)


def fact_of(store: Store, activity_id: str) -> StepFact | None:
    """Return the reporting row of an attempt."""
    return store.get(StepFact, activity_id)


def faulty_timers(store: Store, case_id: str) -> Sequence[Timer]:
    """Return the armed timers of a case whose effect failed too often."""
    return store.session.scalars(
        select(Timer).where(Timer.case_id == case_id, Timer.state == TimerState.ARMED, Timer.faults >= MAX_FAULTS)
    ).all()


def seated(store: Store, case_id: str, element_id: str) -> set[str]:
    """Return the people who have a seat of the latest round of a step: its tasks opened in one step of the case."""
    latest = select(func.max(Task.started_at)).where(Task.case_id == case_id, Task.element_id == element_id)
    statement = (
        select(TaskCandidate.person_id)
        .join(Task, Task.id == TaskCandidate.task_id)
        .where(
            Task.case_id == case_id,
            Task.element_id == element_id,
            Task.started_at == latest.scalar_subquery(),
            TaskCandidate.seat_post_id.is_not(None),
        )
    )
    return set(store.session.scalars(statement))

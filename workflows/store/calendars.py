"""Calendar years, and what rests on them: open deadlines and timers of the diagrams."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from workflows.store import Store
from workflows.tables import (
    CalendarVersion,
    Case,
    CaseStatus,
    Deadline,
    RegionVersion,
    Timer,
    TimerKind,
    TimerState,
)


def calendars_in_force(store: Store) -> Sequence[CalendarVersion]:
    """Return every approved year, oldest version first."""
    statement = select(CalendarVersion).where(CalendarVersion.approved_at.is_not(None))
    ordered = statement.order_by(CalendarVersion.region, CalendarVersion.year, CalendarVersion.version)
    return store.session.scalars(ordered).all()


def versions_of_year(store: Store, year: int, region: str) -> Sequence[CalendarVersion]:
    """Return every version of a year, newest first, those that wait for approval included."""
    statement = select(CalendarVersion).where(CalendarVersion.year == year, CalendarVersion.region == region)
    return store.session.scalars(statement.order_by(CalendarVersion.version.desc())).all()


def open_deadlines(store: Store) -> Sequence[tuple[Deadline, str | None]]:
    """Return the running limits with the region of their cases, by case: locks are taken in that order."""
    statement = (
        select(Deadline, RegionVersion.region)
        .join(Case, Case.id == Deadline.case_id)
        .outerjoin(RegionVersion, RegionVersion.id == Case.region_version_id)
        .where(Deadline.done_at.is_(None), Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]))
        .order_by(Deadline.case_id, Deadline.id)
    )
    return [(deadline, region) for deadline, region in store.session.execute(statement)]


def provisional_timers(store: Store) -> Sequence[Timer]:
    """Return the armed timers of diagrams whose date rests on a year not announced, by case."""
    statement = (
        select(Timer)
        .join(Case, Case.id == Timer.case_id)
        .where(
            Timer.kind == TimerKind.BPMN,
            Timer.state == TimerState.ARMED,
            Timer.provisional.is_(True),
            Case.status.in_([CaseStatus.ACTIVE, CaseStatus.SUSPENDED]),
        )
        .order_by(Timer.case_id, Timer.id)
    )
    return store.session.scalars(statement).all()

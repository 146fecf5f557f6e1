"""What the calendar says: days with their reasons, a date with its count, and the versions of years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, exists, select

from workflows.access import Actor
from workflows.deadlines.calendar import DayKind
from workflows.deadlines.count import start_of_day
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import Unit as TimeUnit
from workflows.deadlines.functions import ad_hoc_rule
from workflows.deadlines.revision import Move
from workflows.deadlines.rules import Deadline as Counted
from workflows.deadlines.rules import compute
from workflows.errors import FieldFault, RejectedError
from workflows.queries.access import visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Activity, Approval, ApprovalStatus, CalendarVersion, Case, Deadline, Person, Unit

MAX_DAYS = 800


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One version of a year. ``waits``: it does not count before somebody approves it."""

    id: str
    year: int
    version: int
    region: str
    status: str
    source: str
    created_at: datetime
    created_by: str | None
    approved_at: datetime | None
    waits: bool


def list_days(store: Store, first: date, last: date, *, region: str | None = None) -> tuple[DayKind, ...]:
    """Return every day from ``first`` to ``last`` with its reason, or raise ``RejectedError``."""
    if not first <= last or (last - first).days >= MAX_DAYS:
        message = f"Expected at most {MAX_DAYS} days, the first not after the last."
        raise RejectedError(
            message, code="days-out-of-range", faults=[FieldFault("/to", "days-out-of-range", message)], limit=MAX_DAYS
        )
    try:
        return store.application.law.calendar(store, region).days(first, last)
    except DeadlineError as fault:
        raise RejectedError(str(fault), code=fault.code, **fault.params) from fault


def count_deadline(store: Store, start: date | datetime, workdays: int, *, region: str | None = None) -> Counted:
    """Return the limit of some working days from ``start``, with its explanation, or raise ``RejectedError``."""
    at = start if isinstance(start, datetime) else start_of_day(start)
    try:
        return compute(ad_hoc_rule(workdays, TimeUnit.WORKDAY), at, store.application.law.calendar(store, region))
    except DeadlineError as fault:
        raise RejectedError(str(fault), code=fault.code, **fault.params) from fault


@dataclass(frozen=True, slots=True)
class ToldMove:
    """One limit that a year would move; ``title`` is empty for a case that the reader may not know of."""

    name: str
    unit: str
    title: str
    before: datetime
    after: datetime


def tell_moves(store: Store, moves: Sequence[Move], *, actor: Actor) -> list[ToldMove]:
    """Return what a reader may know of the limits that would move, in the order of ``moves``."""
    statement = (
        select(Deadline.id, Activity.name, Unit.name, case((visible_cases(actor), Case.title), else_=""))
        .join(Case, Case.id == Deadline.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Activity, Activity.id == Deadline.activity_id)
        .where(Deadline.id.in_([move.key for move in moves]))
    )
    found = {key: told for key, *told in store.session.execute(statement)}
    named = [(move, found[move.key]) for move in moves if move.key in found]
    return [ToldMove(name or "", unit, title, move.before, move.after) for move, (name, unit, title) in named]


def list_calendars(store: Store, *, after: str | None = None, limit: int | None = None) -> Page[CalendarRow]:
    """Return one page of the versions of years, latest year and version first."""
    waits = exists().where(Approval.subject == CalendarVersion.id, Approval.status == ApprovalStatus.WAITING)
    statement = select(CalendarVersion, Person.name, waits).outerjoin(Person, Person.id == CalendarVersion.created_by)
    keys = [
        Key(CalendarVersion.year, int, descending=True),
        Key(CalendarVersion.region, str),
        Key(CalendarVersion.version, int, descending=True),
    ]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda found: _row(*found))


def _row(version: CalendarVersion, creator: str | None, waits: bool) -> CalendarRow:  # noqa: FBT001 - a column
    return CalendarRow(
        version.id,
        version.year,
        version.version,
        version.region,
        version.status,
        version.source,
        version.created_at,
        creator,
        version.approved_at,
        waits=waits,
    )

"""The register of lists 清单台账: lists and their rows as of any day. All within access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.errors import NotFoundError
from workflows.queries.checklist_access import readable_checklists
from workflows.queries.lights import light_of
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store, people
from workflows.tables import (
    Case,
    Checklist,
    ChecklistRow,
    ChecklistStatus,
    Deadline,
    Person,
    Unit,
)

_PERFORMS = "checklist_row"  # the process of the case that performs a row
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which lists or rows. ``unit`` is a code (its subtree), ``as_of`` the day whose end counts; None: now."""

    text: str | None = None
    unit: str | None = None
    year: int | None = None
    status: str | None = None
    kind: str | None = None
    post: str | None = None
    holder: str | None = None
    light: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    as_of: date | None = None
    checklist_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list of a unit and year. ``status`` is that of the day asked for."""

    id: str
    unit: str
    unit_name: str
    year: int
    status: str
    version: int
    digest: str
    scope: str | None
    place: str
    rows: int
    case_id: str
    created_at: datetime
    publicised_at: datetime | None
    publicity_until: datetime | None
    in_force_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a list as it stood on the day asked for, with how its performance stands now."""

    id: str
    checklist_id: str
    unit: str
    unit_name: str
    year: int
    status: str
    no: str
    version: int
    kind: str
    duty: str
    measure: str
    due_on: date
    holder_post: str
    holder: str | None
    holder_name: str | None
    holder_unit: str
    evidence: str
    digest: str
    valid_from: datetime
    valid_to: datetime | None
    case_id: str | None
    case_status: str | None
    light: str | None


def end_of(store: Store, day: date | None) -> datetime:
    """Return the instant as of which a register is asked: the end of a day in China, or now."""
    if day is None:
        return store.now
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def _status_at(at: datetime) -> Any:
    """Return the state of a list at an instant; of one that was not yet in force then, only that it was drawn up."""
    return case(
        (and_(Checklist.archived_at.is_not(None), Checklist.archived_at <= at), ChecklistStatus.ARCHIVED.value),
        (and_(Checklist.in_force_at.is_not(None), Checklist.in_force_at <= at), ChecklistStatus.IN_FORCE.value),
        (and_(Checklist.publicised_at.is_not(None), Checklist.publicised_at <= at), ChecklistStatus.PUBLICITY.value),
        (Checklist.status == ChecklistStatus.SIGNING, ChecklistStatus.SIGNING.value),
        else_=ChecklistStatus.DRAFTING.value,
    )


def _valid_at(at: datetime) -> Any:
    return and_(ChecklistRow.valid_from <= at, or_(ChecklistRow.valid_to.is_(None), ChecklistRow.valid_to > at))


def _under(unit: str) -> Any:
    path = select(Unit.path).where(Unit.code == unit).scalar_subquery()
    return func.substr(Unit.path, 1, func.length(path)) == path


def list_checklists(
    store: Store, wanted: ListFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[ListRow]:
    """Return one page of the lists that the actor may read, the newest year first, units in the order of the tree."""
    at = end_of(store, wanted.as_of)
    statement = _lists(at).where(readable_checklists(actor), Checklist.created_at <= at)
    if wanted.unit:
        statement = statement.where(_under(wanted.unit))
    if wanted.year is not None:
        statement = statement.where(Checklist.year == wanted.year)
    if wanted.status:
        statement = statement.where(_status_at(at) == wanted.status)
    if wanted.text:
        texts = (Unit.name, Unit.short_name, Checklist.place)
        statement = statement.where(or_(*(column.contains(wanted.text, autoescape=True) for column in texts)))
    keys = [Key(Checklist.year, int, descending=True), Key(Unit.path, str), Key(Checklist.id, str)]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda found: ListRow(*found))


def _lists(at: datetime) -> Select[*tuple[Any, ...]]:
    number = (
        select(func.count())
        .select_from(ChecklistRow)
        .where(ChecklistRow.checklist_id == Checklist.id, _valid_at(at))
        .correlate(Checklist)
        .scalar_subquery()
    )
    return select(
        Checklist.id,
        Unit.code,
        Unit.name,
        Checklist.year,
        _status_at(at),
        Checklist.version,
        Checklist.digest,
        Checklist.scope,
        Checklist.place,
        number,
        Checklist.case_id,
        Checklist.created_at,
        Checklist.publicised_at,
        Checklist.publicity_until,
        Checklist.in_force_at,
        Checklist.archived_at,
    ).join(Unit, Unit.id == Checklist.unit_id)


def one_checklist(store: Store, checklist_id: str, *, actor: Actor, as_of: date | None = None) -> ListRow:
    """Return one list, or raise ``NotFoundError`` for what the actor may not read."""
    statement = _lists(end_of(store, as_of)).where(Checklist.id == checklist_id, readable_checklists(actor))
    found = store.session.execute(statement).one_or_none() if people.is_storable(checklist_id) else None
    if found is None:
        message = f"Expected list {checklist_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="checklist-not-found", id=checklist_id)
    return ListRow(*found)


_HELD_AT = aliased(Unit)


def rows_at(store: Store, at: datetime) -> Select[*tuple[Any, ...]]:
    """Select the rows that held at an instant, as ``RowView`` tells them, of every list."""
    light = (
        select(light_of(Deadline, store.now))
        .where(Deadline.case_id == Case.id)
        .order_by(Deadline.done_at.is_not(None), Deadline.due_at, Deadline.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            ChecklistRow.id,
            Checklist.id,
            Unit.code,
            Unit.name,
            Checklist.year,
            _status_at(at),
            ChecklistRow.no,
            ChecklistRow.version,
            ChecklistRow.kind,
            ChecklistRow.duty,
            ChecklistRow.measure,
            ChecklistRow.due_on,
            ChecklistRow.holder_post,
            Person.code,
            Person.name,
            _HELD_AT.name,
            ChecklistRow.evidence,
            ChecklistRow.digest,
            ChecklistRow.valid_from,
            ChecklistRow.valid_to,
            Case.id,
            Case.status,
            case((Case.ended_at.is_not(None), "done"), (Case.id.is_not(None), light), else_=None),
        )
        .join(Checklist, Checklist.id == ChecklistRow.checklist_id)
        .join(Unit, Unit.id == Checklist.unit_id)
        .join(_HELD_AT, _HELD_AT.id == ChecklistRow.unit_id)
        .outerjoin(Person, Person.id == ChecklistRow.holder_id)
        .outerjoin(
            Case,
            and_(
                Case.business_key == ChecklistRow.key,
                Case.process_key == _PERFORMS,
                Case.parent_case_id == Checklist.case_id,
            ),
        )
        .where(_valid_at(at))
    )


def list_rows(
    store: Store, wanted: ListFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[RowView]:
    """Return one page of the rows as of a day, by year, unit and number, in lists that the actor may read."""
    statement = _filtered_rows(store, wanted, actor)
    keys = [
        Key(Checklist.year, int, descending=True),
        Key(Unit.path, str),
        Key(ChecklistRow.sort, int),
        Key(ChecklistRow.id, str),
    ]
    return take_page(store, statement, keys, after=after, limit=limit).map(lambda found: RowView(*found))


def export_rows(store: Store, wanted: ListFilter, *, actor: Actor) -> list[RowView]:
    """Return every row that a filter finds, up to ``MOST_EXPORTED``, in the order of the register."""
    statement = _filtered_rows(store, wanted, actor).order_by(
        Checklist.year.desc(), Unit.path, ChecklistRow.sort, ChecklistRow.id
    )
    return [RowView(*found) for found in store.session.execute(statement.limit(MOST_EXPORTED))]


def _filtered_rows(store: Store, wanted: ListFilter, actor: Actor) -> Select[*tuple[Any, ...]]:
    at = end_of(store, wanted.as_of)
    statement = rows_at(store, at).where(readable_checklists(actor))
    same = {
        Checklist.id: wanted.checklist_id,
        Checklist.year: wanted.year,
        ChecklistRow.kind: wanted.kind,
        ChecklistRow.holder_post: wanted.post,
        Person.code: wanted.holder,
    }
    for column, value in same.items():
        if value is not None:
            statement = statement.where(column == value)
    if wanted.unit:
        statement = statement.where(_under(wanted.unit))
    if wanted.status:
        statement = statement.where(_status_at(at) == wanted.status)
    if wanted.due_from:
        statement = statement.where(ChecklistRow.due_on >= wanted.due_from)
    if wanted.due_to:
        statement = statement.where(ChecklistRow.due_on <= wanted.due_to)
    if wanted.text:
        texts = (ChecklistRow.duty, ChecklistRow.measure, ChecklistRow.evidence, ChecklistRow.no)
        statement = statement.where(or_(*(column.contains(wanted.text, autoescape=True) for column in texts)))
    if wanted.light == "done":
        statement = statement.where(Case.ended_at.is_not(None))
    elif wanted.light:
        lit = select(Deadline.case_id).where(Deadline.done_at.is_(None), light_of(Deadline, store.now) == wanted.light)
        statement = statement.where(Case.ended_at.is_(None), Case.id.in_(lit))
    return statement


def other_lists(store: Store, row: ListRow, *, actor: Actor) -> list[ListRow]:
    """Return the other lists of the same unit that came into force, newest first: what one can be compared with."""
    statement = (
        _lists(store.now)
        .where(
            readable_checklists(actor),
            Unit.code == row.unit,
            Checklist.id != row.id,
            Checklist.in_force_at.is_not(None),
        )
        .order_by(Checklist.year.desc(), Checklist.id)
    )
    return [ListRow(*found) for found in store.session.execute(statement)]


def list_of_case(store: Store, case_id: str) -> str | None:
    """Return the id of the list that a case draws up."""
    return store.session.scalar(select(Checklist.id).where(Checklist.case_id == case_id))

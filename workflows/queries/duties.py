"""Lists of duties 责任事项 and their occurrences 期次."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.queries.access import visible_cases
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store
from workflows.tables import Case, Duty, Occurrence, Unit


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One row of the catalogue. ``content`` is the whole row as its file tells it."""

    id: str
    title: str
    definition_key: str
    source: str
    clause: str
    trigger: str
    withdrawn: bool
    content: Mapping[str, Any]
    occurrences: int


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """One period of a duty for one unit; ``case_id`` is None when it was skipped or the actor may not see its case."""

    id: str
    period: str
    unit_code: str
    unit_name: str
    opens_on: date
    due_at: datetime | None
    status: str
    reason: str | None
    case_id: str | None


def list_duties(
    store: Store,
    *,
    definition: str | None = None,
    trigger: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[DutyRow]:
    """Return one page of the catalogue, by id. Everybody may read it."""
    number = select(func.count()).where(Occurrence.duty_id == Duty.id).correlate(Duty).scalar_subquery()
    statement = select(Duty, number)
    if definition is not None:
        statement = statement.where(Duty.definition_key == definition)
    if trigger is not None:
        statement = statement.where(Duty.trigger == trigger)
    page = take_page(store, statement, [Key(Duty.id, str)], after=after, limit=limit)
    return page.map(lambda found: _duty(*found))


def read_duty(store: Store, duty_id: str) -> DutyRow:
    """Return one row of the catalogue, or raise ``NotFoundError``."""
    duty = store.need(Duty, duty_id)
    number = store.session.scalar(select(func.count()).where(Occurrence.duty_id == duty_id)) or 0
    return _duty(duty, number)


def list_occurrences(
    store: Store, duty_id: str, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[OccurrenceRow]:
    """Return one page of the occurrences of a duty, latest period first, by unit."""
    if store.get(Duty, duty_id) is None:
        message = f"Expected duty {duty_id} to exist, but it does not."
        raise NotFoundError(message, code="duty-not-found", id=duty_id)
    statement = (
        select(Occurrence, Unit.code, Unit.name, Case.id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Case, and_(Case.occurrence_id == Occurrence.id, visible_cases(actor)))
        .where(Occurrence.duty_id == duty_id)
    )
    keys = [Key(Occurrence.period, str, descending=True), Key(Unit.path, str), Key(Occurrence.id, str)]
    page = take_page(store, statement, keys, after=after, limit=limit)
    return page.map(lambda found: _occurrence(*found))


def _duty(duty: Duty, number: int) -> DutyRow:
    return DutyRow(
        duty.id,
        duty.title,
        duty.definition_key,
        duty.source,
        duty.clause,
        duty.trigger,
        duty.withdrawn,
        duty.content,
        number,
    )


def _occurrence(occurrence: Occurrence, code: str, name: str, case_id: str | None) -> OccurrenceRow:
    return OccurrenceRow(
        occurrence.id,
        occurrence.period,
        code,
        name,
        occurrence.opens_on,
        occurrence.due_at,
        occurrence.status,
        occurrence.reason,
        case_id,
    )

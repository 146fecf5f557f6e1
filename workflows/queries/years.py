"""年历: what one unit has to do in a year, from the catalogue's recurrence rules, with what became of it so far.

Dates are law and may be read by everybody who is logged in, as the catalogue may; that a case exists and its light are
told to those who may see the case. A date that rests on a year whose calendar is not announced is provisional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select

from workflows.access import Actor
from workflows.clock import SHANGHAI
from workflows.deadlines.recurrence import Occurrence as Period
from workflows.deadlines.recurrence import occurrences, read_recurrence
from workflows.duty_files import DutyRow, TriggerKind, duty_from
from workflows.queries.access import visible_cases
from workflows.queries.case_filters import WORST_FIRST, worst_light
from workflows.relations import relations_of
from workflows.store import Store
from workflows.store import definitions as law_rows
from workflows.store import duties as duty_rows
from workflows.store import people as stored_people
from workflows.tables import Case, Duty, Occurrence, OccurrenceStatus, Unit

PLANNED = "planned"  # beside the states of an occurrence: its day has not come
_LOOK_BACK = timedelta(days=800)  # further than any lead time
_INSTANT = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True)
class Entry:
    """One duty on one day. ``case_id``, ``light`` and ``ended_at`` are None for whom the case is not."""

    duty_id: str
    title: str
    clause: str
    period: str
    due_on: date
    due_at: datetime
    opens_on: date
    provisional: bool
    status: str
    reason: str | None
    case_id: str | None
    light: str | None
    region_version: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnEvent:
    """A duty that an event brings about: it has no day in the calendar."""

    duty_id: str
    title: str
    clause: str


@dataclass(frozen=True, slots=True)
class UnitYear:
    """The duties of a unit in a year, in order of their days."""

    unit_code: str
    unit_name: str
    year: int
    as_of: datetime
    entries: Sequence[Entry]
    on_event: Sequence[OnEvent]

    @property
    def has_provisional(self) -> bool:
        """Whether some of the dates may still move."""
        return any(entry.provisional for entry in self.entries)

    def month(self, number: int) -> Sequence[Entry]:
        """Return the entries of one month."""
        return [entry for entry in self.entries if entry.due_on.month == number]


def unit_year(store: Store, unit_code: str, year: int, *, actor: Actor) -> UnitYear:
    """Return the year of a unit, or raise ``NotFoundError`` for a unit that does not exist."""
    unit = stored_people.need_unit(store, unit_code)
    year = max(_FIRST_YEAR, min(year, _LAST_YEAR))
    known = _known(store, unit, actor)
    entries: list[Entry] = []
    on_event: list[OnEvent] = []
    related: Mapping[str, str | None] | None = None
    for duty in duty_rows.all_duties(store):
        if duty.withdrawn:
            continue
        row = duty_from(duty.content)
        if row.not_modelled or not _is_of(row, unit):
            continue
        if row.has and related is None:
            related = relations_of(store, unit)
        if related is not None and not all(related.get(name) for name in row.has):
            continue
        if row.trigger is not TriggerKind.PERIODIC:
            on_event.append(OnEvent(duty.id, duty.title, duty.clause))
            continue
        entries += [_entry(duty, each, known) for each in _periods(store, duty, row, unit, year)]
    entries.sort(key=lambda entry: (entry.due_on, entry.duty_id))
    return UnitYear(unit.code, unit.name, year, store.now, entries, on_event)


def _is_of(row: DutyRow, unit: Unit) -> bool:
    return unit.kind in row.kinds and (not row.levels or unit.level in row.levels)


def _periods(store: Store, duty: Duty, row: DutyRow, unit: Unit, year: int) -> Iterator[Period]:
    """Yield the periods that fall due in the year, by the rule, the region's parameters and the calendar in force."""
    definition = law_rows.active_definition(store, duty.definition_key)
    if definition is None:
        return
    law = store.application.law
    bundle = law.bundle(store, definition.id)
    region = law.region(store, law.region_for_unit(store, unit))
    parameters = region.parameters(bundle)
    if row.parameter and parameters.get(row.parameter) != row.parameter_value:
        return
    calendar = law.calendar(store, region.key)
    recurrence = read_recurrence(row.recurrence, bundle.deadlines[row.deadline], file=row.id, path="trigger")
    since = max(date(year, 1, 1) - _LOOK_BACK, date(calendar.first_year, 1, 1))
    for period in occurrences(recurrence, calendar, since=since, until=date(year, 12, 31), parameters=parameters):
        last = _last_day(period.due_at)
        if last.year == year and last >= duty.since:
            yield period


def _last_day(due_at: datetime) -> date:
    return (due_at.astimezone(SHANGHAI) - _INSTANT).date()


@dataclass(frozen=True, slots=True)
class _Known:
    status: str
    reason: str | None
    case_id: str | None
    light: str | None
    region_version: str | None
    ended_at: datetime | None


_NOTHING = _Known(PLANNED, None, None, None, None, None)


def _known(store: Store, unit: Unit, actor: Actor) -> Mapping[tuple[str, str], _Known]:
    """Return what became of the unit's occurrences, by duty and period."""
    statement = (
        select(Occurrence, Case.id, worst_light(store.now), Case.region_version_id, Case.ended_at)
        .outerjoin(Case, and_(Case.occurrence_id == Occurrence.id, visible_cases(actor)))
        .where(Occurrence.unit_id == unit.id)
    )
    found = {}
    for occurrence, case_id, rank, region, ended_at in store.session.execute(statement):
        light = None
        if case_id is not None:
            light = "done" if ended_at is not None else WORST_FIRST[min(rank, len(WORST_FIRST) - 1)]
        status = OccurrenceStatus(occurrence.status).value
        known = _Known(status, occurrence.reason, case_id, light, region, ended_at)
        found[occurrence.duty_id, occurrence.period] = known
    return found


def _entry(duty: Duty, period: Period, known: Mapping[tuple[str, str], _Known]) -> Entry:
    state = known.get((duty.id, period.period), _NOTHING)
    return Entry(
        duty.id,
        duty.title,
        duty.clause,
        period.period,
        _last_day(period.due_at),
        period.due_at,
        period.opens_on,
        period.provisional,
        state.status,
        state.reason,
        state.case_id,
        state.light,
        state.region_version,
        state.ended_at,
    )

"""Duties 责任事项: load the catalogue, and open the occurrences 期次 of what comes by the calendar.

One occurrence is one duty × period × responsible unit, and opens one case. The row's unique key makes generation
idempotent; a lock on the duty lets two generators wait for one another instead of losing races. What was missed (the
scheduler stood still) is made up for as the duty declares: every period, the latest, or none; what is left out stands
as skipped, with the reason.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from workflows import ledger
from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.cases import start_case
from workflows.clock import SHANGHAI
from workflows.data_faults import rejected_data
from workflows.deadlines.errors import DataFaultsError, Fault
from workflows.deadlines.recurrence import Occurrence as Period
from workflows.deadlines.recurrence import Recurrence, occurrences, read_recurrence
from workflows.duty_files import CatchUp, DutyRow, duty_from, read_duties
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.errors import WorkflowError
from workflows.law import CompiledBundle, Region
from workflows.relations import relations_of
from workflows.store import Store
from workflows.store import definitions as law_rows
from workflows.store import duties as rows
from workflows.store.marks import era, marks
from workflows.surroundings import describe_unit
from workflows.tables import Definition, Duty, Occurrence, OccurrenceStatus, Role, Unit
from workflows.transaction import run

_LOOK_BACK = timedelta(days=800)  # further than any lead time, so that the period running now is never missed
_LOOK_AHEAD = timedelta(days=40)  # a duty whose next period is further away is looked at again then
BATCH = 20
_logger = logging.getLogger(__name__)


@dataclass
class Generation:
    """What one call did. ``remaining``: its batch was full, call again. ``faults`` name what could not be opened."""

    opened: int = 0
    skipped: int = 0
    remaining: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.opened + self.skipped

    def add(self, other: Generation) -> None:
        """Count what another call did."""
        self.opened += other.opened
        self.skipped += other.skipped
        self.faults.extend(fault for fault in other.faults if fault not in self.faults)


# ------------------------------------------------------------------ the catalogue


def load_duties(store: Store, files: Mapping[str, bytes], *, actor: Actor) -> int:
    """Load the whole catalogue by file path; return how many rows are new or changed.

    Rows that are no longer there are withdrawn: their open cases run on, nothing new is generated. Each row is held
    against its family: process, rule, recurrence and elements must exist. Faults come in one ``RejectedError``.
    A duty that two families carry out is one row, of the family that does more; the other stands in it as
    ``elsewhere``.
    """
    actor.require_role(Role.FLOWADMIN)
    faults: list[Fault] = []
    found: dict[str, list[tuple[DutyRow, Mapping[str, Any]]]] = defaultdict(list)
    for path in sorted(files):
        try:
            read, items = read_duties(files[path], path)
        except DataFaultsError as error:
            faults.extend(error.faults)
            continue
        for row, item in zip(read, items, strict=True):
            faults.extend(_check_row(store, row, path))
            found[row.id].append((row, item))
    if faults:
        raise rejected_data("duty-invalid", faults)
    return _write_catalogue(store, {key: _joined(rows_of_one) for key, rows_of_one in found.items()}, actor=actor)


def _joined(found: list[tuple[DutyRow, Mapping[str, Any]]]) -> tuple[DutyRow, Mapping[str, Any]]:
    """Return the row of the family that does most of a duty, with what the others do."""
    first, *others = sorted(found, key=lambda each: (each[0].recurrence is None, -len(each[0].elements)))
    elsewhere = [{"definition": row.definition, "elements": list(row.elements)} for row, _ in others]
    return (first[0], {**first[1], "elsewhere": elsewhere}) if others else first


def _check_row(store: Store, row: DutyRow, path: str) -> list[Fault]:
    definition = law_rows.active_definition(store, row.definition)
    if definition is None:
        message = f"Expected the process {row.definition} to be in force, but it is not."
        return [Fault(path, row.id, "definition-not-found", message, {"definition": row.definition})]
    bundle = store.application.law.bundle(store, definition.id)
    if row.not_modelled:
        return []
    faults = []
    known = {element for process in bundle.processes.values() for element in process.elements}
    for element in row.elements:
        if element not in known:
            message = f"Expected element {element} in {row.definition}, but it is not there."
            faults.append(Fault(path, row.id, "element-not-found", message, {"element": element}))
    if row.parameter and row.parameter not in bundle.parameters:
        message = f"Expected parameter {row.parameter} of {row.definition}, but there is none."
        faults.append(Fault(path, row.id, "parameter-unknown", message, {"parameter": row.parameter}))
    if row.deadline not in bundle.deadlines:
        message = f"Expected the deadline rule {row.deadline}, but it is not there."
        faults.append(Fault(path, row.id, "deadline-rule-not-found", message, {"rule": row.deadline}))
    elif row.recurrence is not None:
        try:
            _recurrence(row, bundle)
        except DataFaultsError as error:
            faults.extend(Fault(path, f"{row.id}.{fault.path}", fault.code, fault.message) for fault in error.faults)
    return faults


def _recurrence(row: DutyRow, bundle: CompiledBundle) -> Recurrence:
    return read_recurrence(row.recurrence, bundle.deadlines[row.deadline], file=row.id, path="trigger")


def _write_catalogue(store: Store, found: Mapping[str, tuple[DutyRow, Mapping[str, Any]]], *, actor: Actor) -> int:
    known = {duty.id: duty for duty in rows.all_duties(store)}
    changed: list[str] = []
    for key, (row, item) in found.items():
        content = orjson.loads(orjson.dumps(item))
        digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        duty = known.get(key)
        if duty is not None and duty.digest == digest and not duty.withdrawn:
            continue
        if duty is None:
            duty = Duty(id=key, since=store.now.astimezone(SHANGHAI).date())
            store.session.add(duty)
        duty.title, duty.definition_key, duty.source, duty.clause = row.title, row.definition, row.source, row.clause
        duty.trigger = str(row.trigger or "")
        duty.content, duty.digest, duty.withdrawn = content, digest, False
        changed.append(key)
    withdrawn = [duty for duty in known.values() if duty.id not in found and not duty.withdrawn]
    for duty in withdrawn:
        duty.withdrawn = True
    if changed or withdrawn:
        content = {"changed": sorted(changed), "withdrawn": sorted(duty.id for duty in withdrawn)}
        ledger.record(store, "config", "duties-loaded", content, actor=actor)
    return len(changed) + len(withdrawn)


# ------------------------------------------------------------------ occurrences


def generate_all(application: Application, until: date, *, actor: Actor) -> Generation:
    """Open everything that opens up to ``until``, batch by batch, each in a transaction of its own."""
    total = Generation()
    while True:
        done = run(application, generate_occurrences, until, actor=actor)
        total.add(done)
        if not done.remaining:
            return total


def generate_due(application: Application) -> int:
    """Open one batch of what opens up to today; return how much it was. For the scheduler, until nothing is left."""
    today = application.clock.now().astimezone(SHANGHAI).date()
    done = run(application, generate_occurrences, today, actor=system_actor())
    for fault in done.faults:
        _logger.warning("an occurrence could not be opened", extra={"action": "occurrence_fault", "fault": fault})
    return done.size


def generate_occurrences(store: Store, until: date, *, actor: Actor, limit: int = BATCH) -> Generation:
    """Open up to ``limit`` occurrences whose day of opening is not after ``until``; call again while some remain.

    Running it twice, or twice at once, makes nothing twice. A unit whose case cannot be started is named in
    ``faults`` and tried again next time; it does not hold up the others.
    """
    actor.require_role(Role.FLOWADMIN)
    generation = Generation()
    in_force = law_rows.active_ids(store)
    for duty in rows.periodic_duties(store):
        mark = _mark(store, duty, in_force.get(duty.definition_key))
        rests = store.application.law.kept(mark, _unknown)
        if rests is None or until >= rests:
            generate_duty(store, duty.id, until, actor=actor, limit=limit, into=generation, mark=mark)
        if generation.remaining:
            break
    return generation


def _mark(store: Store, duty: Duty, definition_id: str | None) -> Hashable:
    """Return what decides which occurrences a duty should have: as long as it is the same, so are they."""
    told, (named, versions) = marks(store), law_rows.region_map(store)
    places = (era(store), named, tuple(sorted(versions.items())))
    return ("rests", duty.id, duty.digest, definition_id, told.years, told.last_year_at, *places)


def _unknown() -> date | None:
    return None


def generate_duty(
    store: Store,
    duty_id: str,
    until: date,
    *,
    actor: Actor,
    limit: int = BATCH,
    into: Generation | None = None,
    mark: Hashable = None,
) -> Generation:
    """Open the occurrences of one duty; see ``generate_occurrences``.

    Where nothing is missing, this process keeps under ``mark`` when the next period opens, and rests until then.
    """
    generation = into if into is not None else Generation()
    duty = rows.lock_duty(store, duty_id)
    definition = law_rows.active_definition(store, duty.definition_key) if duty else None
    if duty is None or definition is None:
        generation.faults.append(f"{duty_id}: no definition in force")
        return generation
    plan = _Plan(store, duty, definition, until)
    opened: dict[str, list[str]] = {}
    before = generation.size, len(generation.faults)
    for unit, period, reason in plan.missing():
        if generation.size >= limit:
            generation.remaining = True
            break
        try:
            with store.session.begin_nested():
                plan.make(unit, period, reason, actor=actor)
        except (WorkflowError, ExpressionError) as fault:
            generation.faults.append(f"{duty.id} {period.period} {unit.code}: {fault}")
            continue
        if reason is None:
            opened.setdefault(period.period, []).append(unit.code)
        generation.opened += reason is None
        generation.skipped += reason is not None
    for key, units in opened.items():
        ledger.record(store, f"campaign:{duty.id}:{key}"[:120], "occurrences-opened", {"units": units}, actor=actor)
    if mark is not None and (generation.size, len(generation.faults)) == before and not generation.remaining:
        store.application.law.kept(mark, plan.next_opening)
    return generation


class _Plan:
    """The occurrences that a duty should have up to a day, against those it has."""

    def __init__(self, store: Store, duty: Duty, definition: Definition, until: date) -> None:
        self.store = store
        self.duty = duty
        self.until = until
        self.today = store.now.astimezone(SHANGHAI).date()
        self.law = store.application.law
        self.bundle = self.law.bundle(store, definition.id)
        self.row = duty_from(duty.content)
        self.recurrence = _recurrence(self.row, self.bundle)
        self.known = rows.known_occurrences(store, duty.id)
        self._periods: dict[str | None, Sequence[Period]] = {}

    def missing(self) -> Iterator[tuple[Unit, Period, str | None]]:
        """Yield what has no row yet: unit, period, and why it is skipped (None: it is to be opened).

        Lazily: a batch of a campaign over thousands of units looks no further than it opens.
        """
        for unit in rows.open_units(self.store, self.row.kinds, self.row.levels, self.today):
            region_id = self.law.region_for_unit(self.store, unit)
            due = [period for period in self.periods(region_id) if (period.period, unit.id) not in self.known]
            if due and self.is_responsible(unit):
                for period in due:
                    yield unit, period, self.reason_to_skip(period, region_id)

    def periods(self, region_id: str | None) -> Sequence[Period]:
        """Return the periods of a region up to the day asked for; none where the region goes by another scheme."""
        if region_id not in self._periods:
            region = self.law.region(self.store, region_id)
            self._periods[region_id] = self._periods_of(region, self.duty.since - _LOOK_BACK, self.until)
        return self._periods[region_id]

    def next_opening(self) -> date:
        """Return the first day after the one asked for on which a period opens in any region that was looked at."""
        last = self.until + _LOOK_AHEAD
        regions = [self.law.region(self.store, region_id) for region_id in self._periods]
        ahead = [each.opens_on for region in regions for each in self._periods_of(region, self.until, last)]
        return min((day for day in ahead if day > self.until), default=last)

    def _periods_of(self, region: Region, since: date, until: date) -> Sequence[Period]:
        parameters = region.parameters(self.bundle)
        if self.row.parameter and parameters.get(self.row.parameter) != self.row.parameter_value:
            return ()
        calendar = self.law.calendar(self.store, region.key)
        since = max(since, date(calendar.first_year, 1, 1))
        found = occurrences(self.recurrence, calendar, since=since, until=until, parameters=parameters)
        return [each for each in found if each.due_at.astimezone(SHANGHAI).date() > self.duty.since]

    def is_responsible(self, unit: Unit) -> bool:
        """Whether the unit has every relation that the duty asks for: who reports upward needs somebody above."""
        if not self.row.has:
            return True
        related = relations_of(self.store, unit)
        return all(related.get(name) for name in self.row.has)

    def reason_to_skip(self, period: Period, region_id: str | None) -> str | None:
        """Return why the declared policy leaves a period out; what opens today or later is never late."""
        if period.opens_on >= self.today or self.row.catch_up is CatchUp.ALL:
            return None
        if self.row.catch_up is CatchUp.NONE:
            return "missed-none"
        late = [each for each in self.periods(region_id) if each.opens_on <= self.today]
        return None if period.opens_on == max(each.opens_on for each in late) else "missed-not-latest"

    def make(self, unit: Unit, period: Period, reason: str | None, *, actor: Actor) -> None:
        """Write the occurrence and, unless it is skipped, start its case."""
        occurrence = self.store.add(
            Occurrence(
                duty_id=self.duty.id,
                period=period.period,
                unit_id=unit.id,
                opens_on=period.opens_on,
                due_at=period.due_at,
                status=OccurrenceStatus.OPEN if reason is None else OccurrenceStatus.SKIPPED,
                reason=reason,
                created_at=self.store.now,
            )
        )
        if reason is None:
            start_case(
                self.store,
                definition=self.row.definition,
                unit_id=unit.id,
                variables=self.variables(unit, period),
                business_key=f"{self.duty.id}:{period.period}:{unit.code}"[:200],
                occurrence=occurrence,
                actor=actor,
            )

    def variables(self, unit: Unit, period: Period) -> dict[str, Any]:
        """Return what the duty hands to the case: expressions over the occurrence, the duty and the unit."""
        scope = {
            "occurrence": {
                "period": period.period,
                "year": period.anchor.year,
                "month": period.anchor.month,
                "anchor": period.anchor,
                "opens_on": period.opens_on,
                "due_at": period.due_at,
            },
            "duty": {"id": self.duty.id, "title": self.duty.title, "clause": self.duty.clause},
            "unit": describe_unit(self.store, unit),
        }
        return {
            name: compile_expression(text).evaluate(scope, now=self.store.now)
            for name, text in self.row.variables.items()
        }

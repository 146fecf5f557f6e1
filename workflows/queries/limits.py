"""What the law in force says of every step: who, by when, with which reminders, as a region has it.

Dates are an example: what would hold for a step that opened on ``start``. Rungs are asked of the decision table as a
running limit would ask it (``workflows.ladder``), with the parameters of the region.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflows.deadlines.calendar import Calendar
from workflows.deadlines.count import local_day, start_of_day
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.functions import functions
from workflows.deadlines.lights import Lights
from workflows.deadlines.rules import Deadline, DeadlineRule, compute
from workflows.engine.decisions import DecisionError
from workflows.engine.expressions import ExpressionError
from workflows.errors import FieldFault, RejectedError
from workflows.ladder import OVERDUE, TABLE, rung_due_at
from workflows.law import CompiledBundle, Region
from workflows.queries.lighting import lights_of_city
from workflows.store import Store, people
from workflows.store import definitions as rows
from workflows.store.definitions import DEFAULT_REGION

_HUMAN = {"userTask", "manualTask"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a ladder, with the moment that it has in the example."""

    step: str
    action: str
    workdays: int
    recipients: str
    channel: str
    outcome: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule with what it gives in the example; ``fault`` is the code of what cannot be counted."""

    rule: str
    title: str
    amount: int | None
    unit: str | None
    parameter: str | None
    source: str
    near_amount: int | None
    near_unit: str | None
    near_at: datetime | None
    due_at: datetime | None
    provisional: bool
    rungs: tuple[Rung, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class StepSetting:
    """A human step of a version in force."""

    definition: str
    definition_name: str
    version: int
    process: str
    element_id: str
    name: str
    lane: str
    owner: str
    form: str
    signs: bool
    clause: str
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class FamilyReminders:
    """What reminds of the limits of one process, each rule once."""

    definition: str
    definition_name: str
    version: int
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region whose rules may be asked for, and how it shows lights."""

    key: str
    name: str
    version: int
    lights: Lights


@dataclass(frozen=True, slots=True)
class _Scene:
    """In what surroundings limits are counted."""

    bundle: CompiledBundle
    parameters: Mapping[str, Any]
    lights: Lights
    calendar: Calendar
    start: datetime


def regions_of_law(store: Store) -> tuple[RegionRow, ...]:
    """Return every region in its newest version, the default one first."""
    law, city = store.application.law, lights_of_city(store)
    found = [law.region(store, row.id) for row in rows.newest_regions(store)]
    ordered = sorted(found, key=lambda region: (region.key != DEFAULT_REGION, region.key))
    return tuple(RegionRow(region.key, region.name, region.version, region.lights or city) for region in ordered)


def list_steps(
    store: Store,
    *,
    region: str | None = None,
    start: date | None = None,
    definition: str | None = None,
    q: str | None = None,
    limited: bool | None = None,
) -> tuple[StepSetting, ...]:
    """Return the human steps of all versions in force, by process; ``limited`` keeps those with (without) a limit.

    ``q`` is part of a step's name, owner, form or clause.
    """
    found = []
    for bundle, name, scene in _scenes(store, region, start, definition):
        found += [_setting(name, bundle, process, element, scene) for process, element in _elements(bundle)]
    wanted = (q or "").casefold()
    return tuple(
        each
        for each in found
        if wanted in f"{each.name} {each.owner} {each.form} {each.clause} {each.element_id}".casefold()
        and (limited is None or limited == (each.limit is not None))
    )


def list_reminders(
    store: Store, *, region: str | None = None, start: date | None = None, definition: str | None = None
) -> tuple[FamilyReminders, ...]:
    """Return for every process in force its limits with their lights and rungs; each rule once."""
    found = []
    for bundle, name, scene in _scenes(store, region, start, definition):
        keys = dict.fromkeys(
            element.deadline for _, element in _elements(bundle) if element.deadline in bundle.deadlines
        )
        limits = tuple(_limit(bundle.deadlines[key], scene) for key in keys)
        found.append(FamilyReminders(bundle.key, name, bundle.version, limits))
    return tuple(found)


def _scenes(
    store: Store, region_key: str | None, start: date | None, wanted: str | None
) -> Iterator[tuple[CompiledBundle, str, _Scene]]:
    law, region = store.application.law, _region(store, region_key)
    calendar, lights = law.calendar(store, region.key), region.lights or lights_of_city(store)
    at = start_of_day(start or people.today(store))
    for row in sorted(rows.active_definitions(store), key=lambda row: row.key):
        if wanted is None or row.key == wanted:
            bundle = law.bundle(store, row.id)
            yield bundle, row.name, _Scene(bundle, region.parameters(bundle), lights, calendar, at)


def _region(store: Store, key: str | None) -> Region:
    found = rows.newest_region(store, key or DEFAULT_REGION)
    if found is None and key is not None:
        message = f"Expected a region that is loaded, but got {key}."
        raise RejectedError(message, faults=[FieldFault("/region", "field-not-an-option", message)])
    return store.application.law.region(store, found.id if found else None)


def _elements(bundle: CompiledBundle) -> Iterator[tuple[str, Any]]:
    """Yield the human steps, those of the main process first; isolated bodies stand in their process already."""
    for key in sorted((each for each in bundle.processes if "#" not in each), key=lambda each: each != bundle.key):
        for element in bundle.processes[key].elements.values():
            if element.type in _HUMAN:
                yield key, element


def _setting(name: str, bundle: CompiledBundle, process: str, element: Any, scene: _Scene) -> StepSetting:
    rule = bundle.deadlines.get(element.deadline)
    return StepSetting(
        definition=bundle.key,
        definition_name=name,
        version=bundle.version,
        process=process,
        element_id=element.id,
        name=element.name,
        lane=element.lane,
        owner=element.owner,
        form=element.form,
        signs=element.signs,
        clause=element.clause,
        limit=_limit(rule, scene) if rule else None,
    )


def _limit(rule: DeadlineRule, scene: _Scene) -> Limit:
    amount = scene.parameters.get(rule.parameter, rule.amount) if rule.parameter else rule.amount
    near = rule.near or scene.lights.near
    try:
        count = compute(rule, scene.start, scene.calendar, parameters=scene.parameters, near=scene.lights.near)
    except DeadlineError as fault:
        count, code = None, fault.code
    else:
        code = ""
    return Limit(
        rule=rule.key,
        title=rule.title,
        amount=int(amount) if amount is not None else None,
        unit=rule.unit.value if rule.unit else None,
        parameter=rule.parameter,
        source=rule.source,
        near_amount=near.amount if near else None,
        near_unit=near.unit.value if near else None,
        near_at=count.near_at if count else None,
        due_at=count.due_at if count else None,
        provisional=count.provisional if count else False,
        rungs=tuple(_rungs(rule, count, scene)),
        fault=code,
    )


def _rungs(rule: DeadlineRule, count: Deadline | None, scene: _Scene) -> Iterator[Rung]:
    decision = scene.bundle.decisions.get(TABLE)
    if decision is None:
        return
    scope = {
        "parameters": scene.parameters,
        "family": scene.bundle.key,
        "scope": "step",
        "rule": rule.key,
        "provisional": bool(count and count.provisional),
        "in_escalation": False,
    }
    known = functions(scene.calendar, scene.start, scene.bundle.deadlines, scene.parameters)
    try:
        found = decision.evaluate(scope, now=scene.start, functions=known)
    except (DecisionError, ExpressionError):
        return  # a table that reads the case cannot be told without one
    told = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    yield from sorted(
        (_rung(row, count, scene.calendar) for row in told), key=lambda rung: (rung.workdays, rung.action != OVERDUE)
    )


def _rung(row: Mapping[str, Any], count: Deadline | None, calendar: Calendar) -> Rung:
    at = rung_due_at(row, count.last_day or local_day(count.due_at), count.due_at, calendar) if count else None
    told = {name: str(row.get(name) or "") for name in ("recipients", "channel", "outcome")}
    return Rung(step=str(row["step"]), action=str(row["action"]), workdays=int(row["workdays"]), at=at, **told)

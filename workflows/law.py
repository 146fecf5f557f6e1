"""The law as compiled: one cache a process, safe under threads, of what definitions, regions and calendars say.

Rows of law never change: a definition's files, a region's version and a calendar's version are written once, so
entries are kept by id. Which calendar years are loaded is asked of the database once in a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

import orjson

from workflows.bundles import read_bundle
from workflows.deadlines.calendar import Calendar, CalendarYear
from workflows.deadlines.calendar_files import load_calendar, read_calendar_year
from workflows.deadlines.lights import Lights, read_lights
from workflows.deadlines.rules import DeadlineRule
from workflows.engine import Process
from workflows.engine.decisions import Decision
from workflows.engine.types import Context, FileContent, Profile
from workflows.engine.values import from_json
from workflows.errors import NotFoundError
from workflows.forms.fields import Form
from workflows.parameters import Parameter
from workflows.store import Store, calendars
from workflows.store import definitions as rows
from workflows.store.definitions import DEFAULT_REGION
from workflows.store.marks import forget_marks, marks
from workflows.surroundings import make_context
from workflows.tables import CalendarVersion, Case, Definition, RegionVersion, Unit

_CALENDAR = "zecheng_calendar"  # where a transaction keeps the calendar that it has seen
_MOST_BUNDLES = 256
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class CompiledBundle:
    """One definition version with everything it names: what a case pins at its start."""

    definition_id: str
    key: str
    version: int
    processes: Mapping[str, Process]
    decisions: Mapping[str, Decision]
    forms: Mapping[str, Form]
    deadlines: Mapping[str, DeadlineRule]
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class Region:
    """What one region does otherwise: values of parameters by family (and their sources), and its lights."""

    key: str
    name: str
    version: int = 0
    overlays: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lights: Lights | None = None

    def parameters(self, bundle: CompiledBundle) -> Mapping[str, Any]:
        """Return the values that hold here: the bundle's defaults, this region's values over them."""
        overlay = self.overlays.get(bundle.key, {})
        return {key: overlay.get(key, parameter.value) for key, parameter in bundle.parameters.items()}


R = TypeVar("R")


class Law:
    """The cache. Ask it within a transaction; what it returns may be kept for the life of a request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bundles: dict[str, CompiledBundle] = {}
        self._regions: dict[str, Region] = {}
        self._years: dict[str, CalendarYear] = {}
        self._calendars: dict[tuple[object, ...], Calendar] = {}
        self._organisation: dict[Hashable, Any] = {}
        self._base: Calendar | None = None

    def bundle(self, store: Store, definition_id: str) -> CompiledBundle:
        """Return the compiled definition version, or raise ``NotFoundError``."""
        found = self._bundles.get(definition_id)
        if found is None:
            found = _compile(store, definition_id)
            with self._lock:
                while len(self._bundles) >= _MOST_BUNDLES:
                    del self._bundles[next(iter(self._bundles))]
                found = self._bundles.setdefault(definition_id, found)
        return found

    def region(self, store: Store, region_version_id: str | None) -> Region:
        """Return a region's version; None is a city whose files name no region: nothing differs from the defaults."""
        if region_version_id is None:
            return Region(DEFAULT_REGION, "")
        found = self._regions.get(region_version_id)
        if found is None:
            found = _read_region(store, region_version_id)
            with self._lock:
                found = self._regions.setdefault(region_version_id, found)
        return found

    def region_for_unit(self, store: Store, unit: Unit) -> str | None:
        """Return the newest version of the region that holds at ``unit``: the nearest ancestor's, else the default.

        A unit that names a region which no file describes is ``NotFoundError``: its cases must not run on defaults.
        """
        key, version_id = rows.region_at(store, unit.path)
        if version_id is None and key is not None:
            message = f"Expected region {key} of unit {unit.code} to be loaded, but it is not."
            raise NotFoundError(message, code="region-not-found", region=key, unit=unit.code)
        return version_id

    def calendar(self, store: Store, region: str | None = None) -> Calendar:
        """Return the calendar of the files and of every year loaded since; the newest version of a year counts."""
        seen: dict[str | None, Calendar] = store.session.info.setdefault(_CALENDAR, {})
        if region not in seen:
            seen_marks = marks(store)
            key = (region, seen_marks.years, seen_marks.last_year_at)
            found = self._calendars.get(key)
            if found is None:
                found = self._build_calendar(store, region)
                with self._lock:
                    if len(self._calendars) > _MOST_BUNDLES:
                        self._calendars.clear()
                    self._calendars[key] = found
            seen[region] = found
        return seen[region]

    def kept(self, mark: Hashable, find: Callable[[], R]) -> R:
        """Return what was found of the organisation under this ``mark`` (see ``workflows.store.marks``), or find it."""
        found: R | None = self._organisation.get(mark)
        if found is None:
            found = find()
            with self._lock:
                if len(self._organisation) >= _MOST_KEPT:
                    self._organisation.clear()
                self._organisation[mark] = found
        return found

    def calendar_changed(self, store: Store) -> None:
        """Make this transaction read the calendar again: it has just loaded a year."""
        store.session.info.pop(_CALENDAR, None)
        forget_marks(store)

    def context(
        self,
        store: Store,
        case: Case,
        *,
        bundle: CompiledBundle,
        region: Region,
        unit: Unit,
        limits: Mapping[str, Any] | None = None,
    ) -> Context:
        """Return what the engine may see besides the state of ``case``."""
        return make_context(store, case, bundle=bundle, region=region, unit=unit, limits=limits)

    def forget(self, store: Store) -> None:
        """Drop what the transaction of ``store`` may have put here: it was rolled back."""
        self.calendar_changed(store)
        with self._lock:
            self._calendars.clear()  # bundles and regions are kept by ids that nobody will be given again

    def _build_calendar(self, store: Store, region: str | None) -> Calendar:
        with self._lock:
            if self._base is None:
                self._base = load_calendar(store.application.settings.law / "calendars")
            base = self._base
        loaded = [self._year(row) for row in calendars.calendars_in_force(store)]
        return Calendar.build([*base.years.values(), *loaded], base.pattern, region=region)

    def _year(self, row: CalendarVersion) -> CalendarYear:
        found = self._years.get(row.id)
        if found is None:
            found = self._years[row.id] = read_calendar_year(orjson.dumps(row.content), f"{row.year}.yaml")
        return found


def _compile(store: Store, definition_id: str) -> CompiledBundle:

    definition = store.need(Definition, definition_id)
    files = [FileContent(file.path, file.content) for file in rows.files_of_bundle(store, definition.bundle_id)]
    contents = read_bundle(files, profile=Profile.STANDARD)
    return CompiledBundle(
        definition.id,
        definition.key,
        definition.version,
        MappingProxyType(dict(contents.processes)),
        MappingProxyType(dict(contents.decisions)),
        MappingProxyType(dict(contents.forms)),
        MappingProxyType(dict(contents.deadlines)),
        MappingProxyType(dict(contents.parameters)),
    )


def _read_region(store: Store, region_version_id: str) -> Region:
    row = store.need(RegionVersion, region_version_id)
    content = from_json(row.content)
    told: Mapping[str, Mapping[str, Any]] = content["parameters"]
    return Region(
        row.region,
        row.name,
        row.version,
        {family: {key: entry["value"] for key, entry in values.items()} for family, values in told.items()},
        {family: {key: entry["source"] for key, entry in values.items()} for family, values in told.items()},
        read_lights(content["lights"], file=row.region) if content["lights"] else None,
    )

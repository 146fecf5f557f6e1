"""What expressions of a case may see besides its variables: the case, its unit, the region and its parameters.

Plain data only: no record, no person, no other case. The functions of this field come from ``workflows.deadlines``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workflows.deadlines.functions import functions
from workflows.engine.types import Context
from workflows.relations import relations_of
from workflows.snapshots import snapshot_of
from workflows.store import Store, people
from workflows.store.marks import era
from workflows.tables import Case, Unit

if TYPE_CHECKING:
    from workflows.law import CompiledBundle, Region


_UNITS = "zecheng_units"  # where a transaction keeps the units that it has described
_CONTEXTS = "zecheng_contexts"  # … and the last context of each case
LIMITS = "limits"  # the case variable that gives parameters of limits a value for this case only


def make_context(
    store: Store,
    case: Case,
    *,
    bundle: CompiledBundle,
    region: Region,
    unit: Unit,
    limits: Mapping[str, Any] | None = None,
) -> Context:
    """Return the engine's context of one command on ``case``; ``limits`` are those of a case that begins.

    As long as the case stays the same, its form, its step and every limit that opens share one.
    """
    known: dict[str, tuple[tuple[object, ...], Context]] = store.session.info.setdefault(_CONTEXTS, {})
    calendar = store.application.law.calendar(store, region.key)
    mark = (case.state, bundle.definition_id, case.title, case.classification, unit.id, id(calendar), limits)
    kept, context = known.get(case.id, (None, None))
    if context is None or kept != mark:
        context = _make_context(store, case, bundle=bundle, region=region, unit=unit, limits=limits)
        known[case.id] = mark, context
    return context


def _make_context(
    store: Store,
    case: Case,
    *,
    bundle: CompiledBundle,
    region: Region,
    unit: Unit,
    limits: Mapping[str, Any] | None,
) -> Context:
    parameters = parameters_of(store, case, bundle=bundle, region=region, limits=limits)
    roots = {
        "case": describe_case(case, bundle),
        "unit": describe_unit(store, unit),
        "region": {"key": region.key, "name": region.name},
        "parameters": parameters,
        "initiator": case.started_by,
    }
    calendar = store.application.law.calendar(store, region.key)
    found = functions(calendar, store.now, bundle.deadlines, parameters)
    return Context(store.now, roots, found, knows_unit=lambda code: people.find_unit(store, code) is not None)


def parameters_of(
    store: Store, case: Case, *, bundle: CompiledBundle, region: Region, limits: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """Return the parameters that hold for a case: the bundle's, the region's over them, then what a person decided.

    A step may set a limit for this case alone (a plan gives each unit its days): the variable ``limits``, a context
    from parameters of the bundle to whole numbers. Other names and values in it count for nothing.
    """
    values = region.parameters(bundle)
    told = limits_of(store, case, bundle) if limits is None else limits
    own = {name: int(value) for name, value in told.items() if name in values and _is_whole(value)}
    return {**values, **own}


def _is_whole(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)


def limits_of(store: Store, case: Case, bundle: CompiledBundle) -> Mapping[str, Any]:
    """Return the limits that were decided for a case alone; none before it has begun."""
    if not case.state:
        return {}
    found = snapshot_of(store, case, bundle.processes[case.process_key]).variables.get(LIMITS)
    return found if isinstance(found, Mapping) else {}


def describe_case(case: Case, bundle: CompiledBundle) -> Mapping[str, Any]:
    """Return what an expression reads as ``case``."""
    return {
        "id": case.id,
        "title": case.title,
        "key": case.business_key,
        "definition": bundle.key,
        "version": bundle.version,
        "classification": str(case.classification),
        "started_at": case.started_at,
    }


def describe_unit(store: Store, unit: Unit) -> Mapping[str, Any]:
    """Return what an expression reads as ``unit``: its own data, its parent's and the codes of related units.

    Kept in the process for as long as nobody changes the organisation and no unit closes: a command needs it for the
    form, the engine and every limit that opens.
    """
    known: dict[str, Mapping[str, Any]] = store.session.info.setdefault(_UNITS, {})
    if unit.id not in known:
        mark = ("unit", era(store), unit.id)
        known[unit.id] = store.application.law.kept(mark, lambda: _describe_unit(store, unit))
    return known[unit.id]


def _describe_unit(store: Store, unit: Unit) -> Mapping[str, Any]:
    parent = store.get(Unit, unit.parent_id) if unit.parent_id else None
    return {**_unit_facts(unit), **relations_of(store, unit), "parent": None if parent is None else _unit_facts(parent)}


def _unit_facts(unit: Unit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name or unit.name,
        "kind": unit.kind,
        "level": unit.level,
        "region": unit.region,
    }

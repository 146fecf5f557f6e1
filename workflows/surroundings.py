"""What expressions of a case may see besides its variables: the case, its unit, the region and its parameters.

Plain data only: no record, no person, no other case. The functions of this field come from ``workflows.deadlines``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workflows.deadlines.functions import functions
from workflows.engine.types import Context
from workflows.relations import relations_of
from workflows.store import Store
from workflows.tables import Case, Unit

if TYPE_CHECKING:
    from workflows.law import CompiledBundle, Region


def make_context(store: Store, case: Case, *, bundle: CompiledBundle, region: Region, unit: Unit) -> Context:
    """Return the engine's context of one command on ``case``."""
    parameters = region.parameters(bundle)
    roots = {
        "case": describe_case(case, bundle),
        "unit": describe_unit(store, unit),
        "region": {"key": region.key, "name": region.name},
        "parameters": parameters,
    }
    return Context(store.now, roots, make_functions(store, bundle=bundle, region=region))


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
    """Return what an expression reads as ``unit``: its own data, its parent's and the codes of related units."""
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


def make_functions(store: Store, *, bundle: CompiledBundle, region: Region) -> Mapping[str, Callable[..., Any]]:
    """Return the working-day functions over the calendar and the deadline rules of the bundle."""
    calendar = store.application.law.calendar(store, region.key)
    return functions(calendar, store.now, bundle.deadlines, region.parameters(bundle))

"""For which unit an event opens a case, and what a start event may read before there is a case.

``zc:unit`` on the start event, else on its process, is a FEEL expression that answers a unit's code. Without it the
case belongs to the root of the organisation, where there is just one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import engine
from workflows.deadlines.functions import functions
from workflows.deadlines.rules import DeadlineRule
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.engine.types import Context
from workflows.errors import WrongStateError
from workflows.law import CompiledBundle
from workflows.store import Store, people, starts
from workflows.surroundings import describe_unit
from workflows.tables import Unit

ROOTS = frozenset({"unit", "region", "parameters"})  # what a start event may read; today() and now() are functions


def unit_of_start(store: Store, bundle: CompiledBundle, process: engine.Process, element_id: str) -> Unit:
    """Return the unit that a case opened by this start event belongs to, or raise ``start-unit-unknown``."""
    return find_unit(store, process, element_id, start_context(store, bundle, root_unit(store)))


def drawn_unit(store: Store, bundle: CompiledBundle, process: engine.Process, element_id: str) -> Unit | None:
    """Return the unit that the diagram names for this start event; None when it names none."""
    if not expression_of_unit(process, element_id):
        return None
    return unit_of_start(store, bundle, process, element_id)


def find_unit(store: Store, process: engine.Process, element_id: str, context: Context) -> Unit:
    """Work out the unit of a start event in this context, or raise ``start-unit-unknown``."""
    text = expression_of_unit(process, element_id)
    if not text:
        root = root_unit(store)
        if root is None:
            raise _unknown(element_id, "", "there is not just one root of the organisation, and zc:unit names no unit")
        return root
    try:
        code = compile_expression(text).evaluate(context.roots, now=context.now, functions=context.functions)
    except ExpressionError as fault:
        raise _unknown(element_id, text, str(fault)) from fault
    found = people.find_unit(store, code) if isinstance(code, str) else None
    if found is None:
        raise _unknown(element_id, text, f"there is no unit {code!r:.80}")
    return found


def expression_of_unit(process: engine.Process, element_id: str) -> str:
    """Return what the diagram says of the unit at a start event; empty when nothing."""
    own = process.elements[element_id].attributes.get("zc:unit", "").strip()
    return own or process.attributes.get("zc:unit", "").strip()


def root_unit(store: Store) -> Unit | None:
    """Return the root of the organisation; None while there is none, or when there are several."""
    roots = starts.root_units(store)
    return roots[0] if len(roots) == 1 else None


def start_context(store: Store, bundle: CompiledBundle, unit: Unit | None) -> Context:
    """Return what a start event of a definition may see: the unit, its region's parameters, calendar and rules."""
    law = store.application.law
    region = law.region(store, law.region_for_unit(store, unit) if unit is not None else None)
    return context_of(store, unit, region.parameters(bundle), bundle.deadlines, region={"key": region.key})


def context_of(
    store: Store,
    unit: Unit | None,
    parameters: Mapping[str, Any],
    deadlines: Mapping[str, DeadlineRule],
    region: Mapping[str, Any] | None = None,
) -> Context:
    """Return the context of an event that no case stands behind."""
    roots: dict[str, Any] = {"parameters": parameters, "region": region or {}}
    if unit is not None:
        roots["unit"] = describe_unit(store, unit)
    calendar = store.application.law.calendar(store)
    return Context(store.now, roots, functions(calendar, store.now, deadlines, parameters))


def _unknown(element_id: str, expression: str, why: str) -> WrongStateError:
    message = f"Expected {element_id} to tell the unit of the cases that it opens, but {why}."
    return WrongStateError(message, code="start-unit-unknown", element=element_id, expression=expression, reason=why)

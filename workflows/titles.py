"""The title of a case: an expression of its process, else the process's name and the unit.

It is composed when the case begins, and again when a step changes what the expression names: a matter that somebody
opens by hand gets its subject at the first form. A title that was given stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from workflows import ledger
from workflows.access import Actor
from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.law import CompiledBundle
from workflows.store import Store
from workflows.tables import Case, Unit

_LONGEST = 300


def case_title(store: Store, case: Case, variables: Mapping[str, Any], *, bundle: CompiledBundle) -> str:
    """Return the title of a case with these variables; a faulty expression falls back to the plain one."""
    process = bundle.processes[case.process_key]
    unit = store.need(Unit, case.unit_id)
    plain = f"{unit.name}·{process.name or process.key}"[:_LONGEST]
    text = process.title
    if not text:
        return plain
    law = store.application.law
    region = law.region(store, case.region_version_id)
    context = law.context(store, case, bundle=bundle, region=region, unit=unit)
    try:
        title = compile_expression(text).evaluate(
            {**context.roots, **variables}, now=context.now, functions=context.functions
        )
    except ExpressionError:
        return plain
    return str(title)[:_LONGEST] if title else plain


def follow_subject(
    store: Store,
    case: Case,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    bundle: CompiledBundle,
    actor: Actor,
) -> None:
    """Compose the title again with the variables ``after`` a step, if those ``before`` had given the one it has."""
    if case_title(store, case, before, bundle=bundle) != case.title:
        return
    title = case_title(store, case, after, bundle=bundle)
    if title != case.title:
        ledger.record(store, f"case:{case.id}", "case-titled", {"from": case.title, "to": title}, actor=actor)
        case.title = title


@lru_cache(maxsize=256)
def subject_names(text: str) -> frozenset[str]:
    """Return the names that a title is composed of; none for an expression that cannot be read."""
    try:
        return frozenset(compile_expression(text).names) if text else frozenset()
    except ExpressionError:
        return frozenset()

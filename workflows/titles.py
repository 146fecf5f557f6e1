"""The title of a case: an expression of its process, else the process's name and the unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.expressions import ExpressionError, compile_expression
from workflows.law import CompiledBundle
from workflows.store import Store
from workflows.tables import Case, Unit

_LONGEST = 300


def case_title(store: Store, case: Case, variables: Mapping[str, Any], *, bundle: CompiledBundle) -> str:
    """Return the title of a case that is about to begin; a faulty expression falls back to the plain one."""
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

"""The data of a case for a reader: without the names of cases that it opened and that the reader may not know of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from workflows.access import Actor
from workflows.cases import variables_of
from workflows.queries.access import reads_case, visible_cases
from workflows.store import Store
from workflows.tables import Case, CaseLink


def readable_variables(store: Store, case: Case, *, actor: Actor) -> Mapping[str, Any] | None:
    """Return the case's top-level variables, None for who may know of the case but not read it.

    A context that names a hidden case (what ``open_case`` returned) is None as a whole.
    """
    if not reads_case(store, case, actor=actor):
        return None
    hidden = _hidden_cases(store, case.id, actor)
    variables = variables_of(store, case)
    return {name: _without(value, hidden) for name, value in variables.items()} if hidden else variables


def _hidden_cases(store: Store, case_id: str, actor: Actor) -> set[str]:
    seen = select(Case.id).where(visible_cases(actor))
    statement = select(CaseLink.target_case_id).where(
        CaseLink.source_case_id == case_id, CaseLink.target_case_id.not_in(seen)
    )
    return set(store.session.scalars(statement))


def _without(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, str):
        return None if value in hidden else value
    if isinstance(value, Mapping):
        if any(isinstance(each, str) and each in hidden for each in value.values()):
            return None
        return {name: _without(each, hidden) for name, each in value.items()}
    return [_without(each, hidden) for each in value] if isinstance(value, list | tuple) else value

"""One case with what belongs to it, as programs read it in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.access import Actor
from workflows.queries.case_variables import readable_variables
from workflows.queries.cases import (
    CaseRow,
    DeadlineView,
    case_row,
    children_of_case,
    deadlines_of_case,
    linked_cases,
    people_waiting,
)
from workflows.store import Store
from workflows.tables import Case


@dataclass(frozen=True, slots=True)
class CaseContents:
    """``variables`` is None for who may know of the case, but not read it."""

    row: CaseRow
    variables: Mapping[str, Any] | None
    deadlines: list[DeadlineView]
    children: list[CaseRow]
    linked: list[CaseRow]
    waiting_for: list[str]


def case_contents(store: Store, case_id: str, *, actor: Actor) -> CaseContents:
    """Return a case with its limits, children and variables, or raise ``NotFoundError``."""
    row = case_row(store, case_id, actor=actor)
    case = store.need(Case, case_id)
    return CaseContents(
        row,
        readable_variables(store, case, actor=actor),
        deadlines_of_case(store, case_id, actor=actor),
        children_of_case(store, case_id, actor=actor),
        linked_cases(store, case_id, actor=actor),
        people_waiting(store, case_id),
    )

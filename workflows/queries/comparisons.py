"""Two lists side by side, row by row: two years of a unit, or a list and its version before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from workflows.access import Actor
from workflows.queries.checklist_access import readable_checklists
from workflows.queries.checklists import ListFilter, RowView, export_rows, one_checklist, rows_at
from workflows.store import Store
from workflows.tables import Checklist, ChecklistRow


@dataclass(frozen=True, slots=True)
class Difference:
    """One row number in two lists: ``new``, ``gone``, ``changed`` or ``same``, with the columns that differ."""

    no: str
    kind: str
    before: RowView | None
    after: RowView | None
    columns: tuple[str, ...] = ()


_COMPARED = ("kind", "duty", "measure", "due_on", "holder_post", "holder", "holder_unit", "evidence")


def compare_lists(store: Store, before_id: str, after_id: str, *, actor: Actor) -> list[Difference]:
    """Compare two lists row by row by their numbers: last year's and this one's, both as they stand now."""
    before, after = (_by_number(store, each, actor) for each in (before_id, after_id))
    return [_difference(no, before.get(no), after.get(no)) for no in {**after, **before}]


def compare_versions(store: Store, checklist_id: str, *, actor: Actor) -> list[Difference]:
    """Compare a list as it stands with its version before: what a reviewer looks at after a return."""
    now = _by_number(store, checklist_id, actor)
    version = max((row.version for row in now.values()), default=0)
    older = _rows_of_version(store, checklist_id, version - 1, actor)
    return [_difference(no, older.get(no), now.get(no)) for no in {**now, **older}] if older else []


def _rows_of_version(store: Store, checklist_id: str, version: int, actor: Actor) -> Mapping[str, RowView]:
    """Return the rows that held just before the newest ones began."""
    if version < 1:
        return {}
    newest = (
        select(func.max(ChecklistRow.valid_from)).where(ChecklistRow.checklist_id == checklist_id).scalar_subquery()
    )
    began = store.session.scalar(select(newest))
    if began is None:
        return {}
    statement = rows_at(store, began - timedelta(microseconds=1)).where(
        Checklist.id == checklist_id, readable_checklists(actor)
    )
    return {found.no: found for found in (RowView(*row) for row in store.session.execute(statement))}


def _by_number(store: Store, checklist_id: str, actor: Actor) -> dict[str, RowView]:
    one_checklist(store, checklist_id, actor=actor)
    wanted = ListFilter(checklist_id=checklist_id)
    return {row.no: row for row in export_rows(store, wanted, actor=actor)}


def _difference(no: str, before: RowView | None, after: RowView | None) -> Difference:
    if before is None or after is None:
        return Difference(no, "new" if before is None else "gone", before, after)
    changed = tuple(name for name in _COMPARED if _value(before, name) != _value(after, name))
    return Difference(no, "changed" if changed else "same", before, after, changed)


def _value(row: RowView, name: str) -> Any:
    value = getattr(row, name)
    return (value.month, value.day) if name == "due_on" else value  # the same day of another year is the same limit

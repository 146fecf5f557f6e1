"""Rows of copies 抄送."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from workflows.store import Store
from workflows.tables import CaseCopy


def copied_people(store: Store, case_id: str, task_id: str | None) -> set[str]:
    """Return who was sent a copy with this step, or with none."""
    step = CaseCopy.task_id.is_(None) if task_id is None else CaseCopy.task_id == task_id
    return set(store.session.scalars(select(CaseCopy.person_id).where(CaseCopy.case_id == case_id, step)))


def copies_of(store: Store, person_id: str, copy_ids: Collection[str]) -> Sequence[CaseCopy]:
    """Return those of ``copy_ids`` that were sent to a person, in the order in which cases are locked."""
    mine = CaseCopy.id.in_(copy_ids), CaseCopy.person_id == person_id
    return store.session.scalars(select(CaseCopy).where(*mine).order_by(CaseCopy.case_id, CaseCopy.id)).all()

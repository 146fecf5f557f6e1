"""Lists, their rows, objections and problems."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from workflows.store import Store
from workflows.tables import (
    Case,
    CaseStatus,
    Checklist,
    ChecklistObjection,
    ChecklistRow,
    ChecklistStatus,
    Problem,
)


def of_case(store: Store, case_id: str) -> Checklist | None:
    """Return the list that a case draws up."""
    return store.session.scalar(select(Checklist).where(Checklist.case_id == case_id))


def living(store: Store, unit_id: str, year: int) -> Checklist | None:
    """Return the list of a unit and year whose case has not been cancelled."""
    return store.session.scalar(
        select(Checklist)
        .join(Case, Case.id == Checklist.case_id)
        .where(Checklist.unit_id == unit_id, Checklist.year == year, Case.status != CaseStatus.CANCELLED)
    )


def newest_before(store: Store, unit_id: str, year: int) -> Checklist | None:
    """Return the latest list of a unit before ``year`` that came into force."""
    return store.session.scalar(
        select(Checklist)
        .where(Checklist.unit_id == unit_id, Checklist.year < year, Checklist.in_force_at.is_not(None))
        .order_by(Checklist.year.desc(), Checklist.in_force_at.desc())
        .limit(1)
    )


def in_force(store: Store, unit_id: str) -> Sequence[Checklist]:
    """Return the lists of a unit that are in force now."""
    return store.session.scalars(
        select(Checklist).where(Checklist.unit_id == unit_id, Checklist.status == ChecklistStatus.IN_FORCE)
    ).all()


def rows_of(store: Store, checklist_id: str) -> Sequence[ChecklistRow]:
    """Return the rows of a list that hold now, in order."""
    return store.session.scalars(
        select(ChecklistRow)
        .where(ChecklistRow.checklist_id == checklist_id, ChecklistRow.valid_to.is_(None))
        .order_by(ChecklistRow.sort, ChecklistRow.no)
    ).all()


def objections_of(store: Store, checklist_id: str, *, is_open: bool = False) -> Sequence[ChecklistObjection]:
    """Return the objections to a list, only those without an answer when ``is_open``."""
    statement = select(ChecklistObjection).where(ChecklistObjection.checklist_id == checklist_id)
    if is_open:
        statement = statement.where(ChecklistObjection.answered_at.is_(None))
    return store.session.scalars(statement.order_by(ChecklistObjection.number)).all()


def count_problems(store: Store, unit_id: str, year: int) -> int:
    """Return how many problems a unit's list of problems of a year holds."""
    counted = select(func.count()).select_from(Problem).where(Problem.unit_id == unit_id, Problem.year == year)
    return store.session.scalar(counted) or 0


def open_problems(store: Store, checklist: Checklist) -> Sequence[Problem]:
    """Return the problems of a list that are not closed."""
    of_year = Problem.unit_id == checklist.unit_id, Problem.year == checklist.year
    mine = *of_year, Problem.checklist_id == checklist.id, Problem.closed_at.is_(None)
    return store.session.scalars(select(Problem).where(*mine).order_by(Problem.number)).all()


def problem_of_case(store: Store, case_id: str) -> Problem | None:
    """Return the problem that a case waits for."""
    return store.session.scalar(select(Problem).where(Problem.case_id == case_id))

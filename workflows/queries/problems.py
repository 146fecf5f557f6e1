"""The registers of problems 问题台账 and rectifications 整改台账, as of any day, within access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.errors import NotFoundError
from workflows.queries.access import cleared_cases, readable_cases, visible_cases
from workflows.queries.checklists import MOST_EXPORTED, end_of
from workflows.queries.lights import light_of
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store, people
from workflows.tables import Case, CaseStatus, Checklist, Deadline, Problem, Unit

RECTIFICATION = "rectification"
OPEN, CLOSED = "open", "closed"
_SUPERVISES = aliased(Unit)


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Which problems. ``unit`` is a code (its subtree), ``as_of`` the day whose end counts; None: now."""

    text: str | None = None
    unit: str | None = None
    year: int | None = None
    status: str | None = None
    severity: str | None = None
    traced: bool | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem. ``status`` is that of the day asked for; the light is its rectification's, now."""

    id: str
    number: str
    unit: str
    unit_name: str
    year: int
    row_no: str | None
    fact: str
    basis: str
    severity: str
    traced: bool
    supervising_unit: str
    checklist_id: str
    case_id: str | None
    rectification_case_id: str | None
    accountability_case_id: str | None
    found_at: datetime
    closed_at: datetime | None
    status: str
    light: str | None


def _status_at(at: datetime) -> Any:
    return case((and_(Problem.closed_at.is_not(None), Problem.closed_at <= at), CLOSED), else_=OPEN)


def _light(store: Store, owner: Any) -> Any:
    """Return the light of a case's total limit: running first, then the last one."""
    return (
        select(light_of(Deadline, store.now))
        .where(Deadline.case_id == owner, Deadline.activity_id.is_(None))
        .order_by(Deadline.done_at.is_not(None), Deadline.due_at, Deadline.id)
        .limit(1)
        .scalar_subquery()
    )


def _problems(store: Store, at: datetime, actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the rows; cases are named to who may know of them only: a party to 一案双查 must not learn of it here."""
    known = select(Case.id).where(visible_cases(actor))
    return (
        select(
            Problem.id,
            Problem.number,
            Unit.code,
            Unit.name,
            Problem.year,
            Problem.row_no,
            Problem.fact,
            Problem.basis,
            Problem.severity,
            Problem.traced,
            _SUPERVISES.name,
            Problem.checklist_id,
            *(
                case((column.in_(known), column), else_=None)
                for column in (Problem.case_id, Problem.rectification_case_id, Problem.accountability_case_id)
            ),
            Problem.found_at,
            case((Problem.closed_at <= at, Problem.closed_at), else_=None),
            _status_at(at),
            case((Problem.closed_at.is_not(None), "done"), else_=_light(store, Problem.rectification_case_id)),
        )
        .join(Unit, Unit.id == Problem.unit_id)
        .join(_SUPERVISES, _SUPERVISES.id == Problem.supervising_unit_id)
        .where(Problem.found_at <= at)
    )


def _readable_problems(actor: Actor) -> Any:
    """Return the condition that the actor may read a problem.

    Through its case or its rectification, through the case of the list that it stands in (the list of problems is one
    of the five), or as inspector.
    """
    readable = select(Case.id).where(readable_cases(actor))
    inspects = Problem.supervising_unit_id.in_([post.unit_id for post in actor.posts])
    cleared = select(Case.id).where(cleared_cases(actor))
    return or_(
        Problem.case_id.in_(readable),
        Problem.rectification_case_id.in_(readable),
        Problem.checklist_id.in_(select(Checklist.id).where(Checklist.case_id.in_(readable))),
        and_(inspects, Problem.case_id.in_(cleared)),
    )


def _filtered(store: Store, wanted: ProblemFilter, actor: Actor) -> Select[*tuple[Any, ...]]:
    at = end_of(store, wanted.as_of)
    statement = _problems(store, at, actor).where(_readable_problems(actor))
    same = {Problem.year: wanted.year, Problem.severity: wanted.severity, Problem.traced: wanted.traced}
    for column, value in same.items():
        if value is not None:
            statement = statement.where(column == value)
    if wanted.unit:
        path = select(Unit.path).where(Unit.code == wanted.unit).scalar_subquery()
        statement = statement.where(func.substr(Unit.path, 1, func.length(path)) == path)
    if wanted.status:
        statement = statement.where(_status_at(at) == wanted.status)
    if wanted.text:
        texts = (Problem.number, Problem.fact, Problem.basis)
        statement = statement.where(or_(*(column.contains(wanted.text, autoescape=True) for column in texts)))
    return statement


def list_problems(
    store: Store, wanted: ProblemFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[ProblemRow]:
    """Return one page of the problems that the actor may read, the latest found first."""
    keys = [Key(Problem.found_at, datetime, descending=True), Key(Problem.id, str, descending=True)]
    page = take_page(store, _filtered(store, wanted, actor), keys, after=after, limit=limit)
    return page.map(lambda found: ProblemRow(*found))


def export_problems(store: Store, wanted: ProblemFilter, *, actor: Actor) -> list[ProblemRow]:
    """Return every problem that a filter finds, up to ``MOST_EXPORTED``."""
    statement = _filtered(store, wanted, actor).order_by(Problem.found_at.desc(), Problem.id.desc())
    return [ProblemRow(*found) for found in store.session.execute(statement.limit(MOST_EXPORTED))]


def one_problem(store: Store, problem_id: str, *, actor: Actor) -> ProblemRow:
    """Return one problem, or raise ``NotFoundError`` for what the actor may not read."""
    statement = _problems(store, store.now, actor).where(Problem.id == problem_id, _readable_problems(actor))
    found = store.session.execute(statement).one_or_none() if people.is_storable(problem_id) else None
    if found is None:
        message = f"Expected problem {problem_id} to exist for {actor.code}, but it does not."
        raise NotFoundError(message, code="problem-entry-not-found", id=problem_id)
    return ProblemRow(*found)


# ---------------------------------------------------------------------- rectifications


@dataclass(frozen=True, slots=True)
class RectificationRow:
    """One rectification case with the problem it goes back to. ``status`` is that of the day asked for."""

    id: str
    title: str
    unit: str
    unit_name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    light: str | None
    problem_id: str | None
    problem_number: str | None


def _case_status_at(at: datetime) -> Any:
    """Return the state of a case at an instant; a suspension is known of now only."""
    return case((or_(Case.ended_at.is_(None), Case.ended_at > at), CaseStatus.ACTIVE.value), else_=Case.status)


def _rectifications(store: Store, wanted: ProblemFilter, actor: Actor) -> Select[*tuple[Any, ...]]:
    at = end_of(store, wanted.as_of)
    due = (
        select(func.max(Deadline.due_at))
        .where(Deadline.case_id == Case.id, Deadline.activity_id.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )
    statement = (
        select(
            Case.id,
            Case.title,
            Unit.code,
            Unit.name,
            _case_status_at(at),
            Case.started_at,
            case((Case.ended_at <= at, Case.ended_at), else_=None),
            due,
            case((Case.ended_at.is_not(None), "done"), else_=_light(store, Case.id)),
            Problem.id,
            Problem.number,
        )
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Problem, Problem.rectification_case_id == Case.id)
        .where(visible_cases(actor), Case.process_key == RECTIFICATION, Case.started_at <= at)
    )
    if wanted.unit:
        path = select(Unit.path).where(Unit.code == wanted.unit).scalar_subquery()
        statement = statement.where(func.substr(Unit.path, 1, func.length(path)) == path)
    if wanted.status:
        statement = statement.where(_case_status_at(at) == wanted.status)
    if wanted.text:
        texts = (Case.title, Problem.number)
        statement = statement.where(or_(*(column.contains(wanted.text, autoescape=True) for column in texts)))
    return statement


def list_rectifications(
    store: Store, wanted: ProblemFilter, *, actor: Actor, after: str | None = None, limit: int | None = None
) -> Page[RectificationRow]:
    """Return one page of the rectifications that the actor may know of, the latest begun first."""
    keys = [Key(Case.started_at, datetime, descending=True), Key(Case.id, str, descending=True)]
    page = take_page(store, _rectifications(store, wanted, actor), keys, after=after, limit=limit)
    return page.map(lambda found: RectificationRow(*found))


def export_rectifications(store: Store, wanted: ProblemFilter, *, actor: Actor) -> list[RectificationRow]:
    """Return every rectification that a filter finds, up to ``MOST_EXPORTED``."""
    statement = _rectifications(store, wanted, actor).order_by(Case.started_at.desc(), Case.id.desc())
    return [RectificationRow(*found) for found in store.session.execute(statement.limit(MOST_EXPORTED))]

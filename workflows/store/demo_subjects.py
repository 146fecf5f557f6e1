"""Whom and what the acts of supervisors and administrators in a play are about. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from workflows.access import Actor
from workflows.store import Store, people
from workflows.store.demo import OPEN
from workflows.tables import (
    Case,
    CaseStatus,
    Checklist,
    ChecklistStatus,
    Definition,
    Escalation,
    Holding,
    Incident,
    IncidentStatus,
    Person,
    PersonStatus,
    Post,
    Role,
    Task,
    TaskCandidate,
    TaskStatus,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A case or task, who acts on it, and a colleague who could take it over."""

    id: str
    actor: Actor
    colleague: str = ""


def actor_with(store: Store, role: str, unit: Unit) -> Actor | None:
    """Return the nearest person with a role over a unit."""
    granted = people.nearest_granted(store, role, unit)
    return people.actor_of(store, granted[0].id, via="play") if granted else None


def pick_subject(store: Store, draw: float, kinds: Sequence[str]) -> tuple[str, str] | None:
    """Return a unit of these kinds and the code of the unit that supervises it: the discipline organ above."""
    units = store.session.scalars(select(Unit).where(Unit.kind.in_(list(kinds))).order_by(Unit.code)).all()
    able = [unit for unit in units if unit.parent_id is not None]
    if not able:
        return None
    return supervised(store, able[int(draw * len(able))])


def supervised(store: Store, unit: Unit) -> tuple[str, str] | None:
    """Return a unit's id and the code of the discipline organ over it; None where there is none."""
    from workflows.relations import find_related  # noqa: PLC0415 - relations read through stores

    above = find_related(store, unit, "upper_discipline") or find_related(store, unit, "discipline")
    return (unit.id, above.code) if above is not None else None


def people_of(store: Store, unit: str, subject: str, posts: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return the id of ``unit`` and the code of a holder of each post at ``subject``; None where one is empty."""
    at = people.need_unit(store, subject)
    found = [people.find_post(store, at.id, key) for key in posts]
    held = [people.holders(store, [post.id]) if post else [] for post in found]
    if not all(held):
        return None
    return people.need_unit(store, unit).id, tuple(holders[0].code for holders in held)


def pick_case(store: Store, draw: float) -> Subject | None:
    """Return a running case of some days' age that is no escalation, with a supervisor of its unit."""
    statement = (
        select(Case)
        .where(
            Case.status == CaseStatus.ACTIVE,
            Case.root_case_id.is_(None),
            Case.started_at <= store.now - timedelta(days=4),
            ~exists().where(Escalation.case_id == Case.id),
        )
        .order_by(Case.started_at, Case.id)
    )
    cases = store.session.scalars(statement).all()
    if not cases:
        return None
    case = cases[int(draw * len(cases))]
    actor = actor_with(store, Role.SUPERVISOR, store.need(Unit, case.unit_id))
    return Subject(case.id, actor) if actor is not None else None


def pick_task(store: Store, draw: float) -> Subject | None:
    """Return a waiting task outside escalations with a supervisor of its unit and a colleague there."""
    task = _pick(store, draw, done_before=False)
    if task is None:
        return None
    unit = store.need(Unit, task.unit_id)
    actor = actor_with(store, Role.SUPERVISOR, unit)
    posts = [post.id for post in people.posts_of(store, unit.id)]
    colleagues = [person.code for person in people.holders(store, posts) if person.id != task.assignee_id]
    if actor is None or not colleagues:
        return None
    return Subject(task.id, actor, colleagues[int(draw * 7919) % len(colleagues)])


def pick_claimed(store: Store, draw: float) -> Subject | None:
    """Return a claimed task, in a case where something was handed in before, with who claimed it."""
    task = _pick(store, draw, done_before=True)
    if task is None or task.assignee_id is None:
        return None
    return Subject(task.id, people.actor_of(store, task.assignee_id, via="play"))


def pick_publicised(store: Store, draw: float) -> Subject | None:
    """Return a list that is publicised now, with somebody of its unit, who may read it in any scope."""
    statement = select(Checklist).where(
        Checklist.status == ChecklistStatus.PUBLICITY, Checklist.publicity_until > store.now
    )
    lists = store.session.scalars(statement.order_by(Checklist.id)).all()
    if not lists:
        return None
    found = lists[int(draw * len(lists))]
    posts = [post.id for post in people.posts_of(store, found.unit_id)]
    held = people.holders(store, posts)
    return Subject(found.id, people.actor_of(store, held[-1].id, via="play")) if held else None


def _pick(store: Store, draw: float, *, done_before: bool) -> Task | None:
    statement = (
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.status.in_(OPEN),
            Case.status == CaseStatus.ACTIVE,
            ~exists().where(Escalation.case_id == func.coalesce(Case.root_case_id, Case.id)),
            ~exists().where(TaskCandidate.task_id == Task.id, TaskCandidate.seat_post_id.is_not(None)),
        )
        .order_by(Task.started_at, Task.id)
    )
    if done_before:
        earlier = aliased(Task)
        statement = statement.where(
            Task.status == TaskStatus.CLAIMED,
            exists().where(earlier.case_id == Task.case_id, earlier.status == TaskStatus.COMPLETED),
        )
    tasks = store.session.scalars(statement).all()
    return tasks[int(draw * len(tasks))] if tasks else None


@dataclass(frozen=True, slots=True)
class Seat:
    """A post that exactly one person holds, at a unit that somebody supervises."""

    unit_id: str
    unit_code: str
    supervising: str
    post: str
    person: str


def pick_only_seat(store: Store, post_key: str, kinds: Sequence[str]) -> Seat | None:
    """Return the first such seat, by the unit's code; people with an account of their own keep theirs."""
    held = (
        select(Post.id)
        .join(Holding, Holding.post_id == Post.id)
        .where(Post.key == post_key, people.holds(Holding, people.today(store)))
        .group_by(Post.id)
        .having(func.count() == 1)
    )
    statement = (
        select(Unit, Person)
        .join(Post, Post.unit_id == Unit.id)
        .join(Holding, Holding.post_id == Post.id)
        .join(Person, Person.id == Holding.person_id)
        .where(
            Post.id.in_(held),
            Unit.kind.in_(list(kinds)),
            Unit.parent_id.is_not(None),
            people.holds(Holding, people.today(store)),
            Person.username == Person.code,
        )
        .order_by(Unit.code)
    )
    for unit, person in store.session.execute(statement):
        found = supervised(store, unit)
        if found is not None:
            return Seat(unit.id, unit.code, found[1], post_key, person.code)
    return None


def free_person(store: Store) -> str | None:
    """Return the code of an active person who holds no post today."""
    holding = exists().where(Holding.person_id == Person.id, people.holds(Holding, people.today(store)))
    statement = select(Person.code).where(Person.status == PersonStatus.ACTIVE, ~holding).order_by(Person.code)
    return store.session.scalars(statement.limit(1)).first()


def colleague_of(store: Store, unit_code: str) -> str | None:
    """Return the code of a person who holds some post at a unit."""
    posts = [post.id for post in people.posts_of(store, people.need_unit(store, unit_code).id)]
    return next((person.code for person in people.holders(store, posts)), None)


def open_vacancies(store: Store, unit_id: str) -> list[str]:
    """Return the open incidents of a unit's cases about tasks that nobody can claim."""
    statement = select(Incident.id).where(
        Incident.unit_id == unit_id, Incident.code == "no-candidate", Incident.status == IncidentStatus.OPEN
    )
    return list(store.session.scalars(statement.order_by(Incident.id)))


def supervisor_of(store: Store, case_id: str) -> Actor | None:
    """Return the nearest supervisor of the unit of a case."""
    return actor_with(store, Role.SUPERVISOR, store.need(Unit, store.need(Case, case_id).unit_id))


def has_units(store: Store) -> bool:
    """Whether somebody lives here already."""
    return store.session.scalar(select(exists().where(Unit.id.is_not(None)))) is True


def has_cases_of(store: Store, definition: str) -> bool:
    """Whether a case of a definition was ever started."""
    statement = exists().where(Case.definition_id == Definition.id, Definition.key == definition)
    return store.session.scalar(select(statement)) is True

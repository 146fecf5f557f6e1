"""Lists of units and people: the directory that everybody who is logged in may read. No account data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from workflows.errors import FieldFault, RejectedError
from workflows.organisation import load_organisation
from workflows.queries.paging import Key, Page, take_page
from workflows.store import Store, people
from workflows.tables import Holding, Person, PersonStatus, Post, Unit

_MOST_NAMESAKES = 8


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as listed; ``depth`` counts from 0 at the root."""

    code: str
    name: str
    short_name: str
    kind: str
    level: str
    parent: str | None
    region: str | None
    depth: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class HeldPostRow:
    unit: str
    unit_name: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with the posts held today."""

    code: str
    name: str
    status: str
    posts: tuple[HeldPostRow, ...]


def list_units(
    store: Store, *, under: str | None = None, q: str | None = None, after: str | None = None, limit: int | None = None
) -> Page[UnitRow]:
    """List open units, parents before children; ``under`` keeps a subtree, ``q`` names that contain a text."""
    parent = aliased(Unit)
    statement = select(Unit, parent.code).outerjoin(parent, parent.id == Unit.parent_id)
    statement = statement.where(people.is_open(Unit, people.today(store)))
    if under is not None:
        statement = statement.where(people.under(people.need_unit(store, under).path))
    if q:
        _require_storable(q)
        statement = statement.where(or_(Unit.name.contains(q, autoescape=True), Unit.code == q))
    return take_page(store, statement, [Key(Unit.path, str)], after=after, limit=limit).map(_unit_row)


def one_unit(store: Store, code: str) -> UnitRow:
    """Return one unit, or raise ``NotFoundError``."""
    unit = people.need_unit(store, code)
    parent = store.get(Unit, unit.parent_id) if unit.parent_id else None
    return _unit_row((unit, parent.code if parent else None))


def units_below(store: Store, code: str) -> list[UnitRow]:
    """Return the open units directly below one."""
    unit = people.need_unit(store, code)
    return [_unit_row((each, unit.code)) for each in people.children(store, [unit.id])]


def post_keys(store: Store) -> list[tuple[str, str]]:
    """Return the words that a post may be known by, with what each means: data of the city."""
    return list(load_organisation(store.application.settings.law).posts.items())


def list_people(
    store: Store, *, unit: str | None = None, q: str | None = None, after: str | None = None, limit: int | None = None
) -> Page[PersonRow]:
    """List people by code with today's posts; ``unit`` keeps holders in a subtree, ``q`` part of a name or a code."""
    today = people.today(store)
    statement = select(Person).where(Person.status != PersonStatus.LEFT)
    if unit is not None:
        held = select(Holding.id).join(Post, Post.id == Holding.post_id).join(Unit, Unit.id == Post.unit_id)
        inside = people.under(people.need_unit(store, unit).path)
        statement = statement.where(
            exists(held.where(Holding.person_id == Person.id, people.holds(Holding, today), inside))
        )
    if q:
        _require_storable(q)
        statement = statement.where(or_(Person.name.contains(q, autoescape=True), Person.code == q))
    page = take_page(store, statement, [Key(Person.code, str)], after=after, limit=limit)
    posts = _posts_of(store, [person.id for person in page.items])
    return page.map(lambda person: PersonRow(person.code, person.name, person.status, tuple(posts.get(person.id, ()))))


def people_named(store: Store, word: str) -> list[PersonRow]:
    """Return the one person with this code, else everybody in office with this name, by code; a few at most."""
    if not people.is_storable(word):
        return []
    statement = select(Person).where(Person.status == PersonStatus.ACTIVE).order_by(Person.code).limit(_MOST_NAMESAKES)
    found = list(store.session.scalars(statement.where(Person.code == word)))
    found = found or list(store.session.scalars(statement.where(Person.name == word)))
    return [PersonRow(person.code, person.name, person.status, ()) for person in found]


def _require_storable(q: str) -> None:
    if not people.is_storable(q):
        message = "Expected q to be text without control characters that no database holds."
        raise RejectedError(message, code="bad-text", faults=[FieldFault("/q", "bad-text", message)])


def posts_of_person(store: Store, person_id: str) -> tuple[HeldPostRow, ...]:
    """Return the posts that a person holds today, with their names."""
    return tuple(_posts_of(store, [person_id]).get(person_id, ()))


def _unit_row(row: tuple[Unit, str | None]) -> UnitRow:
    unit, parent = row
    return UnitRow(
        code=unit.code,
        name=unit.name,
        short_name=unit.short_name or unit.name,
        kind=unit.kind,
        level=unit.level,
        parent=parent,
        region=unit.region,
        depth=unit.path.count("/") - 2,
        path=unit.path,
    )


def _posts_of(store: Store, person_ids: Sequence[str]) -> dict[str, list[HeldPostRow]]:
    rows = store.session.execute(
        select(Holding.person_id, Unit.code, Unit.short_name, Post.key, Post.name)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Holding.person_id.in_(person_ids), people.holds(Holding, people.today(store)))
        .order_by(Unit.path, Post.sort)
    )
    found: dict[str, list[HeldPostRow]] = {}
    for person_id, *post in rows:
        found.setdefault(person_id, []).append(HeldPostRow(*post))
    return found

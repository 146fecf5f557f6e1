"""What people choose from on pages: processes, units, colleagues. Names only, no account data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from sqlalchemy import Select, case, func, select

from workflows.access import Actor
from workflows.checklists.problems import PROCESS
from workflows.escalations import FAMILY
from workflows.store import Store, people
from workflows.tables import Definition, DefinitionStatus, Holding, Person, PersonStatus, Post, Role, Unit

Choice: TypeAlias = tuple[str, str]  # what is sent, what is read
_MOST = 2_000
_MOST_UNITS = 6_000  # of a large city: every unit must be there to be chosen


def process_choices(store: Store) -> Sequence[Choice]:
    """Return the key and newest name of every process that ever was in force."""
    newest = select(Definition.key, func.max(Definition.version).label("version")).where(
        Definition.status.in_([DefinitionStatus.ACTIVE, DefinitionStatus.RETIRED, DefinitionStatus.TRIAL])
    )
    latest = newest.group_by(Definition.key).subquery()
    statement = (
        select(Definition.key, Definition.name)
        .join(latest, (latest.c.key == Definition.key) & (latest.c.version == Definition.version))
        .order_by(Definition.key)
        .limit(_MOST)
    )
    return [(key, name) for key, name in store.session.execute(statement)]


def startable_processes(store: Store) -> Sequence[Choice]:
    """Return the key and name of every version in force that people begin; others begin by themselves."""
    statement = select(Definition.key, Definition.name).where(
        Definition.status == DefinitionStatus.ACTIVE, Definition.key.not_in([FAMILY, PROCESS])
    )
    return [(key, name) for key, name in store.session.execute(statement.order_by(Definition.key).limit(_MOST))]


def unit_choices(store: Store) -> Sequence[Choice]:
    """Return code and name of every open unit, parents before children, indented by depth."""
    statement = select(Unit.code, Unit.name, Unit.path).where(people.is_open(Unit, people.today(store)))
    rows = store.session.execute(statement.order_by(Unit.path).limit(_MOST_UNITS))
    return [(code, "\u3000" * max(0, path.count("/") - 2) + name) for code, name, path in rows]


def home_unit(store: Store, *, actor: Actor) -> str:
    """Return the code of the unit where the actor holds a post; without a post, of the top of the tree."""
    own = [post.unit_id for post in actor.posts]
    statement = select(Unit.code).where(Unit.id.in_(own)) if own else select(Unit.code).where(Unit.parent_id.is_(None))
    return store.session.scalars(statement.order_by(Unit.path).limit(1)).one()


def units_to_start_for(store: Store, *, actor: Actor) -> Sequence[Choice]:
    """Return the units for which the actor may start cases: own ones first, then those supervised or administered."""
    own = [post.unit_id for post in actor.posts]
    paths = actor.subtrees(Role.SUPERVISOR, Role.FLOWADMIN)
    reach = [Unit.id.in_(own), *(people.under(path) for path in paths)]
    found: dict[str, Choice] = {}
    for condition in reach:
        statement = select(Unit.id, Unit.code, Unit.name).where(condition, people.is_open(Unit, people.today(store)))
        for unit_id, code, name in store.session.execute(statement.order_by(Unit.path).limit(_MOST)):
            found.setdefault(unit_id, (code, name))
    return list(found.values())


def colleague_choices(store: Store, unit_code: str) -> Sequence[Choice]:
    """Return code, name and post of everybody who holds a post at a unit today."""
    statement = (
        select(Person.code, Person.name, Post.name)
        .join(Holding, Holding.person_id == Person.id)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Unit.code == unit_code,
            people.holds(Holding, people.today(store)),
            Person.status == PersonStatus.ACTIVE,
        )
        .order_by(Post.sort, Person.code)
        .limit(_MOST)
    )
    return [(code, f"{name}（{post}）") for code, name, post in store.session.execute(statement)]


def person_choices(store: Store, near: str = "", chosen: Collection[str] = ()) -> Sequence[Choice]:
    """Return code, name and unit of the active people who hold a post today, by unit.

    In a large city not of all: those around the unit with the code ``near`` come first, and those who are ``chosen``
    already are always among them.
    """
    around = people.find_unit(store, near) if near else None
    beside = people.under(around.path.rstrip("/").rpartition("/")[0] + "/") if around is not None else None
    order = () if beside is None else (case((beside, 0), else_=1),)
    found = _posted(store, _POSTED.order_by(*order, *_BY_UNIT).limit(_MOST))
    known = {code for code, _ in found}
    return [*found, *people_told(store, [code for code in chosen if code not in known]).items()]


def people_told(store: Store, codes: Collection[str]) -> dict[str, str]:
    """Return name and unit of these people; of those without a post today the name alone."""
    if not codes:
        return {}
    posted = _posted(store, _POSTED.where(Person.code.in_(codes)).order_by(*_BY_UNIT))
    return names_of(store, "user", sorted(codes)) | dict(posted)


def _posted(store: Store, statement: Select[*tuple[str, ...]]) -> list[Choice]:
    now = people.holds(Holding, people.today(store)), Person.status == PersonStatus.ACTIVE
    rows = store.session.execute(statement.where(*now))
    return [(code, f"{name}（{short or unit} {post}）") for code, name, short, unit, post in rows]


_BY_UNIT = (Unit.path, Post.sort, Person.code)
_POSTED: Select[*tuple[str, ...]] = (
    select(Person.code, Person.name, Unit.short_name, Unit.name, Post.name)
    .join(Holding, Holding.person_id == Person.id)
    .join(Post, Post.id == Holding.post_id)
    .join(Unit, Unit.id == Post.unit_id)
)


def anybody_choices(store: Store) -> Sequence[Choice]:
    """Return code, name and posts of every active person, those without a post included, by code."""
    held = (
        select(Holding.person_id, Unit.short_name, Unit.name, Post.name)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(people.holds(Holding, people.today(store)))
        .order_by(Unit.path, Post.sort)
    )
    posts: dict[str, list[str]] = {}
    for person_id, short, unit, post in store.session.execute(held):
        posts.setdefault(person_id, []).append(f"{short or unit} {post}")
    active = select(Person.id, Person.code, Person.name).where(Person.status == PersonStatus.ACTIVE)
    return [
        (code, f"{name}（{'、'.join(posts.get(person_id, ['—']))}）")
        for person_id, code, name in store.session.execute(active.order_by(Person.code))
    ]


def names_of(store: Store, kind: str, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of units or people by code."""
    table = Unit if kind == "unit" else Person
    statement = select(table.code, table.name).where(table.code.in_(list(codes)))
    return {code: name for code, name in store.session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy

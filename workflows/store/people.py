"""Units, posts, holders and actors: what use cases read about people, as of a day.

A day is a day in Asia/Shanghai; a holding covers ``from_day`` up to, not including, ``to_day``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, String, and_, bindparam, func, or_, select, union

from workflows.access import Actor, GrantedRole, HeldPost
from workflows.clock import SHANGHAI
from workflows.errors import NotFoundError
from workflows.store import Store
from workflows.store.marks import era
from workflows.tables import (
    Classification,
    Holding,
    Person,
    PersonStatus,
    Post,
    Proxy,
    RoleGrant,
    Unit,
    UnitRelation,
)

LEVELS = tuple(Classification)  # from the lowest to the highest


def today(store: Store) -> date:
    """Return the day of this transaction in Asia/Shanghai."""
    return store.now.astimezone(SHANGHAI).date()


def is_storable(text: str) -> bool:
    """Whether a database can hold a text at all: PostgreSQL refuses NUL, UTF-8 lone surrogates."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def cleared_for(classification: str) -> tuple[str, ...]:
    """Return the clearances that suffice for ``classification``."""
    return LEVELS[LEVELS.index(Classification(classification)) :]


# ------------------------------------------------------------------ units


def find_unit(store: Store, code: str) -> Unit | None:
    """Return the unit with this code, closed ones included."""
    return store.session.scalar(_UNIT, {"code": code}) if is_storable(code) else None


def need_unit(store: Store, code: str) -> Unit:
    """Return the unit with this code, or raise ``NotFoundError``."""
    found = find_unit(store, code)
    if found is None:
        raise NotFoundError(f"Expected unit {code} to exist, but it does not.", code="unit-not-found", unit=code)
    return found


def ancestors(store: Store, unit: Unit) -> list[Unit]:
    """Return the units above ``unit``, the nearest first."""
    codes = unit.path.strip("/").split("/")[:-1]
    if not codes:
        return []
    found = store.session.scalars(_UNITS, {"codes": codes})
    return sorted(found, key=lambda above: len(above.path), reverse=True)


def subtree(store: Store, unit: Unit) -> list[Unit]:
    """Return ``unit`` and all units below it, parents before children."""
    return list(store.session.scalars(select(Unit).where(under(unit.path)).order_by(Unit.path)))


def children(store: Store, parent_ids: Collection[str]) -> list[Unit]:
    """Return the open units directly below any of ``parent_ids``, in the order in which each lists them."""
    return list(store.session.scalars(_CHILDREN, {"parents": list(parent_ids), "day": today(store)}))


def region_of(store: Store, unit: Unit) -> str | None:
    """Return the region whose rules hold for ``unit``: its own, else the nearest ancestor's."""
    return next((above.region for above in (unit, *ancestors(store, unit)) if above.region), None)


def agreed_relations(store: Store, unit_id: str) -> dict[str, Unit]:
    """Return the units that ``unit_id`` agreed on otherwise than the rule, by relation."""
    return dict(store.session.execute(_AGREED, {"unit": unit_id}).all())


def under(path: str) -> ColumnElement[bool]:
    """Return the condition that a unit is at or below ``path``. Not LIKE: SQLite's ignores case."""
    return func.substr(Unit.path, 1, len(path)) == path


# ------------------------------------------------------------------ posts and holders


def posts_of(store: Store, unit_id: str) -> list[Post]:
    """Return the open posts of a unit in their order."""
    held = Post.unit_id == unit_id, is_open(Post, today(store))
    return list(store.session.scalars(select(Post).where(*held).order_by(Post.sort, Post.key)))


def find_post(store: Store, unit_id: str, key: str) -> Post | None:
    """Return the open post ``key`` of a unit."""
    wanted = {"unit": unit_id, "key": key, "day": today(store)}
    return store.session.scalar(_POST, wanted) if is_storable(key) else None


def holders(store: Store, post_ids: Collection[str], day: date | None = None) -> list[Person]:
    """Return the active people who hold one of the posts on ``day`` (today), those standing in included."""
    return list(store.session.scalars(_HOLDERS, {"posts": list(post_ids), "day": day or today(store)}))


def holder_ids(store: Store, post_ids: Collection[str]) -> tuple[str, ...]:
    """Return who ``holders`` returns today, by id; kept in the process for as long as nobody comes or goes."""
    mark = ("holders", era(store), tuple(post_ids))
    return store.application.law.kept(mark, lambda: ids(holders(store, post_ids))) if post_ids else ()


def newest_holders(store: Store, post_id: str) -> list[Person]:
    """Return the active people who hold a post today, whoever began last first; nobody who only stands in."""
    statement = (
        select(Person)
        .join(Holding, Holding.person_id == Person.id)
        .where(Holding.post_id == post_id, holds(Holding, today(store)), Person.status == PersonStatus.ACTIVE)
        .order_by(Holding.from_day.desc(), Person.code)
    )
    return list(store.session.scalars(statement))


def held_posts(store: Store, person_id: str, day: date | None = None) -> tuple[HeldPost, ...]:
    """Return the posts that a person holds or stands in for on ``day`` (today)."""
    rows = store.session.execute(_HELD, {"person": person_id, "day": day or today(store)})
    return tuple(HeldPost(*row) for row in rows)


def holdings_of(store: Store, person_id: str) -> list[Holding]:
    """Return all holdings of a person, past and future ones included."""
    mine = select(Holding).where(Holding.person_id == person_id)
    return list(store.session.scalars(mine.order_by(Holding.from_day, Holding.id)))


def overlapping_holding(store: Store, person_id: str, post_id: str, period: tuple[date, date | None]) -> Holding | None:
    """Return a holding of the same post by the same person that shares a day with ``period``."""
    from_day, to_day = period
    same = Holding.person_id == person_id, Holding.post_id == post_id
    statement = select(Holding).where(*same, or_(Holding.to_day.is_(None), Holding.to_day > from_day))
    if to_day is not None:
        statement = statement.where(Holding.from_day < to_day)
    return store.session.scalars(statement).first()


def running_holding(store: Store, person_id: str, post_id: str, day: date) -> Holding | None:
    """Return the holding that has begun by ``day`` and not ended before."""
    mine = Holding.person_id == person_id, Holding.post_id == post_id, Holding.from_day <= day
    still = or_(Holding.to_day.is_(None), Holding.to_day >= day)
    return store.session.scalars(select(Holding).where(*mine, still).order_by(Holding.from_day.desc())).first()


# ------------------------------------------------------------------ people


def find_person(store: Store, code: str) -> Person | None:
    """Return the person with this code."""
    return store.session.scalar(_PERSON, {"code": code}) if is_storable(code) else None


def need_person(store: Store, code: str) -> Person:
    """Return the person with this code, or raise ``NotFoundError``."""
    found = find_person(store, code)
    if found is None:
        message = f"Expected person {code} to exist, but they do not."
        raise NotFoundError(message, code="person-not-found", person=code)
    return found


def people_called(store: Store, name: str) -> list[Person]:
    """Return the active people of this very name, at most two: more than one is nobody in particular."""
    if not is_storable(name):
        return []
    same = select(Person).where(Person.name == name, Person.status == PersonStatus.ACTIVE).limit(2)
    return list(store.session.scalars(same))


def units_called(store: Store, name: str) -> list[Unit]:
    """Return the open units of this very name or short name, at most two."""
    if not is_storable(name):
        return []
    named = or_(Unit.name == name, Unit.short_name == name), is_open(Unit, today(store))
    return list(store.session.scalars(select(Unit).where(*named).limit(2)))


def lock_person(store: Store, code: str) -> Person:
    """Lock a person's row for this transaction and return it fresh, or raise ``NotFoundError``.

    Whoever changes posts, roles or clearance does this first, so that two administrators cannot both pass a check.
    """
    person = need_person(store, code)
    store.session.refresh(person, with_for_update=True)
    return person


def find_account(store: Store, username: str) -> Person | None:
    """Return the person with this user name, locked for this transaction."""
    if not is_storable(username):
        return None
    wanted = select(Person).where(Person.username == username).with_for_update()
    return store.session.scalar(wanted.execution_options(populate_existing=True))


def people(store: Store, ids: Collection[str]) -> list[Person]:
    """Return these people, by code."""
    return [] if not ids else list(store.session.scalars(_PEOPLE, {"ids": list(ids)}))


def nearest_granted(store: Store, role: str, unit: Unit) -> list[Person]:
    """Return the active people with ``role`` over ``unit``, of the nearest unit at or above it that has any."""
    chain = [unit.id, *(above.id for above in ancestors(store, unit))]
    rows = store.session.execute(
        select(RoleGrant.unit_id, Person)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == role,
            RoleGrant.unit_id.in_(chain),
            holds(RoleGrant, today(store)),
            Person.status == PersonStatus.ACTIVE,
        )
        .order_by(Person.code)
    ).all()
    by_unit: dict[str, list[Person]] = {}
    for unit_id, person in rows:
        by_unit.setdefault(unit_id, []).append(person)
    return next((by_unit[unit_id] for unit_id in chain if unit_id in by_unit), [])


def roles_of(store: Store, person_id: str, day: date | None = None) -> tuple[GrantedRole, ...]:
    """Return the roles that a person has on ``day`` (today), with the path of the subtree."""
    rows = store.session.execute(
        select(RoleGrant.role, Unit.path)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id == person_id, holds(RoleGrant, day or today(store)))
        .order_by(RoleGrant.role, Unit.path)
    )
    return tuple(GrantedRole(*row) for row in rows)


def granted(store: Store, role: str) -> list[Person]:
    """Return everybody who works here and has a role today, over whatever unit."""
    grants = select(RoleGrant.person_id).where(RoleGrant.role == role, holds(RoleGrant, today(store)))
    statement = select(Person).where(Person.id.in_(grants), Person.status == PersonStatus.ACTIVE)
    return list(store.session.scalars(statement.order_by(Person.code)))


def grants_of(store: Store, person_id: str) -> list[RoleGrant]:
    """Return the grants of a person that hold today or later."""
    still = or_(RoleGrant.to_day.is_(None), RoleGrant.to_day > today(store))
    return list(store.session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id, still)))


def ended_today(store: Store, person_id: str) -> bool:
    """Whether a role of a person ended today."""
    mine = RoleGrant.person_id == person_id, RoleGrant.to_day == today(store)
    return store.session.scalars(select(RoleGrant).where(*mine)).first() is not None


def granted_everywhere(store: Store, role: str) -> list[Person]:
    """Return the active people who have ``role`` over a whole tree."""
    statement = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.role == role,
            Unit.parent_id.is_(None),
            holds(RoleGrant, today(store)),
            Person.status == PersonStatus.ACTIVE,
        )
        .order_by(Person.code)
    )
    return list(store.session.scalars(statement))


def actor_of(store: Store, person_id: str, via: str = "api", request_id: str | None = None) -> Actor:
    """Return the person as an actor: posts held or stood in for and roles granted, all as of today."""
    mark = ("actor", era(store), person_id)
    known = store.application.law.kept(mark, lambda: _actor(store, person_id))
    return replace(known, via=via, request_id=request_id)


def _actor(store: Store, person_id: str) -> Actor:
    person = store.need(Person, person_id)
    return Actor(
        person_id=person.id,
        code=person.code,
        name=person.name,
        posts=held_posts(store, person.id),
        roles=roles_of(store, person.id),
        clearance=person.clearance,
    )


# ------------------------------------------------------------------ periods


def holds(period: type[Holding | Proxy | RoleGrant], day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the condition that a row's period covers ``day``."""
    return and_(period.from_day <= day, or_(period.to_day.is_(None), period.to_day > day))


def is_open(kind: type[Unit | Post], day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the condition that a unit or post is not closed on ``day``."""
    return or_(kind.closed_on.is_(None), kind.closed_on > day)


def ids(records: Iterable[Person]) -> tuple[str, ...]:
    """Return the ids of some people."""
    return tuple(record.id for record in records)


# ------------------------------------------------------------------ statements of every step, built once

_DAY = bindparam("day", type_=Date)
_POSTS: BindParameter[Any] = bindparam("posts", expanding=True)
_POST = select(Post).where(Post.unit_id == bindparam("unit"), Post.key == bindparam("key"), is_open(Post, _DAY))
_HOLDERS = (
    select(Person)
    .where(
        Person.id.in_(
            union(
                select(Holding.person_id).where(Holding.post_id.in_(_POSTS), holds(Holding, _DAY)),
                select(Proxy.person_id).where(Proxy.post_id.in_(_POSTS), holds(Proxy, _DAY)),
            )
        ),
        Person.status == PersonStatus.ACTIVE,
    )
    .order_by(Person.code)
)
_UNIT = select(Unit).where(Unit.code == bindparam("code"))
_UNITS = select(Unit).where(Unit.code.in_(bindparam("codes", expanding=True)))
_PERSON = select(Person).where(Person.code == bindparam("code"))
_PEOPLE = select(Person).where(Person.id.in_(bindparam("ids", expanding=True))).order_by(Person.code)
_CHILDREN = (
    select(Unit)
    .where(Unit.parent_id.in_(bindparam("parents", expanding=True)), is_open(Unit, _DAY))
    .order_by(Unit.sort, Unit.code)
)
_AGREED = (
    select(UnitRelation.relation, Unit)
    .join(Unit, Unit.id == UnitRelation.target_id)
    .where(UnitRelation.unit_id == bindparam("unit"))
)
_WHO = bindparam("person", type_=String)
_HELD = (
    select(Post.id, Post.key, Unit.id, Unit.path)
    .join(Unit, Unit.id == Post.unit_id)
    .where(
        Post.id.in_(
            union(
                select(Holding.post_id).where(Holding.person_id == _WHO, holds(Holding, _DAY)),
                select(Proxy.post_id).where(Proxy.person_id == _WHO, holds(Proxy, _DAY)),
            )
        )
    )
    .order_by(Unit.path, Post.sort, Post.key)
)

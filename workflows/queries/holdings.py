"""Who held, holds and will hold which post, and who stands in: of a unit, of a person. Open to whoever is logged in.

Roles, clearance and account data of a person are shown to administrators and auditors of the whole tree only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from workflows.access import Actor
from workflows.errors import NotAllowedError
from workflows.store import Store, people
from workflows.tables import Holding, Person, Post, Proxy, Role, RoleGrant, Unit

_ADMINISTRATORS = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
PAST, NOW, TO_COME = "past", "now", "to_come"


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period of one person at one post; ``proxy_id`` is set where they stand in. ``to_day`` is exclusive."""

    unit: str
    unit_name: str
    post: str
    post_name: str
    person: str
    person_name: str
    from_day: date
    to_day: date | None
    state: str
    proxy_id: str | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with its periods, the latest first."""

    unit: str
    key: str
    name: str
    is_vacant: bool
    periods: tuple[PeriodRow, ...]


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role that was given over a unit and all below it."""

    role: str
    unit: str
    unit_name: str
    from_day: date
    to_day: date | None
    state: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What only administrators and auditors see of somebody."""

    username: str
    email: str | None
    clearance: str
    locked_until: datetime | None
    grants: tuple[GrantRow, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A person with every period; ``account`` is None for whoever may not see it."""

    code: str
    name: str
    status: str
    periods: tuple[PeriodRow, ...]
    account: AccountRow | None


def posts_of_unit(store: Store, unit_code: str, *, history: bool = False) -> tuple[PostRow, ...]:
    """Return the open posts of a unit with those who hold them now or later; with ``history`` all periods."""
    unit = people.need_unit(store, unit_code)
    periods = list(_periods(store, Post.unit_id == unit.id, history=history))
    return tuple(
        PostRow(unit.code, post.key, post.name, _is_vacant(mine), mine)
        for post in people.posts_of(store, unit.id)
        for mine in (tuple(each for each in periods if each.post == post.key),)
    )


def _is_vacant(periods: tuple[PeriodRow, ...]) -> bool:
    return not any(each.state == NOW and each.proxy_id is None for each in periods)


def profile_of(store: Store, person_code: str, *, actor: Actor) -> Profile:
    """Return one person with every period, the latest first."""
    person = people.need_person(store, person_code)
    account = _account(store, person) if _sees_accounts(actor) else None
    mine = (Holding.person_id == person.id, Proxy.person_id == person.id)
    periods = [*_of(store, Holding, mine[0], history=True), *_of(store, Proxy, mine[1], history=True)]
    return Profile(person.code, person.name, person.status, tuple(sorted(periods, key=_latest_first)), account)


def require_account_reader(actor: Actor) -> None:
    """Raise unless the actor is one of the three administrators of the whole tree."""
    if not _sees_accounts(actor):
        message = f"Expected {actor.code} to be an administrator or auditor of the whole tree."
        raise NotAllowedError(message, code="missing-role", roles=list(_ADMINISTRATORS))


def _sees_accounts(actor: Actor) -> bool:
    return actor.is_system or any(role.role in _ADMINISTRATORS and role.covers_all for role in actor.roles)


def _periods(store: Store, condition: object, *, history: bool) -> Iterator[PeriodRow]:
    found = [*_of(store, Holding, condition, history=history), *_of(store, Proxy, condition, history=history)]
    yield from sorted(found, key=_latest_first)


def _latest_first(row: PeriodRow) -> tuple[int, int, str]:
    return ((NOW, TO_COME, PAST).index(row.state), -row.from_day.toordinal(), row.person)


def _of(store: Store, kind: type[Holding | Proxy], condition: object, *, history: bool) -> Iterator[PeriodRow]:
    today = people.today(store)
    statement = (
        select(kind, Post, Unit, Person)
        .join(Post, Post.id == kind.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .join(Person, Person.id == kind.person_id)
        .where(condition)  # type: ignore[arg-type] # a condition of either table
    )
    if not history:
        statement = statement.where(or_(kind.to_day.is_(None), kind.to_day > today))
    rows: Iterable[Any] = store.session.execute(statement)
    for period, post, unit, person in rows:
        yield PeriodRow(
            unit.code,
            unit.short_name or unit.name,
            post.key,
            post.name,
            person.code,
            person.name,
            period.from_day,
            period.to_day,
            _state(period.from_day, period.to_day, today),
            period.id if isinstance(period, Proxy) else None,
            period.ground if isinstance(period, Proxy) else "",
        )


def _state(from_day: date, to_day: date | None, today: date) -> str:
    if to_day is not None and to_day <= today:
        return PAST
    return TO_COME if from_day > today else NOW


def _account(store: Store, person: Person) -> AccountRow:
    today = people.today(store)
    rows = store.session.execute(
        select(RoleGrant, Unit)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id == person.id)
        .order_by(RoleGrant.from_day.desc(), RoleGrant.role, Unit.path)
    )
    grants = tuple(
        GrantRow(
            grant.role,
            unit.code,
            unit.short_name or unit.name,
            grant.from_day,
            grant.to_day,
            _state(grant.from_day, grant.to_day, today),
        )
        for grant, unit in rows
    )
    locked = person.locked_until if person.locked_until and person.locked_until > store.now else None
    return AccountRow(person.username, person.email, person.clearance, locked, grants)

"""Units, posts, people, who holds what when, and roles: what the administrators do. Every change is in the ledger.

The three administrators (三员) watch one another: the system administrator keeps units, posts and people, the
security administrator gives roles and clearance, the auditor only reads. Nobody is two of them, and nobody gives
rights to themself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from workflows.access import Actor
from workflows.accounts import end_logins
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.ledger import record
from workflows.organisation import load_organisation
from workflows.store import Store
from workflows.store import people as rows
from workflows.store.definitions import REGIONS
from workflows.store.handovers import lock_orphaned_tasks
from workflows.tables import (
    Classification,
    Holding,
    Person,
    PersonStatus,
    Post,
    Role,
    RoleGrant,
    TaskStatus,
    Unit,
)

PEOPLE = "people"
ACCESS = "access"
SEPARATED = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_MOST_PATH = 600
_LONGEST_TEXT = 120  # the narrowest column that takes one


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be made below ``parent`` (a code; None: the root). ``kind`` and ``level`` are words of the city."""

    code: str
    name: str
    kind: str
    level: str
    parent: str | None = None
    short_name: str = ""
    region: str | None = None
    sort: int = 0


def create_unit(store: Store, new: NewUnit, *, actor: Actor) -> Unit:
    """Make a unit. Needs the system administrator of the parent."""
    parent = rows.need_unit(store, new.parent) if new.parent is not None else None
    actor.require_role(Role.SYSADMIN, unit_path=parent.path if parent else "/")
    _require_code(new.code, "/code")
    _require_texts(name=new.name, kind=new.kind, level=new.level)
    if rows.find_unit(store, new.code) is not None:
        raise RejectedError(f"Expected a new code, but {new.code} is taken.", code="unit-code-taken", unit=new.code)
    path = f"{parent.path if parent else '/'}{new.code}/"
    if len(path) > _MOST_PATH:
        raise RejectedError("Expected a unit tree that is less deep.", code="unit-too-deep", unit=new.code)
    unit = store.add(
        Unit(
            code=new.code,
            name=new.name,
            short_name=new.short_name,
            kind=new.kind,
            level=new.level,
            parent_id=parent.id if parent else None,
            path=path,
            region=new.region,
            sort=new.sort,
        )
    )
    store.forget(REGIONS)
    told = {"unit": new.code, "name": new.name, "parent": new.parent, "kind": new.kind, "region": new.region}
    record(store, PEOPLE, "unit-created", told, actor=actor)
    return unit


def create_post(store: Store, unit_code: str, key: str, *, name: str, actor: Actor, sort: int = 0) -> Post:
    """Make a post at a unit. ``key`` is one of the words of ``bpmn/organisation.yaml``."""
    unit = rows.need_unit(store, unit_code)
    actor.require_role(Role.SYSADMIN, unit_path=unit.path)
    _require_texts(name=name)
    if key not in load_organisation(store.application.settings.law).posts:
        raise RejectedError(f"Expected a post key of organisation.yaml, but got {key}.", code="post-key", key=key)
    if rows.find_post(store, unit.id, key) is not None:
        message = f"Expected a post that {unit_code} does not have yet, but it has {key}."
        raise RejectedError(message, code="post-exists", unit=unit_code, key=key)
    post = store.add(Post(unit_id=unit.id, key=key, name=name, sort=sort))
    record(store, PEOPLE, "post-created", {"unit": unit_code, "post": key, "name": name}, actor=actor)
    return post


def create_person(
    store: Store, code: str, *, username: str, name: str, actor: Actor, email: str | None = None
) -> Person:
    """Make a person without posts, roles or password, cleared for internal matters."""
    actor.require_role(Role.SYSADMIN)
    _require_code(code, "/code")
    _require_code(username, "/username")
    _require_texts(name=name)
    if rows.find_person(store, code) is not None or rows.find_account(store, username) is not None:
        message = f"Expected a new code and user name, but {code} or {username} is taken."
        raise RejectedError(message, code="person-exists", person=code, username=username)
    person = store.add(Person(code=code, username=username, name=name, email=email, status=PersonStatus.ACTIVE))
    record(store, PEOPLE, "person-created", {"person": code, "username": username}, actor=actor)
    return person


# ------------------------------------------------------------------ holdings


def assign_post(
    store: Store,
    person_code: str,
    unit_code: str,
    key: str,
    *,
    actor: Actor,
    from_day: date | None = None,
    to_day: date | None = None,
) -> Holding:
    """Let a person hold a post from a day (today) up to, not including, ``to_day``.

    Open tasks follow by themselves: they name the post, not the person.
    """
    person, post = _find_post(store, person_code, unit_code, key, actor)
    begins = from_day or rows.today(store)
    if to_day is not None and to_day <= begins:
        message = f"Expected the holding to end after {begins}, but it ends on {to_day}."
        raise RejectedError(message, code="holding-period", faults=[FieldFault("/to_day", "holding-period", message)])
    if person.status == PersonStatus.LEFT:
        raise WrongStateError(
            f"Expected {person_code} to be here, but they left.", code="person-left", person=person_code
        )
    if rows.overlapping_holding(store, person.id, post.id, (begins, to_day)) is not None:
        message = f"Expected {person_code} not to hold {key} at {unit_code} yet in that time."
        raise RejectedError(message, code="holding-overlaps", person=person_code, unit=unit_code, post=key)
    holding = store.add(Holding(post_id=post.id, person_id=person.id, from_day=begins, to_day=to_day))
    record(store, PEOPLE, "post-assigned", _told(person_code, unit_code, key, begins, to_day), actor=actor)
    return holding


def end_holding(
    store: Store, person_code: str, unit_code: str, key: str, *, actor: Actor, to_day: date | None = None
) -> None:
    """End a holding with ``to_day`` (today) as the first day without it.

    One that ends today hands the person's claimed tasks back to the post at once; a later one does so on its day,
    by the clock (``hand_over``). A holding that would begin on that very day is taken back as if it had never been.
    """
    person, post = _find_post(store, person_code, unit_code, key, actor)
    ends = to_day or rows.today(store)
    if ends < rows.today(store):
        message = f"Expected the holding to end today or later, but {ends} is past: history is not rewritten."
        raise RejectedError(
            message, code="holding-end-past", faults=[FieldFault("/to_day", "holding-end-past", message)]
        )
    holding = rows.running_holding(store, person.id, post.id, ends)
    if holding is None:
        message = f"Expected {person_code} to hold {key} at {unit_code} until {ends}."
        raise NotFoundError(message, code="holding-not-found", person=person_code, unit=unit_code, post=key)
    told = _told(person_code, unit_code, key, holding.from_day, ends)
    _end(store, holding, ends)
    store.session.flush()  # hand_over asks the database who holds what
    record(store, PEOPLE, "holding-ended", told, actor=actor)
    hand_over(store, actor=actor, person_id=person.id)


def hand_over(store: Store, *, actor: Actor, person_id: str | None = None, limit: int = 200) -> int:
    """Return claimed tasks to their posts where the assignee's holding has ended, and say how many.

    Drafts stay with the task. Run by the clock for everybody; idempotent; cases in use are left for the next run.
    """
    tasks = lock_orphaned_tasks(store, person_id=person_id, limit=limit)
    for task in tasks:
        told = {"task": task.id, "person": store.need(Person, task.assignee_id).code, "post": task.assignee_post_id}
        task.status = TaskStatus.OPEN
        task.assignee_id = task.assignee_post_id = task.claimed_at = None
        task.row_version += 1
        record(store, f"case:{task.case_id}", "task-handed-over", told, actor=actor)
    return len(tasks)


def leave(store: Store, person_code: str, *, actor: Actor) -> None:
    """Let a person go: logins, holdings and roles end today, claimed tasks return to their posts, history stays."""
    actor.require_role(Role.SYSADMIN)
    person = rows.lock_person(store, person_code)
    if person.id == actor.person_id:
        raise NotAllowedError("Expected somebody else: nobody lets themself go.", code="not-yourself")
    today = rows.today(store)
    person.status = PersonStatus.LEFT
    person.version += 1
    for holding in rows.holdings_of(store, person.id):
        _end(store, holding, today)
    for grant in rows.grants_of(store, person.id):
        _end(store, grant, today)
    store.session.flush()  # hand_over asks the database who holds what
    end_logins(store, person)
    record(store, PEOPLE, "person-left", {"person": person_code}, actor=actor)
    hand_over(store, actor=actor, person_id=person.id)


# ------------------------------------------------------------------ rights


def grant_role(
    store: Store,
    person_code: str,
    role: str,
    unit_code: str,
    *,
    actor: Actor,
    from_day: date | None = None,
    to_day: date | None = None,
) -> RoleGrant:
    """Give a role over a unit and all below it, as security administrator of that unit."""
    person, unit = _rights_of(store, person_code, unit_code, actor)
    if role not in set(Role):
        raise RejectedError(f"Expected a role, but got {role}.", code="unknown-role", role=role)
    begins = from_day or rows.today(store)
    if begins < rows.today(store) or (to_day is not None and to_day <= begins):
        raise RejectedError("Expected a period that begins today or later and then ends.", code="grant-period")
    grants = rows.grants_of(store, person.id)
    for grant in grants:
        if role in SEPARATED and grant.role in SEPARATED - {role}:
            message = f"Expected {person_code} not to be {grant.role}: the three administrators are separate people."
            raise RejectedError(message, code="roles-separated", person=person_code, role=role, held=grant.role)
        if grant.role == role and grant.unit_id == unit.id:
            message = f"Expected {person_code} not to have {role} over {unit_code} yet."
            raise RejectedError(message, code="role-already-granted", person=person_code, role=role, unit=unit_code)
    granted = store.add(RoleGrant(person_id=person.id, role=role, unit_id=unit.id, from_day=begins, to_day=to_day))
    told = {"person": person_code, "role": role, "unit": unit_code, "from": begins.isoformat(), "to": _iso(to_day)}
    record(store, ACCESS, "role-granted", told, actor=actor)
    return granted


def revoke_role(store: Store, person_code: str, role: str, unit_code: str, *, actor: Actor) -> None:
    """Take a role away from now on."""
    person, unit = _rights_of(store, person_code, unit_code, actor)
    grants = [grant for grant in rows.grants_of(store, person.id) if grant.role == role and grant.unit_id == unit.id]
    if not grants:
        message = f"Expected {person_code} to have {role} over {unit_code}."
        raise NotFoundError(message, code="grant-not-found", person=person_code, role=role, unit=unit_code)
    for grant in grants:
        _end(store, grant, rows.today(store))
    record(store, ACCESS, "role-revoked", {"person": person_code, "role": role, "unit": unit_code}, actor=actor)


def set_clearance(store: Store, person_code: str, clearance: str, *, actor: Actor) -> None:
    """Say up to which classification a person may see, as security administrator."""
    actor.require_role(Role.SECADMIN)
    person = rows.lock_person(store, person_code)
    _require_not_oneself(person, actor)
    if clearance not in set(Classification):
        raise RejectedError(f"Expected a classification, but got {clearance}.", code="unknown-classification")
    told = {"person": person_code, "before": str(person.clearance), "after": clearance}
    person.clearance = clearance
    person.version += 1
    record(store, ACCESS, "clearance-set", told, actor=actor)


def _end(store: Store, period: Holding | RoleGrant, day: date) -> None:
    """Let ``day`` be the first day without it; what would begin then or later is taken back."""
    if period.from_day >= day:
        store.session.delete(period)
    elif period.to_day is None or period.to_day > day:
        period.to_day = day


# ------------------------------------------------------------------ checks


def _find_post(store: Store, person_code: str, unit_code: str, key: str, actor: Actor) -> tuple[Person, Post]:
    unit = rows.need_unit(store, unit_code)
    actor.require_role(Role.SYSADMIN, unit_path=unit.path)
    post = rows.find_post(store, unit.id, key)
    if post is None:
        message = f"Expected {unit_code} to have a post {key}, but it has none."
        raise NotFoundError(message, code="post-not-found", unit=unit_code, post=key)
    return rows.lock_person(store, person_code), post


def _rights_of(store: Store, person_code: str, unit_code: str, actor: Actor) -> tuple[Person, Unit]:
    unit = rows.need_unit(store, unit_code)
    actor.require_role(Role.SECADMIN, unit_path=unit.path)
    person = rows.lock_person(store, person_code)
    _require_not_oneself(person, actor)
    return person, unit


def _require_not_oneself(person: Person, actor: Actor) -> None:
    if person.id == actor.person_id:
        raise NotAllowedError("Expected somebody else: nobody gives rights to themself.", code="not-yourself")


def _require_code(code: str, pointer: str) -> None:
    if not _CODE.fullmatch(code):
        message = "Expected up to 60 lower-case letters, digits and hyphens, not beginning with a hyphen."
        raise RejectedError(message, code="bad-code", faults=[FieldFault(pointer, "bad-code", message)])


def _require_texts(**texts: str) -> None:
    faults = [
        FieldFault(f"/{name}", "text-length", "Expected 1 to 120 characters.", (("least", 1), ("most", _LONGEST_TEXT)))
        for name, text in texts.items()
        if not 1 <= len(text.strip()) <= _LONGEST_TEXT or not rows.is_storable(text)
    ]
    if faults:
        raise RejectedError("Expected texts of a fitting length.", faults=faults)


def _told(person: str, unit: str, post: str, from_day: date, to_day: date | None) -> dict[str, str | None]:
    return {"person": person, "unit": unit, "post": post, "from": from_day.isoformat(), "to": _iso(to_day)}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

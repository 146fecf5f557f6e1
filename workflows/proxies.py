"""Proxies 代理: who acts for a post for a while beside its holders. Every change is in the ledger chain ``people``.

A holder on leave names somebody, or the system administrator does. Whoever stands in meets the same work as the
holder, and what they claimed returns to the post when the time is over. A seat (签字背书) is not stood in for.
"""

from __future__ import annotations

from datetime import date

from workflows.access import Actor
from workflows.errors import FieldFault, NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.ledger import record, reference, seal
from workflows.people import PEOPLE, hand_over
from workflows.store import Store, belongings
from workflows.store import people as rows
from workflows.tables import Person, PersonStatus, Post, Proxy, Role, Unit

_LONGEST_GROUND = 300


def grant_proxy(
    store: Store,
    person_code: str,
    unit_code: str,
    key: str,
    *,
    to_day: date,
    ground: str,
    actor: Actor,
    from_day: date | None = None,
) -> Proxy:
    """Let a person act for a post from a day (today) up to, not including, ``to_day``, on a ground.

    For a holder of the post and for the system administrator of its unit. Raises ``RejectedError`` for a period that
    begins in the past or is empty, and for somebody who holds the post or stands in already.
    """
    unit, post = need_post(store, unit_code, key)
    _require_say(store, unit, post, actor)
    person = rows.lock_person(store, person_code)
    begins = from_day or rows.today(store)
    _require_period(store, begins, to_day)
    _require_ground(ground)
    if person.status != PersonStatus.ACTIVE:
        message = f"Expected {person_code} to have an account in use."
        raise WrongStateError(message, code="person-not-active", person=person_code)
    period = begins, to_day
    is_double = rows.overlapping_holding(store, person.id, post.id, period) is not None
    if is_double or belongings.overlapping_proxy(store, person.id, post.id, period) is not None:
        message = f"Expected {person_code} neither to hold {key} at {unit_code} nor to stand in for it in that time."
        raise RejectedError(message, code="proxy-overlaps", person=person_code, unit=unit_code, post=key)
    proxy = store.add(
        Proxy(post_id=post.id, person_id=person.id, from_day=begins, to_day=to_day, ground=ground.strip())
    )
    told = _told(person_code, unit, post, begins, to_day)
    record(store, PEOPLE, "proxy-granted", told | _sealed(store, ground), actor=actor)
    return proxy


def require_proxy_giver(store: Store, unit_code: str, key: str, *, actor: Actor) -> None:
    """Raise unless the post is there and the actor may name who stands in for it."""
    _require_say(store, *need_post(store, unit_code, key), actor)


def require_proxy_ender(store: Store, proxy_id: str, *, actor: Actor) -> Proxy:
    """Return a proxy that the actor may end: as who stands in, as holder of the post, as administrator of its unit."""
    proxy = store.need(Proxy, proxy_id)
    post = store.need(Post, proxy.post_id)
    if proxy.person_id != actor.person_id:
        _require_say(store, store.need(Unit, post.unit_id), post, actor)
    return proxy


def end_proxy(store: Store, proxy_id: str, *, actor: Actor) -> None:
    """End a proxy today, for a holder, whoever stands in, or the system administrator; one to come is taken back.

    What was claimed by it returns to the post at once.
    """
    proxy = require_proxy_ender(store, proxy_id, actor=actor)
    post = store.need(Post, proxy.post_id)
    unit = store.need(Unit, post.unit_id)
    today = rows.today(store)
    if proxy.to_day <= today:
        message = f"Expected proxy {proxy_id} to run, but it ended on {proxy.to_day}."
        raise WrongStateError(message, code="proxy-ended")
    person = rows.lock_person(store, store.need(Person, proxy.person_id).code)
    told = _told(person.code, unit, post, proxy.from_day, min(today, proxy.to_day))
    if proxy.from_day >= today:
        store.session.delete(proxy)
    else:
        proxy.to_day = today
    store.session.flush()  # hand_over asks the database who stands in
    record(store, PEOPLE, "proxy-ended", told, actor=actor)
    hand_over(store, actor=actor, person_id=person.id)


def need_post(store: Store, unit_code: str, key: str) -> tuple[Unit, Post]:
    """Return a unit and its open post, or raise ``NotFoundError``."""
    unit = rows.need_unit(store, unit_code)
    post = rows.find_post(store, unit.id, key)
    if post is None:
        message = f"Expected {unit_code} to have a post {key}, but it has none."
        raise NotFoundError(message, code="post-not-found", unit=unit_code, post=key)
    return unit, post


def _require_say(store: Store, unit: Unit, post: Post, actor: Actor) -> None:
    """Raise unless the actor holds the post (nobody who stands in passes it on) or administers the unit."""
    if actor.has_role(Role.SYSADMIN, unit_path=unit.path):
        return
    if actor.person_id not in {person.id for person in rows.newest_holders(store, post.id)}:
        message = f"Expected {actor.code} to hold {post.key} at {unit.code} or to administer the unit."
        raise NotAllowedError(message, code="missing-role", roles=[Role.SYSADMIN])


def _require_period(store: Store, from_day: date, to_day: date) -> None:
    if not rows.today(store) <= from_day < to_day:
        message = f"Expected a period from today on that ends after it begins, but it is {from_day} to {to_day}."
        raise RejectedError(message, code="proxy-period", faults=[FieldFault("/to", "proxy-period", message)])


def _require_ground(ground: str) -> None:
    if not ground.strip() or len(ground) > _LONGEST_GROUND or not rows.is_storable(ground):
        message = f"Expected a ground of 1 to {_LONGEST_GROUND} characters."
        fault = FieldFault("/ground", "text-length", message, (("least", 1), ("most", _LONGEST_GROUND)))
        raise RejectedError(message, faults=[fault])


def _sealed(store: Store, ground: str) -> dict[str, object]:
    return {"ground": reference(seal(store, ground.strip(), "proxy-ground"))}


def _told(person: str, unit: Unit, post: Post, from_day: date, to_day: date) -> dict[str, object]:
    told = {"person": person, "unit": unit.code, "post": post.key}
    return {**told, "from": from_day.isoformat(), "to": to_day.isoformat()}

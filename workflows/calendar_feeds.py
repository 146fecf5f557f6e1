"""Calendar feeds: an address with a secret in it, by which a calendar program reads one unit's year for one person.

Calendar programs cannot log in, so the address is the key: it is shown once, kept only as a digest, opens nothing but
dates, and ends when its owner takes it back, changes the password, leaves or is disabled. What it tells is what its
owner may see at the moment of reading.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from workflows.access import Actor
from workflows.errors import NotAllowedError, NotFoundError, WrongStateError
from workflows.ledger import record
from workflows.store import Store, people
from workflows.store import calendar_feeds as rows
from workflows.tables import CalendarFeed, Person, PersonStatus, Unit

PREFIX = "zcf_"  # marks leaked addresses for secret scanners
MOST = 20  # feeds of one person
STREAM = "access"


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed that was made. ``secret`` is shown once; ``id`` names it for taking back."""

    secret: str
    id: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Reading:
    """For whom and of which unit a feed is read."""

    actor: Actor
    unit_code: str


def create_feed(store: Store, unit_code: str, *, actor: Actor) -> NewFeed:
    """Make an address for the actor's own calendar program."""
    if actor.person_id is None:
        raise NotAllowedError("Expected a person, but the system itself asks for a feed.", code="not-a-person")
    unit = people.need_unit(store, unit_code)
    if len(rows.feeds_of(store, actor.person_id)) >= MOST:
        raise WrongStateError(f"Expected fewer than {MOST} feeds.", code="too-many-feeds", most=MOST)
    secret = PREFIX + secrets.token_urlsafe(32)
    digest = _digest(secret)
    store.add(CalendarFeed(digest=digest, person_id=actor.person_id, unit_id=unit.id, created_at=store.now))
    record(store, STREAM, "feed-created", {"person": actor.code, "unit": unit.code}, actor=actor)
    return NewFeed(secret, digest, unit.name)


def revoke_feed(store: Store, feed_id: str, *, actor: Actor) -> None:
    """Take one's own address back."""
    feed = store.get(CalendarFeed, feed_id)
    if feed is None or feed.person_id != actor.person_id:
        raise NotFoundError("Expected a feed of your own.", code="feed-not-found")
    if feed.ended_at is None:
        feed.ended_at = store.now
        unit = store.need(Unit, feed.unit_id)
        record(store, STREAM, "feed-revoked", {"person": actor.code, "unit": unit.code}, actor=actor)


def feeds_of(store: Store, *, actor: Actor) -> Sequence[tuple[CalendarFeed, Unit]]:
    """Return the actor's own feeds that still work, with their units."""
    return rows.feeds_of(store, actor.person_id) if actor.person_id else ()


def read_feed(store: Store, secret: str) -> Reading:
    """Return for whom an address is read, or raise ``NotFoundError``: nobody learns why it does not work."""
    feed = store.get(CalendarFeed, _digest(secret))
    if feed is None or feed.ended_at is not None:
        raise NotFoundError("Expected the address of a feed.", code="feed-not-found")
    if store.need(Person, feed.person_id).status != PersonStatus.ACTIVE:
        raise NotFoundError("Expected the feed of an active person.", code="feed-not-found")
    return Reading(people.actor_of(store, feed.person_id, "feed", None), store.need(Unit, feed.unit_id).code)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

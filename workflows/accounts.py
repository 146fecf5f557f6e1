"""Logging in: passwords, lock-out, sessions of browsers, bearer tokens of programs.

A refused login is a result (``LoginRefused``), not an exception: the failed attempt must be committed. Doors turn it
into ``LoginError`` after the commit. One code answers an unknown name, a wrong password, a locked and a disabled
account, in the same time, so that nobody learns which it was.

Secrets are 256 random bits; the database holds only their SHA-256.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from workflows import passwords
from workflows.access import Actor, system_actor
from workflows.errors import LoginError, NotAllowedError, NotFoundError, RejectedError
from workflows.ledger import record
from workflows.store import Store, people
from workflows.store import accounts as rows
from workflows.store.calendar_feeds import end_feeds
from workflows.tables import Person, PersonStatus, Role, Session, Token

STREAM = "logins"
ACCESS = "access"  # what an account may do: caches of the organisation rest on this chain, so no login is told there
TOKEN_PREFIX = "zct_"  # noqa: S105 - marks leaked tokens for secret scanners
_KEEP_SESSIONS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A login that succeeded. ``secret`` goes into the cookie and is never seen again."""

    secret: str
    person_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made. ``secret`` is shown once; ``id`` names it for revocation."""

    secret: str
    id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """A login that failed. The account may be locked now; the answer does not tell."""

    attempts: int
    lock_minutes: int

    def error(self) -> LoginError:
        """Return what a door raises after the commit."""
        message = "Expected the right user name and password of an account that is not locked."
        return LoginError(message, code="login-failed", attempts=self.attempts, minutes=self.lock_minutes)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who a session belongs to. ``confirmed_at`` is when the password was last given in it."""

    actor: Actor
    expires_at: datetime
    confirmed_at: datetime
    is_fresh: bool  # the password was given within ``confirm_minutes``: enough to sign


def log_in(store: Store, username: str, password: str, *, client: str = "") -> NewSession | LoginRefused:
    """Open a session. Beyond ``session_limit`` sessions of one person the oldest ends."""
    person = _authenticate(store, username, password)
    if person is None:
        return _refusal(store)
    settings = store.application.settings
    rows.forget_sessions(store, person.id, store.now - _KEEP_SESSIONS)
    running = rows.live_sessions(store, person.id)
    for oldest in running[: max(0, len(running) - settings.session_limit + 1)]:
        oldest.ended_at = store.now
    secret = secrets.token_urlsafe(32)
    expires_at = store.now + timedelta(hours=settings.session_hours)
    store.add(
        Session(
            digest=_digest(secret),
            person_id=person.id,
            client=client[:300] if people.is_storable(client) else "",
            created_at=store.now,
            seen_at=store.now,
            expires_at=expires_at,
            confirmed_at=store.now,
        )
    )
    _tell(store, "logged-in", person)
    return NewSession(secret, person.id, expires_at)


def session_actor(store: Store, secret: str, *, via: str = "web", request_id: str | None = None) -> LoggedIn:
    """Return who a session's secret stands for, with today's posts and roles, or raise ``LoginError``."""
    session = _live_session(store, secret)
    actor = people.actor_of(store, session.person_id, via, request_id)
    fresh = timedelta(minutes=store.application.settings.confirm_minutes)
    return LoggedIn(actor, session.expires_at, session.confirmed_at, store.now - session.confirmed_at <= fresh)


def confirm_password(store: Store, secret: str, password: str) -> LoggedIn | LoginRefused:
    """Take the password again within a session, before signing. Wrong ones count towards the lock."""
    session = _live_session(store, secret)
    person = store.need(Person, session.person_id)
    if _authenticate(store, person.username, password) is None:
        return _refusal(store)
    session.confirmed_at = session.seen_at = store.now
    return session_actor(store, secret)


def check_password(store: Store, password: str, *, actor: Actor) -> datetime | LoginRefused:
    """Take the password again from a program that signs; return when. Wrong ones count towards the lock."""
    person = store.need(Person, actor.person_id)
    return store.now if _authenticate(store, person.username, password) is not None else _refusal(store)


def log_out(store: Store, secret: str) -> None:
    """End a session. One that is unknown or ended already is left as it is."""
    session = store.get(Session, _digest(secret))
    if session is not None and session.ended_at is None:
        session.ended_at = store.now
        _tell(store, "logged-out", store.need(Person, session.person_id))


# ------------------------------------------------------------------ tokens


def create_token(store: Store, *, name: str, actor: Actor, days: int | None = None) -> NewToken:
    """Make a bearer token for the actor's own programs, good for ``days`` (at most ``token_days``)."""
    most = store.application.settings.token_days
    if not name.strip() or len(name) > 300 or not people.is_storable(name):  # noqa: PLR2004 - the column's width
        raise RejectedError("Expected a name of 1 to 300 characters for the token.", code="token-name")
    if days is not None and not 1 <= days <= most:
        raise RejectedError(f"Expected 1 to {most} days, but got {days}.", code="token-days", least=1, most=most)
    if actor.person_id is None:
        raise NotAllowedError("Expected a person, but the system itself asks for a token.", code="not-a-person")
    person = store.need(Person, actor.person_id)
    return _make_token(store, person, name.strip(), days or most)


def create_token_by_password(store: Store, username: str, password: str, *, name: str) -> NewToken | LoginRefused:
    """Make a bearer token for whoever knows the password; the lock-out of ``log_in`` holds here too."""
    person = _authenticate(store, username, password)
    if person is None:
        return _refusal(store)
    return _make_token(
        store, person, name[:300] if people.is_storable(name) else "api", store.application.settings.token_days
    )


def authenticate_token(store: Store, secret: str, *, via: str = "api", request_id: str | None = None) -> Actor:
    """Return who a bearer token stands for, with today's posts and roles, or raise ``LoginError``."""
    token = store.get(Token, _digest(secret))
    if token is None or token.ended_at is not None or token.expires_at <= store.now:
        raise LoginError("Expected a token that is known and not expired.", code="token-invalid")
    if store.need(Person, token.person_id).status != PersonStatus.ACTIVE:
        raise LoginError("Expected the token of an active person.", code="token-invalid")
    return people.actor_of(store, token.person_id, via, request_id)


def tokens_of(store: Store, *, actor: Actor) -> Sequence[Token]:
    """Return the actor's own tokens that still work."""
    return rows.tokens_of(store, actor.person_id) if actor.person_id else ()


def revoke_token(store: Store, token_id: str, *, actor: Actor) -> None:
    """End a token: one's own, or anybody's for the security administrator."""
    token = store.get(Token, token_id)
    if token is None or (token.person_id != actor.person_id and not actor.has_role(Role.SECADMIN)):
        raise NotFoundError("Expected a token of your own.", code="token-not-found")
    if token.ended_at is None:
        token.ended_at = store.now
        owner = store.need(Person, token.person_id)
        record(store, STREAM, "token-revoked", {"person": owner.code, "token": token.name}, actor=actor)


# ------------------------------------------------------------------ passwords and accounts


def change_password(store: Store, old: str, new: str, *, actor: Actor) -> LoginRefused | None:
    """Change one's own password; all one's sessions and tokens end. Returns the refusal when ``old`` is wrong."""
    person = store.need(Person, actor.person_id)
    passwords.check_new_password(store.application.settings, new, username=person.username)
    if _authenticate(store, person.username, old) is None:
        return _refusal(store)
    _set_password(store, person, new, actor=actor)
    return None


def set_password(store: Store, person_code: str, new: str, *, actor: Actor) -> None:
    """Give a person a new password, as system administrator; all their sessions and tokens end."""
    actor.require_role(Role.SYSADMIN)
    person = people.lock_person(store, person_code)
    passwords.check_new_password(store.application.settings, new, username=person.username)
    _set_password(store, person, new, actor=actor)


def unlock_account(store: Store, person_code: str, *, actor: Actor) -> None:
    """Lift a lock-out before its time, as security administrator."""
    actor.require_role(Role.SECADMIN)
    person = people.lock_person(store, person_code)
    person.failed_logins, person.locked_until = 0, None
    person.version += 1
    record(store, STREAM, "account-unlocked", {"person": person.code}, actor=actor)


def disable_person(store: Store, person_code: str, *, actor: Actor) -> None:
    """Forbid a person everything from now on: sessions and tokens end at once. Posts and history stay."""
    actor.require_role(Role.SYSADMIN)
    person = people.lock_person(store, person_code)
    if person.id == actor.person_id:
        raise NotAllowedError("Expected somebody else: nobody disables themself.", code="not-yourself")
    person.status = PersonStatus.LOCKED
    person.version += 1
    end_logins(store, person)
    record(store, ACCESS, "person-disabled", {"person": person.code}, actor=actor)


def enable_person(store: Store, person_code: str, *, actor: Actor) -> None:
    """Let a disabled person in again."""
    actor.require_role(Role.SYSADMIN)
    person = people.lock_person(store, person_code)
    person.status = PersonStatus.ACTIVE
    person.version += 1
    record(store, ACCESS, "person-enabled", {"person": person.code}, actor=actor)


def end_logins(store: Store, person: Person) -> None:
    """End every session, token and calendar feed of a person."""
    rows.end_sessions(store, person.id)
    rows.end_tokens(store, person.id)
    end_feeds(store, person.id)


# ------------------------------------------------------------------ the one check of a password


def _authenticate(store: Store, username: str, password: str) -> Person | None:
    """Return the person if name and password are right and the account is open; else count the failure."""
    settings = store.application.settings
    person = people.find_account(store, username.strip()[:120])
    right = passwords.matches(settings, person.password_hash if person else None, password)
    if person is None:
        return None
    if person.locked_until is not None and person.locked_until > store.now:
        _tell(store, "login-refused", person, reason="locked")
        return None
    if not right or person.status != PersonStatus.ACTIVE:
        _count_failure(store, person, "wrong-password" if not right else "disabled")
        return None
    person.failed_logins, person.locked_until = 0, None
    if person.password_hash and passwords.is_outdated(settings, person.password_hash):
        person.password_hash = passwords.hash_password(settings, password)
    return person


def _count_failure(store: Store, person: Person, reason: str) -> None:
    settings = store.application.settings
    person.failed_logins += 1
    _tell(store, "login-refused", person, reason=reason)
    if person.failed_logins >= settings.login_attempts:
        person.failed_logins = 0
        person.locked_until = store.now + timedelta(minutes=settings.lock_minutes)
        _tell(store, "account-locked", person, minutes=settings.lock_minutes)


def _refusal(store: Store) -> LoginRefused:
    settings = store.application.settings
    return LoginRefused(settings.login_attempts, settings.lock_minutes)


def _set_password(store: Store, person: Person, new: str, *, actor: Actor) -> None:
    person.password_hash = passwords.hash_password(store.application.settings, new)
    person.version += 1
    end_logins(store, person)
    record(store, STREAM, "password-changed", {"person": person.code}, actor=actor)


def _live_session(store: Store, secret: str) -> Session:
    session = store.get(Session, _digest(secret))
    if session is None or session.ended_at is not None:
        raise LoginError("Expected a session that is known and not ended.", code="not-authenticated")
    if session.expires_at <= store.now:
        raise LoginError("Expected a session that is not expired.", code="session-expired")
    if store.need(Person, session.person_id).status != PersonStatus.ACTIVE:
        raise LoginError("Expected the session of an active person.", code="not-authenticated")
    return session


def _make_token(store: Store, person: Person, name: str, days: int) -> NewToken:
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    digest, expires_at = _digest(secret), store.now + timedelta(days=days)
    store.add(Token(digest=digest, person_id=person.id, name=name, created_at=store.now, expires_at=expires_at))
    _tell(store, "token-created", person, token=name)
    return NewToken(secret, digest, expires_at)


def _tell(store: Store, kind: str, person: Person, **more: str | int) -> None:
    """Record what a person did, or what was done with their account, before anybody is logged in."""
    told = Actor(person.id, person.code, person.name, via="login") if kind != "login-refused" else system_actor("login")
    record(store, STREAM, kind, {"person": person.code, **more}, actor=told)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Sessions and tokens: found by the SHA-256 of a secret that is never stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from workflows.store import Store
from workflows.tables import Session, Token


def live_sessions(store: Store, person_id: str) -> Sequence[Session]:
    """Return the sessions of a person that are neither ended nor expired, the oldest first."""
    mine = Session.person_id == person_id, Session.ended_at.is_(None), Session.expires_at > store.now
    return store.session.scalars(select(Session).where(*mine).order_by(Session.created_at, Session.digest)).all()


def end_sessions(store: Store, person_id: str) -> int:
    """End all sessions of a person and return how many there were."""
    running = Session.person_id == person_id, Session.ended_at.is_(None)
    ended = store.session.scalars(update(Session).where(*running).values(ended_at=store.now).returning(Session.digest))
    return len(ended.all())


def end_tokens(store: Store, person_id: str) -> int:
    """End all tokens of a person and return how many there were."""
    running = Token.person_id == person_id, Token.ended_at.is_(None)
    ended = store.session.scalars(update(Token).where(*running).values(ended_at=store.now).returning(Token.digest))
    return len(ended.all())


def forget_sessions(store: Store, person_id: str, before: datetime) -> None:
    """Delete the sessions of a person that expired before an instant."""
    store.session.execute(delete(Session).where(Session.person_id == person_id, Session.expires_at < before))


def tokens_of(store: Store, person_id: str) -> Sequence[Token]:
    """Return the tokens of a person that still work, the newest first."""
    mine = Token.person_id == person_id, Token.ended_at.is_(None), Token.expires_at > store.now
    return store.session.scalars(select(Token).where(*mine).order_by(Token.created_at.desc(), Token.digest)).all()

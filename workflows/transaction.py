"""The two entries to the database: ``run`` for use cases, ``read`` for lists. The only commit of the product.

A use case is a function ``(store, ...)`` that checks, decides and writes, and never commits. ``run`` begins the
transaction, retries a lost race three times with a fresh store, commits, and then wakes the cases that the use
case wrote to in their inboxes. If the wake-up dies, the scheduler does it: the inbox rows are committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from workflows.application import Application
from workflows.database import READ_ONLY
from workflows.errors import ConcurrentUpdateError
from workflows.store import Store

P = ParamSpec("P")
R = TypeVar("R")

_ATTEMPTS = 4
_logger = logging.getLogger(__name__)


def run(
    application: Application,
    use_case: Callable[Concatenate[Store, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run ``use_case`` in one transaction, or raise ``ConcurrentUpdateError`` after three lost races."""
    for attempt in range(1, _ATTEMPTS + 1):
        session = Session(application.database, expire_on_commit=False)
        store = Store(session, application, application.clock.now())
        try:
            result = use_case(store, *args, **kwargs)
            session.commit()
        except (OperationalError, IntegrityError, DBAPIError) as fault:
            session.rollback()
            store.forget_live_states()
            if attempt == _ATTEMPTS or not _is_lost_race(fault):
                if _is_lost_race(fault):
                    message = "Expected to be alone, but another request changed the same thing."
                    raise ConcurrentUpdateError(message) from fault
                raise
            _logger.info("lost a race, trying again", extra={"action": "race_lost", "attempt": attempt})
        except BaseException:
            session.rollback()
            store.forget_live_states()
            raise
        else:
            if store.woken:
                application.wake(application, tuple(store.woken))
            return result
        finally:
            session.close()
    raise AssertionError  # pragma: no cover - the loop returns or raises


def read(
    application: Application,
    query: Callable[Concatenate[Store, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run a list or a look-up on a snapshot of its own. It never commits and never waits for a writer."""
    connection = application.database.connect().execution_options(**{READ_ONLY: True})
    with connection, Session(connection, expire_on_commit=False, autoflush=False) as session:
        return query(Store(session, application, application.clock.now()), *args, **kwargs)


def _is_lost_race(fault: DBAPIError) -> bool:
    """Whether repeating may help: a serialisation failure, deadlock, busy database or lost unique key."""
    code = getattr(fault.orig, "sqlstate", None)
    if code is not None:
        return code in {"40001", "40P01", "23505", "55P03"}
    text = str(fault.orig)
    return "database is locked" in text or "UNIQUE constraint failed" in text

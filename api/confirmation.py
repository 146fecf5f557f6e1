"""Confirming who signs: the password again in the body, for programs; browsers confirm in their session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from api.fields import Given, text
from api.http import actor, application, caller, remembered_faults
from workflows.accounts import LoginRefused, check_password
from workflows.errors import NotAllowedError
from workflows.store import Store
from workflows.transaction import read, run

_LONGEST_PASSWORD = 500


class Confirmation(Given):
    """The password of whoever signs."""

    password = text(_LONGEST_PASSWORD, required=True)


def confirmed_at(body: Mapping[str, Any], *, see: Callable[[Store], object]) -> datetime | None:
    """Return when the password was last given: now, when the body brings it, else as the session knows.

    A wrong one counts towards the lock-out, so it is checked in a transaction of its own, after ``see``. Raises
    ``NotAllowedError`` (``confirmation-failed``).
    """
    given = body.get("confirmation")
    if given is None or remembered_faults():
        return caller().confirmed_at
    read(application(), see)
    confirmed = run(application(), check_password, given["password"], actor=actor())
    if isinstance(confirmed, LoginRefused):
        message = "Expected the right password of whoever signs."
        raise NotAllowedError(
            message, code="confirmation-failed", attempts=confirmed.attempts, minutes=confirmed.lock_minutes
        )
    return confirmed

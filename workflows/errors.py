"""Faults of a caller. A fault of a process is an incident, never one of these.

Each class has a stable ``code`` (the contract with clients, never renamed) and each raise adds ``params``: doors
translate ``code`` and ``params`` into the reader's language. The message here is English, for logs and programs.

    WorkflowError                    422
    ├ NotFoundError                  404   also what the actor may not see
    ├ NotAllowedError                403
    ├ WrongStateError                409
    │ └ ConcurrentUpdateError        409   lost the race three times; safe to repeat
    ├ StaleVersionError              412
    ├ RejectedError                  422   the request is understood and refused; ``faults`` name the fields
    ├ IdempotencyConflictError       422
    └ LoginError                     401

Only ``api/problems.py`` knows the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that was refused: ``pointer`` is a JSON pointer into the request body."""

    pointer: str
    code: str
    message: str
    params: tuple[tuple[str, Any], ...] = ()


class WorkflowError(Exception):
    """The request cannot be carried out."""

    code = "not-possible"

    def __init__(self, message: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params
        if code is not None:
            self.code = code


class NotFoundError(WorkflowError):
    """There is no such thing, or the actor may not see it."""

    code = "not-found"


class NotAllowedError(WorkflowError):
    """The actor may see it but not do this."""

    code = "not-allowed"


class WrongStateError(WorkflowError):
    """The thing is in a state in which this cannot be done."""

    code = "wrong-state"


class ConcurrentUpdateError(WrongStateError):
    """Another request changed the same thing at the same moment. Repeating is safe."""

    code = "concurrent-update"


class StaleVersionError(WorkflowError):
    """The thing changed since the caller read it."""

    code = "stale-version"


class RejectedError(WorkflowError):
    """Fields of the request are wrong."""

    code = "invalid-request"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        faults: Sequence[FieldFault] = (),
        **params: Any,
    ) -> None:
        super().__init__(message, code=code, **params)
        self.faults = tuple(faults)


class IdempotencyConflictError(WorkflowError):
    """The same idempotency key came with another body."""

    code = "idempotency-conflict"


class LoginError(WorkflowError):
    """Nobody is logged in, or the login failed."""

    code = "not-authenticated"

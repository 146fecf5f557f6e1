"""Password hashes: argon2id (RFC 9106), its cost in ``Settings`` and nowhere else."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflows.errors import FieldFault, RejectedError
from workflows.settings import Settings

MAX_LENGTH = 500


def hash_password(settings: Settings, password: str) -> str:
    """Return the salted hash of a password."""
    return _hasher(settings).hash(_bytes(password))


def matches(settings: Settings, password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash it takes as long and is False: nobody learns who exists."""
    hasher = _hasher(settings)
    known = password_hash is not None and len(password) <= MAX_LENGTH
    try:
        hasher.verify(password_hash if known and password_hash else _nobody(hasher), _bytes(password[:MAX_LENGTH]))
    except (VerificationError, InvalidHashError):
        return False
    return known


def is_outdated(settings: Settings, password_hash: str) -> bool:
    """Whether a hash was made at another cost than today's."""
    return _hasher(settings).check_needs_rehash(password_hash)


def check_new_password(settings: Settings, password: str, *, username: str) -> None:
    """Refuse a password that is too short, too long, one repeated character or the user name (``RejectedError``)."""
    code = None
    if len(password) < settings.password_length:
        code = "password-too-short"
    elif len(password) > MAX_LENGTH:
        code = "password-too-long"
    elif len(set(password)) == 1 or password.casefold() == username.casefold():
        code = "password-too-simple"
    if code is not None:
        message = f"Expected a password of {settings.password_length} to {MAX_LENGTH} characters that is not trivial."
        limit = (("least", settings.password_length), ("most", MAX_LENGTH))
        raise RejectedError(message, code=code, faults=[FieldFault("/password", code, message, limit)], **dict(limit))


def _bytes(password: str) -> bytes:
    """Return the password as bytes: JSON may bring lone surrogates, which plain UTF-8 refuses."""
    return password.encode("utf-8", "surrogatepass")


def _hasher(settings: Settings) -> PasswordHasher:
    return _hasher_at(settings.password_passes, settings.password_memory_kib, settings.password_lanes)


@lru_cache(maxsize=4)
def _hasher_at(passes: int, memory_kib: int, lanes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)


@lru_cache(maxsize=4)
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")

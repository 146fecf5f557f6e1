"""Who signs checkpoints: a key provider. The default keeps an Ed25519 key in a file that only its owner may read.

A provider for a UKey or for SM2 names another ``algorithm``; verifiers look the check up by that name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures. ``raw`` is in the form that its algorithm defines."""

    algorithm: str
    raw: bytes

    @property
    def key_id(self) -> str:
        """Return a short name that follows from the key itself."""
        return hashlib.sha256(self.algorithm.encode() + b"\x00" + self.raw).hexdigest()[:32]


class KeyProvider(Protocol):
    """Signs, and knows the public half of every key that ever signed here."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...

    def trusted(self) -> Mapping[str, PublicKey]: ...


class FileKeys:
    """Keys in a folder: one private key, made at the first use, and the public halves of all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def public(self) -> PublicKey:
        raw = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey(ED25519, raw)

    def sign(self, message: bytes) -> bytes:
        """Sign with the current key."""
        return self._private.sign(message)

    def trusted(self) -> Mapping[str, PublicKey]:
        """Return every public key of the folder by its id; the current one is always among them."""
        current = self.public
        paths = sorted(self._folder.glob("*.ed25519.pub"))
        found = [PublicKey(ED25519, bytes.fromhex(path.read_text().strip())) for path in paths]
        return {key.key_id: key for key in (current, *found)}

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        path = self._folder / "ledger.ed25519.key"
        if not path.exists():
            self._make(path)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))

    def _make(self, path: Path) -> None:
        """Write a new key whole or not at all; when two processes start at once, one key wins."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(key.private_bytes_raw().hex())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        winner = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
        public = PublicKey(ED25519, winner.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        (self._folder / f"{public.key_id}.ed25519.pub").write_text(public.raw.hex() + "\n")


def signature_fits(key: PublicKey, message: bytes, signature: bytes) -> bool | None:
    """Whether ``signature`` is by ``key``; None where nothing here can check its algorithm."""
    check = _CHECKS.get(key.algorithm)
    return None if check is None else check(key.raw, message, signature)


def _ed25519_fits(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


_CHECKS: Mapping[str, Callable[[bytes, bytes, bytes], bool]] = {ED25519: _ed25519_fits}

"""Who signs checkpoints: a key provider. The default keeps a key in a file that only its owner may read.

Two algorithms: Ed25519 (the default) and SM2 (``ZECHENG_LEDGER_KEY=sm2``). Verifiers look the check up by the name in
the key; a provider for a UKey names one of these or adds its own.
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

from workflows.ledger import sm2

ED25519, SM2 = "ed25519", "sm2"


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


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How one algorithm makes keys, signs with the key in a file, and checks."""

    make: Callable[[], bytes]
    public_half: Callable[[Path], bytes]
    sign: Callable[[Path, bytes], bytes]
    fits: Callable[[bytes, bytes, bytes], bool | None]


class FileKeys:
    """Keys in a folder: one private key an algorithm, made at the first use, and the public halves of all."""

    def __init__(self, folder: Path, algorithm: str = ED25519) -> None:
        self._folder = folder
        self._name = algorithm
        self._algorithm = ALGORITHMS[algorithm]

    @cached_property
    def public(self) -> PublicKey:
        return PublicKey(self._name, self._algorithm.public_half(self._private))

    def sign(self, message: bytes) -> bytes:
        """Sign with the current key."""
        return self._algorithm.sign(self._private, message)

    def trusted(self) -> Mapping[str, PublicKey]:
        """Return every public key of the folder by its id, of both algorithms; the current one is always among them."""
        current = self.public
        found = [
            PublicKey(algorithm, bytes.fromhex(path.read_text().strip()))
            for algorithm in ALGORITHMS
            for path in sorted(self._folder.glob(f"*.{algorithm}.pub"))
        ]
        return {key.key_id: key for key in (current, *found)}

    @property
    def _private(self) -> Path:
        path = self._folder / f"ledger.{self._name}.key"
        if not path.exists():
            self._make(path)
        return path

    def _make(self, path: Path) -> None:
        """Write a new key whole or not at all; when two processes start at once, one key wins."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._algorithm.make())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        public = PublicKey(self._name, self._algorithm.public_half(path))
        (self._folder / f"{public.key_id}.{self._name}.pub").write_text(public.raw.hex() + "\n")


def signature_fits(key: PublicKey, message: bytes, signature: bytes) -> bool | None:
    """Whether ``signature`` is by ``key``; None where nothing here can check its algorithm."""
    algorithm = ALGORITHMS.get(key.algorithm)
    return None if algorithm is None else algorithm.fits(key.raw, message, signature)


def _ed25519_make() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw().hex().encode()


def _ed25519_read(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def _ed25519_public(path: Path) -> bytes:
    return _ed25519_read(path).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _ed25519_fits(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


ALGORITHMS: Mapping[str, Algorithm] = {
    ED25519: Algorithm(
        _ed25519_make, _ed25519_public, lambda path, message: _ed25519_read(path).sign(message), _ed25519_fits
    ),
    SM2: Algorithm(sm2.make_key, sm2.public_half, sm2.sign, sm2.fits),
}

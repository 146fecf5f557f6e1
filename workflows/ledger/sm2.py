"""SM2 (GB/T 32918) signatures with SM3, by the command ``openssl``: Python's packages have none that is audited.

A private key is PEM, a public key the DER of its SubjectPublicKeyInfo, a signature the DER of (r, s). The signer's
identity is the standard's default, as other implementations take it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

_COMMAND = "openssl"
_DIGEST = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
_SECONDS = 30


class Sm2UnavailableError(Exception):
    """There is no ``openssl`` here that knows SM2."""


def make_key() -> bytes:
    """Return a new private key."""
    return _run("genpkey", "-algorithm", "SM2")


def public_half(private: Path) -> bytes:
    """Return the public half of the private key in a file."""
    return _run("pkey", "-in", str(private), "-pubout", "-outform", "DER")


def sign(private: Path, message: bytes) -> bytes:
    """Sign with the private key in a file, which never enters this process."""
    return _run("pkeyutl", "-sign", "-inkey", str(private), *_DIGEST, given=message)


def fits(public: bytes, message: bytes, signature: bytes) -> bool | None:
    """Whether ``signature`` is by the key; None where there is no ``openssl`` that can tell."""
    if shutil.which(_COMMAND) is None:
        return None
    with TemporaryDirectory() as folder:
        key, sealed = Path(folder, "key"), Path(folder, "signature")
        key.write_bytes(public)
        sealed.write_bytes(signature)
        who = ("-verify", "-pubin", "-keyform", "DER", "-inkey", str(key), "-sigfile", str(sealed))
        done = _call("pkeyutl", *who, *_DIGEST, given=message)
    if done.returncode == 0:
        return True
    return False if b"Signature Verification Failure" in done.stdout + done.stderr else _understands(public)


def _understands(public: bytes) -> bool | None:
    """Return False where the key can be read, so that it is the signature that makes no sense; else None."""
    readable = _call("pkey", "-pubin", "-inform", "DER", "-noout", given=public).returncode == 0
    return False if readable else None


def _run(*words: str, given: bytes = b"") -> bytes:
    if shutil.which(_COMMAND) is None:
        raise Sm2UnavailableError("Expected the command openssl, but it is not installed.")
    done = _call(*words, given=given)
    if done.returncode != 0:
        raise Sm2UnavailableError(f"Expected openssl to know SM2, but: {done.stderr.decode(errors='replace')[:300]}")
    return done.stdout


def _call(*words: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own words and file names
        [_COMMAND, *words], input=given, capture_output=True, check=False, timeout=_SECONDS
    )

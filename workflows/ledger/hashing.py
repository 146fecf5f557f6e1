"""What is hashed, and how: SM3 (GB/T 32905) over canonical JSON (RFC 8785), each use under a prefix of its own.

Where Python's OpenSSL was built without SM3, SHA-256 stands in. The algorithm is named in every row, inside what is
hashed, so a verifier knows which one to use and chains may pass from one to the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from workflows.engine.values import to_json
from workflows.errors import RejectedError

VERSION = 1
ALGORITHMS = ("sm3", "sha256")
ALGORITHM = next(name for name in ALGORITHMS if name in hashlib.algorithms_available)

# RFC 6962 separates leaves from nodes by a prefix; each further thing that is hashed gets its own.
DOCUMENT = b"\x06"
LEAF, NODE, EVENT, COMMITMENT, CHECKPOINT, SHOWN = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
_EXACT = 2**53 - 1  # RFC 8785 knows no whole number beyond what a double holds exactly


def canonical(value: Any) -> bytes:
    """Write plain data as canonical JSON; decimals, dates and very large numbers are tagged, never rounded."""
    try:
        return rfc8785.dumps(_tag_large(to_json(value)))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as fault:
        raise RejectedError("Expected valid Unicode text, but got half a character.", code="text-malformed") from fault


def digest(prefix: bytes, *parts: bytes, algorithm: str = ALGORITHM) -> str:
    """Hash a prefix and parts as 64 hexadecimal digits."""
    hasher = hashlib.new(algorithm, prefix)
    for part in parts:
        hasher.update(part)
    return hasher.hexdigest()


def event_hash(prev: str, row: Mapping[str, Any], algorithm: str = ALGORITHM) -> str:
    """Chain one ledger row: ``H(0x02 ‖ version ‖ previous hash ‖ canonical JSON of the row)``."""
    return digest(EVENT, bytes((VERSION,)), bytes.fromhex(prev), flat(row), algorithm=algorithm)


def flat(value: Mapping[str, Any] | list[Any]) -> bytes:
    """Write text, whole numbers and null, under ASCII keys, as RFC 8785 does: the hot half of ``canonical``."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def instant(moment: datetime) -> str:
    """Write an instant as the ledger does: RFC 3339 in UTC with all six digits of the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _tag_large(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) > _EXACT:
        return {"$": "decimal", "v": str(value)}
    if isinstance(value, list):
        return [_tag_large(item) for item in value]
    if isinstance(value, dict):
        return {key: _tag_large(item) for key, item in value.items()}
    return value


def hashed_fields(event: Any) -> dict[str, Any]:
    """Return the part of a row that its hash covers: all but ``id``, ``prev`` (hashed beside it) and ``hash``."""
    return {
        "stream": event.stream,
        "seq": event.seq,
        "kind": event.kind,
        "at": instant(event.at),
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "via": event.via,
        "request_id": event.request_id,
        "content": event.content,
        "algorithm": event.algorithm,
    }

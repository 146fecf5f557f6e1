"""SM2 signatures (GB/T 32918.2, curve of GB/T 32918.5) checked by arithmetic: no openssl, no code of the ledger."""

from __future__ import annotations

import hashlib

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_IDENTITY = b"1234567812345678"  # the standard's default
_SIZE = 32
_POINT = 1 + 2 * _SIZE
_UNCOMPRESSED, _SEQUENCE, _INTEGER = 0x04, 0x30, 0x02

Point = tuple[int, int] | None  # None: the point at infinity


def fits(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature (DER of r and s) over a message is by the key (DER, SubjectPublicKeyInfo); §7.1."""
    key, pair = _point_of(public), _pair_of(signature)
    if key is None or pair is None:
        return False
    r, s = pair
    t = (r + s) % _N
    if not (0 < r < _N and 0 < s < _N and t):
        return False
    found = _add(_times(s, _G), _times(t, key))
    return found is not None and (_digest(key, message) + found[0]) % _N == r


def _digest(key: tuple[int, int], message: bytes) -> int:
    """Return SM3 over who signs (Z of the identity, the curve and the key; §5.5) and the message."""
    numbers = b"".join(number.to_bytes(_SIZE, "big") for number in (_A, _B, *_G, *key))
    signer = hashlib.new("sm3", (len(_IDENTITY) * 8).to_bytes(2, "big") + _IDENTITY + numbers).digest()
    return int.from_bytes(hashlib.new("sm3", signer + message).digest(), "big")


def _point_of(public: bytes) -> tuple[int, int] | None:
    """Return the point at the end of a key's DER, if it lies on the curve."""
    point = public[-_POINT:]
    if len(point) < _POINT or point[0] != _UNCOMPRESSED:
        return None
    x, y = (int.from_bytes(point[at : at + _SIZE], "big") for at in (1, 1 + _SIZE))
    is_on_curve = x < _P and y < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0
    return (x, y) if is_on_curve else None


def _pair_of(signature: bytes) -> tuple[int, int] | None:
    """Return r and s of SEQUENCE { INTEGER, INTEGER } with nothing after it."""
    if len(signature) < 2 or signature[0] != _SEQUENCE or signature[1] != len(signature) - 2:  # noqa: PLR2004 - header
        return None
    numbers, rest = [], signature[2:]
    while len(rest) > 2 and rest[0] == _INTEGER and rest[1] <= len(rest) - 2:  # noqa: PLR2004 - header
        numbers.append(int.from_bytes(rest[2 : 2 + rest[1]], "big", signed=True))
        rest = rest[2 + rest[1] :]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and not rest else None  # noqa: PLR2004 - r and s


def _add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0]:
        if (one[1] + other[1]) % _P == 0:
            return None
        slope = (3 * one[0] * one[0] + _A) * pow(2 * one[1], -1, _P) % _P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P) % _P
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(number: int, point: Point) -> Point:
    found: Point = None
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found

"""A Merkle tree as RFC 6962 §2.1 defines it, over any number of leaves, without recursion.

Pairing neighbours level by level and lifting an odd last node gives the same tree as the RFC's split at the largest
power of two.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.ledger.hashing import LEAF, NODE, digest


def leaf_hash(data: bytes, algorithm: str) -> str:
    """Hash one leaf."""
    return digest(LEAF, data, algorithm=algorithm)


def root(leaves: Sequence[str], algorithm: str) -> str:
    """Return the root over hashed leaves; of no leaves at all it is the hash of nothing."""
    if not leaves:
        return digest(b"", algorithm=algorithm)
    level = list(leaves)
    while len(level) > 1:
        level = _above(level, algorithm)
    return level[0]


def inclusion(leaves: Sequence[str], index: int, algorithm: str) -> list[str]:
    """Return the neighbours from leaf ``index`` up to the root: what proves that the leaf is under it."""
    path = []
    level = list(leaves)
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        level, index = _above(level, algorithm), index // 2
    return path


def root_from(leaf: str, index: int, size: int, path: Sequence[str], algorithm: str) -> str | None:
    """Recompute the root from a leaf and its path, or return None where the path has the wrong length."""
    rest = list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            neighbour = rest.pop(0)
            leaf = _node(neighbour, leaf, algorithm) if index & 1 else _node(leaf, neighbour, algorithm)
        index, size = index // 2, (size + 1) // 2
    return None if rest else leaf


def _above(level: list[str], algorithm: str) -> list[str]:
    paired = [_node(level[at], level[at + 1], algorithm) for at in range(0, len(level) - 1, 2)]
    return paired + level[-1:] if len(level) % 2 else paired


def _node(left: str, right: str, algorithm: str) -> str:
    return digest(NODE, bytes.fromhex(left), bytes.fromhex(right), algorithm=algorithm)

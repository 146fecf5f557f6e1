from __future__ import annotations

import hashlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflows.ledger.hashing import flat
from workflows.ledger.merkle import inclusion, leaf_hash, root, root_from

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100]


def by_the_book(leaves: list[bytes]) -> str:
    """Follow RFC 6962 §2.1 word for word, recursion and all."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).hexdigest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = (bytes.fromhex(by_the_book(part)) for part in (leaves[:split], leaves[split:]))
    return hashlib.sha256(b"\x01" + left + right).hexdigest()


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_the_rfc(size):
    data = [str(number).encode() for number in range(size)]

    assert root([leaf_hash(part, "sha256") for part in data], "sha256") == by_the_book(data)


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_proves_that_it_is_under_the_root_and_no_other_does(size):
    leaves = [leaf_hash(str(number).encode(), "sm3") for number in range(size)]
    top = root(leaves, "sm3")

    for index, leaf in enumerate(leaves):
        path = inclusion(leaves, index, "sm3")
        assert root_from(leaf, index, size, path, "sm3") == top
        assert root_from(leaf_hash(b"other", "sm3"), index, size, path, "sm3") != top
        assert root_from(leaf, index, size, [*path, leaf], "sm3") is None
        if path:
            assert root_from(leaf, index, size, path[:-1], "sm3") is None


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert root([], "sha256") == hashlib.sha256().hexdigest()


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.dictionaries(
        st.sampled_from(["actor", "at", "content", "kind", "seq", "stream"]),
        TEXT | st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
    )
)
def test_the_fast_way_of_writing_rows_is_the_canonical_one(row):
    assert flat(row) == rfc8785.dumps(row)
    assert flat(list(row.values())) == rfc8785.dumps(list(row.values()))

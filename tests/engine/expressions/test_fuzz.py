"""A short run of the fuzzer; the long one is ``python -m tests.engine.expressions.fuzz 1000000``."""

from __future__ import annotations

from tests.engine.expressions.fuzz import by_mutation, execute


def test_random_texts_fail_with_a_code_or_give_plain_data():
    outcomes = by_mutation(3_000)

    assert sum(outcomes.values()) == 3_000
    assert outcomes["value"] > 100
    assert len(outcomes) > 20


def test_what_the_fuzzer_found_stays_mended():
    for text in FOUND:
        assert execute(text)


FOUND = (
    b"",
    b"\x0b" + b"f'{1}'",  # a field that is nothing but a number
    b"\x0c" + b"1e99999",  # beyond decimal128: could be read but not stored
)

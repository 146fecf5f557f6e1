"""The tagged JSON form of variables: everything that goes in comes back, and nothing else gets in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.types import DueDate
from workflows.engine.values import (
    ValueFault,
    ValueLimits,
    YearsMonths,
    dumps,
    from_json,
    from_untagged,
    loads,
    to_json,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ZONES: Any = st.one_of(st.none(), st.just(UTC), OFFSETS)
EARLIEST, LATEST = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 - as hypothesis wants them
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    TEXTS,
    st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 6_000),
    st.dates(),
    st.times(timezones=ZONES),
    st.datetimes(min_value=EARLIEST, max_value=LATEST, timezones=ZONES),
    st.timedeltas(timedelta(days=-3_000_000), timedelta(days=3_000_000)),
    st.integers(-100_000, 100_000).map(YearsMonths),
    st.datetimes(min_value=EARLIEST, timezones=st.just(UTC)).map(lambda moment: DueDate(moment.replace(fold=0))),
)
KEYS = st.one_of(TEXTS, st.sampled_from(["$", "v", "decimal", "dict"]))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=15,
)


def _shape(value: object) -> object:
    """Types with values, because 1 == True == Decimal(1) in Python."""
    if isinstance(value, list):
        return [_shape(item) for item in value]
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, (time, datetime)):
        return type(value), value.replace(tzinfo=None), value.utcoffset()
    return type(value), str(value)


@given(VALUES)
def test_every_value_survives_the_way_through_json(value):
    assert _shape(from_json(json.loads(json.dumps(to_json(value))))) == _shape(value)
    assert _shape(loads(dumps(value))) == _shape(value)


@given(st.dictionaries(KEYS, st.one_of(TEXTS, st.dictionaries(KEYS, TEXTS, max_size=3)), max_size=3))
def test_a_dictionary_that_looks_like_a_tag_is_not_one(value):
    assert from_json(to_json(value)) == value
    assert from_untagged(value) == value


def test_data_from_outside_cannot_pretend_to_be_tagged():
    document = {"$": "decimal", "v": "1.5"}

    taken = from_untagged(document)

    assert taken == document
    assert to_json(taken) == {"$": "dict", "v": {"$": "decimal", "v": "1.5"}}


def test_floats_become_decimals_by_their_digits_on_the_way_in():
    assert _shape(from_json([0.1, 1e21])) == _shape([Decimal("0.1"), Decimal("1E+21")])
    assert loads("0.10000000000000000000000001") == Decimal("0.10000000000000000000000001")


def test_a_named_zone_survives():
    moment = datetime(2026, 10, 1, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

    back = from_json(to_json(moment))

    assert back == moment
    assert back.tzinfo.key == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, "value-not-plain"),
        (object(), "value-not-plain"),
        ({1: 2}, "value-not-plain"),
        (b"x", "value-not-plain"),
        ({1, 2}, "value-not-plain"),
        (Decimal("NaN"), "value-not-finite"),
        (Decimal("Infinity"), "value-not-finite"),
        (Decimal("1E+9999"), "value-too-large"),
        (10**400, "value-too-large"),
    ],
)
def test_what_a_variable_cannot_hold_is_refused(value, code):
    with pytest.raises(ValueFault) as caught:
        to_json([{"a": value}])

    assert caught.value.code == code


@pytest.mark.parametrize(
    "document",
    [
        {"$": "decimal"},
        {"$": "decimal", "v": 1},
        {"$": "decimal", "v": "x"},
        {"$": "decimal", "v": "NaN"},
        {"$": "unknown", "v": "1"},
        {"$": ["decimal"], "v": "1"},
        {"$": "date", "v": "2026-02-30"},
        {"$": "datetime", "v": "now"},
        {"$": "duration", "v": "P"},
        {"$": "dict", "v": []},
        {"$": "due", "v": ["2026-10-01T00:00:00Z"]},
        {"$": "os.system", "v": "id"},
        {"$": "date", "v": "2026-10-01", "x": 1},
        float("nan"),
        float("inf"),
    ],
)
def test_a_damaged_document_is_refused(document):
    with pytest.raises(ValueFault):
        from_json(document)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "{", "", "[" * 100_000, '{"a": 1,}', b"\xff"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueFault):
        loads(text)


def test_depth_size_and_length_are_bounded():
    deep: object = 1
    for _ in range(60):
        deep = [deep]
    cyclic: list[object] = []
    cyclic.append(cyclic)

    for value in (deep, cyclic, [0] * 11, "x" * 101):
        with pytest.raises(ValueFault):
            to_json(value, ValueLimits(max_depth=50, max_nodes=10, max_text=100))


def test_equal_values_give_equal_bytes():
    assert dumps({"b": 1, "a": date(2026, 10, 1)}) == dumps({"a": date(2026, 10, 1), "b": 1})

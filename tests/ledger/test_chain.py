from __future__ import annotations

import hashlib
import json
import threading
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.ledger.ledger_scene import CLERK, damage, judge, record, seal
from workflows import ledger
from workflows.application import Application
from workflows.clock import SHANGHAI
from workflows.errors import RejectedError
from workflows.store import Store
from workflows.store.ledger import events
from workflows.tables import SealedValue
from workflows.transaction import read, run


def stored(application: Application, stream: str) -> list:
    return read(application, lambda store: list(events(store, stream)))


def test_each_event_of_a_stream_is_chained_to_the_one_before(application):
    for number in range(3):
        record(application, "case:a", number=number)
    record(application, "config")

    first, second, third = stored(application, "case:a")
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert first.prev == "0" * 64
    assert (second.prev, third.prev) == (first.hash, second.hash)
    assert [event.prev for event in stored(application, "config")] == ["0" * 64]


def test_a_row_can_be_hashed_again_with_nothing_but_the_standard_library(application):
    record(application, "case:a", "task-completed", task="t-1", amount=Decimal("1.50"))

    (event,) = stored(application, "case:a")
    row = {
        "stream": "case:a",
        "seq": 1,
        "kind": "task-completed",
        "at": "2026-03-02T01:00:00.000000Z",
        "actor": "clerk",
        "on_behalf_of": None,
        "via": "test",
        "request_id": "r-1",
        "content": '{"amount":{"$":"decimal","v":"1.50"},"task":"t-1"}',
        "algorithm": "sm3",
    }
    written = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert event.hash == hashlib.new("sm3", b"\x02\x01" + bytes(32) + written).hexdigest()


def test_events_of_one_transaction_are_chained_among_themselves(application):
    def twice(store: Store) -> None:
        ledger.record(store, "case:new", "one", {}, actor=CLERK)
        ledger.record(store, "case:new", "two", {}, actor=CLERK, on_behalf_of="boss")

    run(application, twice)

    assert [(event.seq, event.kind, event.on_behalf_of) for event in stored(application, "case:new")] == [
        (1, "one", None),
        (2, "two", "boss"),
    ]
    assert judge(application).is_whole


def test_a_use_case_that_fails_leaves_no_event(application):
    def fails(store: Store) -> None:
        ledger.record(store, "case:a", "one", {}, actor=CLERK)
        store.session.flush()
        message = "Expected nothing, but got this."
        raise RejectedError(message)

    record(application, "case:a")
    with pytest.raises(RejectedError):
        run(application, fails)

    assert len(stored(application, "case:a")) == 1
    assert judge(application).is_whole


def test_an_event_rolled_back_to_a_savepoint_leaves_no_gap(application):
    def half(store: Store) -> None:
        nested = store.session.begin_nested()
        ledger.record(store, "case:a", "lost", {}, actor=CLERK)
        store.session.flush()
        nested.rollback()
        ledger.record(store, "case:a", "kept", {}, actor=CLERK)

    run(application, half)

    assert [(event.seq, event.kind) for event in stored(application, "case:a")] == [(1, "kept")]
    assert judge(application).is_whole


def test_ten_writers_on_one_new_stream_leave_one_dense_chain(application):
    faults: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(5):
                record(application, "config")
        except BaseException as fault:  # noqa: BLE001 - told by the assertion below
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert faults == []
    assert [event.seq for event in stored(application, "config")] == list(range(1, 51))
    assert judge(application).is_whole


@pytest.mark.parametrize(
    "value",
    [
        2**60,
        Decimal("0.10"),
        date(2026, 2, 28),
        datetime(2026, 2, 28, 23, 0, tzinfo=SHANGHAI),
        '行首\n\t\u0000\u2028\x7f\\"',
        {"$": "decimal"},
        [None, True, {"中文": []}],
    ],
)
def test_plain_data_of_any_kind_is_recorded_and_verifies(application, value):
    record(application, "case:a", value=value)

    assert judge(application).is_whole


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_half_a_character_is_refused_before_anything_is_written(application, value):
    with pytest.raises(RejectedError) as refused:
        record(application, "case:a", value=value)

    assert refused.value.code == "text-malformed"
    assert stored(application, "case:a") == []


def test_an_opinion_enters_the_ledger_only_as_a_commitment(application):
    sealed_id = run(application, seal, "同意，请抓紧办理。")

    (event,) = stored(application, "case:a")
    content = json.loads(event.content)["opinion"]
    assert content["sealed"] == sealed_id
    assert "同意" not in event.content
    assert judge(application).sealed == 1


def test_equal_opinions_have_different_commitments(application):
    run(application, seal, "同意")
    run(application, seal, "同意")

    first, second = (json.loads(event.content)["opinion"]["commitment"] for event in stored(application, "case:a"))
    assert first != second


def test_a_purged_opinion_is_gone_with_its_salt_and_the_chain_stays_whole(application):
    sealed_id = run(application, seal, "同意")

    run(application, lambda store: ledger.purge(store, store.need(SealedValue, sealed_id), actor=CLERK))

    with application.database.connect() as connection:
        row = connection.execute(text("SELECT value, salt FROM sealed_value")).one()
    assert tuple(row) == (None, "")
    assert judge(application).is_whole


def test_values_past_their_retention_are_purged_and_others_stay(application):
    kept = {purpose: run(application, seal, "x", purpose) for purpose in ("opinion", "urge-note")}

    too_early = run(application, ledger.purge_due, date(2036, 3, 2), actor=CLERK)
    purged = run(application, ledger.purge_due, date(2036, 3, 3), actor=CLERK)

    assert (too_early, purged) == (0, 1)  # urge notes are kept for ten years, opinions for thirty
    with application.database.connect() as connection:
        gone = connection.execute(text("SELECT id FROM sealed_value WHERE value IS NULL")).scalars().all()
    assert gone == [kept["urge-note"]]
    assert judge(application).is_whole


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE sealed_value SET value = '不同意'", "sealed-changed"),
        ("UPDATE sealed_value SET value = NULL, salt = ''", "sealed-changed"),
        ("UPDATE sealed_value SET purpose = 'other'", "sealed-changed"),
        ("DELETE FROM sealed_value", "sealed-missing"),
    ],
)
def test_an_opinion_changed_behind_the_ledger_is_found(application, statement, code):
    run(application, seal, "同意")

    assert damage(application, statement) == 1

    assert [fault.code for fault in judge(application).faults] == [code]

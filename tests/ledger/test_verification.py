"""Whoever owns the database may change it. Each way of doing so must be found, and named at the right place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.ledger.ledger_scene import codes, damage, fill, judge, record
from workflows.ledger.checkpoints import FULL_EVERY, checkpoint
from workflows.transaction import run


def first(application) -> tuple[str, str, int]:
    fault = judge(application).first_fault
    assert fault is not None
    return fault.code, fault.stream, fault.seq


def test_an_untouched_ledger_is_whole(application, clock):
    fill(application, clock)

    report = judge(application)
    assert report.faults == []
    assert (report.streams, report.events, report.checkpoints, report.sealed) == (3, 26, 3, 1)
    assert report.covered_until == clock.now()


COLUMNS = ["kind", "actor", "via", "request_id", "content", "prev", "hash"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 5, 8])
def test_a_changed_character_in_any_column_is_found_at_its_row(application, clock, column, seq):
    fill(application, clock)
    with application.database.connect() as connection:
        where = "WHERE stream = 'case:b' AND seq = :seq"
        before = connection.execute(text(f"SELECT {column} FROM ledger_event {where}"), {"seq": seq}).scalar()
    changed = before[:-2] + ("0" if before[-2] != "0" else "1") + before[-1]

    assert damage(application, f"UPDATE ledger_event SET {column} = :value {where}", value=changed, seq=seq) == 1

    assert first(application)[1:] == ("case:b", seq)


@pytest.mark.parametrize(
    "assignment",
    [
        "at = '2026-03-01 00:00:00'",
        "on_behalf_of = 'boss'",
        "request_id = NULL",
        "algorithm = 'sha256'",
        "algorithm = 'md5'",
        "content = '{}'",
        "hash = 'not a number'",
        "seq = 99",
        "stream = 'case:z'",
    ],
)
def test_a_column_set_to_something_else_is_found(application, clock, assignment):
    fill(application, clock)

    assert damage(application, f"UPDATE ledger_event SET {assignment} WHERE stream = 'case:b' AND seq = 5") == 1

    assert not judge(application).is_whole


@pytest.mark.parametrize("byte", range(0, 64, 7))
def test_every_flipped_digit_of_a_hash_is_found(application, clock, byte):
    record(application, "case:a")
    with application.database.connect() as connection:
        before = connection.execute(text("SELECT hash FROM ledger_event")).scalar_one()
    flipped = before[:byte] + format(int(before[byte], 16) ^ 1, "x") + before[byte + 1 :]

    damage(application, "UPDATE ledger_event SET hash = :hash", hash=flipped)
    damage(application, "UPDATE ledger_head SET hash = :hash", hash=flipped)

    assert first(application) == ("event-changed", "case:a", 1)


@pytest.mark.parametrize(("seq", "told"), [(1, 1), (5, 5), (8, 8)])
def test_a_dropped_event_is_found_whether_first_middle_or_last(application, clock, seq, told):
    fill(application, clock)

    assert damage(application, "DELETE FROM ledger_event WHERE stream = 'case:b' AND seq = :seq", seq=seq) == 1

    assert first(application) == ("event-missing", "case:b", told)


def test_the_last_events_dropped_together_with_their_head_are_missed_by_the_checkpoint(application, clock):
    fill(application, clock)
    damage(application, "DELETE FROM ledger_event WHERE stream = 'case:b' AND seq > 6")
    damage(
        application,
        "UPDATE ledger_head SET seq = 6, hash = (SELECT hash FROM ledger_event WHERE stream = 'case:b' AND seq = 6) "
        "WHERE stream = 'case:b'",
    )

    assert first(application) == ("event-missing", "case:b", 7)


def test_what_was_cut_off_after_the_last_checkpoint_cannot_be_seen_and_the_report_says_since_when(application, clock):
    """The window that design and research name openly: it is as long as checkpoints are apart."""
    fill(application, clock)
    damage(application, "DELETE FROM ledger_event WHERE stream = 'case:c' AND seq = 5")
    damage(
        application,
        "UPDATE ledger_head SET seq = 4, hash = (SELECT hash FROM ledger_event WHERE stream = 'case:c' AND seq = 4) "
        "WHERE stream = 'case:c'",
    )

    report = judge(application)
    assert report.is_whole
    assert report.covered_until == clock.now()


def test_two_swapped_events_are_found(application, clock):
    fill(application, clock)
    for before, after in [(3, 99), (4, 3), (99, 4)]:
        damage(
            application,
            "UPDATE ledger_event SET seq = :after WHERE stream = 'case:b' AND seq = :before",
            before=before,
            after=after,
        )

    assert first(application)[1:] == ("case:b", 3)


def test_a_whole_stream_dropped_is_found(application, clock):
    fill(application, clock)
    damage(application, "DELETE FROM ledger_event WHERE stream = 'case:b'")

    assert first(application) == ("stream-missing", "case:b", 8)


def test_a_whole_stream_dropped_with_its_head_is_missed_by_the_checkpoint(application, clock):
    fill(application, clock)
    damage(application, "DELETE FROM ledger_event WHERE stream = 'case:b'")
    damage(application, "DELETE FROM ledger_head WHERE stream = 'case:b'")

    assert first(application) == ("stream-missing", "case:b", 8)


def test_a_dropped_head_is_found(application, clock):
    fill(application, clock)
    damage(application, "DELETE FROM ledger_head WHERE stream = 'case:b'")

    assert first(application)[:2] == ("head-missing", "case:b")


def test_a_changed_head_is_found(application, clock):
    fill(application, clock)
    damage(application, "UPDATE ledger_head SET hash = :hash WHERE stream = 'case:c'", hash="0" * 64)

    assert first(application) == ("head-changed", "case:c", 5)


def test_a_stream_written_anew_from_its_first_event_is_found_by_the_checkpoint(application, clock):
    """A fork: every link fits, but it is another history."""
    fill(application, clock)
    damage(application, "DELETE FROM ledger_event WHERE stream = 'case:c'")
    damage(application, "DELETE FROM ledger_head WHERE stream = 'case:c'")
    for number in range(5):
        record(application, "case:c", invented=number)

    assert first(application) == ("event-replaced", "case:c", 4)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM ledger_checkpoint WHERE id = 1", "checkpoint-missing"),
        ("DELETE FROM ledger_checkpoint WHERE id = 2", "checkpoint-missing"),
        ("UPDATE ledger_checkpoint SET root = prev WHERE id = 3", "checkpoint-changed"),
        ("UPDATE ledger_checkpoint SET size = size + 1 WHERE id = 2", "checkpoint-changed"),
        ("UPDATE ledger_checkpoint SET at = '2026-03-02 00:30:00' WHERE id = 2", "signature-wrong"),
        ("UPDATE ledger_checkpoint SET key_id = 'other' WHERE id = 2", "key-unknown"),
        ("UPDATE ledger_checkpoint SET prev = root WHERE id = 2", "checkpoint-chain-broken"),
    ],
)
def test_a_damaged_checkpoint_is_found(application, clock, statement, code):
    fill(application, clock)

    assert damage(application, statement) == 1

    assert first(application)[0] == code


def test_a_flipped_bit_of_a_signature_is_found(application, clock):
    fill(application, clock)
    with application.database.connect() as connection:
        before = connection.execute(text("SELECT signature FROM ledger_checkpoint WHERE id = 3")).scalar_one()
    flipped = bytes([before[0] ^ 1]) + bytes(before[1:])

    damage(application, "UPDATE ledger_checkpoint SET signature = :signature WHERE id = 3", signature=flipped)

    assert first(application) == ("signature-wrong", "checkpoint", 3)


def test_an_old_checkpoint_replayed_as_the_newest_is_found(application, clock):
    fill(application, clock)
    damage(
        application,
        "INSERT INTO ledger_checkpoint SELECT 4, at, size, root, prev, heads, algorithm, key_id, signature "
        "FROM ledger_checkpoint WHERE id = 2",
    )

    assert {"checkpoint-chain-broken", "signature-wrong", "checkpoint-changed"} <= set(codes(application))


def test_nothing_new_makes_no_checkpoint(application, clock):
    fill(application, clock)

    assert run(application, checkpoint) is not None
    clock.move_to(clock.now() + timedelta(hours=1))
    assert run(application, checkpoint) is None


def test_more_checkpoints_than_a_full_one_covers_still_verify(application):
    for number in range(FULL_EVERY + 3):
        record(application, f"case:{number % 5}")
        run(application, checkpoint)

    report = judge(application)
    assert report.faults == []
    assert report.checkpoints == FULL_EVERY + 3
    with application.database.connect() as connection:
        rows = dict(connection.execute(text("SELECT id, heads FROM ledger_checkpoint")).all())
    lengths = {
        number: len(heads) if isinstance(heads, list) else heads.count("case:") for number, heads in rows.items()
    }
    assert (lengths[FULL_EVERY], lengths[FULL_EVERY + 1], lengths[FULL_EVERY + 2]) == (1, 5, 1)


def test_one_stream_can_be_verified_alone(application, clock):
    fill(application, clock)
    damage(application, "UPDATE ledger_event SET kind = 'x' WHERE stream = 'case:a' AND seq = 1")

    assert judge(application, "case:b").is_whole
    assert [fault.stream for fault in judge(application, "case:a").faults] == ["case:a"]


def test_the_signing_key_is_readable_by_its_owner_alone(application, clock):
    fill(application, clock)

    keys = application.settings.var / "keys"
    (private,) = keys.glob("*.key")
    assert oct(private.stat().st_mode & 0o777) == "0o600"
    assert oct(keys.stat().st_mode & 0o777) == "0o700"
    assert len(list(keys.iterdir())) == 2


@pytest.mark.parametrize("table", ["ledger_event", "ledger_checkpoint"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET prev = prev", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_was_written(application, clock, table, statement):
    fill(application, clock)

    with pytest.raises(DBAPIError, match="append-only"), application.database.begin() as connection:
        connection.execute(text(statement.format(table)))

    assert judge(application).is_whole

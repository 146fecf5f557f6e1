"""Dates, durations and repeating intervals: strict, with limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.values import (
    Cycle,
    ValueFault,
    YearsMonths,
    add_duration,
    format_duration,
    parse_cycle,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", timedelta(days=1)),
        ("PT0.2S", timedelta(milliseconds=200)),
        ("PT1,5S", timedelta(seconds=1.5)),
        ("PT1.5H", timedelta(minutes=90)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("P2W", timedelta(weeks=2)),
        ("-PT5M", timedelta(minutes=-5)),
        ("PT0S", timedelta(0)),
        ("PT100H", timedelta(hours=100)),
        ("P1Y", YearsMonths(12)),
        ("P1Y2M", YearsMonths(14)),
        ("-P3M", YearsMonths(-3)),
        ("P0Y0M1DT0H0M0S", timedelta(days=1)),
        ("P1Y0M0DT0H0M0S", YearsMonths(12)),
    ],
)
def test_a_duration_is_read(text, expected):
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "duration-malformed"),
        ("P", "duration-malformed"),
        ("PT", "duration-malformed"),
        ("P1DT", "duration-malformed"),
        ("p1d", "duration-malformed"),
        ("1D", "duration-malformed"),
        ("P1D ", "duration-malformed"),
        (" P1D", "duration-malformed"),
        ("P1H", "duration-malformed"),
        ("PT1D", "duration-malformed"),
        ("P-1D", "duration-malformed"),
        ("+P1D", "duration-malformed"),
        ("P1M2Y", "duration-malformed"),
        ("P1.5Y", "duration-malformed"),
        ("PT1.5H30M", "duration-malformed"),
        ("P１D", "duration-malformed"),
        ("PT1.S", "duration-malformed"),
        ("P1M1D", "duration-mixed"),
        ("P1YT1S", "duration-mixed"),
        ("P999999999Y", "duration-out-of-range"),
        ("P999999999D", "duration-out-of-range"),
        ("PT999999999999S", "duration-out-of-range"),
        ("P9999999999999999999D", "duration-malformed"),
        ("P" + "1" * 1_000 + "D", "duration-malformed"),
    ],
)
def test_what_is_no_duration_is_refused(text, code):
    with pytest.raises(ValueFault) as caught:
        parse_duration(text)

    assert caught.value.code == code


@given(
    st.one_of(
        st.timedeltas(timedelta(days=-3_000_000), timedelta(days=3_000_000)),
        st.integers(-9_999, 9_999).map(YearsMonths),
    )
)
def test_a_duration_survives_its_text(duration):
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01T10:30:00Z", datetime(2026, 10, 1, 10, 30, tzinfo=UTC)),
        ("2026-10-01T10:30Z", datetime(2026, 10, 1, 10, 30, tzinfo=UTC)),
        ("2026-10-01T10:30:00.250+08:00", datetime(2026, 10, 1, 10, 30, 0, 250_000, timezone(timedelta(hours=8)))),
        ("2026-10-01T24:00:00Z", datetime(2026, 10, 2, tzinfo=UTC)),
        ("2026-10-01T10:30:00-00:00", datetime(2026, 10, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_date_and_time_is_read(text, expected):
    assert parse_date_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01",
        "2026-10-01 10:30:00",
        "2026-10-01T10:30:00z",
        "2026-10-01T25:00:00",
        "2026-10-01T24:00:01",
        "2026-10-01T10:60:00",
        "2026-10-01T10:30:00+15:00",
        "2026-10-01T10:30:00+08:60",
        "2026-10-01T10:30:00+0800",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T24:00:00Z",
        "2026-10-01T10:30:00@Nowhere/Land",
        "2026-10-01T10:30:00@../etc/passwd",
        "12026-10-01T10:30:00Z",
        "T",
        "",
    ],
)
def test_what_is_no_date_and_time_is_refused(text):
    with pytest.raises(ValueFault):
        parse_date_time(text)


def test_dates_and_times_are_read_alone():
    assert parse_date("2028-02-29") == date(2028, 2, 29)
    assert parse_time("10:30:00") == time(10, 30)
    for parse, text in [(parse_date, "2027-02-29"), (parse_date, "2026-1-1"), (parse_time, "10:30"), (parse_time, "x")]:
        with pytest.raises(ValueFault):
            parse(text)


START = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R2/PT0.2S", Cycle(2, timedelta(milliseconds=200))),
        ("R/P1D", Cycle(None, timedelta(days=1))),
        ("R0/P1D", Cycle(0, timedelta(days=1))),
        ("R3/2026-10-01T00:00:00Z/P1M", Cycle(3, YearsMonths(1), start=START)),
        ("R3/P1D/2026-10-01T00:00:00Z", Cycle(3, timedelta(days=1), end=START)),
        ("R3/2026-10-01T00:00:00Z/2026-10-02T00:00:00Z", Cycle(3, timedelta(days=1), start=START)),
    ],
)
def test_a_repeating_interval_is_read(text, expected):
    assert parse_cycle(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PT1S", "cycle-malformed"),
        ("R", "cycle-malformed"),
        ("R/", "duration-malformed"),
        ("R-1/PT1S", "cycle-malformed"),
        ("R3/PT1S/PT1S/PT1S", "cycle-malformed"),
        ("R3/PT0S", "cycle-not-positive"),
        ("R3/-PT1S", "cycle-not-positive"),
        ("R3/P0M", "cycle-not-positive"),
        ("R3/2026-10-02T00:00:00Z/2026-10-01T00:00:00Z", "cycle-not-positive"),
        ("R3/2026-10-02T00:00:00Z/2026-10-03T00:00:00", "cycle-malformed"),
        ("R99999999/PT1S", "cycle-out-of-range"),
        ("0 0/5 * * * ?", "cycle-cron"),
        ("* * * * *", "cycle-cron"),
        ("", "cycle-malformed"),
    ],
)
def test_what_is_no_repeating_interval_is_refused(text, code):
    with pytest.raises(ValueFault) as caught:
        parse_cycle(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 10, 15), 12, date(2027, 10, 15)),
    ],
)
def test_months_keep_the_day_else_take_the_last_one(start, months, expected):
    assert add_duration(start, YearsMonths(months)) == expected


@pytest.mark.parametrize("duration", [YearsMonths(119_988), YearsMonths(-119_988), timedelta(days=3_652_000)])
def test_a_date_cannot_leave_the_calendar(duration):
    with pytest.raises(ValueFault):
        add_duration(date(2026, 10, 1), duration)

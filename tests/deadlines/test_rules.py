from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from workflows.deadlines.count import SHANGHAI
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import (
    Anchor,
    AnchorKind,
    ClockStop,
    Confidence,
    Extension,
    Roll,
    RunReason,
    Threshold,
    Unit,
)
from workflows.deadlines.rules import DeadlineRule, ExtensionRule, compute


def rule(amount=None, unit=None, **fields):
    return DeadlineRule("r", 1, "题", "起", Confidence.EDITOR, amount=amount, unit=unit, **fields)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def last_day(calendar, which, start, **given):
    return compute(which, at(start), calendar, **given).last_day


def test_five_working_days_from_the_end_of_2026_come_out_provisional(calendar, rules):
    found = compute(rules["reports.pass_up"], at("2026-12-30T10:00"), calendar)

    assert found.last_day == date(2027, 1, 7)
    assert found.due_at == at("2027-01-08T00:00").astimezone(UTC)
    assert found.provisional
    assert found.calendar_version == "2026:1+2027:p1"


def test_a_limit_ends_at_midnight_after_its_last_day_and_the_start_day_does_not_count(calendar):
    found = compute(rule(1, Unit.WORKDAY), at("2026-11-19T00:00"), calendar)

    assert found.due_at == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert found.near_at == found.due_at
    assert not found.provisional


def test_the_start_day_is_that_of_china_not_of_greenwich(calendar):
    late_in_china = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)

    assert compute(rule(1, Unit.DAY, roll=Roll.NONE), late_in_china, calendar).last_day == date(2026, 11, 21)


def test_working_days_skip_the_holiday_and_count_make_up_days(calendar):
    assert last_day(calendar, rule(5, Unit.WORKDAY), "2026-09-18T09:00") == date(2026, 9, 24)
    assert last_day(calendar, rule(10, Unit.WORKDAY), "2026-09-24T09:00") == date(2026, 10, 15)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last"),
    [
        ("2026-01-30T09:00", 1, Unit.MONTH, date(2026, 2, 28)),  # no such day; a Saturday, but a make-up day
        ("2024-01-31T09:00", 1, Unit.MONTH, date(2024, 2, 29)),
        ("2024-02-29T09:00", 1, Unit.YEAR, date(2025, 2, 28)),
        ("2026-08-31T09:00", 3, Unit.MONTH, date(2026, 11, 30)),
        ("2026-07-20T09:00", 3, Unit.MONTH, date(2026, 10, 20)),
        ("2026-11-05T09:00", 15, Unit.DAY, date(2026, 11, 20)),
    ],
)
def test_months_take_the_same_day_number_else_the_last_day(calendar, start, amount, unit, last):
    assert last_day(calendar, rule(amount, unit), start) == last


def test_a_free_last_day_rolls_as_its_rule_says(calendar):
    start = "2026-09-01T09:00"  # 30 days on is 1 October

    assert last_day(calendar, rule(30, Unit.DAY), start) == date(2026, 10, 8)
    assert last_day(calendar, rule(30, Unit.DAY, roll=Roll.PREVIOUS), start) == date(2026, 9, 30)
    assert last_day(calendar, rule(30, Unit.DAY, roll=Roll.NONE), start) == date(2026, 10, 1)


def test_custody_ends_on_its_day_even_in_a_holiday(calendar, rules):
    found = compute(rules["supervision.custody"], at("2026-07-01T09:00"), calendar)

    assert found.last_day == date(2026, 10, 1)
    assert not found.provisional


def test_no_limit_rolls_back_before_its_start(calendar):
    saturday = "2026-10-31T09:00"
    month_end = rule(anchor=Anchor(AnchorKind.END_OF_MONTH), roll=Roll.PREVIOUS)

    assert last_day(calendar, month_end, saturday) == date(2026, 11, 2)


def test_hours_are_exact_and_never_roll(calendar, rules):
    found = compute(rule(24, Unit.HOUR, near=Threshold(4, Unit.HOUR)), at("2026-10-01T09:30"), calendar)

    assert found.due_at == at("2026-10-02T09:30")
    assert found.near_at == at("2026-10-02T05:30")
    assert found.last_day is None
    assert not found.provisional


@pytest.mark.parametrize(
    ("anchor", "start", "last"),
    [
        (Anchor(AnchorKind.END_OF_YEAR), "2026-03-05T09:00", date(2026, 12, 31)),
        (Anchor(AnchorKind.END_OF_QUARTER), "2026-07-01T09:00", date(2026, 9, 30)),
        (Anchor(AnchorKind.END_OF_HALF_YEAR), "2026-06-30T09:00", date(2026, 6, 30)),
        (Anchor(AnchorKind.END_OF_MONTH), "2026-11-02T09:00", date(2026, 11, 30)),
        (Anchor(AnchorKind.END_OF_YEAR, years=1), "2024-02-29T09:00", date(2025, 12, 31)),
        (Anchor(AnchorKind.MONTH_DAY, 12, 18), "2025-12-18T09:00", date(2026, 12, 18)),
        (Anchor(AnchorKind.MONTH_DAY, 12, 18), "2026-01-05T09:00", date(2026, 12, 18)),
        (Anchor(AnchorKind.MONTH_DAY, 6, 30, years=1), "2025-12-18T09:00", date(2026, 6, 30)),
        (Anchor(AnchorKind.MONTH_DAY, 2, 29, years=0), "2025-01-05T09:00", date(2025, 2, 28)),
    ],
)
def test_an_anchor_is_a_fixed_point(calendar, anchor, start, last):
    assert last_day(calendar, rule(anchor=anchor), start) == last


def test_a_length_may_follow_an_anchor(calendar):
    after_the_quarter = rule(10, Unit.WORKDAY, anchor=Anchor(AnchorKind.END_OF_QUARTER))

    assert last_day(calendar, after_the_quarter, "2026-05-06T09:00") == date(2026, 7, 14)


def test_an_anchor_before_the_start_is_an_error(calendar):
    with pytest.raises(DeadlineError) as caught:
        compute(rule(anchor=Anchor(AnchorKind.MONTH_DAY, 1, 31, years=0)), at("2026-03-05T09:00"), calendar)

    assert caught.value.code == "anchor-before-start"


def test_near_begins_so_many_working_days_before_the_last_day(calendar):
    found = compute(rule(15, Unit.WORKDAY, near=Threshold(3, Unit.WORKDAY)), at("2026-09-21T09:00"), calendar)

    assert found.last_day == date(2026, 10, 19)
    assert found.near_at == at("2026-10-14T00:00")


def test_near_never_begins_before_the_limit(calendar):
    found = compute(rule(2, Unit.WORKDAY, near=Threshold(5, Unit.DAY)), at("2026-11-18T09:00"), calendar)

    assert found.near_at == at("2026-11-18T09:00")


def test_the_regions_threshold_serves_rules_that_state_none(calendar):
    near = Threshold(1, Unit.WORKDAY)
    own = rule(5, Unit.WORKDAY, near=Threshold(2, Unit.WORKDAY))

    assert compute(rule(5, Unit.WORKDAY), at("2026-11-09T09:00"), calendar, near=near).near_at == at("2026-11-13T00:00")
    assert compute(own, at("2026-11-09T09:00"), calendar, near=near).near_at == at("2026-11-12T00:00")


def test_a_clock_stop_pushes_the_last_day(calendar):
    stop = ClockStop(at("2026-11-10T15:00"), at("2026-11-12T10:00"), "补正", "科长")
    found = compute(rule(5, Unit.WORKDAY), at("2026-11-09T09:00"), calendar, stops=[stop])

    assert found.last_day == date(2026, 11, 18)  # without the stop the 16th
    stopped = [run for run in found.explanation.segments[0].runs if run.reason is RunReason.CLOCK_STOPPED]
    assert [(run.first, run.last) for run in stopped] == [(date(2026, 11, 11), date(2026, 11, 12))]


def test_a_clock_stop_of_hours_is_exact_and_overlaps_count_once(calendar):
    stops = [
        ClockStop(at("2026-11-09T12:00"), at("2026-11-09T15:00")),
        ClockStop(at("2026-11-09T14:00"), at("2026-11-09T16:00")),
        ClockStop(at("2026-11-20T00:00"), at("2026-11-21T00:00")),
    ]

    assert compute(rule(24, Unit.HOUR), at("2026-11-09T09:00"), calendar, stops=stops).due_at == at("2026-11-10T13:00")


def test_a_month_that_was_stopped_grows_by_the_days_stopped(calendar):
    stop = ClockStop(at("2026-03-10T09:00"), at("2026-03-20T09:00"))

    assert last_day(calendar, rule(1, Unit.MONTH), "2026-03-03T09:00", stops=[stop]) == date(2026, 4, 13)


def test_a_stop_that_ends_before_it_begins_is_an_error(calendar):
    stop = ClockStop(at("2026-03-20T09:00"), at("2026-03-10T09:00"))

    with pytest.raises(DeadlineError) as caught:
        compute(rule(1, Unit.MONTH), at("2026-03-03T09:00"), calendar, stops=[stop])

    assert caught.value.code == "stop-not-a-period"


def test_an_extension_continues_from_the_last_day_as_counted(calendar, rules):
    """60 days end on Saturday 26 September; 30 more run from there, not from the day it rolled to."""
    handling = rules["petitions.handling"]
    extension = Extension(30, Unit.DAY, ground="情况复杂", approver="负责人")

    assert last_day(calendar, handling, "2026-07-28T09:00") == date(2026, 9, 28)
    assert last_day(calendar, handling, "2026-07-28T09:00", extensions=[extension]) == date(2026, 10, 26)


@pytest.mark.parametrize(
    ("key", "extensions", "code"),
    [
        ("reports.pass_up", [Extension(1)], "extension-not-allowed"),
        ("petitions.handling", [Extension(31, Unit.DAY)], "extension-beyond-limit"),
        ("petitions.handling", [Extension(until=date(2027, 6, 1))], "extension-beyond-limit"),
        ("petitions.handling", [Extension(20, Unit.DAY), Extension(20, Unit.DAY)], "extension-beyond-limit"),
        ("petitions.handling", [Extension(0, Unit.DAY)], "amount-out-of-range"),
        ("investigation.preliminary", [Extension(1, Unit.DAY), Extension(1, Unit.DAY)], "extension-too-often"),
    ],
)
def test_an_extension_that_the_rule_forbids_is_an_error(calendar, rules, key, extensions, code):
    with pytest.raises(DeadlineError) as caught:
        compute(rules[key], at("2026-07-28T09:00"), calendar, extensions=extensions)

    assert caught.value.code == code


def test_an_extension_may_name_its_day(calendar, rules):
    extension = Extension(until=date(2026, 10, 20))

    assert last_day(calendar, rules["petitions.handling"], "2026-07-28T09:00", extensions=[extension]) == date(
        2026, 10, 20
    )


def test_days_may_extend_hours_and_hours_days(calendar):
    free = ExtensionRule()

    of_hours = compute(rule(24, Unit.HOUR, extension=free), at("2026-11-09T09:00"), calendar, extensions=[Extension(2)])
    of_days = compute(
        rule(1, Unit.WORKDAY, extension=free), at("2026-11-09T09:00"), calendar, extensions=[Extension(6, Unit.HOUR)]
    )

    assert of_hours.last_day == date(2026, 11, 12)
    assert of_days.due_at == at("2026-11-11T06:00")


def test_a_parameter_of_the_region_replaces_the_amount_and_is_named(calendar):
    adjustable = rule(5, Unit.WORKDAY, parameter="draft_days")
    found = compute(adjustable, at("2026-11-09T09:00"), calendar, parameters={"draft_days": Decimal(7), "other": 1})

    assert found.last_day == date(2026, 11, 18)
    assert found.explanation.parameter == "draft_days"
    assert compute(adjustable, at("2026-11-09T09:00"), calendar).explanation.parameter is None


@pytest.mark.parametrize("value", ["7", Decimal("1.5"), Decimal("NaN"), Decimal("Infinity"), True, [7]])
def test_a_parameter_that_is_no_whole_number_is_an_error(calendar, value):
    with pytest.raises(DeadlineError) as caught:
        compute(rule(5, Unit.DAY, parameter="p"), at("2026-11-09T09:00"), calendar, parameters={"p": value})

    assert caught.value.code == "parameter-not-a-number"


@pytest.mark.parametrize("amount", [-1, 10_001])
def test_an_absurd_amount_is_an_error(calendar, amount):
    with pytest.raises(DeadlineError) as caught:
        compute(rule(amount, Unit.WORKDAY), at("2026-11-09T09:00"), calendar)

    assert caught.value.code == "amount-out-of-range"


@pytest.mark.parametrize("year", [2003, 2101])
def test_a_start_in_a_year_nobody_can_tell_is_an_error(calendar, year):
    with pytest.raises(DeadlineError, match=str(year)):
        compute(rule(1, Unit.DAY, roll=Roll.NONE), at(f"{year}-06-01T09:00"), calendar)


def test_an_extension_beyond_the_calendar_is_an_error(calendar):
    with pytest.raises(DeadlineError) as caught:
        compute(
            rule(1, Unit.DAY, extension=ExtensionRule()),
            at("2026-06-01T09:00"),
            calendar,
            extensions=[Extension(until=date.max)],
        )

    assert caught.value.code == "calendar-beyond-range"


def test_a_start_without_time_zone_is_an_error(calendar):
    with pytest.raises(DeadlineError) as caught:
        compute(rule(1, Unit.DAY), datetime(2026, 11, 9, 9), calendar)  # noqa: DTZ001 - that is the point

    assert caught.value.code == "naive-instant"


def test_a_calendar_day_limit_is_provisional_only_if_its_end_is(calendar):
    inside = compute(rule(60, Unit.DAY), at("2026-10-30T09:00"), calendar)
    beyond = compute(rule(60, Unit.DAY), at("2026-11-10T09:00"), calendar)

    assert (inside.last_day, inside.provisional) == (date(2026, 12, 29), False)
    assert (beyond.last_day, beyond.provisional) == (date(2027, 1, 11), True)


def test_no_shipped_limit_that_rolls_ends_on_a_free_day(calendar, rules):
    for each in rules.values():
        for offset in range(0, 365, 13):
            start = at("2025-12-30T09:00") + timedelta(days=offset)
            found = compute(each, start, calendar)
            if found.last_day is not None and each.roll is not Roll.NONE:
                assert calendar.is_workday(found.last_day).workday, (each.key, start)


def test_a_rule_of_confidence_c_is_to_be_verified(rules):
    assert rules["discipline.inquiry_reply"].to_verify
    assert not rules["petitions.handling"].to_verify
    assert not replace(rules["petitions.handling"], confidence=Confidence.EDITOR).to_verify

from datetime import date, datetime

import pytest

from workflows.deadlines.count import SHANGHAI
from workflows.deadlines.errors import DataFaultsError, DeadlineError
from workflows.deadlines.explanation import Confidence
from workflows.deadlines.periods import Period, period_key
from workflows.deadlines.recount import recount
from workflows.deadlines.recurrence import duty_rule, occurrences, read_recurrence

RULE = duty_rule("duty:d3_143", "年底报告", source="003", article="六、18")
LEAD = {"amount": 20, "unit": "工作日"}


def recurrence(rule=RULE, **fields):
    return read_recurrence({"lead": LEAD, **fields}, rule)


def periods(calendar, since, until, **fields):
    return [each.period for each in occurrences(recurrence(**fields), calendar, since=since, until=until)]


def test_the_year_end_report_opens_twenty_working_days_before_and_is_due_at_years_end(calendar):
    yearly = recurrence(rrule="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1", anchor="年底", freq="yearly", count=1)

    (found,) = occurrences(yearly, calendar, since=date(2026, 1, 1), until=date(2026, 12, 31))

    assert found.period == "2026"
    assert (found.anchor, found.opens_on) == (date(2026, 12, 31), date(2026, 12, 3))
    assert found.opens_at == datetime(2026, 12, 3, tzinfo=SHANGHAI)
    assert found.due_at == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert not found.provisional
    assert found.deadline.explanation.article == "六、18"
    assert found.deadline.explanation.confidence is Confidence.A


@pytest.mark.parametrize(
    ("rrule", "keys"),
    [
        ("FREQ=YEARLY", ["2026"]),
        ("FREQ=MONTHLY;INTERVAL=6", ["2026H1", "2026H2"]),
        ("FREQ=MONTHLY;INTERVAL=3", ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]),
        ("FREQ=MONTHLY", [f"2026-{month:02}" for month in range(1, 13)]),
        ("FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1", ["2026H1", "2026H2"]),
        ("FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1", ["2026H1", "2026H2"]),
        ("FREQ=YEARLY;INTERVAL=5", []),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1,2", ["2026-05-01", "2026-05-02"]),
    ],
)
def test_periods_are_named_by_what_recurs(calendar, rrule, keys):
    fields = {"rrule": rrule, "lead": {"amount": 0, "unit": "日"}}

    assert periods(calendar, date(2026, 1, 1), date(2026, 12, 31), **fields) == keys


def test_five_years_are_one_period_that_ends_with_the_plan(calendar):
    yearly = recurrence(rrule="FREQ=YEARLY;INTERVAL=5", lead={"amount": 1, "unit": "年"})

    (found,) = occurrences(yearly, calendar, since=date(2026, 1, 1), until=date(2030, 12, 31))

    assert (found.period, found.opens_on) == ("2026-2030", date(2029, 12, 31))


def test_a_week_is_named_by_its_iso_number_across_the_year(calendar):
    keys = periods(
        calendar, date(2026, 12, 21), date(2027, 1, 10), rrule="FREQ=WEEKLY", lead={"amount": 4, "unit": "日"}
    )

    assert keys == ["2026W52", "2026W53", "2027W01"]


def test_an_explicit_period_wins(calendar):
    keys = periods(
        calendar,
        date(2026, 1, 1),
        date(2026, 12, 31),
        rrule="FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1",
        period="month",
    )

    assert keys == ["2026-05", "2026-10"]


def test_the_spring_festival_follows_the_moon_and_mixes_with_the_common_calendar(calendar):
    checks = recurrence(
        rrule="FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1",
        period="month",
        festivals=["春节"],
        lead={"amount": 10, "unit": "工作日"},
    )

    found = occurrences(checks, calendar, since=date(2026, 1, 1), until=date(2027, 3, 1))

    assert [(each.period, each.anchor) for each in found] == [
        ("2026-春节", date(2026, 2, 17)),
        ("2026-05", date(2026, 5, 1)),
        ("2026-10", date(2026, 10, 1)),
        ("2027-春节", date(2027, 2, 6)),
    ]
    assert found[0].opens_on == date(2026, 2, 3)
    assert [each.provisional for each in found] == [False, False, False, True]


def test_a_due_date_may_follow_the_anchor_and_rolls_off_free_days(calendar, calendar_with_2027):
    monthly = recurrence(rrule="FREQ=MONTHLY", lead={"amount": 0, "unit": "日"}, offset={"amount": 5, "unit": "工作日"})

    (december,) = occurrences(monthly, calendar, since=date(2026, 12, 1), until=date(2026, 12, 31))
    (loaded,) = occurrences(monthly, calendar_with_2027, since=date(2026, 12, 1), until=date(2026, 12, 31))

    assert (december.deadline.last_day, december.provisional) == (date(2027, 1, 8), True)
    assert (loaded.deadline.last_day, loaded.provisional) == (date(2027, 1, 9), False)


def test_a_rule_with_a_limit_of_its_own_decides_when_it_is_due(calendar, rules):
    rule = rules["reports.quarterly_results"]
    quarterly = recurrence(rule, rrule="FREQ=MONTHLY;INTERVAL=3")

    (third,) = occurrences(quarterly, calendar, since=date(2026, 8, 1), until=date(2026, 9, 30))

    assert third.deadline.rule_key == rule.key
    assert third.deadline.last_day == date(2026, 9, 30)


def test_the_regions_parameter_replaces_the_lead(calendar):
    yearly = recurrence(rrule="FREQ=YEARLY", lead={"amount": 31, "unit": "日", "parameter": "lead_days"})
    since, until = date(2026, 1, 1), date(2026, 12, 31)

    (usual,) = occurrences(yearly, calendar, since=since, until=until)
    (early,) = occurrences(yearly, calendar, since=since, until=until, parameters={"lead_days": 61})

    assert (usual.opens_on, early.opens_on) == (date(2026, 11, 30), date(2026, 10, 31))
    with pytest.raises(DeadlineError, match="got -1"):
        occurrences(yearly, calendar, since=since, until=until, parameters={"lead_days": -1})


def test_windows_that_meet_give_each_period_once(calendar):
    monthly = recurrence(rrule="FREQ=MONTHLY", lead={"amount": 7, "unit": "工作日"})
    whole = occurrences(monthly, calendar, since=date(2025, 3, 1), until=date(2026, 8, 31))

    parts = [
        *occurrences(monthly, calendar, since=date(2025, 3, 1), until=date(2025, 11, 11)),
        *occurrences(monthly, calendar, since=date(2025, 11, 12), until=date(2026, 8, 31)),
    ]

    assert tuple(parts) == whole
    assert len({each.period for each in whole}) == len(whole) == 18


def test_a_duty_begins_no_earlier_than_it_was_in_force(calendar):
    fields = {"rrule": "FREQ=YEARLY", "lead": {"amount": 0, "unit": "日"}, "from": "2025-06-01"}

    assert periods(calendar, date(2020, 1, 1), date(2026, 12, 31), **fields) == ["2025", "2026"]


def test_the_dates_of_occurrences_are_recounted(calendar):
    worked = {kind.day: kind.workday for kind in calendar.days(date(2025, 12, 1), date(2027, 12, 31))}
    monthly = recurrence(rrule="FREQ=MONTHLY", offset={"amount": 3, "unit": "工作日"}, festivals=["端午节"])

    found = occurrences(monthly, calendar, since=date(2026, 1, 1), until=date(2026, 12, 31))

    assert len(found) == 13
    assert all(recount(each.deadline.explanation.to_data(), worked).agrees for each in found)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "recurrence-missing"),
        ({"rrule": "FREQ=DAILY"}, "rrule-not-supported"),
        ({"rrule": "FREQ=YEARLY;COUNT=3"}, "rrule-not-supported"),
        ({"rrule": "DTSTART:20260101\nRRULE:FREQ=YEARLY"}, "rrule-not-supported"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=99"}, "rrule-empty"),
        ({"rrule": "FREQ=YEARLY;BYHOUR=1,2,3"}, "rrule-not-supported"),
        ({"rrule": "RRULE:FREQ=YEARLY"}, "rrule-not-supported"),
        ({"rrule": "FREQ=YEARLY;BYDAY=XX"}, "not-an-rrule"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rrule-empty"),
        ({"rrule": "FREQ=YEARLY;INTERVAL=0"}, "rrule-not-supported"),
        ({"rrule": "FREQ=YEARLY;INTERVAL=99999999999"}, "rrule-not-supported"),
        ({"rrule": "FREQ=YEARLY;UNTIL=20100101"}, "rrule-empty"),
        ({"rrule": "FREQ=MONTHLY", "period": "year"}, "period-not-unique"),
        ({"rrule": "FREQ=MONTHLY", "period": "century"}, "unknown-value"),
        ({"rrule": "FREQ=MONTHLY", "lead": None}, "missing"),
        ({"rrule": "FREQ=MONTHLY", "lead": {"amount": 3, "unit": "小时"}}, "unknown-value"),
        ({"rrule": "FREQ=MONTHLY", "from": "soon"}, "not-a-date"),
        ({"rrule": "FREQ=MONTHLY", "roll": "up"}, "unknown-value"),
        ({"rrule": "FREQ=MONTHLY", "every": 3}, "unknown-field"),
        ({"festivals": ["光棍节"]}, None),
    ],
)
def test_a_faulty_recurrence_is_refused(calendar, fields, code):
    if code is None:  # festivals are known to the calendar only
        with pytest.raises(DeadlineError, match="festival"):
            occurrences(recurrence(**fields), calendar, since=date(2026, 1, 1), until=date(2026, 12, 31))
        return
    with pytest.raises(DataFaultsError) as caught:
        recurrence(**fields)
    assert code in {fault.code for fault in caught.value.faults}


def test_an_offset_beside_a_rule_with_a_limit_is_refused(rules):
    with pytest.raises(DataFaultsError, match="offset-beside-rule"):
        recurrence(rules["reports.pass_up"], rrule="FREQ=MONTHLY", offset={"amount": 1, "unit": "日"})


def test_what_the_editor_added_cites_no_article():
    assert duty_rule("duty:x", "题", article="六、18", editor=True).article == ""
    assert duty_rule("duty:x", "题", editor=True).confidence is Confidence.EDITOR


@pytest.mark.parametrize(
    ("day", "period", "key"),
    [
        (date(2026, 6, 30), Period.HALF_YEAR, "2026H1"),
        (date(2026, 7, 1), Period.HALF_YEAR, "2026H2"),
        (date(2026, 10, 1), Period.QUARTER, "2026Q4"),
        (date(2027, 1, 1), Period.WEEK, "2026W53"),
        (date(2026, 11, 20), Period.DAY, "2026-11-20"),
    ],
)
def test_period_keys(day, period, key):
    assert period_key(day, period) == key

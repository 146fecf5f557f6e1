from datetime import date, timedelta

import pytest

from workflows.deadlines.calendar import Calendar, CalendarStatus, CalendarYear, DayReason
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.library_years import library_years, read_library_year


def test_a_weekday_of_a_holiday_is_free_and_a_make_up_sunday_is_worked(calendar):
    holiday = calendar.is_workday(date(2026, 10, 6))
    make_up = calendar.is_workday(date(2026, 9, 20))

    assert (holiday.workday, holiday.reason, holiday.name) == (False, DayReason.HOLIDAY, "国庆节（调休）")
    assert (make_up.workday, make_up.reason, make_up.name) == (True, DayReason.MAKE_UP, "国庆节调休上班")


def test_common_days_need_no_name(calendar):
    assert calendar.is_workday(date(2026, 11, 20)).reason is DayReason.WEEKDAY
    assert calendar.is_workday(date(2026, 11, 21)).reason is DayReason.WEEKEND
    assert calendar.is_workday(date(2026, 11, 21)).name == ""


def test_the_shipped_years_are_those_of_the_library_day_by_day(calendar):
    for year in library_years():
        expected = read_library_year(year)

        assert calendar.years[year].off_days == expected.off_days
        assert calendar.years[year].make_up_days == expected.make_up_days


def test_no_shipped_year_is_invented(calendar):
    assert {year.status for year in calendar.years.values()} == {CalendarStatus.ANNOUNCED}
    assert calendar.announced_until == date(2026, 12, 31)


def test_a_year_without_notice_follows_the_statute_and_is_provisional(calendar):
    free = {
        kind.day: kind.name
        for kind in calendar.days(date(2027, 1, 1), date(2027, 12, 31))
        if kind.reason is DayReason.HOLIDAY
    }

    assert list(free) == [
        date(2027, 1, 1),
        *(date(2027, 2, day) for day in (5, 6, 7, 8)),
        date(2027, 4, 5),
        *(date(2027, 5, day) for day in (1, 2)),
        date(2027, 6, 9),
        date(2027, 9, 15),
        *(date(2027, 10, day) for day in (1, 2, 3)),
    ]
    assert free[date(2027, 2, 6)] == "春节"
    assert all(kind.provisional for kind in calendar.days(date(2027, 1, 1), date(2027, 1, 31)))


@pytest.mark.parametrize("year", [2025, 2026])
def test_what_the_statute_frees_was_free_in_the_announced_years(calendar, year):
    """The pattern is the law as revised in 2024: the notices since then may add days, never take one."""
    for day, name in calendar.pattern.off_days(year).items():
        assert not calendar.is_workday(day).workday, (day, name)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_the_moon_is_computed_as_the_notices_had_it(calendar, year):
    for name in ("春节", "清明节", "端午节", "中秋节"):
        assert not calendar.is_workday(calendar.festival(name, year)).workday, name


def test_no_make_up_day_is_guessed_for_a_provisional_year(calendar):
    worked = [kind for kind in calendar.days(date(2028, 1, 1), date(2028, 12, 31)) if kind.workday]

    assert all(kind.day.weekday() < 5 and kind.reason is DayReason.WEEKDAY for kind in worked)


def test_loading_a_year_ends_its_being_provisional_and_leaves_the_old_calendar_alone(calendar, calendar_with_2027):
    day = date(2027, 1, 4)

    assert calendar.is_workday(day).workday
    assert calendar.is_workday(day).provisional
    assert not calendar_with_2027.is_workday(day).workday
    assert not calendar_with_2027.is_workday(day).provisional


def test_versions_name_only_the_years_asked_for(calendar, calendar_with_2027):
    assert calendar.version == "2004-2026:1"
    assert calendar.version_of([2026, 2027, 2028]) == "2026:1+2027-2028:p1"
    assert calendar_with_2027.version_of([2026, 2027, 2028]) == "2026-2027:1+2028:p1"


def test_a_correction_is_a_higher_version_whatever_the_order(calendar):
    corrected = CalendarYear(2026, 2, "更正", CalendarStatus.INVENTED, {date(2026, 11, 20): "更正"})

    newer = Calendar.build([corrected, *calendar.years.values()], calendar.pattern)

    assert not newer.is_workday(date(2026, 11, 20)).workday
    assert newer.version_of([2026]) == "2026:2"


def test_a_region_adds_days_of_its_own_and_only_there(calendar):
    overlay = CalendarYear(2026, 1, "州庆", CalendarStatus.INVENTED, {date(2026, 9, 3): "州庆"}, region="minzu")
    years = [*calendar.years.values(), overlay]

    there = Calendar.build(years, calendar.pattern, region="minzu")
    elsewhere = Calendar.build(years, calendar.pattern, region="other")

    assert there.is_workday(date(2026, 9, 3)).name == "州庆"
    assert there.version_of([2026]) == "2026:1/minzu:1"
    assert elsewhere.is_workday(date(2026, 9, 3)).workday
    assert elsewhere.for_region("minzu") == there


def test_next_years_notice_may_free_a_day_of_december(calendar):
    notice = CalendarYear(
        2027, 1, "虚构", CalendarStatus.INVENTED, {date(2026, 12, 31): "元旦（调休）", date(2027, 1, 1): "元旦"}
    )

    assert not calendar.with_year(notice).is_workday(date(2026, 12, 31)).workday


def test_stepping_and_counting_agree(calendar):
    start = date(2026, 9, 18)
    for amount in (1, 2, 5, 17):
        end = calendar.step_workdays(start, amount)

        assert calendar.count_workdays(start + timedelta(days=1), end) == amount
        assert calendar.step_workdays(end, -amount) <= start


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2003, 12, 31), "calendar-before-first-year"), (date(2101, 1, 1), "calendar-beyond-range")],
)
def test_days_nobody_can_tell_are_an_error(calendar, day, code):
    with pytest.raises(DeadlineError) as caught:
        calendar.is_workday(day)

    assert caught.value.code == code


def test_a_calendar_without_years_is_refused(calendar):
    with pytest.raises(DeadlineError, match="at least one"):
        Calendar.build([], calendar.pattern)


def test_an_unknown_festival_is_an_error(calendar):
    with pytest.raises(DeadlineError) as caught:
        calendar.festival("光棍节", 2027)

    assert caught.value.code == "festival-unknown"

from dataclasses import replace
from datetime import date, datetime

import pytest

from workflows.deadlines.calendar import CalendarStatus, CalendarYear
from workflows.deadlines.count import SHANGHAI
from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.explanation import ClockStop, Extension, Roll, Threshold, Unit
from workflows.deadlines.functions import ad_hoc_rule
from workflows.deadlines.revision import add_stop, changed_days, extend, inputs_of, is_stale, moves, recompute
from workflows.deadlines.rules import compute

START = datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)


@pytest.fixture
def limit(calendar, rules):
    return compute(rules["reports.pass_up"], START, calendar)


def test_loading_2027_recomputes_the_provisional_limit(calendar_with_2027, limit):
    after = recompute(limit.explanation, calendar_with_2027)

    assert (limit.last_day, limit.provisional) == (date(2027, 1, 7), True)
    assert (after.last_day, after.provisional) == (date(2027, 1, 8), False)
    assert after.calendar_version == "2026-2027:1"
    assert (after.rule_key, after.rule_version) == (limit.rule_key, limit.rule_version)


def test_a_preview_tells_moves_and_leaves_settled_limits_out(calendar, calendar_with_2027, rules, limit):
    settled = compute(rules["reports.pass_up"], datetime(2026, 11, 9, 9, tzinfo=SHANGHAI), calendar)
    confirmed = compute(rules["petitions.dispatch"], datetime(2027, 3, 1, 9, tzinfo=SHANGHAI), calendar)
    limits = {"open": limit.explanation, "settled": settled.explanation, "confirmed": confirmed.explanation}

    found = {move.key: move for move in moves(limits, calendar_with_2027)}

    assert set(found) == {"open", "confirmed"}
    assert (found["open"].before, found["open"].after) == (limit.due_at, datetime(2027, 1, 9, tzinfo=SHANGHAI))
    assert found["open"].moved
    assert not found["open"].needs_approval
    assert not found["confirmed"].moved
    assert (found["confirmed"].was_provisional, found["confirmed"].is_provisional) == (True, False)


def test_a_limit_in_calendar_days_that_is_near_on_another_day_is_counted_again(calendar, calendar_with_2027):
    near = Threshold(5, Unit.WORKDAY)
    limit = compute(replace(ad_hoc_rule(10, Unit.DAY), roll=Roll.NONE), START, calendar, near=near)

    (found,) = moves({"open": limit.explanation}, calendar_with_2027)
    after = recompute(limit.explanation, calendar_with_2027)

    assert (found.moved, found.needs_approval) == (False, False)
    assert after.due_at == limit.due_at
    assert after.near_at != limit.near_at
    assert moves({"open": after.explanation}, calendar_with_2027) == ()


def test_a_corrected_year_moves_a_confirmed_limit_only_with_approval(calendar, rules):
    limit = compute(rules["reports.pass_up"], datetime(2026, 11, 16, 9, tzinfo=SHANGHAI), calendar)
    off_days = {**calendar.years[2026].off_days, date(2026, 11, 20): "虚构"}
    corrected = CalendarYear(2026, 2, "虚构", CalendarStatus.INVENTED, off_days, calendar.years[2026].make_up_days)

    (move,) = moves({"a": limit.explanation}, calendar.with_year(corrected))

    assert move.needs_approval
    assert is_stale(limit.explanation, calendar.with_year(corrected))
    assert not is_stale(limit.explanation, calendar)


def test_the_parameter_that_held_then_holds_in_the_recomputation(calendar, calendar_with_2027):
    rule = ad_hoc_rule(5, Unit.WORKDAY)
    named = compute(
        type(rule)("r", 4, "题", "起", rule.confidence, amount=5, unit=Unit.WORKDAY, parameter="p"),
        START,
        calendar,
        parameters={"p": 3},
    )

    after = recompute(named.explanation, calendar_with_2027)

    assert after.explanation.parameter == "p"
    assert after.last_day == date(2027, 1, 6)


def test_an_extension_adds_to_those_before(calendar, rules):
    rule = rules["petitions.handling"]
    first = compute(rule, datetime(2026, 7, 28, 9, tzinfo=SHANGHAI), calendar)
    second = extend(first.explanation, Extension(10, Unit.DAY, ground="复杂", approver="长"), calendar, rule=rule)
    third = extend(second.explanation, Extension(10, Unit.DAY), calendar, rule=rule)

    assert second.due_at < third.due_at
    assert [extension.amount for extension in inputs_of(third.explanation)[1]] == [10, 10]
    with pytest.raises(DeadlineError) as caught:
        extend(third.explanation, Extension(11, Unit.DAY), calendar, rule=rule)
    assert caught.value.code == "extension-beyond-limit"


def test_an_extension_that_gives_no_later_date_is_an_error(limit, calendar):
    with pytest.raises(DeadlineError) as caught:
        extend(limit.explanation, Extension(until=date(2027, 1, 5)), calendar)

    assert caught.value.code == "extension-not-later"


def test_an_extension_until_a_day_never_shortens_a_recomputed_limit(limit, calendar, calendar_with_2027):
    extended = extend(limit.explanation, Extension(until=date(2027, 1, 8)), calendar)

    assert recompute(extended.explanation, calendar_with_2027).last_day == date(2027, 1, 8)


def test_a_stop_adds_to_those_before(limit, calendar):
    stop = ClockStop(datetime(2026, 12, 31, 9, tzinfo=SHANGHAI), datetime(2027, 1, 5, 9, tzinfo=SHANGHAI), "补正")

    after = add_stop(limit.explanation, stop, calendar)

    assert after.last_day == date(2027, 1, 11)
    assert inputs_of(after.explanation)[0] == (stop,)


def test_the_days_that_a_new_year_counts_otherwise_are_told(calendar, calendar_with_2027):
    changed = changed_days(calendar, calendar_with_2027, date(2027, 1, 1), date(2027, 1, 31))

    assert [(new.day, new.workday) for _, new in changed] == [
        (date(2027, 1, 4), False),
        (date(2027, 1, 9), True),
        (date(2027, 1, 30), True),
    ]

"""The explanation of every date is recounted by code that shares nothing with the counting."""

import json
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workflows.deadlines.count import SHANGHAI
from workflows.deadlines.explanation import (
    Anchor,
    AnchorKind,
    ClockStop,
    Confidence,
    Explanation,
    Extension,
    Roll,
    Threshold,
    Unit,
)
from workflows.deadlines.recount import recount
from workflows.deadlines.revision import recompute
from workflows.deadlines.rules import DeadlineRule, ExtensionRule, compute

FIRST, LAST = date(2019, 1, 1), date(2042, 12, 31)  # start, length, anchor and three extensions of years
EDGES = [
    date(2020, 1, 23),
    date(2024, 2, 29),
    date(2026, 1, 31),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 9, 30),
    date(2026, 12, 30),
    date(2026, 12, 31),
    date(2027, 2, 5),
    date(2028, 2, 29),
]


@pytest.fixture(scope="module")
def worked(calendar):
    return {kind.day: kind.workday for kind in calendar.days(FIRST, LAST)}


days = st.sampled_from(EDGES) | st.dates(date(2020, 1, 1), date(2029, 12, 31))
clocks = st.tuples(st.integers(0, 23), st.integers(0, 59))
lengths = st.one_of(
    st.tuples(st.integers(0, 400), st.just(Unit.HOUR)),
    st.tuples(st.integers(0, 120), st.just(Unit.DAY)),
    st.tuples(st.integers(0, 90), st.just(Unit.WORKDAY)),
    st.tuples(st.integers(0, 14), st.just(Unit.MONTH)),
    st.tuples(st.integers(0, 2), st.just(Unit.YEAR)),
)
anchors = st.one_of(
    st.none(),
    st.builds(
        Anchor,
        st.sampled_from([kind for kind in AnchorKind if kind is not AnchorKind.MONTH_DAY]),
        years=st.none() | st.integers(0, 2),
    ),
    st.builds(Anchor, st.just(AnchorKind.MONTH_DAY), st.integers(1, 12), st.integers(1, 31), st.none() | st.just(1)),
)
nears = st.none() | st.builds(Threshold, st.integers(1, 20), st.sampled_from([Unit.HOUR, Unit.DAY, Unit.WORKDAY]))


def instant(day, clock):
    return datetime.combine(day, time(*clock), SHANGHAI)


@st.composite
def limits(draw):
    start = instant(draw(days), draw(clocks))
    amount, unit = draw(lengths)
    anchor = draw(anchors)
    rule = DeadlineRule(
        "r",
        1,
        "题",
        "起",
        Confidence.EDITOR,
        amount=amount,
        unit=unit,
        anchor=anchor,
        extension=ExtensionRule(),
        near=draw(nears),
        roll=draw(st.sampled_from(Roll)),
    )
    stops = []
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(hours=draw(st.integers(-100, 2000)))
        stops.append(ClockStop(begin, begin + timedelta(minutes=draw(st.integers(1, 60_000)))))
    extensions = [
        Extension(max(1, amount), unit) if by_amount else Extension(until=start.date() + timedelta(days=later))
        for by_amount, (amount, unit), later in draw(
            st.lists(st.tuples(st.booleans(), lengths, st.integers(1, 300)), max_size=3)
        )
    ]
    return rule, start, stops, extensions


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits())
@example(
    (
        DeadlineRule("r", 1, "", "", Confidence.C, amount=1, unit=Unit.MONTH, extension=ExtensionRule()),
        datetime(2028, 1, 31, 9, tzinfo=SHANGHAI),
        [],
        [Extension(1, Unit.MONTH), Extension(1, Unit.WORKDAY)],
    )
)
def test_the_recount_agrees_with_the_rule(calendar, worked, limit):
    rule, start, stops, extensions = limit

    found = compute(rule, start, calendar, stops=stops, extensions=extensions)
    plain = json.loads(json.dumps(found.explanation.to_data()))
    second = recount(plain, worked)

    assert second.faults == ()
    assert (second.due_at, second.near_at) == (found.due_at, found.near_at)
    assert Explanation.from_data(plain) == found.explanation
    assert recompute(found.explanation, calendar) == found
    assert found.near_at <= found.due_at
    if found.last_day is not None and rule.roll is not Roll.NONE:
        assert worked[found.last_day]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=days, amount=st.integers(1, 60), unit=st.sampled_from([Unit.DAY, Unit.WORKDAY, Unit.MONTH]))
def test_a_later_start_never_ends_earlier(calendar, day, amount, unit):
    rule = DeadlineRule("r", 1, "", "", Confidence.C, amount=min(amount, 12), unit=unit)

    first = compute(rule, instant(day, (9, 0)), calendar)
    second = compute(rule, instant(day + timedelta(days=1), (9, 0)), calendar)

    assert first.due_at <= second.due_at


def explained(calendar, rules):
    return compute(
        rules["reports.named_acceptance"], datetime(2026, 9, 21, 9, tzinfo=SHANGHAI), calendar
    ).explanation.to_data()


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (lambda data: data.update(due_at="2026-10-20T16:00:00+00:00"), "due_at"),
        (lambda data: data.update(near_at="2026-10-10T16:00:00+00:00"), "near_at"),
        (lambda data: data.update(last_day="2026-10-20"), "last_day"),
        (lambda data: data.update(nominal_day="2026-10-20"), "nominal_day"),
        (lambda data: data.update(start_day="2026-09-20"), "start_day"),
        (lambda data: data["segments"][0].update(amount=14), "to_day"),
        (lambda data: data["segments"][0].update(from_day="2026-09-22"), "from_day"),
        (lambda data: data["segments"][0]["runs"].pop(), "counted days"),
        (lambda data: data["segments"][0]["runs"].pop(1), "run begins"),
        (lambda data: data["segments"][0]["runs"][0].update(days=9), "days of run"),
        (lambda data: data["segments"][0]["runs"][1].update(counted=True), "counted days"),
        (lambda data: data["segments"][0]["runs"][0].update(reason="clock_stopped"), "never stopped"),
        (lambda data: data["rolled"].append({"days": 2}), "rolled over"),
    ],
)
def test_a_false_claim_is_found(calendar, rules, worked, change, claim):
    data = explained(calendar, rules)
    assert recount(data, worked).agrees

    change(data)

    assert any(claim in fault for fault in recount(data, worked).faults)


def test_other_days_give_another_date(calendar, rules, worked):
    data = explained(calendar, rules)
    stolen = {**worked, date(2026, 10, 10): False}

    assert not recount(data, stolen).agrees


def test_a_list_that_is_too_short_recounts_nothing(calendar, rules, worked):
    data = explained(calendar, rules)
    short = {day: is_worked for day, is_worked in worked.items() if day < date(2026, 10, 1)}

    assert recount(data, short).due_at is None
    assert "not in the list" in recount(data, short).faults[-1]


def test_a_list_that_ends_on_a_free_day_cannot_be_rolled(calendar, rules, worked):
    limit = compute(rules["petitions.dispatch"], datetime(2026, 9, 16, 9, tzinfo=SHANGHAI), calendar)
    short = {day: is_worked for day, is_worked in worked.items() if day <= date(2026, 10, 1)}

    assert recount(limit.explanation.to_data(), worked).agrees
    assert recount(limit.explanation.to_data(), short).due_at is None

"""The overview: every number is the length of a list with the same filter, for all; ranking has guard rails."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import CLERK, FLOWADMIN, SHIPPED, SUPERVISOR, UNIT, World
from workflows.errors import NotFoundError
from workflows.overview_files import OFF, OverviewError, RankingRules, load_ranking, parse_ranking
from workflows.queries import ranking as ranked
from workflows.queries.bottlenecks import bottlenecks
from workflows.queries.case_filters import CaseFilter
from workflows.queries.cases import list_cases
from workflows.queries.overview import Scope, due_within, midnight, overview, trend, upcoming
from workflows.queries.task_filters import TaskFilter
from workflows.queries.tasks import list_tasks

BELOW = "ws-zf"  # between the district and UNIT
TOLD = {"shown": True, "basis": "试点", "months": 12, "least": 1}


def busy(world: World) -> None:
    """Cases of two families, done, late, near and fresh."""
    for day in range(4):
        case = world.start("approval")
        if day % 2 == 0:
            world.task("拟稿", case=case).complete(CLERK, answer="好")
        world.let_pass(days=3)
    world.start("timed")


def cases(world: World, who: str, wanted: CaseFilter) -> int:
    return len(world.read(list_cases, wanted, actor=world.actor(who), limit=200).items)


def tasks(world: World, who: str, wanted: TaskFilter) -> int:
    return len(world.read(list_tasks, wanted, actor=world.actor(who), limit=200).items)


def test_every_number_is_the_length_of_the_list_behind_it(world: World) -> None:
    busy(world)
    for who in (SUPERVISOR, CLERK, FLOWADMIN):
        check_numbers(world, who)


def check_numbers(world: World, who: str) -> None:
    found = world.read(overview, Scope(), actor=world.actor(who))
    periods = world.read(trend, Scope(), actor=world.actor(who))
    spans = world.read(upcoming, Scope(), actor=world.actor(who))
    slow = world.read(bottlenecks, "approval", Scope(), actor=world.actor(who))

    assert sum(found.total.values()) == cases(world, who, CaseFilter(status="open")) > 0
    for light in ("overdue", "near", "normal"):
        assert found.total.get(light, 0) == cases(world, who, CaseFilter(light=light))
    for line in found.lines:
        for family, cell in line.cells.items():
            wanted = CaseFilter(unit=line.code, unit_alone=line.alone, definition=family, status="open")
            assert sum(cell.values()) == cases(world, who, wanted)
    for period in periods:
        first, after = midnight(period.first), midnight(period.last + timedelta(days=1))
        assert period.started == cases(world, who, CaseFilter(started_from=first, started_before=after))
        assert period.ended == cases(world, who, CaseFilter(ended_from=first, ended_before=after))
        assert period.missed == cases(world, who, CaseFilter(missed_from=first, missed_before=after))
    for span in spans:
        assert span.number == tasks(world, who, due_within(span.first, span.last, Scope()))
    for step in slow.steps:
        one = TaskFilter(definition="approval", element=step.element_id)
        assert step.done == tasks(world, who, replace(one, scope="completed", done_from=slow.since))
        assert step.waits == tasks(world, who, replace(one, scope="open"))


def test_the_matrix_goes_down_the_tree_of_units(world: World) -> None:
    busy(world)
    who = world.actor(SUPERVISOR)

    whole = world.read(overview, Scope(), actor=who)
    district = world.read(overview, Scope(unit="ws"), actor=who)
    below = world.read(overview, Scope(unit=BELOW), actor=who)

    assert whole.unit is not None
    assert whole.unit[0] == UNIT, "without a scope it hangs where everything that is seen lies"
    assert [(line.code, line.alone, line.has_below) for line in district.lines] == [(BELOW, False, True)]
    assert [(line.code, line.has_below) for line in below.lines] == [(UNIT, False)]
    assert [code for code, _ in below.above][-1] == "ws"
    assert sum(sum(line.total.values()) for line in district.lines) == sum(district.total.values())
    with pytest.raises(NotFoundError):
        world.read(overview, Scope(unit="nowhere"), actor=who)


def test_median_and_ninth_decile_are_times_that_occurred(world: World) -> None:
    for hours in (1, 2, 3, 4, 50):
        case = world.start("approval")
        world.let_pass(hours=hours)
        world.task("拟稿", case=case).complete(CLERK, answer="好")

    steps = world.read(bottlenecks, "approval", Scope(), actor=world.actor(SUPERVISOR)).steps
    drafting = next(step for step in steps if step.name == "拟稿")

    assert drafting.done == 5
    assert drafting.median == pytest.approx(3 * 3600, abs=5)
    assert drafting.p90 == pytest.approx(50 * 3600, abs=5)
    assert drafting.heat == 5
    with pytest.raises(NotFoundError):
        world.read(bottlenecks, "nothing", Scope(), actor=world.actor(SUPERVISOR))


def test_trends_by_month_hold_whole_months(world: World) -> None:
    busy(world)

    lines = world.read(trend, Scope(), actor=world.actor(SUPERVISOR), step="month")

    assert [line.first.day for line in lines] == [1] * 12
    assert all(after.first - before.last == timedelta(days=1) for before, after in itertools.pairwise(lines))
    assert sum(line.started for line in lines) == cases(world, SUPERVISOR, CaseFilter())


# ------------------------------------------------------------------ ranking


def test_nobody_is_ranked_by_the_shipped_law(world: World) -> None:
    assert load_ranking(SHIPPED) == OFF
    with pytest.raises(NotFoundError) as refused:
        world.read(ranked.ranking, Scope(), actor=world.actor(SUPERVISOR))
    assert refused.value.code == "ranking-off"


def test_units_are_ranked_by_outcome_when_the_law_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(world)
    world.let_pass(days=40)
    monkeypatch.setattr(ranked, "load_ranking", lambda _: RankingRules(shown=True, basis="试点", months=12, least=3))

    found = world.read(ranked.ranking, Scope(unit="ws"), actor=world.actor(SUPERVISOR))

    line = next(each for each in found.lines if each.code == BELOW)
    counted = TaskFilter(scope="counted", unit=BELOW, due_from=midnight(found.first) + timedelta(microseconds=1))
    counted = replace(counted, due_before=midnight(found.last + timedelta(days=1)) + timedelta(microseconds=1))
    assert line.due == tasks(world, SUPERVISOR, counted)
    assert line.late == tasks(world, SUPERVISOR, replace(counted, late=True)) > 0
    assert line.place == 1
    assert all(each.place is None for each in found.lines if each.due < 3)
    with pytest.raises(NotFoundError):
        world.read(ranked.ranking, Scope(), actor=world.actor(CLERK))


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"ranking": {"shown": True}},
        {"ranking": {**TOLD, "basis": " "}},
        {"ranking": {**TOLD, "months": 0}},
        {"ranking": {**TOLD, "least": True}},
        {"ranking": {**TOLD, "shown": "yes"}},
        {"ranking": TOLD, "people": True},
    ],
)
def test_rules_of_ranking_that_are_not_as_described_are_refused(told: object) -> None:
    with pytest.raises(OverviewError):
        parse_ranking(told)


def test_rules_of_ranking_are_read_and_a_law_without_them_ranks_nobody(tmp_path: Path) -> None:
    assert parse_ranking({"ranking": TOLD}) == RankingRules(shown=True, basis="试点", months=12, least=1)
    assert load_ranking(tmp_path) == OFF

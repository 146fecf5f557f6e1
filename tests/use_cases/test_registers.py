"""The registers: as of any day, compared row by row, within access; last year's rows taken over."""

from __future__ import annotations

from datetime import date

import pytest

from tests.use_cases.checklist_scene import ROWS, begun, drafted, in_force, list_of, publicised
from tests.world import UNIT, World
from workflows.access import system_actor
from workflows.checklists.drafting import copy_last_year
from workflows.errors import NotFoundError, WrongStateError
from workflows.queries.checklists import ListFilter, list_checklists, list_rows, one_checklist
from workflows.queries.comparisons import compare_lists
from workflows.tables import Draft

SYSTEM = system_actor("test")


def test_a_register_tells_the_state_of_a_day_that_has_passed(world: World) -> None:
    case = in_force(world)
    world.let_pass(days=30)

    def states(day: date | None) -> list[str]:
        return [row.status for row in world.read(list_checklists, ListFilter(as_of=day), actor=SYSTEM).items]

    assert states(date(2026, 3, 1)) == []
    assert states(date(2026, 3, 2)) == ["publicity"]
    assert states(date(2026, 3, 20)) == ["in_force"]
    rows = world.read(list_rows, ListFilter(as_of=date(2026, 3, 20), kind="leadership"), actor=SYSTEM).items
    assert [row.no for row in rows] == ["2", "3"]
    assert {row.checklist_id for row in rows} == {list_of(world, case).id}


def test_two_years_are_compared_by_row_number_and_the_day_of_the_year(world: World) -> None:
    first = in_force(world)
    rows = [{**row, "no": str(number), "due_on": "2027-06-30"} for number, row in enumerate(ROWS, 1)]
    rows[1]["measure"] = "每月一次"
    second = begun(world, year=2027)
    drafted(world, second, [*rows, {**rows[0], "no": "9"}])

    found = world.read(compare_lists, list_of(world, first).id, list_of(world, second).id, actor=SYSTEM)

    assert [(each.no, each.kind, each.columns) for each in found] == [
        ("1", "same", ()),
        ("2", "changed", ("measure",)),
        ("3", "same", ()),
        ("4", "same", ()),
        ("9", "new", ()),
    ]


def test_last_years_rows_are_taken_over_with_their_limits_in_this_year(world: World) -> None:
    in_force(world)
    task = world.task("编制清单", case=begun(world, year=2027))

    world.run(copy_last_year, task.id, actor=world.holder(UNIT, "经办"))

    typed = world.one(Draft, task_id=task.id).content["rows"]
    assert [(row["no"], row["due_on"]) for row in typed] == [(str(number), "2027-06-30") for number in range(1, 5)]


def test_without_a_list_of_an_earlier_year_there_is_nothing_to_take_over(world: World) -> None:
    task = world.task("编制清单", case=begun(world))

    with pytest.raises(WrongStateError) as refused:
        world.run(copy_last_year, task.id, actor=world.holder(UNIT, "经办"))

    assert refused.value.code == "nothing-to-copy"


def test_a_list_is_read_within_its_scope_only(world: World) -> None:
    made = list_of(world, publicised(world, scope="unit")).id

    assert world.read(one_checklist, made, actor=world.holder(UNIT, "经办")).scope == "unit"
    with pytest.raises(NotFoundError):
        world.read(one_checklist, made, actor=world.holder("yc", "经办"))

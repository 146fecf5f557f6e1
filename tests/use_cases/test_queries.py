"""Lists: filters, pages, lights. The light of a row is what ``light_key`` says, whoever computes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.world import CLERK, FLOWADMIN, HEAD, OFFICE, SUPERVISOR, World, shanghai
from workflows.cases import cancel_case, suspend_case
from workflows.deadlines.lights import light_key
from workflows.errors import NotFoundError, RejectedError
from workflows.queries import cases as case_lists
from workflows.queries import incidents as incident_lists
from workflows.queries import tasks as task_lists
from workflows.queries.case_filters import CaseFilter
from workflows.queries.task_filters import TaskFilter


def tasks(world: World, as_: str, **wanted: Any) -> list[str]:
    page = world.read(
        lambda store: task_lists.list_tasks(store, TaskFilter(**wanted), actor=world.actor(as_), limit=100)
    )
    return [row.id for row in page.items]


def cases(world: World, as_: str, **wanted: Any) -> list[str]:
    page = world.read(
        lambda store: case_lists.list_cases(store, CaseFilter(**wanted), actor=world.actor(as_), limit=100)
    )
    return [row.id for row in page.items]


# ------------------------------------------------------------------ lights


def test_the_light_of_every_task_is_what_the_pure_function_says(world: World):
    """One case begun every day for two weeks, some done: looked at every twelve hours."""
    for day in range(9):
        case = world.start("approval")
        if day % 3 == 0:
            world.task("拟稿", case=case).complete(CLERK, answer="好")
        world.let_pass(days=1)
    lights: set[str] = set()
    for _ in range(6):
        world.start("approval")
        world.sleep_until(world.now + timedelta(hours=12))
        page = world.read(
            lambda store: task_lists.list_tasks(
                store, TaskFilter(scope="all"), actor=world.actor(SUPERVISOR), limit=100
            )
        )
        lights |= {row.light for row in page.items}
        for row in page.items:
            assert row.light == light_key(row.started_at, row.near_at, row.due_at, row.done_at, world.now)

    assert lights == {"done", "normal", "near", "overdue"}


@pytest.mark.parametrize("light", ["normal", "near", "overdue"])
def test_filter_and_counts_by_light_agree_with_the_rows(world: World, light):
    world.start("approval")
    world.let_pass(days=5)
    world.start("approval")
    world.let_pass(days=3)
    world.start("approval")
    everything = world.read(
        lambda store: task_lists.list_tasks(store, TaskFilter(scope="todo"), actor=world.actor(CLERK), limit=100)
    ).items

    found = tasks(world, CLERK, scope="todo", light=light)
    counts = world.read(
        lambda store: task_lists.counts_by_light(store, TaskFilter(scope="todo"), actor=world.actor(CLERK))
    )

    assert found == [row.id for row in everything if row.light == light]
    assert counts.get(light, 0) == len(found)
    assert sum(counts.values()) == len(everything)


def test_a_case_shows_the_worst_of_its_running_limits(world: World):
    case = world.start("approval")
    plain = world.start("timed")
    world.let_pass(days=9)

    rows = {
        row.id: row
        for row in world.read(
            lambda store: case_lists.list_cases(store, CaseFilter(), actor=world.actor(SUPERVISOR))
        ).items
    }

    assert rows[case].light == "overdue"
    assert rows[plain].light == "normal"
    assert rows[case].due_at == shanghai(2026, 3, 10)


@pytest.mark.parametrize("light", ["overdue", "near", "normal", "done"])
def test_cases_filtered_by_light_are_those_that_show_it(world: World, light):
    """A case without any limit shows normal, and is found as such."""
    world.start("timed")
    done = world.start("branches")
    world.task("监看", case=done).complete(CLERK)
    world.start("approval")
    world.let_pass(days=9)
    world.start("approval")
    shown = {
        row.id
        for row in world.read(
            lambda store: case_lists.list_cases(store, CaseFilter(), actor=world.actor(SUPERVISOR), limit=100)
        ).items
        if row.light == light
    }

    assert set(cases(world, SUPERVISOR, light=light)) == shown


# ------------------------------------------------------------------ scopes and filters of tasks


def test_scopes_of_tasks(world: World):
    world.start("approval")
    world.start("approval")
    claimed, offered = world.tasks("拟稿")
    claimed.claim(CLERK)

    assert tasks(world, CLERK, scope="mine") == [claimed.id]
    assert tasks(world, CLERK, scope="candidate") == [offered.id]
    assert set(tasks(world, CLERK, scope="todo")) == {claimed.id, offered.id}
    assert tasks(world, OFFICE, scope="todo") == []
    claimed.complete(CLERK, answer="好")
    assert tasks(world, CLERK, scope="done") == [claimed.id]
    assert tasks(world, CLERK, scope="mine") == []


def test_nobody_lists_what_they_may_not_see(world: World):
    world.start("approval")

    assert tasks(world, "p219", scope="all") == []
    assert cases(world, "p219") == []
    assert len(tasks(world, SUPERVISOR, scope="all")) == 1
    assert len(cases(world, FLOWADMIN)) == 1


def test_tasks_by_unit_definition_date_and_text(world: World):
    world.start("approval")
    world.start("timed")
    first = world.task("拟稿").id
    other = world.task("等待").id

    assert set(tasks(world, SUPERVISOR, scope="all", unit="ws")) == {first, other}
    assert tasks(world, SUPERVISOR, scope="all", unit="yc") == []
    assert tasks(world, SUPERVISOR, scope="all", unit="nowhere") == []
    assert tasks(world, SUPERVISOR, scope="all", definition="approval") == [first]
    assert tasks(world, SUPERVISOR, scope="all", definition="approval:1") == [first]
    assert tasks(world, SUPERVISOR, scope="all", definition="approval:2") == []
    assert tasks(world, SUPERVISOR, scope="all", definition="approval:x") == []
    assert tasks(world, SUPERVISOR, scope="all", due_from=shanghai(2026, 3, 10)) == [first]
    assert tasks(world, SUPERVISOR, scope="all", due_before=shanghai(2026, 3, 10)) == []
    assert tasks(world, SUPERVISOR, scope="all", text="拟") == [first]
    assert tasks(world, SUPERVISOR, scope="all", text="%") == []
    assert tasks(world, SUPERVISOR, scope="all", text="_") == []


def test_a_unit_whose_code_begins_another_ones_is_not_mixed_up(world: World):
    world.start("approval", unit="ws-zf", as_="p156")

    assert len(cases(world, SUPERVISOR, unit="ws")) == 1
    assert cases(world, SUPERVISOR, unit="w") == []


# ------------------------------------------------------------------ pages


def test_pages_walk_over_every_row_once_even_when_rows_arrive(world: World):
    wanted = {world.start("timed") for _ in range(7)}
    seen: list[str] = []
    after = None
    while True:
        page = world.read(case_lists.list_cases, CaseFilter(), actor=world.actor(SUPERVISOR), after=after, limit=2)
        seen += [row.id for row in page.items]
        after = page.next
        if after is None:
            break
        world.clock.move_to(world.now + timedelta(seconds=1))
        world.start("timed")

    assert len(seen) == len(set(seen))
    assert wanted <= set(seen)


def test_tasks_without_a_limit_come_last(world: World):
    world.start("timed")
    world.start("approval")

    assert tasks(world, CLERK) == [world.task("拟稿").id, world.task("等待").id]


@pytest.mark.parametrize("cursor", ["x", "", "e30", "W10", "a" * 3000, "WzEsMl0"])
def test_a_forged_cursor_is_refused(world: World, cursor):
    with pytest.raises(RejectedError):
        world.read(
            lambda store: case_lists.list_cases(store, CaseFilter(), actor=world.actor(SUPERVISOR), after=cursor)
        )


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_has_bounds(world: World, limit):
    with pytest.raises(RejectedError):
        world.read(lambda store: task_lists.list_tasks(store, TaskFilter(), actor=world.actor(CLERK), limit=limit))


# ------------------------------------------------------------------ views


def test_the_diagram_shows_what_really_happened(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").give_back("previous", OFFICE)
    world.task("拟稿").complete(CLERK, answer="好")

    shown = world.read(lambda store: case_lists.case_diagram(store, case, actor=world.actor(SUPERVISOR)))

    assert shown.active == {"Review": 1}
    assert shown.completed["Draft"] == 2
    assert shown.cancelled.get("Draft", 0) == 0
    assert shown.taken["f1"] == 1
    assert shown.lights == {"Review": "near"}  # three days, of which the region calls all near


def test_the_diagram_of_a_step_that_opened_after_others_were_late_shows_its_own_light(world: World):
    case = world.start("approval")
    world.let_pass(days=9)
    world.task("拟稿").complete(CLERK, answer="好")

    shown = world.read(lambda store: case_lists.case_diagram(store, case, actor=world.actor(SUPERVISOR)))

    assert shown.lights == {"Review": "near"}  # three days, of which the region calls all near


def test_the_timeline_is_the_chain_in_order(world: World):
    case = world.start("approval")
    world.task("拟稿").claim(CLERK).complete(CLERK, answer="好")

    page = world.read(lambda store: case_lists.case_events(store, case, actor=world.actor(CLERK), limit=2))
    rest = world.read(lambda store: case_lists.case_events(store, case, actor=world.actor(CLERK), after=page.next))

    events = [*page.items, *rest.items]
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.kind for event in events] == ["case-started", "task-claimed", "task-completed"]
    assert all(event.actor_name for event in events)


def test_views_of_what_one_may_not_see_are_not_found(world: World):
    case = world.start("approval")
    stranger = world.actor("p219")

    views: tuple[Callable[..., object], ...] = (
        case_lists.case_row,
        case_lists.case_diagram,
        case_lists.case_events,
        case_lists.deadlines_of_case,
        case_lists.attachments_of_case,
    )
    for view in views:
        for key in (case, "0" * 22, ""):
            with pytest.raises(NotFoundError):
                world.read(view, key, actor=stranger)


def test_the_detail_of_a_task_tells_what_its_page_needs(world: World):
    world.start("approval")
    task = world.task("拟稿").claim(CLERK)

    detail = world.read(lambda store: task_lists.task_detail(store, task.id, actor=world.actor(CLERK)))

    assert (detail.form, detail.attempt, detail.owner) == ("answer", 1, "post:经办@unit")
    assert detail.row.assignee_name
    assert detail.explanation is not None
    with pytest.raises(NotFoundError):
        world.read(lambda store: task_lists.task_detail(store, task.id, actor=world.actor("p219")))


def test_earlier_submissions_are_listed_in_order(world: World):
    case = world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").complete(OFFICE)

    found = world.read(lambda store: task_lists.submissions_of_case(store, case, actor=world.actor(HEAD)))

    assert [each.row.name for each in found] == ["拟稿", "审核"]
    assert found[0].submission == {"answer": "好"}


def test_cases_by_status_starter_and_parent(world: World):
    held = world.start("approval")
    world.run(suspend_case, held, "等待", actor=world.actor(SUPERVISOR))
    ended = world.start("timed")
    world.run(cancel_case, ended, "不办了", actor=world.actor(SUPERVISOR))
    parent = world.start("calling", subject="甲")

    assert cases(world, SUPERVISOR, status="suspended") == [held]
    assert cases(world, SUPERVISOR, status="cancelled") == [ended]
    assert cases(world, SUPERVISOR, parent_id=parent) == [world.child(parent).id]
    assert set(cases(world, CLERK, started_by_me=True)) >= {held, ended, parent}
    assert cases(world, HEAD, started_by_me=True) == []
    assert cases(world, SUPERVISOR, text="三步") == [held]


def test_incidents_are_listed_for_who_must_act_only(world: World):
    case = world.start("nobody", who="person:p999")

    def listed(as_: str, **wanted: Any) -> int:
        page = world.read(lambda store: incident_lists.list_incidents(store, actor=world.actor(as_), **wanted))
        return len(page.items)

    assert listed(FLOWADMIN) == listed(FLOWADMIN, status="open") == listed(FLOWADMIN, case_id=case) == 1
    assert listed(FLOWADMIN, status="resolved") == 0
    assert listed(CLERK) == listed("p219") == 0

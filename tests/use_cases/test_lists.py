"""Lists of tasks and cases: narrowed, sorted, paged both ways; filters and phrases that people keep; many at once."""

from __future__ import annotations

import pytest

from tests.world import CLERK, CLERK_2, HEAD, World
from workflows.access import system_actor
from workflows.batches import claim_tasks
from workflows.desks import (
    MOST_PHRASES,
    add_phrase,
    arguments_of,
    choose_default,
    filters_of,
    phrases_of,
    remove_filter,
    remove_phrase,
    save_filter,
)
from workflows.errors import NotAllowedError, NotFoundError, RejectedError
from workflows.queries.case_filters import CASE_SORTS, CaseFilter
from workflows.queries.cases import list_cases, waiting_steps
from workflows.queries.task_filters import TASK_SORTS, TaskFilter
from workflows.queries.tasks import list_tasks

TITLES = ("谈话提醒第一件", "问题整改", "谈话记录100%", "年度_报告", "督查")


def begun(world: World) -> list[str]:
    """Five drafts that anybody of the office may claim, begun a day apart."""
    cases = []
    for title in TITLES:
        cases.append(world.start("approval"))
        world.run(_retitle, cases[-1], title)
        world.let_pass(days=1)
    return cases


def _retitle(store, case_id: str, title: str) -> None:
    from workflows.tables import Case  # noqa: PLC0415 - only here

    store.need(Case, case_id).title = title


def titles(world: World, who: str = CLERK, **wanted: object) -> list[str]:
    found = world.read(list_tasks, TaskFilter(**wanted), actor=world.actor(who))  # type: ignore[arg-type]
    return [row.title for row in found.items]


def test_a_list_is_narrowed_by_words_days_left_process_and_version(world: World):
    begun(world)

    assert titles(world, text="谈话") == [TITLES[0], TITLES[2]]
    assert titles(world, text="谈话 100%") == [TITLES[2]]
    assert titles(world, text="度_") == [TITLES[3]]
    assert titles(world, text="财政局 督查") == [TITLES[4]]
    assert titles(world, text="拟稿 三步") == list(TITLES)
    assert titles(world, definition="approval", version=1) == list(TITLES)
    assert titles(world, definition="approval:1", version=2) == []
    assert titles(world, version=99) == []
    left = {
        row.title: row.due_at
        for row in world.read(list_tasks, TaskFilter(), actor=world.actor(CLERK)).items
        if row.due_at
    }
    soon = titles(world, left_most=3)
    assert 0 < len(soon) < len(TITLES)
    assert max(left[title] for title in soon) < min(left[title] for title in left if title not in soon)
    assert sorted([*soon, *titles(world, left_least=4)]) == sorted(TITLES)
    assert titles(world, left_most=-1) == []


@pytest.mark.parametrize("kind", ["tasks", "cases"])
def test_every_order_is_paged_forwards_and_backwards_without_loss(world: World, kind: str):
    begun(world)
    actor = world.actor(CLERK)

    def page(sort: str, **place: str | None):
        if kind == "tasks":
            return world.read(list_tasks, TaskFilter(sort=sort), actor=actor, limit=2, **place)
        return world.read(list_cases, CaseFilter(sort=sort, started_by_me=True), actor=actor, limit=2, **place)

    for sort in TASK_SORTS if kind == "tasks" else CASE_SORTS:
        for way in (sort, f"-{sort}"):
            first = page(way)
            second = page(way, after=first.next)
            third = page(way, after=second.next)
            ids = [row.id for each in (first, second, third) for row in each.items]
            assert len(set(ids)) == len(TITLES), way
            assert (first.previous, third.next) == (None, None)
            assert [row.id for row in page(way, before=third.previous).items] == [row.id for row in second.items]
            back = page(way, before=second.previous)
            assert [row.id for row in back.items] == [row.id for row in first.items]
            assert (back.previous, back.next is not None) == (None, True)
    assert [row.title for row in page("-title").items] == sorted(TITLES, reverse=True)[:2]


def test_a_cursor_of_another_order_is_refused(world: World):
    begun(world)
    actor = world.actor(CLERK)
    cursor = world.read(list_tasks, TaskFilter(sort="process"), actor=actor, limit=1).next

    with pytest.raises(RejectedError) as told:
        world.read(list_tasks, TaskFilter(sort="due"), actor=actor, before=cursor)

    assert told.value.code == "bad-cursor"


def test_cases_say_on_whom_they_wait(world: World):
    case, *_ = begun(world)
    world.task("拟稿", case=case).claim(CLERK_2)

    (step,) = world.read(waiting_steps, [case])[case]

    assert (step.step, step.holder) == ("拟稿", world.actor(CLERK_2).name)


def test_many_tasks_are_claimed_and_what_is_refused_takes_no_other_with_it(world: World):
    cases = begun(world)[:3]
    ids = [world.task("拟稿", case=case).id for case in cases]
    world.task("拟稿", case=cases[1]).claim(CLERK_2)

    results = claim_tasks(world.application, [*ids, ids[0], "nothing"], actor=world.actor(CLERK))

    assert [(each.id, each.fault.code if each.fault else None) for each in results] == [
        (ids[0], None),
        (ids[1], "task-claimed-by-other"),
        (ids[2], None),
        ("nothing", "task-not-found"),
    ]
    assert len(titles(world, scope="mine")) == 2


def test_a_filter_is_kept_under_a_name_replaced_and_the_default_of_its_list(world: World):
    actor = world.actor(CLERK)
    first = world.run(
        save_filter, "todo", " 临期 ", {"light": "near", "after": "x", "q": ""}, actor=actor, is_default=True
    )
    again = world.run(save_filter, "todo", "临期", {"light": "near", "unit": "ws"}, actor=actor)
    other = world.run(save_filter, "todo", "逾期", {"light": "overdue"}, actor=actor, is_default=True)

    saved = {each.name: each for each in world.read(filters_of, "todo", actor=actor)}
    assert (first.id, len(saved)) == (again.id, 2)
    assert arguments_of(saved["临期"]) == {"light": "near", "unit": "ws"}
    assert {name: each.is_default for name, each in saved.items()} == {"临期": False, "逾期": True}
    assert world.read(filters_of, actor=world.actor(HEAD)) == []
    for use_case in (remove_filter, lambda *args, **more: choose_default(*args, **more, is_default=True)):
        with pytest.raises(NotFoundError):
            world.run(use_case, other.id, actor=world.actor(HEAD))
    world.run(choose_default, other.id, actor=actor, is_default=False)
    world.run(remove_filter, first.id, actor=actor)
    assert [(each.name, each.is_default) for each in world.read(filters_of, actor=actor)] == [("逾期", False)]


@pytest.mark.parametrize(("name", "code"), [("  ", "field-required"), ("长" * 61, "field-too-long")])
def test_a_filter_needs_a_short_name(world: World, name: str, code: str):
    with pytest.raises(RejectedError) as told:
        world.run(save_filter, "todo", name, {}, actor=world.actor(CLERK))

    assert [fault.code for fault in told.value.faults] == [code]


def test_phrases_are_ones_own_each_once_and_bounded(world: World):
    actor = world.actor(CLERK)
    first = world.run(add_phrase, " 同意，\n请办理 ", actor=actor)
    again = world.run(add_phrase, "同意， 请办理", actor=actor)

    assert (first.id, first.text) == (again.id, "同意， 请办理")
    with pytest.raises(NotFoundError):
        world.run(remove_phrase, first.id, actor=world.actor(HEAD))
    with pytest.raises(RejectedError):
        world.run(add_phrase, "长" * 301, actor=actor)
    with pytest.raises(NotAllowedError):
        world.run(add_phrase, "同意", actor=system_actor())

    def fill(store) -> None:
        for number in range(MOST_PHRASES - 1):
            add_phrase(store, f"第{number}句", actor=actor)

    world.run(fill)
    with pytest.raises(RejectedError):
        world.run(add_phrase, "再来一句", actor=actor)
    world.run(remove_phrase, first.id, actor=actor)
    assert len(world.read(phrases_of, actor=actor)) == MOST_PHRASES - 1

"""Drafts: kept with the task, by version, for whoever may work on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import CLERK, CLERK_2, SUPERVISOR, World
from workflows.cases import suspend_case
from workflows.drafts import read_draft, save_draft
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, StaleVersionError, WrongStateError
from workflows.tables import Draft


def save(world: World, content: dict[str, Any], *, as_: str = CLERK, version: int | None = None) -> Draft:
    return world.run(save_draft, world.task("拟稿").id, content, actor=world.actor(as_), expected_version=version)


def read(world: World, *, as_: str = CLERK) -> Draft | None:
    task_id = world.task("拟稿").id
    return world.read(lambda store: read_draft(store, task_id, actor=world.actor(as_)))


def test_there_is_no_draft_before_one_was_saved(world: World):
    world.start("approval")

    assert read(world) is None


def test_what_was_typed_is_kept_even_unfinished(world: World):
    world.start("approval")

    save(world, {"amount": 3})

    found = read(world)
    assert found is not None
    assert (found.content, found.row_version) == ({"amount": 3}, 1)


def test_a_field_that_the_form_does_not_have_is_refused(world: World):
    world.start("approval")

    with pytest.raises(RejectedError) as told:
        save(world, {"stranger": 3})

    assert [fault.pointer for fault in told.value.faults] == ["/variables/stranger"]
    assert read(world) is None


def test_a_huge_draft_is_refused(world: World):
    world.start("approval")

    with pytest.raises(RejectedError):
        save(world, {"answer": "字" * 600_000})

    assert read(world) is None


def test_the_second_window_is_told_that_it_is_stale(world: World):
    world.start("approval")
    save(world, {"answer": "一"}, version=0)

    with pytest.raises(StaleVersionError):
        save(world, {"answer": "二"}, version=0)

    found = read(world)
    assert found is not None
    assert found.content == {"answer": "一"}


def test_a_draft_stays_when_the_task_is_released(world: World):
    world.start("approval")
    task = world.task("拟稿").claim(CLERK)
    save(world, {"answer": "半截"})
    task.release(CLERK)

    found = read(world, as_=CLERK_2)
    assert found is not None
    assert found.content == {"answer": "半截"}


def test_nobody_types_into_what_another_has_claimed(world: World):
    world.start("approval")
    world.task("拟稿").claim(CLERK)

    with pytest.raises(NotAllowedError):
        save(world, {"answer": "抢"}, as_=CLERK_2)
    with pytest.raises(NotAllowedError):
        read(world, as_=CLERK_2)
    with pytest.raises(NotAllowedError):
        read(world, as_=SUPERVISOR)
    with pytest.raises(NotFoundError):
        read(world, as_="p219")


def test_a_completed_task_has_no_draft_and_takes_none(world: World):
    world.start("approval")
    save(world, {"answer": "好"})
    task = world.task("拟稿").complete(CLERK, answer="好")

    assert world.rows(Draft) == []
    with pytest.raises(WrongStateError):
        world.run(save_draft, task.id, {"answer": "晚"}, actor=world.actor(CLERK))


def test_a_suspended_case_takes_no_draft(world: World):
    case = world.start("approval")
    world.run(suspend_case, case, "等待", actor=world.actor(SUPERVISOR))

    with pytest.raises(WrongStateError):
        save(world, {"answer": "好"})

"""An administrator opens an element again: what is withdrawn, who may, who is told, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.world import CLERK, HEAD, World, open_world
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, StaleVersionError, WrongStateError
from workflows.resets import preview_reset, reset_case, reset_targets
from workflows.tables import Notice


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    with open_world(databases, "sqlite", tmp_path) as opened:
        yield opened


def at_the_end(world: World) -> str:
    case = world.start("approval")
    world.task("拟稿").complete(answer="初稿")
    world.task("审核").complete()
    return case


def test_a_reset_opens_a_passed_step_again_and_tells_whose_task_is_gone(world: World):
    case = at_the_end(world)
    task = world.task("审定").claim(HEAD)
    supervisor = world.actor("supervisor")

    assert [each.id for each in world.read(reset_targets, case, actor=supervisor)] == ["Draft", "Review", "Approve"]
    effect = world.read(preview_reset, case, "Draft", actor=supervisor)
    assert ([each.id for each in effect.withdrawn], effect.opened) == ([task.id], ("拟稿",))
    world.run(reset_case, case, "Draft", "材料有误", actor=supervisor)

    again = world.task("拟稿")
    assert (world.names(case), again.attempt, task.row.status) == (["拟稿"], 2, "cancelled")
    assert "case-reset" in world.kinds(case)
    (notice,) = world.rows(Notice, kind="case-reset")
    assert (notice.person_id, notice.content["gone"]) == (world.actor(HEAD).person_id, ["审定"])
    again.complete(answer="二稿")
    world.task("审核").complete()
    world.task("审定").complete()
    assert world.case(case).status == "completed"
    world.check()


def test_a_reset_withdraws_child_cases_and_begins_the_call_again(world: World):
    case = world.start("calling", subject="甲")
    child = world.child(case)
    actor = world.actor("flowadmin")

    assert world.read(preview_reset, case, "Call", actor=actor).children == 1
    world.run(reset_case, case, "Call", "换人办", actor=actor)
    world.settle()

    assert world.case(child.id).status == "cancelled"
    world.task("承办工作").complete(answer="好")
    assert world.names() == ["办理结果"]
    world.check()


def test_what_cannot_be_is_refused_by_its_code_and_nothing_is_written(world: World):
    case = world.start("approval")
    kinds = world.kinds(case)
    actor = world.actor("flowadmin")

    for to, reason, fault, code in (
        ("Approve", "理由", WrongStateError, "reset-not-possible"),
        ("Nowhere", "理由", RejectedError, "invalid-request"),
        ("Draft", " ", RejectedError, "invalid-request"),
    ):
        with pytest.raises(fault) as caught:
            world.run(reset_case, case, to, reason, actor=actor)
        assert caught.value.code == code
    with pytest.raises(RejectedError):
        world.run(reset_case, case, "Draft", "理由", near="nothing", actor=actor)
    with pytest.raises(StaleVersionError):
        world.run(reset_case, case, "Draft", "理由", actor=actor, expected_version=99)
    for who, denial in ((CLERK, NotAllowedError), ("sysadmin", NotFoundError), ("auditor", NotAllowedError)):
        with pytest.raises(denial):
            world.run(reset_case, case, "Draft", "理由", actor=world.actor(who))
    assert world.kinds(case) == kinds

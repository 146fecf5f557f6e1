"""Many cases move in the background: dry run, choice, one failing case, a crash, two persons, activation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.databases import Databases
from tests.invariants import violations
from tests.use_cases.migration_scene import REASON, edition, family, move, moved, order, version
from tests.use_cases.test_migrating_cases import RENAMED, WITH_STEP, WITHOUT_REVIEW
from tests.world import World, open_world, shanghai
from workflows import migrations
from workflows.carrying import carry_over
from workflows.definitions import deploy_files
from workflows.engine.types import FileContent, Profile
from workflows.errors import NotAllowedError, RejectedError
from workflows.law_acts import Activation, put_into_force
from workflows.migrations import Wish, ask_migration, move_due, move_next
from workflows.queries.migrations import cases_of_migration, list_migrations, plan_migration
from workflows.store.migrations import moves_due
from workflows.tables import Case, Definition, LimitChoice, Migration, MigrationCase, Notice, Timer, TimerState
from workflows.transaction import run


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    with open_world(databases, "sqlite", tmp_path) as opened:
        yield opened


def three(world: World) -> tuple[str, str, str]:
    """A case at each of the three steps."""
    first, second, third = (world.start("approval") for _ in range(3))
    for case in (second, third):
        world.task("拟稿", case=case).complete(answer="初稿")
    world.task("审核", case=third).complete()
    return first, second, third


def test_a_dry_run_tells_of_each_case_and_changes_nothing(world: World):
    first, second, third = three(world)
    world.run(_suspend, third)
    to = edition(world, "approval", *WITHOUT_REVIEW)
    before = world.read(_fingerprint)

    plan = world.read(plan_migration, Wish("approval", 1, to, {}), actor=world.actor("flowadmin"))

    told = {case.id: (case.status, case.code) for case in plan.cases}
    assert told == {
        first: ("moved", ""),
        second: ("refused", "migration-element-gone"),
        third: ("stayed", "case-suspended"),
    }
    assert [(each.pair.old.id, each.holds) for each in plan.unmapped] == [("Review", 1)]
    assert (dict(plan.counts), plan.left) == ({"moved": 1, "refused": 1, "stayed": 1}, 0)
    assert next(case for case in plan.cases if case.id == second).at == ("审核",)
    assert world.read(_fingerprint) == before
    with pytest.raises(NotAllowedError):
        world.read(plan_migration, Wish("approval", 1, to, {}), actor=world.actor("supervisor"))


def _suspend(store, case_id):
    store.need(Case, case_id).status = "suspended"


def _fingerprint(store):
    return [
        (each.id, each.row_version, each.definition_id, each.state)
        for each in store.session.scalars(select(Case).order_by(Case.id))
    ]


def test_an_order_moves_all_that_can_and_says_why_the_others_stay(world: World):
    first, second, third = three(world)
    to = edition(world, "approval", *WITHOUT_REVIEW)

    made = order(world, "approval", to)
    found = moved(world, made)

    assert found == {first: "moved", second: "refused", third: "moved"}
    assert [version(world, case) for case in (first, second, third)] == [to, 1, to]
    row = world.read(list_migrations, actor=world.actor("flowadmin")).items[0]
    assert (row.status, row.cases["moved"], row.cases["refused"]) == ("done", 2, 1)
    page = world.read(cases_of_migration, made.id, actor=world.actor("flowadmin"), status="refused")
    assert [[each.code for each in case.findings] for case in page.items] == [["migration-element-gone"]]
    assert world.ledger("definition:approval")[-2:] == ["migration-begun", "migration-ended"]
    assert [notice.kind for notice in world.rows(Notice, kind="migration-ended")] == ["migration-ended"]
    assert moved(world, made) == found  # nothing is done twice
    world.check()


def test_only_the_chosen_cases_move(world: World):
    first, second, _ = three(world)
    to = edition(world, "approval", WITH_STEP)

    assert moved(world, order(world, "approval", to, cases=[second])) == {second: "moved"}

    assert (version(world, first), version(world, second)) == (1, to)
    for cases in ([], ["nobody"], [second]):
        with pytest.raises(RejectedError):
            order(world, "approval", to, cases=cases)


def test_a_fault_of_ours_stops_no_other_case(world: World, monkeypatch: pytest.MonkeyPatch):
    first, second, third = three(world)
    made = order(world, "approval", edition(world, "approval", *RENAMED))

    def breaks(store, case, *args, **more):
        carry_over(store, case, *args, **more)
        if case.id == second:
            raise RuntimeError("disk on fire")

    monkeypatch.setattr(migrations, "carry_over", breaks)
    found = moved(world, made)

    assert found == {first: "moved", second: "failed", third: "moved"}
    assert (version(world, second), world.task("审核", case=second).row.element_id) == (1, "Review")
    assert world.one(Migration, id=made.id).status == "done"
    world.check()


def test_after_a_crash_the_rest_is_moved_and_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch):
    cases = three(world)
    made = order(world, "approval", edition(world, "approval", *RENAMED))

    def dies(application, use_case, *args, **more):
        if use_case is move_next and world.rows(MigrationCase, status="moved"):
            raise KeyboardInterrupt
        return run(application, use_case, *args, **more)

    monkeypatch.setattr(migrations, "run", dies)
    with pytest.raises(KeyboardInterrupt):
        move_due(world.application)
    monkeypatch.undo()
    assert len(world.read(moves_due, 10)) == 2

    assert moved(world, made) == dict.fromkeys(cases, "moved")
    assert [world.kinds(case).count("case-migrated") for case in cases] == [1, 1, 1]
    world.check()


def test_a_case_that_ended_or_moved_meanwhile_stays_and_is_told_so(world: World):
    first, second, third = three(world)
    to = edition(world, "approval", WITH_STEP)
    made = order(world, "approval", to)
    world.task("审定", case=third).complete()
    move(world, second, to)

    assert moved(world, made) == {first: "moved", second: "stayed", third: "stayed"}
    assert {row.code for row in world.rows(MigrationCase, migration_id=made.id)} == {
        "",
        "case-of-other-version",
        "case-completed",
    }


def test_a_version_put_into_force_takes_the_running_cases_along_if_wished(world: World):
    cases = three(world)
    text = family("approval")
    files = [FileContent(each.path, each.content.replace(b"amount: 5", b"amount: 8")) for each in text]
    (definition, _), *_ = world.run(deploy_files, files, actor=world.actor("flowadmin"))
    how = Activation(Profile.STANDARD, LimitChoice.RECOUNT)
    actor = world.actor("flowadmin")

    with pytest.raises(RejectedError):
        world.run(put_into_force, "approval", definition.version, actor=actor, how=how)
    outcome = world.run(put_into_force, "approval", definition.version, actor=actor, how=how, reason=REASON)

    assert moved(world, outcome.migrations[0]) == dict.fromkeys(cases, "moved")
    assert world.task("拟稿", case=cases[0]).deadline.rule_version == 1
    assert world.task("拟稿", case=cases[0]).row.due_at == shanghai(2026, 3, 13)
    world.check()


def test_by_default_running_cases_stay_on_their_version(world: World):
    case = world.start("approval")
    edition(world, "approval", WITH_STEP)

    assert (version(world, case), world.rows(Migration)) == (1, [])


def test_the_rectification_of_the_law_goes_on_under_a_changed_diagram(world: World):
    """The shipped family: one step renamed, one added, limits counted anew; its calls run on."""
    case = world.start("rectification", unit="ws", as_=None, supervising_unit="yt", source_title="审计指出的问题")
    other = world.start("rectification", unit="ws", as_=None, supervising_unit="yt", source_title="巡察指出的问题")
    source = world.read(lambda store: store.need(Definition, store.need(Case, case).definition_id).version)
    step = (
        '<userTask id="Countercheck" name="复核清单" zc:clause="编者补" '
        'zc:owner="post:主要负责人@unit(supervising_unit)" zc:deadline="rectification_issue"/>'
        '<sequenceFlow id="Flow_new" sourceRef="Countercheck" targetRef="DecideLimit"/>'
    )
    to = edition(
        world,
        "rectification",
        ('id="Register"', 'id="Enrol"'),
        ('Ref="Register"', 'Ref="Enrol"'),
        ('sourceRef="Enrol" targetRef="DecideLimit"', 'sourceRef="Enrol" targetRef="Countercheck"'),
        ("<flowNodeRef>Register</flowNodeRef>", "<flowNodeRef>Enrol</flowNodeRef>"),
        ('bpmnElement="Register"', 'bpmnElement="Enrol"'),
        ('<sequenceFlow id="Flow_Start__Register"', step + '<sequenceFlow id="Flow_Start__Register"'),
    )
    wish = Wish("rectification", source, to, {}, LimitChoice.RECOUNT)

    made = world.run(ask_migration, wish, reason=REASON, actor=world.actor("flowadmin")).migration

    assert moved(world, made) == {case: "moved", other: "moved"}
    task = world.task("登记问题清单", case=case)
    assert task.row.element_id == "Enrol"
    assert world.read(violations) == []
    world.let_pass(days=30)
    assert {timer.firings for timer in world.rows(Timer, state=TimerState.FIRED)} == {1}
    world.check()

"""A case opens an independent one of another family and is told by its inbox when that one has ended."""

from __future__ import annotations

from dataclasses import replace
from json import dumps
from typing import Any

import pytest

from tests.world import CLERK, World, values_of
from workflows.access import system_actor
from workflows.cases import cancel_case
from workflows.queries.case_contents import case_contents
from workflows.queries.casebook import case_book
from workflows.queries.cases import case_events
from workflows.tables import Case, CaseLink


def _opened(world: World, **variables: Any) -> tuple[str, Case]:
    source = world.start("opening", **{"other": "approval", "other_unit": None, **variables})
    link = world.one(CaseLink, source_case_id=source)
    return source, world.case(link.target_case_id)


def test_the_opened_case_begins_for_its_own_unit_and_is_no_child(world: World) -> None:
    source, opened = _opened(world, other_unit="ws")

    unit = world.read(lambda store: store.need(Case, opened.id).unit_id)
    assert (opened.parent_case_id, opened.status) == (None, "active")
    assert unit != world.case(source).unit_id
    assert world.names(opened.id) != []
    assert "case-opened" in world.kinds(source)


def test_the_source_waits_until_the_opened_case_has_ended_and_hears_how(world: World) -> None:
    source, opened = _opened(world)
    assert world.names(source) == []

    world.run(cancel_case, opened.id, "并案", actor=system_actor("test"))
    world.settle()

    assert world.names(source) == ["之后"]
    told = values_of(world, source)["other_ended"]
    assert (told["case"], told["outcome"]) == (opened.id, "cancelled")
    world.check()


def test_the_end_is_told_once_and_to_nobody_when_the_source_has_ended_before(world: World) -> None:
    source, opened = _opened(world)
    world.run(cancel_case, source, "不办了", actor=system_actor("test"))

    world.run(cancel_case, opened.id, "并案", actor=system_actor("test"))
    world.settle()

    assert world.case(source).status == "cancelled"
    assert world.incidents() == []


@pytest.mark.parametrize("wrong", [{"other": "no-such-family"}, {"other": 7}, {"other_unit": "nowhere"}])
def test_what_cannot_be_opened_fails_the_job_and_opens_nothing(world: World, wrong: dict[str, Any]) -> None:
    source = world.start("opening", as_=CLERK, **{"other": "approval", "other_unit": None, **wrong})
    for _ in range(5):
        world.let_pass(hours=1)

    assert [each.code for each in world.incidents(source)] == ["job-failed"]
    assert world.rows(CaseLink) == []


def test_who_is_not_cleared_learns_only_that_a_further_matter_was_opened(world: World) -> None:
    source, opened = _opened(world, other="secret")
    clerk, head = world.actor(CLERK), world.actor("supervisor")
    named = replace(head, clearance="confidential")
    told = {
        who.clearance: dumps(
            [
                world.read(case_contents, source, actor=who).variables,
                world.read(case_book, source, actor=who).variables,
                [event.content for event in world.read(case_events, source, actor=who).items],
            ],
            default=str,
        )
        for who in (clerk, named)
    }

    assert clerk.clearance == "internal"
    assert "case-opened" in world.kinds(source)
    assert opened.id not in told["internal"]
    assert "secret" not in told["internal"].replace('"other": "secret"', "")
    assert opened.id in told["confidential"]
    assert world.kinds(opened.id)[0] == "case-opened-by"
    world.check()

"""Asking for more time, and orders 督办单: received, answered, reviewed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.use_cases.escalation_scene import decide, overdue, to_level
from tests.world import CLERK, HEAD, OFFICE, SUPERVISOR, Handle, World, shanghai
from workflows import evidence
from workflows.errors import NotAllowedError, RejectedError, WrongStateError
from workflows.escalations import request_extension
from workflows.tables import Escalation

# ------------------------------------------------------------------ asking for time


def ask(world: World, task: Handle, *, as_: str = CLERK, **more: Any) -> Escalation:
    made = world.run(
        request_extension, task.id, ground="材料未到", reason="外单位未复函", actor=world.actor(as_), **more
    )
    world.settle()
    return made


def test_a_request_for_time_goes_to_a_supervisor_while_the_clock_runs(world: World):
    case = world.start("approval")
    task = world.task("拟稿")
    due = task.row.due_at

    made = ask(world, task, workdays=3)

    assert (made.kind, made.status) == ("extension", "proposed")
    assert task.row.due_at == due
    assert world.task("决定").candidates() == [HEAD]
    assert "复函" not in world.told(case) + world.told(made.case_id)
    decide(world, HEAD, "extend", extend_workdays=3)
    assert task.row.due_at == shanghai(2026, 3, 13)
    world.check()


def test_a_request_may_name_a_day(world: World):
    world.start("approval")

    made = ask(world, world.task("拟稿"), until=shanghai(2026, 3, 13, 12))

    assert made.facts["requested_workdays"] == 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"workdays": 11}, "extension-not-possible"),
        ({"workdays": 0}, "extension-not-possible"),
        ({"workdays": -3}, "extension-not-possible"),
        ({"until": shanghai(2026, 3, 3)}, "bad-extension"),
        ({}, "bad-extension"),
    ],
)
def test_a_request_that_the_rule_forbids_is_refused(world: World, asked: dict[str, Any], code):
    world.start("approval")

    with pytest.raises(RejectedError) as told:
        ask(world, world.task("拟稿"), **asked)

    assert told.value.code == code
    assert world.rows(Escalation) == []


def test_a_second_request_about_the_same_limit_waits_for_the_first(world: World):
    world.start("approval")
    ask(world, world.task("拟稿"), workdays=3)

    with pytest.raises(WrongStateError) as told:
        ask(world, world.task("拟稿"), workdays=3)

    assert told.value.code == "extension-requested"


def test_a_request_without_a_limit_or_by_a_stranger_is_refused(world: World):
    case = world.start("timed")
    with pytest.raises(RejectedError) as told:
        ask(world, world.task("等待", case=case), workdays=3)
    assert told.value.code == "no-deadline"
    world.start("approval")
    with pytest.raises(NotAllowedError):
        ask(world, world.task("拟稿"), as_=SUPERVISOR, workdays=3)


def test_a_refused_request_leaves_the_date(world: World):
    world.start("approval")
    task = world.task("拟稿")
    due = task.row.due_at
    ask(world, task, workdays=3)

    decide(world, HEAD, "reject")

    assert task.row.due_at == due
    assert world.escalation().status == "rejected"


def test_a_request_can_only_be_granted_or_refused(world: World):
    world.start("approval")
    ask(world, world.task("拟稿"), workdays=3)

    with pytest.raises(RejectedError):
        decide(world, HEAD, "talk", talk_with="某人", talk_topics="进度")

    assert world.task("决定").candidates() == [HEAD]
    assert world.escalation().decided_at is None


def test_an_extension_granted_after_the_work_was_done_moves_nothing(world: World):
    world.start("approval")
    task = world.task("拟稿")
    ask(world, task, workdays=3)
    due = task.row.due_at
    task.complete(CLERK, answer="好")

    decide(world, HEAD, "extend", extend_workdays=3)

    assert task.row.due_at == due
    assert world.incidents() == []
    assert world.escalation().closed_at is not None
    world.check()


# ------------------------------------------------------------------ orders


def attach(world: World, task: Handle, as_: str) -> str:
    file = evidence.receive_file(
        world.application,
        name="材料.pdf",
        content=b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    )
    return world.run(evidence.add_attachment, task.row.case_id, file=file, actor=world.actor(as_)).id


def test_an_order_is_received_answered_and_reviewed_with_limits_of_its_own(world: World):
    overdue(world)
    to_level(world, 1)
    decide(world, HEAD, "order", order_title="限期办结", order_requirements="三日内办结并报结果", order_workdays=2)
    order = world.child(world.escalation().case_id)
    assert order.process_key == "escalation_order"
    assert world.escalation().status == "approved"

    receipt = world.task("签收督办单")
    receipt.complete(
        OFFICE, order_received_on=world.now.date(), order_holder=world.code(CLERK), order_arrangement="即办"
    )
    world.settle()
    reply = world.task("办理并答复")
    assert reply.deadline.due_at == shanghai(2026, 3, 18)  # the two days of this order, not the five of the rule
    evidence_id = attach(world, reply, CLERK)
    measures = [{"measure": "加派人手", "done_on": world.now.date(), "result": "已到位"}]
    reply.complete(
        CLERK, order_cause="人手", order_measures=measures, order_answer="已办", order_evidence=[evidence_id]
    )
    world.settle()
    world.task("复核").complete(
        HEAD, order_checks=["cause", "done", "evidence"], order_result="closed", order_review_note="属实"
    )
    world.settle()

    assert world.case(order.id).status == "completed"
    assert (world.escalation().status, world.escalation().outcome) == ("closed", "order")
    assert "order-issued" in world.kinds(order.id)
    assert "三日内" not in world.told(order.id)
    assert world.incidents() == []
    world.check()

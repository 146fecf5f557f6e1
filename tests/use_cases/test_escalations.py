"""Escalation with due process: proposed, heard, decided, passed upward in silence, red and named at the end."""

from __future__ import annotations

import pytest

from tests.use_cases.escalation_scene import DEPUTY, SECOND_DEPUTY, SECRETARY, decide, overdue, stages, to_level
from tests.world import CLERK, CLERK_2, HEAD, OFFICE, SUPERVISOR, World, shanghai
from workflows.errors import NotAllowedError, NotFoundError, RejectedError, WrongStateError
from workflows.escalations import decide_escalation, request_extension
from workflows.handing import stop_clock
from workflows.queries.escalations import EscalationFilter, list_escalations
from workflows.tables import Escalation, Notice, Person, Reminder, Timer

# ------------------------------------------------------------------ proposing


def test_an_overdue_step_proposes_one_escalation_with_its_facts(world: World):
    case, task = overdue(world)

    found = world.escalation()
    assert (found.kind, found.status, found.proposed_outcome, found.rule) == (
        "overdue",
        "proposed",
        "urge",
        "escalate-1",
    )
    assert (found.source_case_id, found.source_activity_id) == (case, task.row.activity_id)
    assert found.facts["source_step"] == "拟稿"
    assert task.row.status == "open"
    assert world.task("陈述说明").candidates()
    assert "escalation-proposed" in world.kinds(case)
    world.check()


def test_work_that_is_done_in_time_is_never_escalated(world: World):
    world.start("approval")
    world.move_to(shanghai(2026, 3, 9, 23))
    world.task("拟稿").complete(CLERK, answer="好")
    world.move_to(shanghai(2026, 3, 11))

    assert world.rows(Escalation) == []


def test_a_later_rung_proposes_none_while_one_is_open(world: World):
    overdue(world)
    world.move_to(shanghai(2026, 3, 18))

    assert len(world.rows(Escalation)) == 1


def test_a_later_rung_proposes_another_when_the_first_is_closed(world: World):
    overdue(world)
    to_level(world, 1)
    decide(world, HEAD)
    assert world.escalation().status == "closed"

    world.move_to(shanghai(2026, 3, 17))

    assert [(row.sequence, row.proposed_outcome) for row in world.rows(Escalation)] == [(1, "urge"), (2, "order")]
    world.check()


def test_the_unit_may_explain_itself_before_it_counts(world: World):
    overdue(world)
    statement = world.task("陈述说明")
    statement.complete(statement_ground="workload", statement_text="人手不足", statement_state="done")
    world.settle()

    assert world.names() == sorted(["决定", "拟稿"])
    assert world.escalation().level == 1
    assert world.task("决定").candidates() == [HEAD]
    world.check()


def test_silence_of_the_unit_counts_as_no_objection(world: World):
    overdue(world)
    to_level(world, 1)

    assert world.task("决定").candidates() == [HEAD]


def test_nothing_is_locked_late_work_is_taken_while_an_escalation_is_open(world: World):
    case, task = overdue(world)
    to_level(world, 1)

    task.complete(CLERK, answer="好")

    assert world.names(case) == ["审核"]
    assert world.escalation().closed_at is None
    decide(world, HEAD)
    world.check()


# ------------------------------------------------------------------ deciding


def test_urging_tells_the_unit_and_closes(world: World):
    case, _ = overdue(world)
    to_level(world, 1)

    found = decide(world, HEAD)

    closed = world.escalation()
    assert (found.outcome, closed.status) == ("urge", "closed")
    assert closed.decided_by == world.actor(HEAD).person_id
    assert stages(world) == [(1, "approved")]
    told = {row.person_id for row in world.rows(Notice, kind="message")}
    assert world.one(Person, username=CLERK).id in told
    assert "请说明进展" not in world.told(closed.case_id)
    assert world.case(case).status == "active"
    world.check()


def test_rejecting_closes_it_as_rejected(world: World):
    overdue(world)
    to_level(world, 1)

    decide(world, HEAD, "reject")

    assert (world.escalation().status, world.escalation().outcome) == ("rejected", "reject")
    assert stages(world) == [(1, "rejected")]


def test_an_extension_moves_the_date_and_arms_the_ladder_anew(world: World):
    case, task = overdue(world)
    to_level(world, 1)
    before = task.deadline.due_at

    decide(world, HEAD, "extend", extend_workdays=5)

    after = task.deadline
    assert before < after.due_at == task.row.due_at == shanghai(2026, 3, 17)
    armed = {timer.step.split(":")[1] for timer in world.armed() if timer.deadline_id == after.id}
    assert {"overdue", "escalate-1"} <= armed
    assert "deadline-moved" in world.kinds(case)
    world.move_to(shanghai(2026, 3, 17))
    assert [row.sequence for row in world.rows(Escalation)] == [1, 2]
    world.check()


def test_an_extension_beyond_the_rule_is_refused_and_nothing_changes(world: World):
    _, task = overdue(world)
    to_level(world, 1)
    before = task.row.due_at

    with pytest.raises(RejectedError) as told:
        decide(world, HEAD, "extend", extend_workdays=11)

    assert told.value.code == "extension-not-possible"
    assert world.escalation().decided_at is None
    assert (task.row.due_at, world.task("决定").row.status) == (before, "open")


def test_a_transfer_hands_the_late_task_to_another(world: World):
    _, task = overdue(world)
    to_level(world, 1)

    decide(world, HEAD, "transfer", transfer_to=world.code(CLERK_2))

    assert task.candidates() == [CLERK_2]
    world.check()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"outcome": "forgive"}, "/variables/outcome"),
        ({"outcome": "extend"}, "/variables/extend_workdays"),
        ({"outcome": "extend", "extend_workdays": 0}, "/variables/extend_workdays"),
        ({"outcome": "extend", "extend_workdays": "五"}, "/variables/extend_workdays"),
        ({"outcome": "urge", "note": ""}, "/variables/note"),
        ({"outcome": "transfer", "transfer_to": "nobody"}, None),
    ],
)
def test_a_faulty_decision_is_refused(world: World, values, pointer):
    overdue(world)
    to_level(world, 1)
    found = world.escalation()

    with pytest.raises(RejectedError) as told:
        world.run(decide_escalation, found.case_id, {"note": "x", **values}, actor=world.actor(HEAD))

    assert pointer is None or pointer in {fault.pointer for fault in told.value.faults}
    assert world.escalation().decided_at is None


def test_only_the_decider_decides(world: World):
    overdue(world)
    to_level(world, 1)

    with pytest.raises(NotAllowedError):
        decide(world, SUPERVISOR)
    with pytest.raises(NotFoundError):
        decide(world, "p219")
    assert world.escalation().decided_at is None


def test_what_waits_for_nobodys_decision_cannot_be_decided(world: World):
    overdue(world)
    found = world.escalation()

    with pytest.raises(WrongStateError) as told:
        decide(world, HEAD)
    assert told.value.code == "escalation-not-waiting"
    with pytest.raises(NotFoundError):
        world.run(decide_escalation, found.case_id, {"outcome": "urge"}, actor=world.actor("p219"))
    with pytest.raises(NotFoundError):
        world.run(decide_escalation, "0" * 22, {"outcome": "urge"}, actor=world.actor(HEAD))


# ------------------------------------------------------------------ passing upward


def test_silence_passes_upward_level_by_level(world: World):
    overdue(world)
    to_level(world, 2)

    found = world.escalation()
    assert found.status == "passed_up"
    assert stages(world)[0] == (1, "passed_up")
    assert {DEPUTY, SECOND_DEPUTY} <= set(world.task("决定").candidates())
    decide(world, DEPUTY)
    assert stages(world) == [(1, "passed_up"), (2, "approved")]
    world.check()


def test_the_decider_below_cannot_decide_any_more(world: World):
    overdue(world)
    to_level(world, 2)

    with pytest.raises((NotAllowedError, NotFoundError)):
        decide(world, HEAD)


def test_at_the_end_of_the_ladder_it_stays_open_red_and_named(world: World):
    overdue(world)
    to_level(world, 4)
    world.let_pass(days=30)

    found = world.escalation()
    assert (found.level, found.at_ladder_end, found.closed_at) == (4, True, None)
    task = world.task("决定（阶梯终点）")
    assert task.candidates() == [SECRETARY]
    row = world.read(lambda store: list_escalations(store, EscalationFilter(), actor=world.actor(SECRETARY))).items[0]
    assert row.decide_by is not None
    assert row.decide_by < world.now
    assert (row.decider_post, row.at_ladder_end) == ("望舒区委书记", True)
    assert [row.kind for row in world.rows(Reminder, person_id=world.actor(SECRETARY).person_id)]
    decide(world, SECRETARY, late="外出学习")
    assert world.escalation().closed_at is not None
    world.check()


def test_no_step_of_an_escalation_raises_another(world: World):
    overdue(world)
    to_level(world, 4)
    world.let_pass(days=40)

    assert len(world.rows(Escalation)) == 1
    steps = {
        timer.step.split(":")[1] for timer in world.rows(Timer, case_id=world.escalation().case_id) if timer.deadline_id
    }
    assert not {step for step in steps if step.startswith("escalate")}


def test_more_time_for_a_step_of_an_escalation_cannot_be_asked(world: World):
    overdue(world)
    to_level(world, 1)

    with pytest.raises(RejectedError):
        world.run(
            request_extension, world.task("决定").id, ground="忙", reason="忙", workdays=2, actor=world.actor(HEAD)
        )

    assert len(world.rows(Escalation)) == 1


def test_whoever_is_a_party_is_passed_over(world: World):
    """The head of the unit holds the late step: nobody decides about oneself (回避)."""
    world.start("approval")
    world.task("拟稿").complete(CLERK, answer="好")
    world.task("审核").transfer(HEAD, OFFICE).claim(HEAD)
    world.let_pass(days=6)
    to_level(world, 2)

    assert stages(world) == [(1, "recused"), (2, None)]
    assert HEAD not in world.task("决定").candidates()
    world.check()


def test_a_clock_stopped_for_an_escalation_moves_its_silence_with_its_limit(world: World):
    overdue(world)
    to_level(world, 1)
    found, before = world.escalation(), world.task("决定").deadline.due_at

    world.run(
        stop_clock,
        found.case_id,
        from_at=world.now,
        to_at=shanghai(2026, 4, 1),
        ground="中止",
        actor=world.actor(SUPERVISOR),
    )

    assert world.task("决定").deadline.due_at > before
    world.move_to(before)
    assert world.names().count("决定") == 1
    assert world.escalation().level == 1
    assert world.escalation().decide_by == world.task("决定").deadline.due_at


# ------------------------------------------------------------------ provisional


def test_a_provisional_limit_only_urges(world: World):
    world.sleep_until(shanghai(2026, 12, 30, 9))
    world.start("approval")
    task = world.task("拟稿")
    world.move_to(task.deadline.due_at)
    to_level(world, 1)
    assert world.escalation().provisional

    decide(world, HEAD, "order", order_title="督办", order_requirements="尽快", order_workdays=5)

    found = world.escalation()
    assert (found.outcome, found.decided_at, found.closed_at) == (None, None, None)
    assert found.status != "approved"
    assert world.task("决定").candidates() == [HEAD]
    decide(world, HEAD, "urge")
    assert (world.escalation().outcome, world.escalation().status) == ("urge", "closed")
    world.check()

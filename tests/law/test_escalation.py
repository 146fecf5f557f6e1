"""督办升级 played through: statement, ladder, recusal, silence, every outcome; the ladder's end stays open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.law.law_files import bundles
from tests.law.play import Play
from workflows.errors import RejectedError

FACTS = {
    "kind": "overdue",
    "level": 1,
    "source_case": "c1",
    "source_case_title": "甲区委2026年度责任报告",
    "source_task": "t1",
    "source_deadline": "d1",
    "source_step": "起草报告",
    "source_unit": "district",
    "source_unit_name": "甲区委",
    "source_assignee": "p1",
    "rule": "dual_reporting_draft",
    "days_late": 2,
    "provisional": False,
    "proposed_outcome": "urge",
}
EXTENSION = FACTS | {
    "kind": "extension",
    "requested_workdays": 3,
    "ground": "出差",
    "reason": "数据未到",
    "days_late": 0,
}
SAID = {"statement_ground": "objective", "statement_text": "材料在路上", "statement_state": "done"}
DONE = {"note": "意见"}
PARAMS: dict[str, dict[str, Any]] = {
    "urge": {},
    "extend": {"extend_workdays": 3},
    "transfer": {"transfer_to": "p2"},
    "order": {"order_title": "督办", "order_requirements": "限期", "order_workdays": 5},
    "talk": {"talk_with": "主要负责人", "talk_topics": "逾期"},
    "circular": {"circular_scope": "system", "circular_points": "逾期"},
    "accountability": {"accountability_points": "逾期"},
    "reject": {},
}


def _decider(inputs: Mapping[str, Any]) -> Any:
    """The first level is a party; everybody else is free to decide."""
    if inputs["level"] == 1 and "recuse" in inputs["parties"]:
        return None
    return inputs["candidate"]


def _opened(**facts: object) -> Play:
    return Play("escalation", operations={"find_decider": _decider}).begin(**(FACTS | facts))


def _heard(**facts: object) -> Play:
    return _opened(**facts).do("Statement", **SAID)


def test_the_unit_is_heard_before_the_supervisor_decides() -> None:
    play = _opened()

    assert play.waiting == ["Statement"]
    assert play.do("Statement", **SAID).waiting == ["Decide"]


def test_a_unit_that_says_nothing_within_its_limit_has_nothing_to_say() -> None:
    play = _opened()

    assert play.timers["StatementSilence"].rule == "escalation_statement"
    assert play.pass_time_of("StatementSilence").waiting == ["Decide"]


def test_silence_passes_upward_level_by_level_and_ends_at_the_ladders_end() -> None:
    play = _heard()
    deciders = [play.variables["decider"]]
    while "DecideSilence" in play.timers:
        play.pass_time_of("DecideSilence")
        deciders.append(play.variables["decider"])

    assert play.variables["level"] == 4
    assert len(set(deciders)) == 4
    assert play.waiting == ["DecideFinal"]
    assert play.timers == {}
    assert play.outcome is None


def test_the_region_sets_how_many_levels_the_ladder_has() -> None:
    play = Play("escalation", settings={"ladder_levels": 1}, operations={"find_decider": _decider}).begin(**FACTS)

    assert play.do("Statement", **SAID).waiting == ["DecideFinal"]


def test_a_supervisor_who_is_a_party_is_skipped() -> None:
    play = _heard(source_assignee="recuse")

    assert play.variables["level"] == 2
    assert play.variables["decider"].startswith("post:分管领导@upper_committee")


def test_at_the_ladders_end_the_decision_can_still_be_taken() -> None:
    play = _heard()
    while "DecideSilence" in play.timers:
        play.pass_time_of("DecideSilence")

    play.do("DecideFinal", outcome="urge", **DONE)

    assert play.outcome == "completed"


@pytest.mark.parametrize(
    ("outcome", "operation"), [("urge", "notify"), ("extend", "extend_deadline"), ("transfer", "transfer_task")]
)
def test_what_the_system_can_do_itself_is_done_at_once(outcome: str, operation: str) -> None:
    play = _heard().do("Decide", outcome=outcome, **PARAMS[outcome], **DONE)

    assert [name for name, _ in play.jobs if name != "find_decider"] == [operation, "record_outcome"]
    assert play.outcome == "completed"


def test_a_rejected_proposal_is_recorded_and_does_nothing() -> None:
    play = _heard().do("Decide", outcome="reject", **DONE)

    assert [name for name, _ in play.jobs] == ["find_decider", "record_outcome"]
    assert play.jobs[-1][1]["outcome"] == "reject"


def test_the_urged_one_is_the_holder_or_where_nobody_holds_it_the_unit() -> None:
    held = _heard().do("Decide", outcome="urge", **DONE)
    unheld = _heard(source_assignee=None).do("Decide", outcome="urge", **DONE)

    told = [next(inputs["recipients"] for name, inputs in play.jobs if name == "notify") for play in (held, unheld)]

    assert told == ["person:p1", "post:经办@unit | post:主要负责人@unit"]


def test_a_talk_is_held_and_written_down() -> None:
    play = _heard().do("Decide", outcome="talk", **PARAMS["talk"], **DONE)

    assert play.waiting == ["Talk"]

    play.do(
        "Talk",
        talk_on="2026-12-10T09:00:00+08:00",
        talk_place="会议室",
        talk_attendees=[{"person": "p3"}],
        talk_record="要点",
        talk_promise="承诺",
        talk_due="2026-12-20",
        talk_files=["f"],
    )

    assert play.outcome == "completed"


def test_a_circular_is_drafted_and_signed_by_who_decided() -> None:
    play = _heard().do("Decide", outcome="circular", **PARAMS["circular"], **DONE)
    play.do(
        "DraftCircular",
        circular_title="通报",
        circular_facts="事实",
        circular_cause="原因",
        circular_demand="要求",
        circular_scope="system",
        circular_remedy_on="2026-12-25",
    )

    assert play.waiting == ["PublishCircular"]

    play.do(
        "PublishCircular",
        circular_no="1号",
        circular_on="2026-12-11",
        circular_to=[{"unit": "district"}],
        circular_note="同意",
        circular_signature=True,
    )

    assert play.outcome == "completed"


def test_accountability_is_recorded_and_may_ask_for_the_double_inquiry() -> None:
    play = _heard().do("Decide", outcome="accountability", **PARAMS["accountability"], **DONE)
    held = {"person": "某局局长", "duty_kind": "leader", "measure": "circular", "facts": "逾期"}
    play.do(
        "Accountability",
        held=[held],
        double_check="yes",
        double_check_reason="长期失管",
        accountability_on="2026-12-15",
        accountability_files=["f"],
        accountability_signature=True,
    )

    assert play.outcome == "completed"
    ((_, asked),) = [job for job in play.jobs if job[0] == "open_case"]
    assert (asked["definition"], asked["unit"]) == ("accountability", "city-discipline")
    assert asked["variables"]["fact_key"] == "督办:d1"
    assert asked["variables"]["clue"] == "长期失管"


def _ordered() -> tuple[Play, Play]:
    play = _heard(days_late=12).do("Decide", outcome="order", **PARAMS["order"], **DONE)
    order = next(iter(play.children.values()))
    order.do("OrderReceipt", order_received_on="2026-12-08", order_holder="p1", order_arrangement="两天")
    return play, order


REPLY: dict[str, Any] = {
    "order_cause": "原因",
    "order_measures": [{"measure": "办结", "done_on": "2026-12-09", "result": "已办"}],
    "order_answer": "已办结",
    "order_evidence": ["f"],
}


def test_an_order_is_received_answered_and_closed_after_review() -> None:
    play, order = _ordered()
    order.do("OrderReply", **REPLY)
    order.do("OrderReview", order_checks=["done"], order_result="closed", order_review_note="属实")

    assert order.outcome == "completed"
    assert order.variables["colour"]["colour"] == "red"
    assert order.variables["limits"] == {"order_reply_workdays": 5}

    play.end_child("district")

    assert play.outcome == "completed"
    assert play.variables["order_result"] == "closed"


def test_an_answer_that_falls_short_goes_back_to_the_unit() -> None:
    _, order = _ordered()
    order.do("OrderReply", **REPLY)
    order.do("OrderReview", order_checks=["done"], order_result="continue", order_review_note="未办到位")

    assert order.waiting == ["OrderReply"]


def test_an_order_not_answered_in_time_tells_the_decider_and_stays_open() -> None:
    _, order = _ordered()
    order.pass_time_of("ReplyLate")

    assert order.waiting == ["OrderReply"]
    assert [name for name, _ in order.jobs] == ["issue_order", "notify"]


@pytest.mark.parametrize("outcome", ["extend", "transfer", "order", "talk", "circular", "accountability"])
def test_a_provisional_limit_can_only_lead_to_urging(outcome: str) -> None:
    play = _heard(provisional=True).do("Decide", outcome=outcome, **PARAMS[outcome], **DONE)

    assert play.variables["route"]["route"] == "not_allowed"
    assert play.waiting == ["Decide"]
    assert play.do("Decide", outcome="urge", **DONE).outcome == "completed"


def test_a_request_for_more_time_goes_straight_to_the_supervisor_who_grants_or_refuses_it() -> None:
    granted = _opened(**EXTENSION)

    assert granted.waiting == ["Decide"]

    granted.do("Decide", outcome="extend", extend_workdays=2, **DONE)
    refused = _opened(**EXTENSION).do("Decide", outcome="reject", **DONE)
    with pytest.raises(RejectedError):  # a request is granted or not: the form offers nothing else
        _opened(**EXTENSION).do("Decide", outcome="talk", **PARAMS["talk"], **DONE)

    assert next(inputs["workdays"] for name, inputs in granted.jobs if name == "extend_deadline") == 2
    assert refused.jobs[-1][1]["outcome"] == "reject"


def _rungs(scope: str = "step", rule: str = "dual_reporting_draft", *, in_escalation: bool = False) -> list[Any]:
    contents = bundles()["dual_reporting"]
    parameters = {key: each.value for key, each in contents.parameters.items()}
    names = {"scope": scope, "rule": rule, "in_escalation": in_escalation, "parameters": parameters}
    found: list[Any] = contents.decisions["reminder_ladder"].evaluate(names, now=Play("escalation").now)
    return found


def test_the_ladder_reminds_before_and_on_the_day_and_proposes_an_escalation_after() -> None:
    steps = {rung["step"]: (rung["action"], rung["workdays"], rung["outcome"]) for rung in _rungs()}

    assert steps == {
        "near": ("remind", -3, None),
        "day": ("remind", 0, None),
        "overdue": ("overdue", 0, None),
        "escalate-1": ("escalate", 1, "urge"),
        "escalate-2": ("escalate", 6, "order"),
        "escalate-3": ("escalate", 15, "circular"),
    }


@pytest.mark.parametrize(
    "rungs",
    [
        _rungs(in_escalation=True),
        _rungs(scope="case"),
        _rungs(rule="dual_reporting_hearing_choice"),
        _rungs(rule="escalation_decision"),
    ],
    ids=["step of an escalation", "whole case", "silence means no", "silence passes upward"],
)
def test_some_limits_never_raise_an_escalation(rungs: list[Any]) -> None:
    assert [rung["step"] for rung in rungs if rung["action"] == "escalate"] == []
    assert [rung for rung in rungs if rung["action"] == "remind"]


@pytest.mark.parametrize(("days", "colour"), [(1, "blue"), (5, "yellow"), (9, "yellow"), (10, "red")])
def test_the_colour_of_an_order_follows_the_days_late(days: int, colour: str) -> None:
    contents = bundles()["escalation"]
    parameters = {key: each.value for key, each in contents.parameters.items()}
    table = contents.decisions["escalation_order_colour"]

    assert table.evaluate({"days_late": days, "parameters": parameters}, now=Play("escalation").now)["colour"] == colour

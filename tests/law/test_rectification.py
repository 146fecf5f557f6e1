"""整改 played through: clocks of each unit, three gates before closing, listing, rules, circular."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.law_files import bundles
from tests.law.play import UNIT, Play
from workflows.errors import RejectedError

LEAD = {**UNIT, "code": "bureau", "name": "甲局", "kind": "department"}
PROBLEM = {"no": "1", "fact": "超标准接待三次", "basis": "厉行节约条例"}
ASSIGNMENTS = [
    {"unit": "bureau", "role": "lead", "measures": "清退", "workdays": 10},
    {"unit": "finance", "role": "co", "measures": "核销", "workdays": 5},
]


def _registered(public_listing: str = "no", **settings: object) -> Play:
    play = Play("rectification", unit=LEAD, settings=settings)
    play.begin(supervising_unit="office", source_title="公务接待专项检查")
    play.do(
        "Register",
        source_title="公务接待专项检查",
        source_kind="inspection",
        found_on="2026-11-20",
        problems=[PROBLEM],
        public_reaction="no",
    )
    return play.do(
        "Issue",
        requirements="限期整改",
        public_listing=public_listing,
        issue_outcome="issue",
        issue_note="同意",
        issue_signature=True,
    )


def _planned(play: Play, *, rules_needed: str = "no") -> Play:
    play.do(
        "Plan",
        causes=[{"no": "1", "cause_kind": "management", "cause": "审批不严"}],
        assignments=ASSIGNMENTS,
        rules_needed=rules_needed,
        rules_reason="审批环节缺失",
        plan_files=["f1"],
    )
    play.do("ApprovePlan", plan_outcome="approve", plan_note="同意", plan_signature=True)
    return play.do("ReviewPlan", plan_checks=["cause"], review_outcome="pass", review_note="可行")


def _work(child: Play) -> None:
    child.do("Accept", unit_responsible="p1", unit_steps="两步", objection="no")
    child.do(
        "Implement",
        unit_done=[{"measure": "清退", "state": "done", "result": "已退"}],
        unit_evidence=["f2"],
        unit_summary="已完成",
    )
    child.do(
        "Check", unit_checks=["real"], check_outcome="pass", unit_outcome="done", check_note="属实", unit_signature=True
    )


def _executed(play: Play) -> Play:
    for child in list(play.children.values()):
        _work(child)
    for assignment in play.variables["assignments"]:
        play.end_child(assignment["unit"])
    return play


def _reported(play: Play) -> Play:
    play.do("Accountability", accountability_conclusion="held", accountability_note="已处理")
    if play.waiting == ["ImproveRules"]:
        play.do(
            "ImproveRules", rules_list=[{"title": "接待办法", "action": "amend", "text": ["f"]}], rules_effect="防止"
        )
    play.do(
        "Report",
        report_overview="总体",
        report_items="逐条",
        report_duty="问责",
        report_rules="制度",
        report_left="无",
        report_files=["f3"],
    )
    return play.do("SignReport", report_outcome="sign", sign_note="同意", report_signature=True)


def _verified(play: Play, **said: Any) -> Play:
    values = {"cause_found": "yes", "measures_done": "yes", "accountability_done": "yes", "serious_delay": "no"} | said
    return play.do(
        "Verify",
        verify_way="site",
        verified_on="2027-01-10",
        findings=[{"no": "1", "seen": "票据已清退"}],
        verify_note="核验",
        **values,
    )


CLOSED = {
    "close_checks": ["cause"],
    "feedback_on": "2027-01-12",
    "satisfaction": "yes",
    "close_note": "同意",
    "close_signature": True,
}


def test_problems_are_closed_when_cause_measures_and_accountability_are_in_place() -> None:
    play = _verified(_reported(_executed(_planned(_registered()))))

    assert play.variables["failed_gates"] == []

    play.do("Close", **CLOSED)

    assert play.outcome == "completed"


def test_each_unit_runs_its_own_case_with_the_days_that_the_plan_gave_it() -> None:
    play = _planned(_registered())

    children = {child.variables["responsible_unit"]: child for child in play.children.values()}

    assert sorted(children) == ["bureau", "finance"]
    assert children["finance"].variables["limits"] == {"unit_workdays": 5}
    assert play.waiting == []


def test_the_lead_unit_goes_on_only_when_every_unit_is_done() -> None:
    play = _planned(_registered())
    for child in list(play.children.values()):
        _work(child)

    play.end_child("finance")
    assert play.waiting == []
    play.end_child("bureau")

    assert play.waiting == ["Accountability"]
    assert {row["unit"]: row["outcome"] for row in play.variables["unit_results"]} == {
        "bureau": "done",
        "finance": "done",
    }


def test_a_unit_past_its_limit_is_told_of_and_goes_on() -> None:
    child = next(iter(_planned(_registered()).children.values()))
    child.do("Accept", unit_responsible="p1", unit_steps="两步", objection="no")

    child.pass_time_of("Late")

    assert [name for name, _ in child.jobs] == ["notify"]
    assert child.waiting == ["Implement"]


@pytest.mark.parametrize(
    ("failing", "back_to"),
    [("cause_found", ["Plan"]), ("measures_done", []), ("accountability_done", ["Accountability"])],
)
def test_what_is_not_in_place_is_not_let_go_and_goes_back_to_where_it_is_mended(
    failing: str, back_to: list[str]
) -> None:
    play = _reported(_executed(_planned(_registered())))
    redo = {"assignments": ASSIGNMENTS[1:]} if failing == "measures_done" else {}

    _verified(play, **{failing: "no"}, **redo)

    assert play.waiting == back_to
    again = [child.variables["responsible_unit"] for child in play.children.values()]
    assert again == (["finance"] if failing == "measures_done" else [])


def test_only_the_units_that_fell_short_begin_again_and_their_mended_work_is_verified_again() -> None:
    play = _reported(_executed(_planned(_registered())))
    _verified(play, measures_done="no", assignments=ASSIGNMENTS[1:])

    _verified(_reported(_executed(play)))

    assert play.waiting == ["Close"]


def test_rectification_late_or_short_brings_a_circular_before_it_goes_back() -> None:
    play = _reported(_executed(_planned(_registered())))
    _verified(play, cause_found="no", serious_delay="yes")

    assert play.waiting == ["Circular"]

    play.do("Circular", circular_decision="warn", circular_note="限期", circular_signature=True)

    assert play.waiting == ["Plan"]


def test_a_matter_that_stirs_the_public_is_listed_first() -> None:
    play = _registered(public_listing="yes")

    assert play.waiting == ["ListPublicly"]

    play.do("ListPublicly", listing_title="挂牌", listing_text="问题", listing_scope="city", listing_on="2026-12-02")

    assert play.waiting == ["Plan"]


def test_rules_are_written_where_the_plan_says_that_the_rules_are_the_cause() -> None:
    play = _executed(_planned(_registered(), rules_needed="yes"))
    play.do("Accountability", accountability_conclusion="held", accountability_note="已处理")

    assert play.waiting == ["ImproveRules"]


def test_the_version_for_cases_has_its_own_words_and_is_not_mixed_with_the_other() -> None:
    play = _verified(_reported(_executed(_planned(_registered(gate_set="case")))), accountability_done="no")

    assert [gate["wording"] for gate in play.variables["failed_gates"]] == ["案件责任没追究不放过"]

    other = _verified(_reported(_executed(_planned(_registered()))), accountability_done="no")

    assert [gate["wording"] for gate in other.variables["failed_gates"]] == ["问责追究不到位不放过"]


def test_the_limit_that_a_text_states_is_found_by_the_source() -> None:
    limit = bundles()["rectification"].decisions["rectification_limit"]

    assert limit.evaluate({"source_kind": "media"}, now=Play("rectification").now)["days"] == 10
    assert limit.evaluate({"source_kind": "npc"}, now=Play("rectification").now)["days"] is None


def test_a_plan_without_causes_is_refused() -> None:
    play = _registered()

    with pytest.raises(RejectedError):
        play.do("Plan", causes=[], assignments=ASSIGNMENTS, rules_needed="no", rules_reason="无", plan_files=["f"])

    assert play.waiting == ["Plan"]

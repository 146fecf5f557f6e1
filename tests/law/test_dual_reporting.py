"""双报告 played through: one text, several addressees, a receipt from each; send back, zero report, hearing."""

from __future__ import annotations

from datetime import date

import pytest

from tests.law.law_files import NOW
from tests.law.play import UNIT, Play

DISCIPLINE = {**UNIT, "code": "district-discipline", "name": "甲区纪委", "kind": "discipline"}
DUTY = {"category": "deploy", "matter": "专题研究", "done_on": "2026-03-01", "result": "已部署"}
MEASURE = {"measure": "补齐制度", "responsible": "p1", "due_on": "2027-03-01"}


def _opened(**settings: object) -> Play:
    return Play("dual_reporting", settings=settings).begin(year=2026)


def _drafted(play: Play) -> Play:
    kind = play.variables["variant"]["kind"]
    own = {
        "subject": {"report_leadership": "领导", "report_promotion": "推动", "report_execution": "执行"},
        "supervision": {"report_supervision": "监督", "report_three_turns": "三转"},
        "progress": {"report_progress": "进展"},
        "government": {"report_integrity": "廉政", "report_clues": "无"},
    }[kind]
    return play.do(
        "Draft",
        **own,
        report_achievements="成效",
        report_problems="问题",
        report_causes="原因",
        report_accountability="无，已核对登记簿",
        report_plan=[MEASURE],
        report_files=["f1"],
    )


def _signed(play: Play) -> Play:
    _drafted(play.do("Intake", zero_claimed="no", duties_done=[DUTY]))
    play.do("Review", review_outcome="pass", review_note="属实", review_checks=["facts"])
    if play.parameters["collective_review"]:
        attendee = {"person": "p1", "opinion": "agree"}
        play.do(
            "Collective",
            meeting_name="常委会",
            meeting_on="2026-12-10",
            attendees=[attendee],
            collective_outcome="pass",
            collective_note="同意",
            minutes=["f2"],
        )
    return play.do("Sign", sign_outcome="sign", head_signature=True)


def _received(play: Play, *outcomes: str) -> Play:
    for number, (child, outcome) in enumerate(zip(list(play.children.values()), outcomes, strict=True)):
        child.do("Receipt", receipt_no=f"收{number}", received_on="2026-12-20", copies=1, receipt_checks=["signed"])
        child.do("Opinion", opinion_quality="good", opinion="已阅", opinion_outcome=outcome)
        play.end_child(child.variables["recipient"])
    return play


def _waiting_in_children(play: Play) -> list[str]:
    return [step for child in play.children.values() for step in child.waiting]


ARCHIVED = {"archive_no": "档1", "archive_items": ["report"], "retention": "y30", "into_assessment": True}


def test_a_committee_reports_to_the_committee_and_the_discipline_above_and_each_gives_a_receipt() -> None:
    play = _signed(_opened())

    assert [inputs["to_unit"] for name, inputs in play.family_jobs if name == "deliver_document"] == [
        "city",
        "city-discipline",
    ]
    assert _waiting_in_children(play) == ["Receipt", "Receipt"]

    _received(play, "accept", "accept")

    assert [row["recipient"] for row in play.variables["receipts"]] == ["city", "city-discipline"]
    assert {row["outcome"] for row in play.variables["receipts"]} == {"accept"}
    assert play.waiting == ["ChooseHearing"]


def test_both_addressees_get_the_same_text() -> None:
    play = _signed(_opened())

    sent = [inputs["document"] for name, inputs in play.family_jobs if name == "deliver_document"]

    assert sent[0] == sent[1]
    assert sent[0]["title"] == "甲区委2026年度履行主体责任情况报告"
    assert sent[0]["duties"][0]["done_on"] == date(2026, 3, 1)


def test_a_discipline_reports_to_its_own_committee_and_the_discipline_above_without_a_hearing() -> None:
    play = _signed(Play("dual_reporting", unit=DISCIPLINE).begin(year=2026))
    _received(play, "accept", "accept")

    assert [row["recipient"] for row in play.variables["receipts"]] == ["district", "city-discipline"]
    assert play.waiting == ["Archive"]


def test_an_addressee_that_sends_back_makes_a_new_text_for_all() -> None:
    play = _received(_signed(_opened()), "accept", "return")

    assert play.waiting == ["Intake"]

    _received(_signed(play), "accept", "accept")

    assert [name for name, _ in play.family_jobs].count("deliver_document") == 4
    assert play.waiting == ["ChooseHearing"]


@pytest.mark.parametrize("step", ["Review", "Sign"])
def test_the_draft_is_sent_back_by_review_and_by_the_signer(step: str) -> None:
    play = _drafted(_opened(collective_review=False).do("Intake", zero_claimed="no", duties_done=[DUTY]))
    if step == "Sign":
        play.do("Review", review_outcome="pass", review_note="属实", review_checks=["facts"])
        play.do("Sign", sign_outcome="return", sign_note="补充")
    else:
        play.do("Review", review_outcome="return", review_note="补充", review_checks=["facts"])

    assert play.waiting == ["Draft"]


def test_the_heads_own_part_is_written_where_the_region_wants_it_apart() -> None:
    play = _drafted(_opened(head_section="separate").do("Intake", zero_claimed="no", duties_done=[DUTY]))

    assert play.waiting == ["HeadSection"]

    play.do("HeadSection", head_text="本人", head_personally=["deploy"], head_problems="不足")

    assert play.waiting == ["Review"]


def test_a_zero_report_is_signed_and_sent_like_any_report() -> None:
    play = _opened().do("Intake", zero_claimed="yes", zero_scope=["ledger"], zero_items=0, zero_reason="无")

    assert play.waiting == ["SignZero"]

    play.do("SignZero", zero_outcome="sign", zero_note="属实", zero_signature=True)

    document = next(inputs["document"] for name, inputs in play.family_jobs if name == "deliver_document")
    assert document["zero"] is True
    assert _waiting_in_children(play) == ["Receipt", "Receipt"]


@pytest.mark.parametrize(("items", "allowed"), [(1, True), (0, False)])
def test_a_zero_report_is_refused_where_something_was_found_or_the_region_forbids_it(items: int, allowed: bool) -> None:
    play = _opened(zero_report_allowed=allowed)
    play.do("Intake", zero_claimed="yes", zero_scope=["ledger"], zero_items=items, zero_reason="无")

    assert play.waiting == ["Intake"]
    assert play.variables["zero_check"]["route"] == "refused"


def test_a_head_who_does_not_sign_the_zero_report_sends_it_back_to_be_written() -> None:
    play = _opened().do("Intake", zero_claimed="yes", zero_scope=["ledger"], zero_items=0, zero_reason="无")
    play.do("SignZero", zero_outcome="report", zero_note="有事项")

    assert play.waiting == ["Intake"]


def test_year_end_is_the_laws_limit_it_tells_the_addressees_and_lets_the_late_report_go_on() -> None:
    play = _opened()

    assert play.timers["YearEnd"].rule == "dual_reporting_year_end"
    play.pass_time_of("YearEnd")

    assert play.now.date() == date(2026, 12, 31)
    assert [name for name, _ in play.jobs] == ["notify"]
    assert play.waiting == ["Intake"]
    assert _waiting_in_children(_signed(play)) == ["Receipt", "Receipt"]


def test_the_upper_committee_may_hear_the_head() -> None:
    play = _received(_signed(_opened()), "accept", "accept")
    play.do("ChooseHearing", hearing_choice="hear", hearing_planned_on="2027-01-20", hearing_topics="整改")
    play.do(
        "Hearing",
        hearing_on="2027-01-20",
        hearing_place="会议室",
        hearing_speaker="p1",
        hearing_attendees=[{"person": "p2"}],
        hearing_summary="要点",
        hearing_opinion="同意",
        hearing_files=["f3"],
    )
    play.do("Archive", **ARCHIVED)

    assert play.outcome == "completed"


def test_no_choice_within_its_limit_means_no_hearing_and_the_report_is_closed() -> None:
    play = _received(_signed(_opened()), "accept", "accept").pass_time_of("HearingSilence")

    assert play.waiting == ["Archive"]
    assert play.jobs[-1][1]["outcome"] == "no_hearing"

    play.do("Archive", **ARCHIVED)

    assert play.outcome == "completed"
    assert play.now > NOW


def test_the_variant_of_002_reports_progress_and_that_of_004_reports_integrity() -> None:
    progress = _signed(_opened(scheme="progress"))
    government = {**UNIT, "kind": "government", "name": "甲区政府"}
    integrity = Play(
        "dual_reporting",
        unit=government,
        settings={"scheme": "government", "collective_review": False, "extra_recipients": ["city-supervision"]},
    ).begin(year=2026)
    _signed(integrity)

    assert progress.variables["variant"]["kind"] == "progress"
    assert integrity.variables["variant"]["recipients"] == ["city-discipline", "city-supervision"]
    assert _received(integrity, "accept", "accept").waiting == ["Archive"]


def test_a_unit_without_a_level_above_reports_to_those_it_has() -> None:
    top = {**DISCIPLINE, "upper_discipline": None}

    play = Play("dual_reporting", unit=top).begin(year=2026)

    assert play.variables["variant"]["recipients"] == ["district"]

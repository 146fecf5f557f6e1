"""五张清单 played through: drawn up, returned, signed by everybody, publicised, performed, checked, problems closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.law.law_files import NOW, bundles
from tests.law.play import UNIT, Play
from workflows.engine.types import Deliver
from workflows.errors import RejectedError

FAMILY = "responsibility_checklist"
TEAM = [{"post": "书记", "person": "p1", "name": "甲"}, {"post": "副书记", "person": "p2", "name": "乙"}]
SEATS = ["seat:书记/p1@unit", "seat:副书记/p2@unit", "seat:书记/p9@discipline"]
CHECK = {"check_way": "papers", "checked_on": "2026-12-05", "check_summary": "较好"}
PROBLEM = {"fact": "未开会", "basis": "责任制规定", "severity": "normal", "trace_needed": "no"}


def _row(kind: str, post: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "duty": "专题研究",
        "measure": "每季度一次",
        "due_on": "2026-12-20",
        "holder_post": post,
        "evidence": "纪要",
        **more,
    }


ROWS = [_row("subject", "书记"), _row("leadership", "书记"), _row("leadership", "副书记"), _row("supervision", "书记")]


def _record(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "no": row.get("no") or str(number),
            "key": f"district/2026/{number}",
            "held": row["holder_post"] != "督办专员",
            "owner": f"post:{row['holder_post']}@{inputs['owners'][row['kind']]}",
        }
        for number, row in enumerate(inputs["rows"], 1)
    ]


def _begun(objections: list[dict[str, Any]] | None = None, answered: Mapping[str, int] | None = None) -> Play:
    operations = {
        "open_checklist": lambda _: {"id": "c1", "previous": None, "team": TEAM},
        "record_checklist": _record,
        "prepare_signing": lambda _: {"seats": SEATS, "version": 1, "digest": "0" * 64},
        "open_publicity": lambda _: {"until": NOW + timedelta(days=7), "last_day": date(2026, 12, 7)},
        "collect_objections": lambda _: objections or [],
        "answer_objections": lambda _: answered or {"upheld": 0, "open": 0},
        "publish_checklist": lambda _: date(2026, 12, 8),
        "open_problems": lambda inputs: [problem["fact"] for problem in inputs["problems"]],
    }
    return Play(FAMILY, operations=operations).begin(year=2026)


def _reviewed(play: Play, outcome: str = "pass") -> Play:
    return play.do("Review", review_checks=["complete"], review_outcome=outcome, review_note="已核对")


def _signed(play: Play, last: str = "endorse") -> Play:
    for outcome in ("endorse", "endorse", last):
        play.do("Sign", endorse=outcome, endorse_note="同意", endorse_signature=True)
    return play


def _publicised(play: Play) -> Play:
    play.do("Publicise", publicity_scope="system", publicity_place="公告栏", publicity_workdays=5)
    return play.pass_time_of("PublicityTime")


def _in_force(**more: Any) -> Play:
    return _publicised(_signed(_reviewed(_begun(**more).do("Draft", rows=ROWS))))


def _perform(child: Play) -> None:
    child.do("Perform", row_report="已开", done_on="2026-12-10", row_evidence=["f1"], row_result="done")
    child.do("Confirm", confirm_outcome="pass", confirm_note="属实")


def test_a_list_comes_into_force_after_review_signatures_and_publicity_and_each_row_is_a_case() -> None:
    play = _in_force()

    assert {child.process_key for child in play.children.values()} == {"checklist_row"}
    assert [child.variables["row_no"] for child in play.children.values()] == ["1", "2", "3", "4"]
    assert play.path.index("Review") < play.path.index("Sign") < play.path.index("PublicityTime")


def test_the_year_ends_when_every_row_is_confirmed_and_the_last_check_is_made() -> None:
    play = _in_force()
    for child in list(play.children.values()):
        _perform(child)
    for number in ("1", "2", "3", "4"):
        play.end_child(number)

    play.do("AnnualCheck", **CHECK, problems=[PROBLEM])

    assert play.outcome == "completed"
    assert dict(play.jobs)["record_outcome"]["outcome"] == "performed"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([*ROWS[1:], _row("leadership", "书记")], "subject"),
        (ROWS[:3], "supervision"),
        ([ROWS[0], ROWS[1], ROWS[3]], "leadership"),
        ([*ROWS, _row("subject", "书记", due_on="2027-01-05")], "year"),
        ([*ROWS, _row("subject", "督办专员")], "holder"),
    ],
)
def test_what_is_not_complete_goes_back_to_the_drafter_by_itself(rows: list[dict[str, Any]], code: str) -> None:
    play = _begun().do("Draft", rows=rows)

    assert play.waiting == ["Draft"]
    assert [finding["code"] for finding in play.variables["findings"]] == [code]


def test_the_finding_names_the_leaders_without_a_row_and_the_rows_at_fault() -> None:
    play = _begun().do("Draft", rows=[ROWS[0], ROWS[1], {**ROWS[3], "due_on": "2027-03-01"}])

    texts = " ".join(finding["text"] for finding in play.variables["findings"])
    assert "副书记" in texts
    assert "3" in texts


def test_two_rows_with_one_number_are_refused_at_the_second_one() -> None:
    with pytest.raises(RejectedError) as refused:
        _begun().do("Draft", rows=[{**row, "no": "甲1"} for row in ROWS[:2]] + ROWS[2:])

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/variables/rows/1/no", "field-entry-twice")
    ]


def test_the_reviewer_sends_it_back_with_reasons() -> None:
    play = _reviewed(_begun().do("Draft", rows=ROWS), "return")

    assert play.waiting == ["Draft"]
    assert play.variables["review_note"] == "已核对"


def test_everybody_signs_at_once_and_one_who_wants_a_change_sends_it_back_to_be_signed_anew() -> None:
    play = _reviewed(_begun().do("Draft", rows=ROWS))
    assert play.waiting == ["Sign", "Sign", "Sign"]

    _signed(play, last="amend")
    assert play.waiting == ["Draft"]

    _reviewed(play.do("Draft", rows=ROWS))
    assert play.waiting == ["Sign", "Sign", "Sign"]


def test_an_objection_that_is_dismissed_lets_the_list_come_into_force() -> None:
    play = _in_force(objections=[{"number": 1, "row": None, "text": "太笼统"}])
    assert play.waiting == ["HandleObjections"]

    play.do(
        "HandleObjections",
        answers=[{"number": 1, "outcome": "dismiss", "reply": "已写明"}],
        objections_note="已核实",
    )

    assert "Effect" in play.path


def test_an_objection_that_is_upheld_sends_the_list_back_and_one_without_answer_stays_with_the_office() -> None:
    answer = {"answers": [{"number": 1, "outcome": "uphold", "reply": "采纳"}], "objections_note": "已核实"}
    raised = [{"number": 1, "row": "1", "text": "太笼统"}, {"number": 2, "row": None, "text": "漏了"}]

    upheld = _in_force(objections=raised, answered={"upheld": 1, "open": 0}).do("HandleObjections", **answer)
    partly = _in_force(objections=raised, answered={"upheld": 1, "open": 1}).do("HandleObjections", **answer)

    assert upheld.waiting == ["Draft"]
    assert partly.waiting == ["HandleObjections"]


def test_each_quarter_the_head_studies_and_the_commission_checks_and_the_rows_go_on() -> None:
    play = _in_force()

    play.pass_time_of("Quarter")
    assert play.waiting == ["Study"]
    play.do("Study", study_on="2027-03-01", study_topics="履责", study_acts=["deployed"], study_note="分工")
    play.do("Check", **CHECK, problems=[PROBLEM, PROBLEM])

    assert play.waiting == []
    assert play.variables["found"] == ["未开会", "未开会"]
    assert len(play.children) == 4


def test_a_row_has_its_own_limit_and_who_confirms_it_is_never_its_holder() -> None:
    children = {child.variables["row_no"]: child for child in _in_force().children.values()}

    assert children["1"].variables["limits"]["row_days"] == 12
    assert children["1"].variables["confirmer"].startswith("post:书记@discipline")
    assert children["2"].variables["confirmer"].startswith("post:书记@discipline")
    assert children["3"].variables["confirmer"] == "post:主要负责人@unit"
    assert "upper_discipline" in children["4"].variables["confirmer"]


def test_a_late_row_is_told_of_and_what_is_not_confirmed_is_done_again() -> None:
    child = next(iter(_in_force().children.values()))

    child.pass_time_of("Late")
    assert ([name for name, _ in child.jobs], child.waiting) == (["notify"], ["Perform"])

    child.do("Perform", row_report="已开", done_on="2026-12-30", row_evidence=["f1"], row_result="done")
    child.do("Confirm", confirm_outcome="return", confirm_note="纪要不全")

    assert child.waiting == ["Perform"]


# ---------------------------------------------------------------------- problems


def _problem(trace: str = "no") -> Play:
    play = Play(FAMILY, "checklist_problem", operations={"open_case": lambda inputs: {"case": inputs["definition"]}})
    return play.begin(
        problem_no="district/2026/001",
        fact="未开会",
        basis="规定",
        severity="serious",
        trace_needed=trace,
        supervising_unit="district-discipline",
    )


def _told(play: Play, outcome: str) -> Play:
    told = {"case": "rectification", "outcome": outcome, "ended_at": NOW}
    return play.send(Deliver("message", "rectification_ended", {"rectification_ended": told}))


def test_a_problem_closes_by_the_message_of_its_rectification_only() -> None:
    play = _problem()
    assert (play.waiting, play.outcome) == ([], None)

    _told(play, "completed")

    assert play.outcome == "completed"
    assert [name for name, _ in play.jobs] == ["open_case", "link_problem", "close_problem"]


def test_a_rectification_that_is_cancelled_is_set_anew_and_the_problem_stays_open() -> None:
    play = _told(_problem(), "cancelled")

    assert play.waiting == ["Redirect"]
    play.do("Redirect", redirect_reason="并案", redirect_on="2026-12-10", redirect_note="重新下达")

    assert (play.outcome, [name for name, _ in play.jobs].count("open_case")) == (None, 2)


def test_tracing_back_opens_the_twin_investigation_at_once() -> None:
    play = _problem("yes")

    opened = [inputs["definition"] for name, inputs in play.jobs if name == "open_case"]
    linked = next(inputs for name, inputs in play.jobs if name == "link_problem")
    assert opened == ["accountability", "rectification"]
    assert linked["accountability"] == "accountability"


def test_no_limit_of_the_family_pretends_to_be_law() -> None:
    rules = [rule for key, rule in bundles()[FAMILY].deadlines.items() if key.startswith(FAMILY)]

    assert rules
    assert all(rule.confidence == "编者补" for rule in rules)
    assert UNIT["discipline"]

"""The whole chain by hand: from a year's list over problem, 整改 and 倒查 to the decision and the archive."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.use_cases.accountability_scene import outcome_of, track
from tests.use_cases.checklist_scene import list_of, perform, row
from tests.web.page_scene import Served, Sheet
from tests.web.walk_scene import Walk, paper
from tests.world import CLERK, HEAD, UNIT, World, values_of
from workflows.tables import Case, Checklist, Problem

HOUSE, COMMITTEE = "ws-jw", "ws"
ROWS = [
    row("subject", "书记", due_on="2026-12-15"),
    row("leadership", "书记", due_on="2026-12-15"),
    row("leadership", "副书记", due_on="2026-12-15"),
    row("supervision", "书记", due_on="2026-12-15"),
]


@pytest.fixture
def walk(served: Served, browser: Browser) -> Walk:
    return Walk(served, browser)


@pytest.mark.browser
def test_a_chain_from_the_list_to_the_archive(walk: Walk) -> None:
    case = list_in_force(walk)
    problem = problem_found(walk, case)
    matter = traced(walk, problem)
    rectified(walk, problem)
    struck_off(walk, problem)
    investigated(walk, matter)
    decided_and_archived(walk, matter)
    year_ends(walk, case)

    assert walk.world.incidents() == []
    walk.world.check()


# ------------------------------------------------------------------ 清单


def list_in_force(walk: Walk) -> str:
    world = walk.world
    case = world.start("responsibility_checklist", unit=UNIT, as_=None, year=2026)
    walk.do("编制清单", case, rows=ROWS, draft_note="首次编制")
    walk.do("完整性审核", case, review_checks=["complete", "holder"], review_outcome="pass", review_note="齐全")
    seats = world.tasks("签字背书", case=case)
    assert len(seats) > 1
    sign_in_chromium(walk, seats[0].id, seats[0].candidates()[0])
    for seat in seats[1:]:
        sign(walk, seat.id, seat.candidates()[0])
    world.settle()
    told = {"publicity_scope": "system", "publicity_place": "公告栏", "publicity_workdays": "3"}
    walk.do("确定公示", case, **told)
    assert "公示中" in walk.at("supervisor").get("/checklists").text
    world.let_pass(days=6)

    walk.look("03-list", "supervisor", f"/checklists/{list_of(world, case).id}")
    register = walk.at("supervisor").get("/checklists")
    assert "生效" in register.text
    rows = walk.at("supervisor").get("/checklist-rows").text
    assert rows.count("召开党组会并形成纪要") == len(ROWS)
    return case


def sign(walk: Walk, task_id: str, who: str) -> None:
    person = walk.at(who)
    path = f"/tasks/{task_id}"
    given = {"act": "submit", "v/endorse": "endorse", "v/endorse_note": "按清单履责"}
    asked = person.send(person.get(path), path, given)
    assert asked.text.count("召开党组会并形成纪要") == len(ROWS)
    assert person.send(asked, f"{path}/sign", {"password": "an-invented-password"}).heading == "待办"


def sign_in_chromium(walk: Walk, task_id: str, who: str) -> None:
    walk.look("02-sign", who, f"/tasks/{task_id}")
    with walk.tab(who, f"/tasks/{task_id}") as page:
        page.locator("#f-endorse-0").check()
        page.get_by_label(re.compile("意见或承诺")).fill("按清单履责")
        walk.sign(page)


# ------------------------------------------------------------------ 检查、问题


def problem_found(walk: Walk, case: str) -> Problem:
    world = walk.world
    world.let_pass(days=93)
    walk.do("专题研究", case, **STUDY)
    found = {"fact": "三笔支出没有集体研究", "basis": "〔003 六、16〕", "row": "1", "severity": "serious"}
    walk.do(
        "检查监督",
        case,
        check_way="papers",
        checked_on=today(world),
        check_summary="抽查台账",
        problems=[{**found, "trace_needed": "yes"}],
    )
    problem: Problem = world.one(Problem, checklist_id=list_of(world, case).id)
    walk.look("05-problems", HEAD, "/problem-register")
    walk.look("05-problem", "supervisor", f"/cases/{problem.case_id}")
    register = walk.at("supervisor").get("/problem-register").text
    assert problem.number in register
    assert "三笔支出没有集体研究" in register
    return problem


STUDY = {"study_on": "2026-06-12", "study_topics": "责任落实", "study_acts": ["deployed"], "study_note": "各科室分工"}


def today(world: World) -> str:
    return world.now.date().isoformat()


# ------------------------------------------------------------------ 倒查


def traced(walk: Walk, problem: Problem) -> str:
    world = walk.world
    matter = str(world.one(Case, process_key="accountability").id)
    values = values_of(world, matter)
    assert (values["trigger"], values["subject_unit"], values["severity"]) == ("problem", UNIT, "serious")
    assert values["fact_key"] == f"problem:{problem.number}"
    assert problem.number in world.case(matter).title

    first = world.task("登记", case=matter)
    walk.look("04-register", first.candidates()[0], f"/tasks/{first.id}")
    told = {"amount": "120", "months": "8", "spread": "1", "clue": "检查发现三笔支出没有集体研究。"}
    people = {"parties": [world.code(CLERK)], "leaders": [world.code(HEAD)]}
    opened = walk.do("登记", matter, **told, **people)
    assert "三笔支出没有集体研究" in opened.answer.text
    rectification = world.one(Case, process_key="rectification").id
    linked = walk.at("supervisor").get(f"/cases/{problem.case_id}").links()
    assert {f"/cases/{matter}", f"/cases/{rectification}", f"/cases/{list_case(world, problem)}"} <= linked
    for party in (CLERK, HEAD):
        closed = walk.at(party)
        assert closed.get(f"/cases/{matter}").status == 404
        assert closed.get(f"/cases/{matter}/twin").status == 404
        register = closed.get("/problem-register")
        assert problem.number in register.text
        assert f"/cases/{matter}" not in register.links()
        assert "一案双查" not in register.text
        assert {closed.get(link).status for link in register.links() if link.startswith("/cases/")} <= {200}
    return matter


def list_case(world: World, problem: Problem) -> str:
    return str(world.one(Checklist, id=problem.checklist_id).case_id)


# ------------------------------------------------------------------ 整改、销号


def rectified(walk: Walk, problem: Problem) -> None:
    world = walk.world
    case = str(world.one(Case, process_key="rectification").id)
    first = world.task("登记问题清单", case=case)
    walk.look("06-rectification", first.candidates()[0], f"/tasks/{first.id}")
    told = {"source_kind": "inspection", "found_on": today(world), "public_reaction": "no"}
    opened = walk.do("登记问题清单", case, **told)
    assert opened.fields(opened_path(opened))["v/problems/0/no"] == [problem.number]
    issue = {"requirements": "逐笔整改", "public_listing": "no", "issue_outcome": "issue", "issue_note": "签发"}
    walk.do("签发整改通知", case, **issue)
    causes = [{"no": problem.number, "cause_kind": "management", "cause": "议事规则不落实"}]
    share = [{"unit": UNIT, "role": "lead", "measures": "补议三笔支出", "workdays": "10"}]
    more = {"rules_needed": "no", "rules_reason": "制度已有", "plan_files": paper("方案.pdf")}
    walk.do("制定整改方案", case, causes=causes, assignments=share, **more)
    walk.do("主要负责人审定", case, plan_outcome="approve", plan_note="同意")
    walk.do("审核整改方案", case, plan_checks=["cause", "measure"], review_outcome="pass", review_note="可行")
    unit_carries_out(walk, str(world.child(case).id))
    walk.do("问责追究", case, accountability_conclusion="transferred", accountability_note="另案双查")
    parts = dict.fromkeys(("overview", "items", "duty", "rules", "left"), "已整改")
    report = {f"report_{part}": text for part, text in parts.items()}
    walk.do("整改报告", case, **report, report_files=paper("报告.pdf"))
    walk.do("签发整改报告", case, report_outcome="sign", sign_note="属实")
    gates = dict.fromkeys(("cause_found", "measures_done", "accountability_done"), "yes")
    seen = [{"no": problem.number, "seen": "已补议"}]
    verify = {"verify_way": "both", "verified_on": today(world), "serious_delay": "no", "verify_note": "到位"}
    walk.do("核验", case, findings=seen, **verify, **gates)
    assert standing(walk, problem) == "未销号"
    close = {"feedback_on": today(world), "satisfaction": "yes", "close_note": "三项均到位"}
    walk.do("销号", case, close_checks=["cause", "measures", "accountability", "evidence"], **close)


def unit_carries_out(walk: Walk, case: str) -> None:
    world = walk.world
    walk.do("签收任务", case, unit_responsible=world.code(HEAD), unit_steps="开会补议", objection="no")
    done = [{"measure": "补议", "state": "done", "done_on": today(world), "result": "形成纪要"}]
    walk.do("落实整改措施", case, unit_done=done, unit_evidence=paper("纪要.pdf"), unit_summary="三笔都已补议")
    checks = {
        "unit_checks": ["real", "complete"],
        "check_outcome": "pass",
        "unit_outcome": "done",
        "check_note": "属实",
    }
    walk.do("核对签字", case, **checks)


def struck_off(walk: Walk, problem: Problem) -> None:
    assert standing(walk, problem) == "已销号"
    walk.look("07-rectifications", "supervisor", "/rectifications")
    walk.look("07-problems", "supervisor", "/problem-register")
    register = walk.at("supervisor").get("/rectifications").text
    assert problem.number in register
    assert "办结" in register
    assert walk.world.case(problem.case_id).status == "completed"
    assert "problem-closed" in walk.world.kinds(problem.case_id)


def standing(walk: Walk, problem: Problem) -> str:
    """What the list of problems says of it."""
    page = walk.at("supervisor").get("/problem-register")
    (told,) = page.tree.xpath(f"//tr[.//a[text()='{problem.number}']]/td[1]/span[1]/text()")
    return str(told)


def opened_path(page: Sheet) -> str:
    return str(page.answer.request.path)


# ------------------------------------------------------------------ 一案双查


def investigated(walk: Walk, matter: str) -> None:
    """Both investigations, which contradict each other."""
    world = walk.world
    walk.do("立案审批", matter, approve_outcome="open", approve_note="线索具体，立案。")
    person, leader = (track(world, matter, kind) for kind in ("person", "leader"))
    of_person(walk, person)
    assert world.case(person).status == "active"
    assert "门：等另一查的结论，不能结束" in twin(walk, matter).text
    of_leader(walk, leader)
    assert [world.case(each).status for each in (person, leader)] == ["completed", "completed"]
    shown = twin(walk, matter)
    assert shown.text.count("两查都有结论，放行") == 2
    assert "两查结论有矛盾" in shown.text
    head = walk.holder(HOUSE, "书记")
    walk.look("09-twin", head, f"/cases/{matter}/twin")
    with walk.tab(head, f"/cases/{matter}/twin") as page:
        expect(page.get_by_role("heading", name="两查结论有矛盾")).to_be_visible()
        expect(page.get_by_text("认定相反")).to_be_visible()
    for party in (CLERK, HEAD):
        assert {walk.at(party).get(f"/cases/{each}").status for each in (person, leader)} == {404}


def of_person(walk: Walk, case: str) -> None:
    world = walk.world
    walk.do("调查取证", case, person_plan="调取凭证、询问经办。")
    heard = {"heard_on": today(world), "heard_place": "谈话室", "heard_statement": "不认可", "heard_accepted": "yes"}
    walk.do("听取当事人陈述", case, **heard, heard_reason="与凭证一致")
    result = {"person": world.code(CLERK), "liability": "none", "measure": "none", "reason": "按程序报批"}
    findings = [{"finding": "untrue", "basis": "会议记录"}]
    walk.do("作出结论", case, person_results=[result], findings=findings, person_opinion="不负责任。")
    walk.do("审核结论", case, check_outcome="pass", check_note="证据充分。")


def of_leader(walk: Walk, case: str) -> None:
    world = walk.world
    walk.do("倒查取证", case, leader_plan="调取会议记录。")
    talk = {"talked_on": today(world), "talked_place": "谈话室", "talked_record": "说明情况", "talked_admits": "yes"}
    walk.do("与相关领导谈话", case, **talk, talked_reason="认可")
    leader = {"person": world.code(HEAD), "role": "party_head", "performed": "none", "measure": "talk"}
    walk.do("认定履责情况", case, leader_rows=[{**leader, "duty_basis": "没有研究部署"}], assess_note="见笔录")
    findings = [{"finding": "true", "basis": "会议记录"}]
    walk.do("作出结论", case, findings=findings, leader_overall="liable", leader_opinion="负主体责任。")
    walk.do("审核结论", case, check_outcome="pass", check_note="证据充分。")


def twin(walk: Walk, matter: str) -> Sheet:
    return walk.at(walk.holder(HOUSE, "书记")).get(f"/cases/{matter}/twin")


# ------------------------------------------------------------------ 决定、送达、归档


def decided_and_archived(walk: Walk, matter: str) -> None:
    world = walk.world
    told = {"deliberated_on": today(world), "deliberated_by": "全体委员", "deliberation_note": "采信领导责任一查。"}
    reply = "会议记录缺页，以财务凭证为准。"
    opened = walk.do("集体审议", matter, deliberation_outcome="accept", contradiction_reply=reply, **told)
    assert "不实" in opened.text
    decide_in_chromium(walk, matter)
    walk.look("10-decided", walk.holder(HOUSE, "书记"), f"/cases/{matter}/twin")
    for who in (CLERK, HEAD):
        own = outcome_of(world, matter, who)
        served = {"served_on": today(world), "served_how": "direct", "served_by": "两名承办人"}
        walk.do("送达决定", own, **served, receipt=paper("送达回证.pdf"), receipt_signed="signed")
        if "执行处理决定" in world.names(own):
            executed = {"executed_on": today(world), "executed_document": "文书1号", "executed_note": "已谈话。"}
            walk.do("执行处理决定", own, **executed)
    world.let_pass(days=40)
    filed = {"archive_no": "望纪案〔2026〕1号", "archive_list": "立案、两查、决定、回证", "dossier": "yes"}
    opened = walk.do("归档", matter, **filed, archived_on=today(world))
    assert "没有申诉" in opened.answer.text
    assert world.case(matter).status == "completed"


def decide_in_chromium(walk: Walk, matter: str) -> None:
    task = walk.world.task("处理决定", case=matter)
    who = task.candidates()[0]
    walk.look("10-decide", who, f"/tasks/{task.id}")
    with walk.tab(who, f"/tasks/{task.id}") as page:
        expect(page.locator("input[name='v/decisions#row']")).to_have_count(2)
        page.fill("#f-decision_no", "望纪决〔2026〕1号")
        page.select_option("#f-decision_scope", "unit")
        page.get_by_role("radio", name="同意").check()
        page.fill("#f-decide_note", "同意。")
        walk.sign(page)
    walk.world.settle()


# ------------------------------------------------------------------ 年终


def year_ends(walk: Walk, case: str) -> None:
    """Every row done; the year's last check finds nothing, and asks for nothing that was found before."""
    world = walk.world
    for child in world.rows(Case, parent_case_id=case):
        perform(world, child.id)
    last = {"check_way": "papers", "checked_on": today(world), "check_summary": "总体较好"}
    opened = walk.do("年终检查", case, **last)
    blank = opened.fields(opened_path(opened))
    assert blank["v/checked_on"] == [""]
    assert not [name for name in blank if name.startswith("v/problems/")]
    assert len(world.rows(Problem)) == 1
    assert world.case(case).status == "completed"

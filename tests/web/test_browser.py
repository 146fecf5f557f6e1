"""The same in Chromium: scripts on, policy enforced. Every tab must end without a console error or foreign request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.api.door_scene import ZERO
from tests.city_scene import PASSWORD
from tests.web.page_scene import Served, open_tab, username_of
from workflows.tables import Holding, Person, TaskCandidate

pytestmark = pytest.mark.browser
MAIN_PAGES = (
    "/",
    "/tasks",
    "/tasks/done",
    "/tasks/started",
    "/tasks/copied?unread=1&left_to=9",
    "/phrases",
    "/cases",
    "/cases/new?definition=rectification",
    "/notices",
    "/escalations",
    "/overview",
    "/year",
    "/supervision",
    "/definitions",
    "/calendar?start=2026-12-30&workdays=5",
    "/organisation",
    "/help",
    "/help/work",
    "/feedback",
    "/units/ws",
    "/steps?definition=rectification",
    "/reminders",
)


def begun(served: Served) -> tuple[str, str]:
    door = served.door
    case = door.start(door.caller("clerk"), "ws")
    return case["id"], door.task(case["id"])


def test_no_page_needs_scrolling_sideways(served: Served, browser: Browser):
    """Each page is loaded in a narrow window, which is then made wide."""
    case_id, task_id = begun(served)
    wide = []
    with open_tab(browser, served.address, width=320) as tab:
        tab.log_in("clerk")
        for path in (*MAIN_PAGES, f"/tasks/{task_id}", f"/cases/{case_id}", "/definitions/rectification/1"):
            for width in (320, 1366):
                tab.resize(width)
                if width == 320:
                    tab.go(path)
                if tab.is_wide():
                    wide.append((path, width))

    assert wide == []


def test_no_page_shuts_anybody_out(served: Served, browser: Browser):
    """Deque's axe on every main page: WCAG 2.2 AA and good practice, no violation at all."""
    case_id, task_id = begun(served)
    with open_tab(browser, served.address) as tab:
        tab.log_in("supervisor")
        found: list[str] = []
        for path in (*MAIN_PAGES, f"/tasks/{task_id}", f"/tasks/{task_id}/transfer", f"/cases/{case_id}"):
            tab.go(path)
            found += [f"{path}: {violation}" for violation in tab.violations()]

    assert found == []


def test_typing_is_kept_without_a_button_and_handed_in(served: Served, browser: Browser):
    case_id, task_id = begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go("/tasks")
        page.get_by_role("button", name=re.compile("签收")).click()
        page.get_by_label("否，编制报告").check()
        page.get_by_label("类别").select_option("deploy")
        page.locator("#f-duties_done-0-matter").fill("专题研究")
        expect(page.locator("#draft-state")).to_contain_text("草稿已保存")
        page.get_by_role("button", name=re.compile("增加一项 履责")).click()
        expect(page.locator("input[name='v/duties_done#row']")).to_have_count(2)
        page.get_by_role("button", name=re.compile("删除这一项 履责.* 2")).click()
        expect(page.locator("input[name='v/duties_done#row']")).to_have_count(1)
        page.locator("#f-duties_done-0-matter").press("Enter")
        expect(page).to_have_url(f"{served.address}/tasks/{task_id}")
        page.locator("#f-duties_done-0-matter").fill("专题研究部署")
        with page.expect_response(re.compile("/draft$")):
            pass
        tab.go(f"/tasks/{task_id}")
        expect(page.locator("#f-duties_done-0-matter")).to_have_value("专题研究部署")

        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator(".faults")).to_be_focused()
        page.locator(".faults a").first.click()
        page.locator("#f-duties_done-0-done_on").fill("2026-03-01")
        page.locator("#f-duties_done-0-result").fill("已部署")
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("h1")).to_have_text("待办")
    served.door.settle()

    assert served.door.task(case_id, "Draft")


def test_a_file_is_sent_while_the_page_stays(served: Served, browser: Browser):
    _, task_id = begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go(f"/tasks/{task_id}")
        page.get_by_label("否，编制报告").check()
        holder = page.locator("[data-island=upload]").first
        expect(holder).to_have_attribute("data-state", "ready")
        holder.locator("input[type=file]").set_input_files(
            {"name": "台账.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
        )
        expect(holder.get_by_role("link", name="台账.pdf")).to_be_visible()
        with page.expect_response(re.compile("/draft$")):
            pass
        holder.locator("input[type=file]").set_input_files(
            {"name": "脚本.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
        )
        expect(holder.locator(".fault")).to_contain_text("不接收这种文件")
        tab.go(f"/tasks/{task_id}")
        expect(page.get_by_role("link", name="台账.pdf").first).to_be_visible()


def test_signing_in_the_browser(served: Served, browser: Browser):
    door = served.door
    case_id, task_id = begun(served)
    door.caller("clerk").post(f"/tasks/{task_id}/complete", {"variables": ZERO})
    door.settle()
    sign = door.task(case_id, "SignZero")
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in(username_of(door, "ws", "书记"))
        tab.go(f"/tasks/{sign}")
        page.get_by_role("radio", name="签署零报告").check()
        page.locator("#f-zero_note").fill("经核对属实")
        page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_contain_text("签署：")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_have_text("待办")


def test_the_diagram_shows_what_happened_and_its_makers_mark(served: Served, browser: Browser):
    case_id, _ = begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go(f"/cases/{case_id}")
        expect(page.locator("[data-island=diagram]")).to_have_attribute("data-state", "ready")
        active = page.locator(".djs-element.zc-active").evaluate_all("all => all.map(e => e.dataset.elementId)")
        taken = page.locator(".djs-element.zc-taken").evaluate_all("all => all.map(e => e.dataset.elementId)")
        mark = page.locator(".bjs-powered-by")
        expect(mark).to_be_visible()
        box = mark.bounding_box()
        assert box is not None
        top = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('.bjs-powered-by') !== null",
            [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
        )
    history = served.door.caller("clerk").get(f"/cases/{case_id}/diagram").json

    assert "Intake" in active
    assert set(taken) == set(history["taken"])
    assert top


def test_filters_change_the_list_and_the_address(served: Served, browser: Browser):
    begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go("/tasks")
        page.get_by_label("灯").select_option("overdue")
        expect(page.locator("#rows")).to_contain_text("没有符合条件的事项")
        expect(page).to_have_url(re.compile("light=overdue"))
        page.get_by_label("灯").select_option("")
        expect(page.locator("#rows")).to_contain_text("登记年度履责事项")


def test_a_diagram_is_uploaded_judged_and_put_into_force(served: Served, browser: Browser):
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("flowadmin")
        tab.go("/definitions/upload")
        page.set_input_files("#file", {"name": "broken.bpmn", "mimeType": "text/xml", "buffer": b"<definitions"})
        page.get_by_role("button", name="上传为草稿").click()
        expect(page.locator(".note.bad[role=alert]")).to_be_visible()
        expect(page.locator("#findings")).to_contain_text("broken.bpmn")
        page.set_input_files("#file", {"name": "small.bpmn", "mimeType": "text/xml", "buffer": SMALL.encode()})
        page.get_by_role("button", name="上传为草稿").click()
        expect(page.locator("h1")).to_have_text("小流程 第 1 版")
        expect(page.locator("#findings")).to_contain_text("Only")
        page.get_by_role("button", name="启用").click()
        expect(page.locator("[role=alert]")).to_contain_text("不能启用")
        tab.go("/definitions/rectification/1")
        page.get_by_role("button", name="停用").click()
        expect(page.locator("h1 + .tag")).to_have_text("停用")


SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:small">
  <process id="small" name="小流程" isExecutable="true">
    <startEvent id="Start"><outgoing>a</outgoing></startEvent>
    <sequenceFlow id="a" sourceRef="Start" targetRef="Only"/>
    <userTask id="Only" name="唯一一步"><incoming>a</incoming><outgoing>b</outgoing></userTask>
    <sequenceFlow id="b" sourceRef="Only" targetRef="End"/>
    <endEvent id="End"><incoming>b</incoming></endEvent>
  </process>
</definitions>
"""


def test_without_scripts_work_is_found_filled_in_and_handed_in(served: Served, browser: Browser):
    case_id, _ = begun(served)
    with open_tab(browser, served.address, scripts=False) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go("/tasks")
        page.get_by_role("button", name=re.compile("签收")).click()
        page.get_by_label("否，编制报告").check()
        page.get_by_role("button", name="保存草稿").last.click()
        page.get_by_label("类别").select_option("deploy")
        page.locator("#f-duties_done-0-matter").fill("专题研究")
        page.locator("#f-duties_done-0-done_on").fill("2026-03-01")
        page.locator("#f-duties_done-0-result").fill("已部署")
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("h1")).to_have_text("待办")
    served.door.settle()

    assert served.door.task(case_id, "Draft")


def test_a_late_step_is_escalated_and_decided_in_the_browser(served: Served, browser: Browser):
    door = served.door
    case_id, _ = begun(served)
    about = waiting_for_a_decision(served, case_id)
    decider = username_of_task(served, about["task_id"])
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in(decider)
        tab.go("/escalations?waiting=1")
        page.get_by_role("link", name=re.compile("登记年度履责事项")).click()
        expect(page.locator("main")).to_contain_text("等您决定")
        page.get_by_role("link", name="作出决定").click()
        page.get_by_label("催办", exact=True).check()
        page.get_by_label(re.compile("^意见和理由")).fill("请三日内报来")
        page.get_by_role("button", name=re.compile("提交")).click()
        if page.locator("h1").inner_text().startswith("签署"):
            page.fill("#password", PASSWORD)
            page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_have_text("待办")
    door.settle()

    decided = door.caller("auditor").get(f"/escalations/{about['id']}").json
    assert decided["outcome"] == "urge"


def waiting_for_a_decision(served: Served, case_id: str) -> dict[str, Any]:
    """Let days pass until the late case has an escalation that somebody must decide."""
    auditor = served.door.caller("auditor")
    for _day in range(20):
        served.door.pass_time(days=1)
        for found in auditor.get(f"/escalations?case={case_id}").json["items"]:
            detail = auditor.get(f"/escalations/{found['id']}").json
            if detail["task_id"]:
                return dict(detail)
    raise AssertionError(case_id)


def username_of_task(served: Served, task_id: str) -> str:
    """Return the user name of somebody who may do a task now."""
    found = (
        select(Person.username)
        .join(Holding, Holding.person_id == Person.id)
        .join(TaskCandidate, TaskCandidate.post_id == Holding.post_id)
        .where(TaskCandidate.task_id == task_id, Holding.to_day.is_(None))
    )
    return str(served.door.city.read(lambda store: store.session.scalars(found).first()))

"""待办→办理→提交 by keyboard alone, and what is typed when the login has ended: what only a browser decides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.page_scene import Served, open_tab

pytestmark = pytest.mark.browser
REASON = "本年度没有发生应当报告的事项"


def begun(served: Served) -> str:
    door = served.door
    case = door.start(door.caller("clerk"), "ws")
    door.settle()
    return door.task(case["id"])


def walk_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what matches a selector."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"Tab never came to {wanted}.")


def test_a_task_is_found_claimed_filled_in_and_handed_in_by_keyboard(served: Served, browser: Browser):
    task = begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go("/tasks")
        walk_to(page, f"form[action='/tasks/{task}/claim'] button")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("登记年度履责事项")
        expect(page.locator("#work")).to_have_attribute("data-state", "ready")
        walk_to(page, "input[name='v/zero_claimed']")
        page.keyboard.press("ArrowDown")
        expect(page.locator("[name='v/zero_reason']")).to_be_visible()
        walk_to(page, "[name='v/zero_scope']")
        page.keyboard.press("Space")
        walk_to(page, "[name='v/zero_items']")
        page.keyboard.type("0")
        page.keyboard.press("Enter")  # hands nothing in from a line of text
        expect(page.locator(".faults")).to_have_count(0)
        walk_to(page, "[name='v/zero_reason']")
        page.keyboard.type(REASON)
        walk_to(page, "button[name=act][value=submit]")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("待办")

    assert served.door.caller("clerk").get(f"/tasks/{task}").json["status"] == "completed"


def test_what_is_typed_after_the_login_ended_comes_back_with_the_next_one(served: Served, browser: Browser):
    task = begun(served)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go(f"/tasks/{task}")
        expect(page.locator("#work")).to_have_attribute("data-state", "ready")
        page.get_by_label("否，编制报告").check()
        expect(page.locator("#draft-state")).to_contain_text("草稿已保存")
        page.context.clear_cookies(name="zecheng_session")
        page.locator("#f-duties_done-0-matter").fill("专题研究部署")
        page.get_by_text("附言（选填）").click()
        page.locator("#f-comment").fill("附带一句")
        expect(page.locator("#draft-state")).to_contain_text("登录已过期")
        tab.wrongs[:] = [wrong for wrong in tab.wrongs if "status of 401" not in wrong]
        page.get_by_role("link", name="重新登录").click()
        page.fill("#username", "clerk")
        page.fill("#password", "an-invented-password")
        page.click("main button")
        expect(page.locator("h1")).to_have_text("登记年度履责事项")
        expect(page.locator("#f-duties_done-0-matter")).to_have_value("专题研究部署")
        expect(page.locator("#f-comment")).to_have_value("附带一句")
        expect(page.locator("#draft-state")).to_contain_text("草稿已保存")

        kept = served.door.caller("clerk").get(f"/tasks/{task}/draft").json
        assert kept["comment"] == "附带一句"
        assert kept["variables"]["duties_done"][0]["matter"] == "专题研究部署"
        assert page.evaluate("sessionStorage.length") == 0


def test_people_are_suggested_and_a_phrase_goes_where_one_writes(served: Served, browser: Browser):
    task = begun(served)
    clerk = served.door.caller("clerk")
    clerk.post("/me/phrases", {"text": "情况属实。"})
    clerk.post("/me/phrases", {"text": "材料齐全，建议按规定时限办结，" * 10})
    head = served.door.city.holder("ws", "书记")
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go(f"/tasks/{task}")
        expect(page.locator("#work")).to_have_attribute("data-state", "ready")
        page.get_by_role("button", name="情况属实。").click()
        expect(page.locator("#f-comment")).to_have_value("情况属实。")
        page.get_by_text("抄送（选填）").click()
        page.locator("#f-copies").fill(head.name)
        page.get_by_role("button", name=re.compile(head.code)).click()
        expect(page.locator("#f-copies")).to_have_value(f"{head.name}（{head.code}）、")
        page.locator("#f-copies").press("Enter")
        expect(page.locator("#draft-state")).to_contain_text("草稿已保存")
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == 320

"""The five lists in Chromium: rows typed, registers filtered, an objection raised; nothing wide, nobody shut out."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.use_cases.checklist_scene import ENDORSE, ROWS, begun, in_force, list_of, publicised, row, signing
from tests.web.page_scene import Served, open_tab
from tests.world import World
from workflows.checklists.problems import Found, report_problem

pytestmark = pytest.mark.browser
UNIT, OTHER = "ws-caizheng", "ws-zhujian"


def world_of(served: Served) -> World:
    return World(served.door.application, served.door.clock)


def username(world: World, unit: str, post: str) -> str:
    return world.holder(unit, post).code


def furnished(world: World) -> dict[str, str]:
    """A list in force with a problem, one that is publicised, one that is signed, one that is drawn up."""
    first = in_force(world)
    inspector = world.holder("ws-jw", "经办")
    world.run(report_problem, list_of(world, first).id, Found("未开专题会", "责任制规定"), actor=inspector)
    world.settle()
    public = publicised(world, unit=OTHER, scope="public")
    signed = signing(world, unit="ws-yl", rows=[*ROWS, row("leadership", "分管领导")])
    drawn = begun(world, year=2027)
    return {"in_force": first, "publicity": public, "signing": signed, "draft": drawn}


def _paths(world: World, cases: dict[str, str]) -> list[str]:
    lists = {name: list_of(world, case).id for name, case in cases.items()}
    return [
        "/checklists",
        "/checklist-rows",
        "/checklist-rows?light=normal&kind=leadership&as_of=2026-12-31",
        "/problem-register",
        "/rectifications",
        f"/checklists/{lists['in_force']}",
        f"/checklists/{lists['publicity']}",
        f"/checklists/{lists['signing']}/comparison",
    ]


def test_registers_and_lists_need_no_scrolling_sideways_and_shut_nobody_out(served: Served, browser: Browser) -> None:
    """Each page is loaded in a narrow window, which is then made wide."""
    world = world_of(served)
    cases = furnished(world)
    wide, found = [], []
    with open_tab(browser, served.address, width=320) as tab:
        tab.log_in("supervisor")
        for number, path in enumerate(_paths(world, cases)):
            for width in (320, 1366):
                tab.resize(width)
                if width == 320:
                    tab.go(path)
                if os.environ.get("SHOTS"):
                    tab.page.screenshot(path=f"{os.environ['SHOTS']}/{width}-{number}.png", full_page=True)
                if tab.is_wide():
                    wide.append((path, width))
                found += [f"{path} at {width}: {violation}" for violation in tab.violations()]

    assert wide == []
    assert found == []


def test_a_list_is_typed_row_by_row_and_faults_stand_at_their_cells(served: Served, browser: Browser) -> None:
    world = world_of(served)
    in_force(world)
    case = begun(world, year=2027)
    task = world.task("编制清单", case=case)
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in(task.candidates()[0])
        tab.go(f"/tasks/{task.id}")
        page.get_by_role("button", name="从上年度带出项目").click()
        expect(page.locator("input[name='v/rows#row']")).to_have_count(len(ROWS))
        expect(page.locator("#f-rows-0-due_on")).to_have_value("2027-06-30")
        page.get_by_role("button", name=re.compile("增加一项")).click()
        expect(page.locator("input[name='v/rows#row']")).to_have_count(len(ROWS) + 1)
        page.locator("#f-rows-4-no").fill("1")
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("#f-rows-4-no-fault")).to_be_visible()
        if os.environ.get("SHOTS"):
            page.screenshot(path=f"{os.environ['SHOTS']}/editor.png", full_page=True)
        page.get_by_role("button", name=re.compile("删除这一项 .* 5")).click()
        expect(page.locator("input[name='v/rows#row']")).to_have_count(len(ROWS))
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("h1")).to_have_text("待办")
    world.settle()

    assert world.names(case) == ["完整性审核"]


def test_who_signs_sees_every_row_that_is_signed(served: Served, browser: Browser) -> None:
    world = world_of(served)
    case = signing(world)
    task = world.tasks("签字背书", case=case)[0]
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in(task.candidates()[0])
        tab.go(f"/tasks/{task.id}")
        page.locator("#f-endorse-0").check()
        page.get_by_label(re.compile("意见或承诺")).fill(str(ENDORSE["endorse_note"]))
        page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_contain_text("签署")
        shown = page.locator("main").inner_text()
        if os.environ.get("SHOTS"):
            page.screenshot(path=f"{os.environ['SHOTS']}/sign.png", full_page=True)

    assert shown.count("召开党组会并形成纪要") == len(ROWS)
    assert list_of(world, case).digest in shown


def test_an_objection_is_raised_on_the_page_and_shown_to_who_raised_it(served: Served, browser: Browser) -> None:
    world = world_of(served)
    case = publicised(world, scope="public")
    with open_tab(browser, served.address) as tab:
        page = tab.page
        tab.log_in("clerk")
        tab.go(f"/checklists/{list_of(world, case).id}")
        page.get_by_role("button", name="提交意见").click()
        expect(page.locator(".faults")).to_be_visible()
        page.locator("#objection-text").fill("措施太笼统")
        page.get_by_role("button", name="提交意见").click()
        expect(page.locator(".opinion")).to_have_text("措施太笼统")

    assert "objection-raised" in world.kinds(case)

"""The twin page without scripts, and in Chromium: narrow, wide, and by axe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.api.door_scene import Door
from tests.use_cases.accountability_scene import HOUSE, bring_leader, bring_person, holder, opened, pass_check, track
from tests.web.page_scene import Served, open_tab, reader
from tests.world import CLERK, World

AXE = Path(__file__).parents[2] / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def world(door: Door) -> World:
    return World(door.city.application, door.city.clock)


def contradicting(world: World) -> str:
    case = opened(world)
    pass_check(world, bring_person(world, case, finding="untrue", liability="none"))
    pass_check(world, bring_leader(world, case))
    return case


def test_contradictions_are_pointed_out_between_two_conclusions(world: World, door: Door):
    case = contradicting(world)

    page = reader(door, holder(world, HOUSE, "书记")).get(f"/cases/{case}/twin")

    assert page.heading == "两查并列"
    assert "同一事实，一查认定属实，另一查认定不实" in page.text
    assert "认定相反" in page.text
    assert "两查都有结论，放行" in page.text


def test_a_fact_is_entered_and_corrected_without_scripts_and_keeps_its_history(world: World, door: Door):
    case = opened(world)
    clerk = reader(door, holder(world, HOUSE, "经办"))
    page = clerk.get(f"/cases/{case}/twin")

    told = {"title": "另有两笔", "statement": "补充调查发现。", "source": "账册"}
    page = clerk.send(page, f"/cases/{case}/facts", told)
    page = clerk.send(page, f"/cases/{case}/facts/2", {"statement": "三笔。"})

    assert "第 2 版" in page.text
    assert "补充调查发现。" in page.text  # the earlier version, in its history
    refused = clerk.send(page, f"/cases/{case}/facts/2", {"version": "1"})
    assert refused.status == 409
    assert "更正到第 2 版" in refused.text


def test_a_concluded_track_waits_at_its_gate_and_is_opened_again(world: World, door: Door):
    case = opened(world)
    person = bring_person(world, case)
    pass_check(world, person)
    head = reader(door, holder(world, HOUSE, "书记"))

    page = head.get(f"/cases/{case}/twin")
    assert "门：等另一查的结论，不能结束" in page.text
    page = head.send(page, f"/cases/{person}/reopen", {"reason": "证据不足"})

    assert page.heading == "两查并列"
    assert "重新打开过 1 次" in page.text


def test_the_person_concerned_meets_a_closed_door(world: World, door: Door):
    case = opened(world)
    party = reader(door, CLERK)

    assert party.get(f"/cases/{case}/twin").status == 404
    assert party.get(f"/cases/{track(world, case, 'person')}").status == 404


@pytest.mark.browser
def test_the_page_fits_and_shuts_nobody_out(served: Served, browser: Browser, world: World):
    case = contradicting(world)
    name = holder(world, HOUSE, "书记")
    for width in (1366, 320):
        with open_tab(browser, served.address, width=width) as tab:
            tab.log_in(name)
            tab.go(f"/cases/{case}/twin")
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not tab.page.evaluate(wide), width
            tab.page.evaluate(AXE.read_text("utf-8"))
            found: Any = tab.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]] == []
            if "ZECHENG_SHOTS" in os.environ:
                tab.page.screenshot(path=f"{os.environ['ZECHENG_SHOTS']}/twin-{width}.png", full_page=True)

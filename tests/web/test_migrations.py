"""迁移在办办件 and 重置: the whole way by plain forms, and what only a browser can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.api.door_scene import Door
from tests.use_cases.migration_scene import family
from tests.web.page_scene import Served, open_tab, reader
from workflows.access import system_actor
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent, Profile
from workflows.migrations import move_due
from workflows.store import Store
from workflows.tables import Case, Definition

CHANGES = (
    ('id="Register"', 'id="Enrol"'),
    ('Ref="Register"', 'Ref="Enrol"'),
    ("<flowNodeRef>Register<", "<flowNodeRef>Enrol<"),
    ('bpmnElement="Register"', 'bpmnElement="Enrol"'),
    ('id="Circular"', 'id="Notice"'),
    ('name="通报并追究领导责任"', 'name="通报"'),
    ('Ref="Circular"', 'Ref="Notice"'),
    ("<flowNodeRef>Circular<", "<flowNodeRef>Notice<"),
    ('bpmnElement="Circular"', 'bpmnElement="Notice"'),
)
WIZARD = "/definitions/rectification/2/migrate"


def changed(door: Door, *, activate: bool = True) -> list[str]:
    """Two running cases of the shipped rectification, and a changed edition beside it."""
    facts = {"supervising_unit": "yt", "source_title": "审计指出的问题"}
    caller = door.caller("flowadmin")
    ids = []
    for number in (1, 2):
        body = {"definition": "rectification", "unit": "ws", "variables": facts, "title": f"审计问题整改之{number}"}
        made = caller.post("/cases", body)
        assert made.status_code == 201, made.text
        ids.append(made.json["id"])
    files = []
    for file in family("rectification"):
        text = file.content.decode()
        for before, after in CHANGES:
            text = text.replace(before, after)
        files.append(FileContent(file.path, text.encode()))

    def put(store: Store) -> None:
        for each, _ in deploy_files(store, files, actor=system_actor("test")):
            if activate:
                activate_definition(store, each.key, each.version, actor=system_actor("test"), profile=Profile.STANDARD)

    door.city.run(put)
    door.settle()
    return ids


def version(door: Door, case_id: str) -> int:
    return door.city.read(lambda store: store.need(Definition, store.need(Case, case_id).definition_id).version)


def test_running_cases_are_moved_by_plain_forms(door: Door):
    first, second = changed(door)
    administrator = reader(door, "flowadmin")

    page = administrator.get("/definitions/rectification/2")
    assert WIZARD in page.links()
    wizard = administrator.get(WIZARD)
    assert ("能迁移 2 件" in wizard.text, "按名称建议" in wizard.text) == (True, True)
    assert wizard.fields(WIZARD)["m/Register"] == ["Enrol"]
    again = administrator.send(wizard, WIZARD, {"m/Register": "", "act": "check"})
    assert ("能迁移 0 件" in again.text, "新版里没有这个环节" in again.text) == (True, True)
    filtered = administrator.send(again, WIZARD, {"m/Register": "Enrol", "act": "check", "show": "refused"})
    assert "没有这样的办件" in filtered.text
    refused = administrator.send(wizard, WIZARD, {"reason": "", "act": "begin"})
    assert (refused.status, refused.faults) == (422, ["请说明理由"])
    begun = administrator.send(
        wizard, WIZARD, {"which": "list", "case": [first], "reason": "新规定", "act": "begin", "limits": "recount"}
    )

    assert (begun.heading, "0 / 1 件" in begun.text) == ("迁移：第 1 版到第 2 版", True)
    move_due(door.application)
    done = administrator.get(begun.answer.request.path)
    assert ("1 / 1 件" in done.text, f"/cases/{first}" in done.links()) == (True, True)
    assert (version(door, first), version(door, second)) == (2, 1)
    assert "没有这样的办件" in administrator.get(f"{begun.answer.request.path}?status=refused").text
    assert administrator.get("/notices").text.count("办件迁移完毕：已迁移 1 件") == 1


def test_one_case_is_moved_and_reset_from_its_page(door: Door):
    first, _ = changed(door)
    administrator = reader(door, "flowadmin")
    page = administrator.get(f"/cases/{first}")
    move, reset = f"/cases/{first}/migrate", f"/cases/{first}/reset"
    assert {move, reset} <= page.links()

    wizard = administrator.get(move)
    moved = administrator.send(wizard, move, {"reason": "新规定", "act": "begin"})
    assert (version(door, first), "第 2 版" in moved.text) == (2, True)

    preview = administrator.get(f"{reset}?to=Enrol")
    assert ("撤下的待办" in preview.text, "登记问题清单" in preview.text) == (True, True)
    assert administrator.send(preview, reset, {"reason": " "}).faults == ["请说明理由"]
    after = administrator.send(preview, reset, {"reason": "材料有误"})
    assert "办件已重置" in after.text
    assert administrator.get(f"{reset}?to=Close").faults == ["办件没有经过这个环节，或者不能从这里重新开始。"]


def test_activation_asks_what_becomes_of_running_cases(door: Door):
    ids = changed(door, activate=False)
    administrator = reader(door, "flowadmin")
    address = "/definitions/rectification/2/activate"
    page = administrator.get("/definitions/rectification/2")
    assert "其他版本在办的 2 件" in page.text

    assert administrator.send(page, address, {"running": "move"}).faults == ["请说明理由"]
    administrator.send(page, address, {"running": "move", "reason": "新规定"})
    move_due(door.application)

    assert [version(door, each) for each in ids] == [2, 2]
    assert "第 1 版到第 2 版" in administrator.get("/definitions/rectification/2").text


@pytest.mark.browser
def test_the_pages_of_migrations_fit_everybody_and_every_screen(served: Served, browser: Browser):
    """No sideways scrolling at 320 and 1366 px, no axe violation, both diagrams drawn, progress that moves on."""
    first, _ = changed(served.door)
    axe = (Path(__file__).resolve().parents[2] / "web/frontend/node_modules/axe-core/axe.min.js").read_text("utf-8")
    wrong: list[Any] = []
    pages = (WIZARD, "/definitions/rectification/2", f"/cases/{first}/migrate", f"/cases/{first}/reset?to=Register")
    for width in (1366, 320):
        with open_tab(browser, served.address, width=width) as tab:
            tab.log_in("flowadmin")
            for path in pages:
                tab.go(path)
                if path == WIZARD:
                    tab.page.wait_for_selector("section:nth-of-type(2) .diagram[data-state=ready] .zc-near")
                if tab.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    wrong.append((path, width))
                if width == 1366:
                    tab.page.evaluate(axe)
                    result = tab.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                    wrong += [(path, each["id"], each["nodes"][0]["html"][:100]) for each in result["violations"]]
            if width == 320:
                tab.go(WIZARD)
                tab.page.fill("#f-reason", "新规定")
                tab.page.click("button[value=begin]")
                tab.page.wait_for_selector("#progress[hx-trigger]")
                move_due(served.door.application)
                tab.page.wait_for_selector("#progress:not([hx-trigger])")
                assert "2 / 2 件" in tab.page.inner_text("#progress")

    assert wrong == []

"""The overview as its readers meet it: numbers that open their lists, the same as a sheet, and no ranking."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.api.door_scene import Door
from tests.web.page_scene import reader


def test_the_numbers_of_the_overview_open_the_lists_that_they_count(door: Door):
    for unit in ("ws", "yc", "ws"):
        door.start(door.holder(unit, "经办"), unit)
    supervisor = reader(door, "supervisor")

    page = supervisor.get("/overview")

    cells = page.tree.xpath("//table[contains(@class, 'matrix')]//td/a")
    assert len(cells) >= 4
    for cell in cells:
        listed = supervisor.get(cell.get("href"))
        assert len(listed.tree.xpath("//table//tbody/tr")) == int(cell.text_content().split()[-1])
    told = door.caller("supervisor").get("/overview?step=month").json
    assert sum(told["total"].values()) == sum(sum(line["total"].values()) for line in told["lines"]) == 3
    assert told["lines"][0]["cells"]["dual_reporting"]
    steps = door.caller("supervisor").get("/overview/bottlenecks/dual_reporting").json["steps"]
    assert sum(sum(step["waiting"].values()) for step in steps) == 3
    assert page.tree.xpath("//*[@data-island='chart']/@aria-label")
    assert "按期办结率" not in page.text


def test_the_overview_is_taken_home_as_a_workbook(door: Door):
    door.start(door.holder("ws", "经办"), "ws")
    supervisor = reader(door, "supervisor")

    book = load_workbook(io.BytesIO(supervisor.client.get("/overview?format=xlsx").data))
    same = door.caller("supervisor").get("/overview/export").data

    assert book.sheetnames == ["单位与流程", "趋势", "环节用时", "即将到期"]
    rows = [list(row) for row in load_workbook(io.BytesIO(same))["单位与流程"].iter_rows(values_only=True)]
    assert rows[0][:4] == ["单位", "范围", "流程", "在办"]
    assert [rows[2][0], rows[2][3]] == ["合计", 1]
    assert str(rows[-1][0]).startswith("截至 2026-")

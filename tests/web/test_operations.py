"""环节设置, 灯与提醒, 运行监控, 操作日志 on pages."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.api.door_scene import Door
from tests.web.page_scene import reader


def test_administrators_see_every_step_and_take_it_with_them(door: Door):
    administrator = reader(door, "flowadmin")

    page = administrator.get("/steps?definition=rectification&start=2026-03-02")
    sheet = administrator.client.get("/steps?definition=rectification&format=xlsx")
    reminders = administrator.get("/reminders?definition=rectification&region=seed_004")

    assert page.status == reminders.status == 200
    assert len(page.tree.xpath("//tbody/tr")) == 16
    rows = list(load_workbook(io.BytesIO(sheet.data)).active.values)
    assert len(rows) == 17
    assert rows[0][0] == "流程"
    assert "高原市（示例）" in reminders.text
    assert administrator.get("/steps?region=nowhere").status == 422
    assert administrator.get("/steps?start=never").status == 200


def test_the_monitor_and_the_log(door: Door):
    case = door.start(door.caller("clerk"), "ws")
    administrator, auditor = reader(door, "flowadmin"), reader(door, "auditor")

    monitor, timers = administrator.get("/operations"), administrator.get("/timers?state=to_come")
    log = auditor.get(f"/ledger/events?case={case['id']}&kind=case-started")

    assert "没有任何后台值守的记录" in monitor.text
    assert f"/cases/{case['id']}" in timers.links()
    assert "发起办件" in log.text
    assert administrator.get("/ledger/events").status == 403
    assert reader(door, "clerk").get("/operations").status == 403

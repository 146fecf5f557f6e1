"""The printed sheet of a case and the register of supervision: what they tell, to whom, and as a workbook."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.api.door_scene import SIGNED_ZERO, ZERO, Door
from tests.city_scene import PASSWORD
from tests.web.page_scene import reader


def test_the_sheet_holds_who_did_what_as_which_post_and_the_signatures(door: Door):
    clerk, head = door.holder("ws", "经办"), door.holder("ws", "书记")
    case_id = door.start(clerk, "ws")["id"]
    clerk.post(f"/tasks/{door.task(case_id)}/complete", {"variables": ZERO, "comment": "请审"})
    door.settle()
    signed = {"variables": SIGNED_ZERO, "confirmation": {"password": PASSWORD}}
    done = head.post(f"/tasks/{door.task(case_id)}/complete", signed)
    assert done.status_code == 200, done.text

    sheet = door.caller("supervisor").get(f"/cases/{case_id}/approval-sheet").json
    page = reader(door, "supervisor").get(f"/cases/{case_id}/print")

    first, second = sheet["lines"]
    assert (first["comment"], first["seals"]) == ("请审", [])
    assert first["person"]
    assert first["post"]
    assert [seal["digest"] for seal in second["seals"]]
    events = door.caller("supervisor").get(f"/cases/{case_id}/events?limit=200").json["items"]
    assert (sheet["ledger_seq"], sheet["ledger_hash"]) == (events[-1]["seq"], events[-1]["hash"])
    assert page.heading == "审批单"
    for word in ("请审", first["person"], second["seals"][0]["person"], second["seals"][0]["digest"][:16]):
        assert word in page.text
    assert door.caller("sysadmin").get(f"/cases/{case_id}/approval-sheet").status_code == 404


def test_the_register_tells_what_was_done_about_each_escalation(door: Door):
    clerk = door.holder("ws", "经办")
    case_id = door.start(clerk, "ws")["id"]
    asked = {"workdays": 1, "ground": "会议冲突", "reason": "未齐"}
    escalation = clerk.post(f"/tasks/{door.task(case_id)}/extend", asked).json["escalation_id"]
    door.settle()
    supervisor = door.caller("supervisor")

    lines = supervisor.get("/supervision?kind=extension&running=true").json["items"]
    book = load_workbook(io.BytesIO(supervisor.get("/supervision/export").data))
    page = reader(door, "supervisor").get("/supervision?q=望舒")

    assert [line["id"] for line in lines] == [escalation]
    assert [step["done_at"] for step in lines[0]["steps"]] == [None]
    rows = [list(row) for row in book["督办台账"].iter_rows(values_only=True)]
    assert rows[1][2] == lines[0]["title"]
    assert "等待" in rows[1][11]
    assert lines[0]["title"] in page.text
    assert supervisor.get("/supervision?outcome=order").json["items"] == []
    assert supervisor.get("/supervision?proposed_from=2030-01-01T00:00:00Z").json["items"] == []
    assert door.caller("sysadmin").get("/supervision").json["items"] == []

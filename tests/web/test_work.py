"""办理 without scripts: claim, draft, rows, files, faults beside fields, signing, sending back, handing on."""

from __future__ import annotations

import re

import pytest

from tests.api.door_scene import Door
from tests.city_scene import PASSWORD
from tests.web.page_scene import Reader, Sheet, file, reader, username_of

ROW = "v/duties_done/0"
DUTY = {
    f"{ROW}/category": "deploy",
    f"{ROW}/matter": "专题研究",
    f"{ROW}/done_on": "2026-03-01",
    f"{ROW}/result": "已部署",
}


@pytest.fixture
def begun(door: Door) -> tuple[Reader, str, str]:
    """The clerk at the first task of a report that they began on the page."""
    clerk = reader(door, "clerk")
    page = clerk.get("/cases/new")
    page = clerk.send(page, "/cases/new", {"definition": "dual_reporting", "unit": "ws", "act": "choose"})
    started = clerk.send(page, "/cases/new", {"v/year": "2026", "act": "start"})
    case_id = str(started.answer.request.path).rpartition("/")[2]
    door.settle()
    return clerk, case_id, door.task(case_id)


def filled(clerk: Reader, task_id: str) -> Sheet:
    """The page with its choice made and its first row filled in, as a draft."""
    path = f"/tasks/{task_id}"
    page = clerk.send(clerk.get(path), path, {"act": "save", "v/zero_claimed": "no"})
    return clerk.send(page, path, {"act": "save", **DUTY})


def test_a_case_is_begun_and_its_first_task_stands_in_the_list(door: Door, begun):
    clerk, case_id, task_id = begun

    page = clerk.get("/tasks")

    assert f"/tasks/{task_id}" in page.links()
    assert f"/tasks/{task_id}/claim" in page.actions()
    assert clerk.get(f"/cases/{case_id}").heading.endswith("年度责任报告")


def test_claiming_and_giving_back(door: Door, begun):
    clerk, _, task_id = begun

    claimed = clerk.send(clerk.get("/tasks"), f"/tasks/{task_id}/claim")
    released = clerk.send(claimed, f"/tasks/{task_id}/release")

    assert claimed.heading == "登记年度履责事项"
    assert f"/tasks/{task_id}/claim" not in claimed.actions()
    assert f"/tasks/{task_id}/claim" in released.actions()


def test_what_was_typed_is_there_after_a_reload(door: Door, begun):
    clerk, _, task_id = begun

    filled(clerk, task_id)
    again = clerk.get(f"/tasks/{task_id}").fields(f"/tasks/{task_id}")

    assert again["v/zero_claimed"] == ["no"]
    assert {name: again[name] for name in DUTY} == {name: [value] for name, value in DUTY.items()}


def test_rows_are_added_and_taken_away_by_buttons(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    page = filled(clerk, task_id)

    two = clerk.send(page, path, {"act": "add:duties_done"})
    two = clerk.send(two, path, {"act": "save", "v/duties_done/1/matter": "第二件"})
    one = clerk.send(two, path, {"act": "remove:duties_done:0"})

    assert two.fields(path)["v/duties_done#row"] == ["0", "1"]
    assert one.fields(path)["v/duties_done#row"] == ["0"]
    assert one.fields(path)["v/duties_done/0/matter"] == ["第二件"]


def test_a_choice_shows_other_fields_and_hides_none_of_what_was_typed(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    filled(clerk, task_id)

    other = clerk.send(clerk.get(path), path, {"act": "save", "v/zero_claimed": "yes"})
    back = clerk.send(other, path, {"act": "save", "v/zero_claimed": "no"})

    assert "v/zero_reason" in other.fields(path)
    assert "v/zero_reason" not in back.fields(path)
    assert back.fields(path)[f"{ROW}/matter"] == ["专题研究"]


def test_handing_in_ends_the_task_and_opens_the_next(door: Door, begun):
    clerk, case_id, task_id = begun
    path = f"/tasks/{task_id}"

    done = clerk.send(filled(clerk, task_id), path, {"act": "submit", "comment": "已核对"})
    door.settle()

    assert done.heading == "待办"
    assert "已办结“登记年度履责事项”" in done.text
    assert door.task(case_id, "Draft")
    assert "已核对" in clerk.get(path).text
    assert path in clerk.get("/tasks/done").links()


def test_every_fault_stands_in_the_summary_and_beside_its_field(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    page = filled(clerk, task_id)

    refused = clerk.send(page, path, {"act": "submit", f"{ROW}/matter": "", f"{ROW}/done_on": "gestern"})

    assert refused.status == 422
    assert len(refused.faults) == 2
    for link in refused.tree.xpath("//*[@class='faults']//a/@href"):
        assert refused.tree.xpath(f"//*[@id='{link[1:]}']"), link
    assert "请填写日期，例如 2026-11-17" in refused.text
    assert refused.tree.xpath("//*[@aria-invalid='true']")
    assert refused.fields(path)[f"{ROW}/done_on"] == ["gestern"]


def test_fields_that_the_form_does_not_have_are_not_taken(door: Door, begun):
    clerk, case_id, task_id = begun
    page = filled(clerk, task_id)

    done = clerk.send(page, f"/tasks/{task_id}", {"act": "submit", "v/variant": "x", "v/zero_reason": "heimlich"})

    assert done.status == 200
    told = door.caller("clerk").get(f"/tasks/{task_id}").json
    assert set(told["submission"]) == {"zero_claimed", "duties_done", "problems_found"}
    assert case_id


def test_handing_in_twice_is_told_and_changes_nothing(door: Door, begun):
    clerk, _, task_id = begun
    page = filled(clerk, task_id)
    clerk.send(page, f"/tasks/{task_id}", {"act": "submit"})
    before = door.fingerprint()

    again = clerk.send(page, f"/tasks/{task_id}", {"act": "submit"})

    assert again.status == 409
    assert "已经办结" in again.text
    assert door.fingerprint() == before


def test_a_stale_page_does_not_overwrite_a_newer_draft(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    old = clerk.get(path)
    filled(clerk, task_id)

    refused = clerk.send(old, path, {"act": "save", "v/zero_claimed": "yes"})

    assert refused.status == 412
    assert clerk.get(path).fields(path)["v/zero_claimed"] == ["no"]


def test_late_work_is_taken_with_its_reason_only(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    page = filled(clerk, task_id)
    assert "late_reason" not in page.fields(path)
    door.pass_time(days=10)
    clerk.log_in("clerk")
    page = clerk.get(path)

    refused = clerk.send(page, path, {"act": "submit"})
    done = clerk.send(refused, path, {"act": "submit", "late_reason": "配合上级检查"})

    assert refused.status == 422
    assert refused.faults == ["时限已过，请说明逾期原因"]
    assert done.heading == "待办"
    assert "配合上级检查" in clerk.get(path).text


def test_signing_shows_exactly_what_is_signed_and_takes_the_password(door: Door, begun):
    clerk, case_id, task_id = begun
    page = clerk.get(f"/tasks/{task_id}")
    page = clerk.send(page, f"/tasks/{task_id}", {"act": "save", "v/zero_claimed": "yes"})
    given = {"act": "submit", "v/zero_scope": "ledger", "v/zero_items": "0", "v/zero_reason": "确无此类事项"}
    assert clerk.send(page, f"/tasks/{task_id}", given).heading == "待办"
    door.settle()
    head = reader(door, username_of(door, "ws", "书记"))
    path = f"/tasks/{door.task(case_id, 'SignZero')}"

    asked = head.send(head.get(path), path, {"act": "submit", "v/zero_outcome": "sign", "v/zero_note": "经核对属实"})
    wrong = head.send(asked, f"{path}/sign", {"password": "not-the-password"})
    signed = head.send(wrong, f"{path}/sign", {"password": PASSWORD})

    assert asked.heading.startswith("签署：")
    assert "经核对属实" in asked.text
    assert wrong.status == 422
    assert wrong.faults == ["密码不对，没有签署。"]
    assert signed.heading == "待办"
    assert "签署" in head.get(f"/cases/{case_id}").text


def test_what_changed_after_it_was_shown_is_not_signed(door: Door, begun):
    clerk, case_id, task_id = begun
    page = clerk.send(clerk.get(f"/tasks/{task_id}"), f"/tasks/{task_id}", {"act": "save", "v/zero_claimed": "yes"})
    given = {"act": "submit", "v/zero_scope": "ledger", "v/zero_items": "0", "v/zero_reason": "确无此类事项"}
    clerk.send(page, f"/tasks/{task_id}", given)
    door.settle()
    head = reader(door, username_of(door, "ws", "书记"))
    path = f"/tasks/{door.task(case_id, 'SignZero')}"
    asked = head.send(head.get(path), path, {"act": "submit", "v/zero_outcome": "sign", "v/zero_note": "属实"})

    head.send(head.get(path), path, {"act": "save", "v/zero_note": "另一句话"})
    refused = head.send(asked, f"{path}/sign", {"password": PASSWORD})

    assert refused.status == 412
    assert "另一句话" in refused.text
    assert door.task(case_id, "SignZero")


def test_files_travel_with_the_form_and_are_downloaded_again(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    page = filled(clerk, task_id)
    name = page.tree.xpath("//input[@type='file']/@name")[0]

    kept = clerk.send(page, path, {"act": "save", name: file("台账.pdf")})
    (attachment,) = [link for link in kept.links() if re.match("/attachments/", link)]
    with clerk.client.get(attachment) as answer:
        content = answer.data

    assert kept.fields(path)[name] == [attachment.rpartition("/")[2]]
    assert content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    removed = clerk.send(kept, path, {"act": "save", "drop": attachment.rpartition("/")[2]})
    assert not [value for value in removed.fields(path).get(name, []) if value]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (file("脚本.exe", b"MZ"), "不接收这种文件"),
        (file("假的.pdf", b"MZ"), "不符"),
        (file("空的.pdf", b""), "空的"),
    ],
)
def test_forbidden_files_are_refused_in_words_and_nothing_typed_is_lost(door: Door, begun, upload, words):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}"
    page = filled(clerk, task_id)
    name = page.tree.xpath("//input[@type='file']/@name")[0]

    refused = clerk.send(page, path, {"act": "save", name: upload, f"{ROW}/matter": "刚刚改的"})

    assert refused.status == 422
    assert words in refused.text
    assert refused.fields(path)[f"{ROW}/matter"] == ["刚刚改的"]


def test_sending_back_opens_the_step_again_with_its_reason(door: Door, begun):
    clerk, case_id, task_id = begun
    clerk.send(filled(clerk, task_id), f"/tasks/{task_id}", {"act": "submit"})
    door.settle()
    path = f"/tasks/{door.task(case_id, 'Draft')}"

    page = clerk.get(f"{path}/return")
    empty = clerk.send(page, f"{path}/return", {"target": "Intake", "reason": " "})
    back = clerk.send(empty, f"{path}/return", {"target": "Intake", "reason": "年度数字要核对"})
    door.settle()

    assert page.tree.xpath("//select[@name='target']/option/@value") == ["Intake"]
    assert empty.faults == ["请说明理由"]
    assert back.heading == "待办"
    again = clerk.get(f"/tasks/{door.task(case_id, 'Intake')}")
    assert "第 2 次办理" in again.text
    assert again.fields(f"/tasks/{door.task(case_id, 'Intake')}")[f"{ROW}/matter"] == ["专题研究"]


def test_work_is_handed_to_a_colleague_and_not_to_a_stranger(door: Door, begun):
    clerk, _, task_id = begun
    path = f"/tasks/{task_id}/transfer"
    page = clerk.get(path)
    colleagues = page.tree.xpath("//select[@name='to']/option/@value")[1:]

    stranger = clerk.send(page, path, {"to": door.city.holder("yt", "书记").code, "reason": "外出"})
    moved = clerk.send(page, path, {"to": colleagues[-1], "reason": "外出"})

    assert stranger.faults == ["只能转给在同一单位任职的人"]
    assert moved.heading == "待办"


def test_time_is_asked_for_on_a_ground(door: Door, begun):
    clerk, case_id, task_id = begun
    path = f"/tasks/{task_id}/extend"

    nothing = clerk.send(clerk.get(path), path, {"workdays": "", "ground": "通知", "reason": "人手紧"})
    asked = clerk.send(clerk.get(path), path, {"workdays": "2", "ground": "通知", "reason": "人手紧"})
    door.settle()

    assert nothing.status == 422
    assert "已提交延期申请" in asked.text
    assert "延期申请" in clerk.get(f"/cases/{case_id}").text


def test_others_see_neither_form_nor_case(door: Door, begun):
    _, case_id, task_id = begun
    foreign = reader(door, username_of(door, "yt", "经办"))

    assert foreign.get(f"/tasks/{task_id}").status == 404
    assert foreign.get(f"/cases/{case_id}").status == 404
    assert f"/cases/{case_id}" not in foreign.get("/cases").links()


def test_the_page_of_a_case_tells_the_same_as_its_diagram(door: Door, begun):
    clerk, case_id, task_id = begun
    clerk.send(filled(clerk, task_id), f"/tasks/{task_id}", {"act": "submit"})
    door.settle()

    page = clerk.get(f"/cases/{case_id}")
    marks = page.tree.xpath("//*[@data-island='diagram']/@data-marks")[0]
    diagram = clerk.client.get(f"/cases/{case_id}/diagram.bpmn")

    states = {
        " ".join(row.xpath("string(./th)").split()): row.xpath("string(./td[1])").strip()
        for row in page.tree.xpath("//tbody/tr[th]")
    }
    done = next(state for name, state in states.items() if name.startswith("登记年度履责事项"))
    drafting = next(state for name, state in states.items() if name.startswith("起草报告"))
    assert "已办结" in done
    assert "正常" in drafting
    assert '"element": "Intake", "state": "done"' in marks.replace('{"badge": "已办", ', "{") or '"Intake"' in marks
    assert diagram.mimetype == "application/xml"
    assert b"<definitions" in diagram.data


def test_the_page_explains_its_date(door: Door, begun):
    clerk, _, task_id = begun

    page = clerk.get(f"/tasks/{task_id}")

    assert "为什么是这一天" in page.text
    assert "起始日 2026-03-02 不计入" in page.text
    assert "最后一日2026-03-05" in page.text
    assert "编者补" in page.text

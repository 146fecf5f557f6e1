"""What administrators, supervisors and auditors do on pages: upload, activate, load a year, hold a case, verify."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.api.door_scene import Door, Template
from tests.api.two_person_scene import open_strict_door
from tests.web.page_scene import Reader, reader

ROOT = Path(__file__).resolve().parents[2]
INVENTED = ROOT / "tests" / "data" / "calendar_2027_invented.yaml"


def archive(**changed: str) -> tuple[io.BytesIO, str]:
    """The shipped family rectification in a zip, with words of its diagram changed."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as writing:
        for folder in ("diagrams/rectification", "forms/rectification", "decisions", "deadlines"):
            for path in sorted((ROOT / "bpmn" / folder).rglob("*")):
                if path.is_file() and (folder != "decisions" or "rectification" in str(path) or "ladder" in path.name):
                    text = path.read_text(encoding="utf-8")
                    for old, new in changed.items():
                        text = text.replace(old, new)
                    writing.writestr(path.relative_to(ROOT).as_posix(), text)
    kept.seek(0)
    return kept, "rectification.zip"


def test_a_changed_family_becomes_a_draft_and_then_the_version_in_force(door: Door):
    administrator = reader(door, "flowadmin")
    page = administrator.get("/definitions/upload")

    draft = administrator.send(page, "/definitions/upload", {"file": archive(问题提出="问题来了"), "act": "deploy"})
    active = administrator.send(draft, "/definitions/rectification/2/activate")

    assert draft.heading == "整改 第 2 版", draft.text
    assert "草稿" in draft.text
    assert active.heading == "整改 第 2 版"
    assert "已启用" in active.text
    assert "停用" in administrator.get("/definitions/rectification/1").text


def test_a_report_alone_keeps_nothing(door: Door):
    administrator = reader(door, "flowadmin")
    before = door.fingerprint()

    page = administrator.send(
        administrator.get("/definitions/upload"),
        "/definitions/upload",
        {"file": archive(问题提出="问题来了"), "act": "check"},
    )

    assert page.status == 200
    assert "只检查，没有保存任何文件" in page.text
    assert door.fingerprint() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.bpmn", b"<definitions"),
        ("a.bpmn", b"<!DOCTYPE x [<!ENTITY e 'x'>]><definitions>&e;</definitions>"),
        ("a.zip", b"PK\x03\x04 no archive"),
        ("../../etc/passwd", b"root"),
    ],
)
def test_bad_files_are_refused_with_a_report_and_leave_nothing(door: Door, name, content):
    administrator = reader(door, "flowadmin")
    before = door.fingerprint()

    page = administrator.send(
        administrator.get("/definitions/upload"),
        "/definitions/upload",
        {"file": (io.BytesIO(content), name), "act": "deploy"},
    )

    assert page.status == 422
    assert page.tree.xpath("//*[@role='alert']")
    assert door.fingerprint() == before


def test_a_year_is_looked_at_before_it_is_loaded(door: Door):
    administrator = reader(door, "flowadmin")
    page = administrator.get("/calendar?start=2026-12-30&workdays=5")
    assert "暂定" in page.text

    preview = administrator.send(page, "/calendar/preview", {"file": (io.BytesIO(INVENTED.read_bytes()), "2027.yaml")})
    loaded = administrator.send(preview, "/calendar/load")

    assert preview.heading.startswith("2027 年日历")
    assert "已载入并生效" in loaded.text
    counted = administrator.get("/calendar?start=2026-12-30&workdays=5")
    assert "暂定" not in counted.tree.xpath("string(//section[.//h2[text()='推算日期']])")


def test_a_faulty_calendar_is_refused_in_words(door: Door):
    administrator = reader(door, "flowadmin")
    page = administrator.get("/calendar")

    refused = administrator.send(page, "/calendar/preview", {"file": (io.BytesIO(b"year: [1"), "x.yaml")})

    assert refused.status == 422
    assert "日历文件有误" in refused.text


@pytest.fixture
def watched(door: Door) -> tuple[Reader, str]:
    """The supervisor of the city and a running case below it."""
    case = door.start(door.caller("clerk"), "ws")
    return reader(door, "supervisor"), case["id"]


def test_a_supervisor_holds_a_case_and_lets_it_go_on(door: Door, watched):
    supervisor, case_id = watched
    path = f"/cases/{case_id}"

    held = supervisor.send(supervisor.get(path), f"{path}/suspend", {"reason": "等上级答复"})
    refused = reader(door, "clerk").get(f"/tasks/{door.task(case_id)}")
    going = supervisor.send(held, f"{path}/resume")

    assert "已中止" in held.text
    assert f"/tasks/{door.task(case_id)}/claim" not in refused.actions()
    assert f"{path}/suspend" in going.actions()


def test_a_stop_of_the_clock_moves_the_date_and_is_explained(door: Door, watched):
    supervisor, case_id = watched
    path = f"/cases/{case_id}"
    door.pass_time(days=1)
    supervisor.log_in("supervisor")

    page = supervisor.send(
        supervisor.get(path),
        f"{path}/clock-stops",
        {"from": "2026-03-03", "to": "2026-03-05", "reason": "等待补正材料"},
    )

    assert "已记录中止期间" in page.text
    assert "等待补正材料" in page.text
    assert "中止期间" in page.tree.xpath("string(//*[@id='deadlines'])")


def test_a_cancelled_case_leaves_every_list_of_work(door: Door, watched):
    supervisor, case_id = watched
    path = f"/cases/{case_id}"

    without = supervisor.send(supervisor.get(path), f"{path}/cancel", {"reason": " "})
    ended = supervisor.send(supervisor.get(path), f"{path}/cancel", {"reason": "重复立项"})

    assert without.status == 422
    assert "已撤销" in ended.text
    assert not [link for link in reader(door, "clerk").get("/tasks").links() if link.startswith("/tasks/0")]


def test_the_clerk_is_offered_none_of_it(door: Door, watched):
    _, case_id = watched

    page = reader(door, "clerk").get(f"/cases/{case_id}")

    offered = {action.rpartition("/")[2] for action in page.actions()}
    assert offered & {"suspend", "resume", "cancel", "clock-stops"} == set()


def test_urging_leaves_a_message_that_is_read_once(door: Door, watched):
    supervisor, case_id = watched
    task_id = door.task(case_id)
    clerk = reader(door, "clerk")
    clerk.send(clerk.get("/tasks"), f"/tasks/{task_id}/claim")

    page = supervisor.get(f"/tasks/{task_id}/urge")
    supervisor.send(page, f"/tasks/{task_id}/urge", {"reason": "请抓紧"})
    told = clerk.get("/notices")
    read = clerk.send(told, "/notices/read")

    assert "请抓紧" in told.text
    assert "未读" in told.text
    assert "未读" not in read.text


def test_the_auditor_reads_a_chain_and_verifies_it(door: Door, watched):
    _, case_id = watched
    auditor = reader(door, "auditor")

    chain = auditor.get(f"/ledger?stream=case:{case_id}")
    verified = auditor.send(chain, "/ledger/verify")
    everything = auditor.send(auditor.get("/ledger"), "/ledger/verify")

    assert "发起办件" in chain.text
    assert "核验通过" in verified.text
    assert "核验通过" in everything.text


def test_two_persons_put_a_version_into_force_where_the_law_wants_it(template: Template, tmp_path: Path):
    with open_strict_door(template, tmp_path) as door:
        first, second = reader(door, "flowadmin"), reader(door, "second")
        drafted = first.send(
            first.get("/definitions/upload"), "/definitions/upload", {"file": archive(问题提出="问题来了")}
        )
        address = "/definitions/rectification/2"
        page = first.get(address)
        assert page.heading == drafted.heading

        without = first.send(page, f"{address}/activate")
        asked = first.send(page, f"{address}/activate", {"reason": "新文件已印发"})
        (confirm, refuse) = sorted(action for action in second.get(address).actions() if "/approvals/" in action)

        assert without.faults
        assert "须由另一名流程管理员确认后生效" in asked.text
        assert not [action for action in asked.actions() if "/approvals/" in action]
        listed = second.get("/definitions")
        assert "新文件已印发" in listed.text
        assert address in listed.links()
        assert second.send(second.get(address), refuse).status == 422
        done = second.send(second.get(address), confirm)
        assert "在用" in done.text
        assert "复核记录" in done.text
        assert "已确认" in done.text

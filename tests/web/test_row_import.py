"""清单项目 by sheet: each fault is shown, nothing is kept unconfirmed, hostile files are refused."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.api.door_scene import Door, problem
from tests.city_scene import PASSWORD
from tests.web.page_scene import Reader, reader, username_of
from workflows.access import system_actor
from workflows.accounts import set_password
from workflows.cases import start_case
from workflows.store import people

HEADS = ("编号", "哪一张清单", "责任", "措施", "时限", "责任人（职务）", "责任人（姓名）", "要交的佐证")
GOOD = ("1", "subject", "专题研究", "开会", "2026-06-30", "书记", "", "会议纪要")


def workbook(*rows: tuple[Any, ...], heads: tuple[str, ...] = HEADS) -> bytes:
    book = Workbook()
    for line in (heads, *rows):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same workbook with some of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        named = {_path(name): part for name, part in parts.items()}
        for entry in before.infolist():
            if entry.filename not in named:
                after.writestr(entry.filename, before.read(entry))
        for name, part in named.items():
            after.writestr(name, part)
    return out.getvalue()


def _path(name: str) -> str:
    return name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin")


@pytest.fixture
def drafting(door: Door) -> tuple[Reader, str]:
    """Whoever draws up the list of a unit, and the step."""
    unit_id = door.city.read(lambda store: people.need_unit(store, "ws-caizheng").id)
    given: dict[str, Any] = {"definition": "responsibility_checklist", "unit_id": unit_id, "variables": {"year": 2026}}
    case = door.city.run(start_case, **given, actor=system_actor("test"))
    door.settle()
    task = door.task(case.id)
    code = door.city.holder("ws-caizheng", "经办").code
    door.city.run(set_password, code, PASSWORD, actor=door.city.actor("sysadmin"))
    return reader(door, username_of(door, "ws-caizheng", "经办")), task


def rows_of(door: Door, task: str) -> Any:
    return door.holder("ws-caizheng", "经办").get(f"/tasks/{task}/draft").json


def test_a_sheet_is_shown_with_its_faults_and_taken_over_once_right(door: Door, drafting: tuple[Reader, str]):
    clerk, task = drafting
    path = f"/tasks/{task}/rows"
    page = clerk.get(path)
    template = load_workbook(io.BytesIO(clerk.client.get(f"{path}/sheet").data)).active
    assert tuple(cell.value for cell in template[1]) == HEADS

    bad_rows = (GOOD, ("2", "nothing", "", "开会", "某一天", "书记", "没有此人", "=1+1"), (*GOOD[:3], "", *GOOD[4:]))
    before = rows_of(door, task)
    wrong = clerk.send(page, f"{path}/check", {"file": (io.BytesIO(workbook(*bad_rows)), "rows.xlsx")})

    assert wrong.status == 422
    line = wrong.tree.xpath("//tbody/tr[2]/td[@class='wrong-cell']/@data-label")
    assert {"哪一张清单", "责任", "时限", "责任人（姓名）", "要交的佐证"} == set(line)
    assert not wrong.tree.xpath("//tbody/tr[1]/td[@class='wrong-cell']")
    assert f"{path}/import" not in wrong.actions()
    assert rows_of(door, task) == before

    right = [(str(n), "主体责任清单（党委（党组））", *GOOD[2:]) for n in (1, 2, 3)]
    shown = clerk.send(page, f"{path}/check", {"file": (io.BytesIO(workbook(*right)), "rows.xlsx")})
    assert rows_of(door, task) == before, "A preview keeps nothing."
    kept = clerk.send(shown, f"{path}/import")

    assert "已导入 3 项到草稿" in kept.text
    values = [row["kind"] for row in rows_of(door, task)["variables"]["rows"]]
    assert values == ["subject"] * 3
    again = clerk.send(shown, f"{path}/import", {"rows": '[{"kind": "nothing"}]'})
    assert again.status == 422
    assert [row["kind"] for row in rows_of(door, task)["variables"]["rows"]] == values


def test_hostile_sheets_are_refused_and_keep_nothing(door: Door, drafting: tuple[Reader, str]):
    _clerk, task = drafting
    caller = door.holder("ws-caizheng", "经办")
    path = f"/tasks/{task}/rows"
    plain = workbook(GOOD)
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "xxxxxxxxxx">]><x>&e;</x>'
    hostile = {
        "attachment-archive-bomb": repacked(plain, xl__media__a_bin=b"\0" * 40_000_000),
        "attachment-with-macros": repacked(plain, xl__vbaProject_bin=b"x"),
        "sheet-unreadable": repacked(plain, xl__sharedStrings_xml=entity),
        "attachment-content-mismatch": b"PK\x03\x04 no archive",
        "sheet-columns": workbook(GOOD[:2], heads=HEADS[:2]),
        "sheet-rows": workbook(*[GOOD] * 205),
        "rows-refused": workbook((*GOOD[:7], "=HYPERLINK(1)")),
    }
    before = rows_of(door, task)

    for code, content in hostile.items():
        problem(caller.upload(f"{path}/import", ("rows.xlsx", content)), 422, code)
    told = caller.upload(f"{path}/check", ("rows.xlsx", hostile["rows-refused"])).json["faults"]
    assert told[0] == {"row": 1, "column": "evidence", "code": "row-formula", "detail": "不接收公式，请填写数值或文字"}
    broken = repacked(plain, xl__workbook_xml=b"<x")
    problem(caller.upload(f"{path}/check", ("rows.xlsx", broken)), 422, "sheet-unreadable")

    assert rows_of(door, task) == before
    taken = caller.upload(f"{path}/import", ("rows.xlsx", workbook(GOOD, GOOD[:1] + GOOD[1:], ("3", *GOOD[1:]))))
    problem(taken, 422, "rows-refused")  # two rows of one number
    done = caller.upload(f"{path}/import", ("rows.xlsx", workbook(*[(str(n), *GOOD[1:]) for n in range(3)])))
    assert done.json["rows"] == 3

"""迁移 and 重置 over HTTP: dry run, order, refusals with every reason, two persons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.door_scene import Door, Template, open_door
from tests.api.two_person_scene import strict_law
from tests.city_scene import PASSWORD
from tests.use_cases.law_scene import SYSTEM, small
from workflows.accounts import set_password
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent
from workflows.migrations import move_due
from workflows.people import create_person, grant_role
from workflows.store import Store

ORDER = "/definitions/small/2/migrations"


def edition(door: Door, before: bytes = b"", after: bytes = b"") -> None:
    """Put an edition of the small process into force."""
    files = [
        FileContent(file.path, file.content.replace(before, after) if before else file.content) for file in small()
    ]

    def put(store: Store) -> None:
        for each, _ in deploy_files(store, files, actor=SYSTEM):
            activate_definition(store, each.key, each.version, actor=SYSTEM)

    door.city.run(put)


def start(door: Door) -> str:
    made = door.caller("clerk").post("/cases", {"definition": "small", "unit": "ws"})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_an_order_is_tried_first_and_then_carried_out(door: Door):
    edition(door)
    case = start(door)
    edition(door, b'"Do"', b'"Handle"')
    administrator = door.caller("flowadmin")

    tried = administrator.post(f"{ORDER}?check=true", {"from": 1})
    assert (tried.status_code, tried.json["counts"], tried.json["mapping"]) == (200, {"moved": 1}, {"Do": "Handle"})
    (element,) = [each for each in tried.json["elements"] if each["element_id"] == "Do"]
    assert (element["to"], element["found"], element["holds"]) == ("Handle", "same-name", 1)
    apart = administrator.post(f"{ORDER}?check=true", {"from": 1, "mapping": {"Do": ""}})
    assert [each["code"] for each in apart.json["cases"][0]["findings"]] == ["migration-element-gone"]
    assert administrator.post(ORDER, {"from": 1}).json["errors"][0]["pointer"] == "#/reason"
    made = administrator.post(ORDER, {"from": 1, "reason": "新规定"})
    assert (made.status_code, made.json["status"], made.json["cases"]["waiting"]) == (201, "running", 1)
    move_due(door.application)

    address = f"/migrations/{made.json['id']}"
    assert administrator.get(address).json["status"] == "done"
    assert [each["status"] for each in administrator.get(f"{address}/cases").json["items"]] == ["moved"]
    assert administrator.get(f"/cases/{case}").json["definition"].endswith(":2")
    assert administrator.get("/migrations?key=small&status=done").json["items"][0]["id"] == made.json["id"]


def test_a_case_without_a_place_is_refused_with_its_reasons_and_one_with_a_place_moves(door: Door):
    edition(door)
    case = start(door)
    edition(door, b'"Do"', b'"Handle"')
    administrator = door.caller("flowadmin")
    body = {"to": 2, "reason": "新规定", "mapping": {"Do": ""}}

    refused = administrator.post(f"/cases/{case}/migrate", body)
    stale = administrator.post(f"/cases/{case}/migrate", {"to": 2, "reason": "新规定"}, headers={"If-Match": '"99"'})
    tried = administrator.post(f"/cases/{case}/migrate?check=true", {"to": 2})
    moved = administrator.post(f"/cases/{case}/migrate", {"to": 2, "reason": "新规定"})

    assert (refused.status_code, refused.json["code"]) == (409, "migration-refused")
    assert [each["code"] for each in refused.json["findings"]] == ["migration-element-gone"]
    assert (stale.status_code, tried.json["counts"]) == (412, {"moved": 1})
    assert (moved.status_code, moved.json["status"]) == (201, "done")


def test_a_reset_is_tried_first_and_then_done(door: Door):
    edition(door)
    case = start(door)
    supervisor = door.caller("supervisor")

    assert supervisor.get(f"/cases/{case}/reset-targets").json["items"][0]["element_id"] == "Do"
    tried = supervisor.post(f"/cases/{case}/reset?check=true", {"to": "Do"})
    assert (tried.status_code, tried.json["opened"], len(tried.json["withdrawn"])) == (200, ["办理"], 1)
    assert supervisor.post(f"/cases/{case}/reset", {"to": "End", "reason": "误"}).json["code"] == "reset-not-possible"
    done = supervisor.post(f"/cases/{case}/reset", {"to": "Do", "reason": "材料有误"})
    assert (done.status_code, done.json["status"]) == (200, "active")


@pytest.fixture
def strict(template: Template, tmp_path: Path) -> Iterator[Door]:
    with open_door(template.copy(tmp_path / "s.db"), tmp_path / "var", law=strict_law(tmp_path, "migration")) as door:
        city, root = door.city, door.caller("clerk").get("/units?limit=1").json["items"][0]["code"]
        city.run(create_person, "second", username="second", name="第二管理员", actor=city.actor("sysadmin"))
        city.run(grant_role, "second", "flowadmin", root, actor=city.actor("secadmin"))
        city.run(set_password, "second", PASSWORD, actor=city.actor("sysadmin"))
        yield door


def test_where_the_law_wants_two_persons_an_order_waits_for_the_second(strict: Door):
    edition(strict)
    first, second = start(strict), start(strict)
    edition(strict, b'"Do"', b'"Handle"')
    administrator, other = strict.caller("flowadmin"), strict.caller("second")

    asked = administrator.post(ORDER, {"from": 1, "cases": [first], "reason": "新规定"})
    assert (asked.status_code, asked.json["act"]) == (202, "migration")
    move_due(strict.application)
    assert administrator.get(f"/migrations/{asked.json['subject']}").json["status"] == "asked"
    own = administrator.post(f"/approvals/{asked.json['id']}/confirm", {})
    assert own.json["code"] == "second-person-required"
    assert other.post(f"/approvals/{asked.json['id']}/confirm", {}).status_code == 200
    move_due(strict.application)
    single = administrator.post(f"/cases/{second}/migrate", {"to": 2, "reason": "新规定"})
    assert single.status_code == 202
    assert other.post(f"/approvals/{single.json['id']}/refuse", {"reason": "不急"}).status_code == 200

    statuses = [each["status"] for each in administrator.get("/migrations").json["items"]]
    assert sorted(statuses) == ["done", "dropped"]
    versions = [administrator.get(f"/cases/{case}").json["definition"] for case in (first, second)]
    assert versions == ["small:2", "small:1"]

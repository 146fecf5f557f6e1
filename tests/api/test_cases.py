"""办件 over HTTP: start, look into, suspend, resume, cancel, stop the clock, messages, proof."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.api.door_scene import INTAKE, Door, pointers, problem
from workflows.engine.types import FileContent
from workflows.ledger.checkpoints import checkpoint

WAITS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:test">
  <message id="m" name="回函"/>
  <process id="waits" name="等待回函" isExecutable="true">
    <startEvent id="Start"/>
    <intermediateCatchEvent id="Wait"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
    <endEvent id="End"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Wait"/>
    <sequenceFlow id="f2" sourceRef="Wait" targetRef="End"/>
  </process>
</definitions>""".encode()


def test_a_started_case_tells_where_it_is(door: Door):
    answer = door.caller("clerk").post(
        "/cases", {"definition": "dual_reporting:1", "unit": "ws", "title": "年度报告", "variables": {"year": 2026}}
    )

    case = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/cases/{case['id']}"
    assert answer.headers["ETag"] == f'"{case["row_version"]}"'
    assert (case["title"], case["unit"], case["status"], case["definition"]) == (
        "年度报告",
        "ws",
        "active",
        "dual_reporting:1",
    )
    assert case["started_at"] == "2026-03-02T09:00:00+08:00"


def test_nobody_starts_a_case_for_a_foreign_unit_or_of_an_unknown_process(door: Door):
    clerk = door.caller("clerk")

    problem(clerk.post("/cases", {"definition": "dual_reporting", "unit": "yt"}), 403, "not-of-this-unit")
    problem(clerk.post("/cases", {"definition": "nope", "unit": "ws"}), 404, "definition-not-found")
    problem(clerk.post("/cases", {"definition": "dual_reporting", "unit": "nope"}), 404, "unit-not-found")
    assert clerk.get("/cases").json["items"] == []


def test_a_case_shows_variables_limits_and_what_its_tokens_did(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    clerk.post(f"/tasks/{door.task(case_id)}/complete", {"variables": INTAKE})

    case = clerk.get(f"/cases/{case_id}").json
    diagram = clerk.get(f"/cases/{case_id}/diagram").json

    assert case["variables"]["duties_done"][0]["done_on"] == "2026-03-01"
    running = [limit for limit in case["deadlines"] if limit["done_at"] is None]
    assert {limit["element_id"] for limit in running} >= {"Draft"}
    assert running[0]["explanation"]["started_at"].endswith("+08:00")
    assert diagram["completed"]["Intake"] == 1
    assert diagram["active"]["Draft"] == 1
    assert diagram["lights"]["Draft"]["key"] == "normal"
    assert diagram["diagram"] == "/api/v1/definitions/dual_reporting/1"


def test_who_administers_a_case_knows_of_it_but_does_not_read_it(door: Door):
    case_id = door.start(door.caller("clerk"), "ws")["id"]

    case = door.caller("flowadmin").get(f"/cases/{case_id}").json

    assert case["variables"] is None
    problem(door.caller("flowadmin").get(f"/cases/{case_id}/attachments"), 404, "case-not-found")


def test_cases_are_listed_by_what_is_asked(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws", business_key="报-1")["id"]
    supervisor = door.caller("supervisor")

    def ids(query: str) -> list[str]:
        return [case["id"] for case in supervisor.get(f"/cases?{query}").json["items"]]

    assert ids("unit=ws&status=active&light=normal&definition=dual_reporting&q=报-1") == [case_id]
    assert ids("unit=yt-jw") == ids("status=completed") == ids("light=overdue") == ids("q=别的") == []


def test_a_suspended_case_rests_until_it_is_resumed(door: Door):
    clerk, supervisor = door.caller("clerk"), door.caller("supervisor")
    case_id = door.start(clerk, "ws")["id"]
    task_id = door.task(case_id)

    held = supervisor.post(f"/cases/{case_id}/suspend", {"reason": "等上级答复"})
    refused = clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE})
    again = supervisor.post(f"/cases/{case_id}/suspend", {"reason": "再次"})
    resumed = supervisor.post(f"/cases/{case_id}/resume", headers={"If-Match": held.headers["ETag"]})

    assert held.json["status"] == "suspended"
    problem(refused, 409, "case-suspended")
    problem(again, 409, "case-suspended")
    assert resumed.json["status"] == "active"
    assert clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE}).status_code == 200


def test_a_cancelled_case_takes_no_more_work(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    task_id = door.task(case_id)

    gone = door.caller("supervisor").post(f"/cases/{case_id}/cancel", {"reason": "重复"})

    assert gone.json["status"] == "cancelled"
    problem(clerk.post(f"/tasks/{task_id}/complete", {"variables": INTAKE}), 409, "task-cancelled")
    problem(door.caller("supervisor").post(f"/cases/{case_id}/cancel", {"reason": "再次"}), 409, "case-cancelled")


def test_a_message_goes_to_a_case_that_waits_for_it(door: Door):
    key = door.deploy(FileContent("waits.bpmn", WAITS))
    flowadmin = door.caller("flowadmin")
    case_id = door.start(flowadmin, "ws", key, variables={})["id"]

    other = flowadmin.post(f"/cases/{case_id}/messages", {"name": "别的"})
    taken = flowadmin.post(f"/cases/{case_id}/messages", {"name": "回函", "payload": {"amount": 1.5}})

    problem(other, 409, "message-not-expected")
    assert taken.json["status"] == "completed"


def test_a_stopped_clock_moves_the_limits(door: Door):
    clerk, supervisor = door.caller("clerk"), door.caller("supervisor")
    case_id = door.start(clerk, "ws")["id"]
    stop = {"from": "2026-03-03T09:00:00+08:00", "to": "2026-03-05T09:00:00+08:00", "ground": "补正材料"}

    made = supervisor.post(f"/cases/{case_id}/clock-stops", stop)
    backward = supervisor.post(f"/cases/{case_id}/clock-stops", {**stop, "to": "2026-03-02T09:00:00+08:00"})

    assert made.status_code == 201
    assert (made.json["from"], made.json["to"]) == (stop["from"], stop["to"])
    assert clerk.get(f"/tasks/{door.task(case_id)}").json["due_at"] > "2026-03-06T00:00:00+08:00"
    assert pointers(problem(backward, 422, "bad-period")) == {"#/to": "bad-period"}
    problem(clerk.post(f"/cases/{case_id}/clock-stops", stop), 403, "missing-role")


def test_the_proof_of_a_case_verifies_without_the_system(door: Door, tmp_path: Path):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    door.city.run(checkpoint)
    saved = tmp_path / "proof.json"

    saved.write_bytes(clerk.get(f"/cases/{case_id}/proof").data)
    verifier = Path(__file__).parents[2] / "tools" / "verify_ledger.py"
    done = subprocess.run([sys.executable, verifier, saved], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["inclusion"] is not None
    listed = door.caller("auditor").get("/ledger/checkpoints").json["items"]
    assert listed[0]["root"] == document["checkpoint"]["root"]


def test_the_ledger_of_a_case_is_paged_in_order(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    clerk.post(f"/tasks/{door.task(case_id)}/complete", {"variables": INTAKE})

    first = clerk.get(f"/cases/{case_id}/events?limit=1").json
    rest = clerk.get(f"/cases/{case_id}/events?after={first['next']}").json

    assert [event["seq"] for event in first["items"]] == [1]
    assert first["items"][0]["kind"] == "case-started"
    assert [event["seq"] for event in rest["items"]] == list(range(2, len(rest["items"]) + 2))

"""流程 over HTTP: every finding at once, drafts, into force and out of it."""

from __future__ import annotations

import pytest

from tests.api.door_scene import Door, pointers, problem
from tests.api.test_cases import WAITS

_BROKEN = '<scriptTask id="S" name="脚本"><script>import os</script></scriptTask><endEvent id="End"/>'
SCRIPT = WAITS.replace(b'<endEvent id="End"/>', _BROKEN.encode())


def test_an_upload_becomes_a_draft_and_identical_bytes_make_no_new_version(door: Door):
    flowadmin = door.caller("flowadmin")

    first = flowadmin.upload("/definitions", ("waits.bpmn", WAITS))
    again = flowadmin.upload("/definitions", ("waits.bpmn", WAITS))

    assert first.status_code == 201, first.text
    (item,) = first.json["items"]
    assert (item["key"], item["version"], item["status"]) == ("waits", 1, "draft")
    assert all(finding["severity"] != "error" for finding in item["findings"])
    assert again.json["items"][0]["version"] == 1


def test_a_refused_upload_lists_every_finding_and_stores_nothing(door: Door):
    flowadmin = door.caller("flowadmin")

    refused = flowadmin.upload("/definitions", ("bad.bpmn", SCRIPT))

    document = problem(refused, 422, "definition-invalid")
    errors = [finding for finding in document["findings"] if finding["severity"] == "error"]
    assert "S" in {finding["element_id"] for finding in errors}
    assert {"severity", "code", "file", "element_id", "element_name", "path", "message", "hint"} <= set(errors[0])
    assert flowadmin.get("/definitions?key=waits").json["items"] == []


def test_checking_reports_and_stores_nothing(door: Door):
    flowadmin = door.caller("flowadmin")

    fine = flowadmin.upload("/definitions?check=true&profile=standard", ("waits.bpmn", WAITS))
    strict = flowadmin.upload("/definitions?check=true&profile=duty", ("waits.bpmn", WAITS))

    assert fine.status_code == 200, fine.text
    assert isinstance(fine.json["findings"], list)
    problem(strict, 422, "definition-invalid")
    assert flowadmin.get("/definitions?key=waits").json["items"] == []


def test_a_version_goes_into_force_and_out_of_it(door: Door):
    flowadmin = door.caller("flowadmin")
    flowadmin.upload("/definitions", ("waits.bpmn", WAITS))
    path = "/definitions/waits/1"

    blocked = flowadmin.post(f"{path}/activate")
    tried = flowadmin.post(f"{path}/try")
    active = flowadmin.post(f"{path}/activate?profile=standard", headers={"If-Match": tried.headers["ETag"]})
    stale = flowadmin.post(f"{path}/retire", headers={"If-Match": tried.headers["ETag"]})
    retired = flowadmin.post(f"{path}/retire")

    problem(blocked, 422, "definition-invalid")
    assert (tried.json["status"], active.json["status"], retired.json["status"]) == ("trial", "active", "retired")
    problem(stale, 412, "stale-version")
    problem(flowadmin.post(f"{path}/activate"), 409, "definition-retired")


def test_a_version_is_read_as_json_and_as_its_file(door: Door):
    clerk = door.caller("clerk")

    version = clerk.get("/definitions/dual_reporting/1").json
    diagram = clerk.get("/definitions/dual_reporting/1", headers={"Accept": "application/xml"})
    file = clerk.get("/definitions/dual_reporting/1/file?path=forms/dual_reporting/intake.json")

    assert version["status"] == "active"
    assert {"Intake", "Sign"} <= {step["element_id"] for step in version["steps"]}
    assert any(parameter["by_editor"] for parameter in version["parameters"])
    assert diagram.mimetype == "application/xml"
    assert b"dual_reporting" in diagram.data
    assert b"dual_reporting/intake" in file.data
    problem(clerk.get("/definitions/dual_reporting/99"), 404, "definition-not-found")
    problem(clerk.get("/definitions/dual_reporting/1/file?path=nope"), 404, "file-not-found")


@pytest.mark.parametrize("verb", ["activate", "try", "retire"])
def test_only_the_keeper_of_the_law_changes_it(door: Door, verb: str):
    problem(door.caller("supervisor").post(f"/definitions/dual_reporting/1/{verb}"), 403, "missing-role")
    problem(door.caller("flowadmin").post(f"/definitions/dual_reporting/9/{verb}"), 404, "definition-not-found")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml at all",
        b"<definitions",
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>',
        b'<?xml version="1.0"?><!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        b"<a>" * 5_000 + b"</a>" * 5_000,
        b"\xff\xfe\x00\x00",
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    ],
)
def test_malformed_and_hostile_xml_is_refused_with_findings(door: Door, content: bytes):
    flowadmin = door.caller("flowadmin")
    before = door.fingerprint()

    document = problem(flowadmin.upload("/definitions", ("bad.bpmn", content)), 422, "definition-invalid")

    assert document["findings"]
    assert "root:" not in str(document)
    assert door.fingerprint() == before


def test_an_upload_without_files_or_with_one_name_twice_is_refused(door: Door):
    flowadmin = door.caller("flowadmin")

    problem(flowadmin.upload("/definitions"), 422, "files-missing")
    twice = problem(flowadmin.upload("/definitions", ("a.bpmn", WAITS), ("a.bpmn", WAITS)), 422, "invalid-request")
    long = problem(flowadmin.upload("/definitions", ("a" * 301, WAITS)), 422, "invalid-request")

    assert pointers(twice) == {"#/file/1": "file-name"}
    assert pointers(long) == {"#/file/0": "file-name"}

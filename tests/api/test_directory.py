"""What everybody may look up, and what machines ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.door_scene import V1, Door, pointers, problem
from workflows.deployment import deploy_law
from workflows.store import Store
from workflows.tables import Case, Incident


def test_one_learns_who_one_is_and_what_waits(door: Door):
    door.start(door.caller("clerk"), "ws")

    me = door.caller("clerk").get("/me").json

    assert (me["username"], me["clearance"]) == ("clerk", "internal")
    assert [(post["unit"], post["key"]) for post in me["posts"]] == [("ws", "经办")]
    assert me["roles"] == [{"role": "clerk", "unit": "ws"}]
    assert me["waiting"]["tasks"] == {"normal": 1}


def test_units_and_people_are_looked_up_without_account_data(door: Door):
    clerk = door.caller("clerk")

    units = clerk.get("/units?under=ws&limit=200").json["items"]
    people = clerk.get("/people?unit=ws&q=余").json["items"]

    assert units[0]["code"] == "ws"
    assert all(unit["depth"] > 1 for unit in units[1:])
    assert people
    assert set(people[0]) == {"code", "name", "status", "posts"}
    problem(clerk.get("/units?under=nope"), 404, "unit-not-found")


def test_the_catalogue_of_duties_and_its_periods(door: Door):
    clerk = door.caller("clerk")

    duties = clerk.get("/duties?definition=dual_reporting").json["items"]

    assert duties
    assert all(duty["definition"] == "dual_reporting" for duty in duties)
    assert clerk.get(f"/duties/{duties[0]['id']}").json["clause"]
    assert clerk.get(f"/duties/{duties[0]['id']}/occurrences").json == {"items": [], "next": None}
    problem(clerk.get("/duties/nope/occurrences"), 404, "duty-not-found")


def test_days_say_why_they_count(door: Door):
    days = door.caller("clerk").get("/calendar/days?from=2026-09-30&to=2026-10-10").json["items"]

    assert days[0] == {"day": "2026-09-30", "workday": True, "reason": "weekday", "name": "", "provisional": False}
    assert (days[1]["workday"], days[1]["reason"]) == (False, "holiday")
    assert any(day["reason"] == "make_up" and day["workday"] for day in days)


def test_a_date_beyond_the_announced_year_is_provisional_and_explained(door: Door):
    answer = door.caller("clerk").get("/calendar/deadline?start=2026-12-30&workdays=5").json

    assert (answer["last_day"], answer["due_at"]) == ("2027-01-07", "2027-01-08T00:00:00+08:00")
    assert answer["provisional"] is True
    assert answer["explanation"]["segments"][0]["runs"][0]["first"] == "2026-12-31"


@pytest.mark.parametrize(
    ("path", "pointer", "code"),
    [
        ("/calendar/days?from=2026-02-30&to=2026-03-01", "#/from", "field-not-a-date"),
        ("/calendar/days?from=2026-03-02&to=2026-03-01", "#/to", "days-out-of-range"),
        ("/calendar/days?to=2026-03-01", "#/from", "field-required"),
        ("/calendar/deadline?start=tomorrow&workdays=5", "#/start", "field-not-a-date-time"),
        ("/calendar/deadline?start=2026-01-01&workdays=-1", "#/workdays", "out-of-range"),
        ("/calendar/deadline?start=2026-01-01&workdays=five", "#/workdays", "field-not-a-number"),
        ("/tasks?limit=0", "#/limit", "out-of-range"),
        ("/tasks?limit=201", "#/limit", "out-of-range"),
        ("/tasks?scope=theirs", "#/scope", "field-not-an-option"),
        ("/tasks?due_before=later", "#/due_before", "field-not-a-date-time"),
        ("/tasks?after=!!", "#/after", "bad-cursor"),
        ("/cases?colour=red", "#/colour", "field-unknown"),
        ("/cases?q=%00", "#/q", "field-control-character"),
    ],
)
def test_wrong_arguments_are_named(door: Door, path: str, pointer: str, code: str):
    answer = door.caller("clerk").get(path)

    assert answer.status_code == 422, answer.text
    found = pointers(dict(answer.json))
    assert found == {pointer: code}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/calendar/days?from=2000-01-01&to=2000-01-02", "calendar-before-first-year"),
        ("/calendar/deadline?start=2199-12-01&workdays=2000", "calendar-beyond-range"),
        ("/calendar/deadline?start=1999-12-01&workdays=5", "calendar-before-first-year"),
    ],
)
def test_years_that_nobody_can_tell_are_refused(door: Door, path: str, code: str):
    problem(door.caller("clerk").get(path), 422, code)


def test_a_new_year_is_previewed_loaded_and_a_correction_waits_for_somebody_else(door: Door):
    flowadmin = door.caller("flowadmin")
    content = (Path(__file__).parents[1] / "data" / "calendar_2027_invented.yaml").read_bytes()
    correction = content.replace(b"version: 1", b"version: 2")

    told = flowadmin.upload("/calendar/years?check=true", ("2027.yaml", content))
    loaded = flowadmin.upload("/calendar/years", ("2027.yaml", content))
    waiting = flowadmin.upload("/calendar/years", ("2027.yaml", correction))

    assert (told.status_code, told.json["id"], told.json["waits"]) == (200, None, False)
    assert (loaded.status_code, loaded.json["year"], loaded.json["waits"]) == (201, 2027, False)
    assert waiting.json["waits"] is True
    listed = flowadmin.get("/calendar/years?limit=2").json["items"]
    assert [(year["year"], year["version"], year["waits"]) for year in listed] == [(2027, 2, True), (2027, 1, False)]
    path = f"/calendar/years/{waiting.json['id']}/approve"
    problem(flowadmin.post(path), 403, "second-person-required")
    problem(flowadmin.post("/calendar/years/nope/approve"), 404, "calendar-version-not-found")
    problem(flowadmin.upload("/calendar/years", ("x.yaml", b"{")), 422, "calendar-invalid")
    problem(flowadmin.upload("/calendar/years"), 422, "files-missing")


def test_the_auditor_reads_and_verifies_the_ledger(door: Door):
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    auditor, stream = door.caller("auditor"), f"case:{case_id}"

    streams = auditor.get(f"/ledger/streams?q={case_id}").json["items"]
    events = auditor.get(f"/ledger/events?stream={stream}").json["items"]
    report = auditor.post("/ledger/verify", {"stream": stream}).json

    assert [each["stream"] for each in streams] == [stream]
    assert events[-1]["kind"] == "case-started"
    assert (report["whole"], report["streams"], report["faults"]) == (True, 1, [])
    assert auditor.post("/ledger/verify", {}).json["whole"] is True
    problem(door.caller("clerk").post("/ledger/verify", {}), 403, "missing-role")


def test_machines_ask_whether_it_lives_and_is_ready(door: Door):
    stranger = door.stranger()

    assert stranger.get("/healthz").json == {"status": "ok"}
    assert stranger.get("/readyz").json == {"status": "ready"}


def test_metrics_tell_of_requests_and_of_late_work(door: Door):
    client = door.app.test_client()
    door.start(door.caller("clerk"), "ws")
    door.city.pass_time(days=6)
    door.caller("clerk").get("/me")

    text = client.get("/metrics").text

    assert f'zecheng_http_requests_total{{method="GET",route="{V1}/me",status="200"}} 1.0' in text
    late = next(line for line in text.splitlines() if line.startswith('zecheng_late_seconds{work="timer"}'))
    assert float(late.split()[-1]) > 0
    assert "clerk" not in text


def test_a_problems_type_leads_to_its_meaning(door: Door):
    client = door.stranger()

    found = client.get("/problems/task-not-found")
    unknown = client.get("/problems/nope")

    assert found.json["detail"] == "没有找到这件待办，或者您无权查看。"
    problem(unknown, 404, "problem-not-found")


def test_incidents_are_for_their_administrator_and_are_tried_again(door: Door):
    case_id = door.start(door.caller("clerk"), "ws")["id"]
    incident_id = door.city.run(_break, case_id)
    flowadmin = door.caller("flowadmin")

    listed = flowadmin.get("/incidents?status=open").json["items"]
    tried = flowadmin.post(f"/incidents/{incident_id}/retry")

    assert [incident["id"] for incident in listed] == [incident_id]
    assert tried.json["status"] == "resolved"
    problem(flowadmin.post(f"/incidents/{incident_id}/retry"), 409, "incident-resolved")
    assert door.caller("clerk").get("/incidents").json["items"] == []
    problem(door.caller("clerk").post(f"/incidents/{incident_id}/retry"), 403, "missing-role")
    door.classify(case_id, "confidential")  # the demo's 流程管理员 is cleared, or nobody could mend it
    assert [incident["id"] for incident in flowadmin.get("/incidents").json["items"]] == [incident_id]


def _break(store: Store, case_id: str) -> str:
    incident = Incident(
        case_id=case_id,
        element_id="Draft",
        code="timer-failed",
        message="broken",
        owner_role="flowadmin",
        unit_id=store.need(Case, case_id).unit_id,
        status="open",
        opened_at=store.now,
    )
    return store.add(incident).id


def test_the_law_deployed_twice_is_listed_once(door: Door):
    deploy_law(door.application)

    listed = door.caller("clerk").get("/definitions?status=active").json["items"]

    assert [(item["key"], item["version"]) for item in listed] == [
        ("accountability", 1),
        ("checklist_problem", 1),
        ("dual_reporting", 1),
        ("escalation", 1),
        ("rectification", 1),
        ("responsibility_checklist", 1),
    ]

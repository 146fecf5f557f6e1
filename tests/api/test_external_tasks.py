"""External tasks over HTTP, as a plain client of Camunda 7's interface works on them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.door_scene import Caller, Door, problem
from workflows import jobs
from workflows.cases import variables_of
from workflows.definitions import check_files
from workflows.engine.types import FileContent, Profile
from workflows.people import create_person, grant_role
from workflows.store import Store
from workflows.tables import Case, Job, Task

DIAGRAM = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zc="urn:zecheng:bpmn" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="urn:zecheng:tests">'
    '<error id="E" errorCode="broken"/><process id="calc" name="测算" isExecutable="true"><startEvent id="s"/>'
    '<serviceTask id="A" name="测算" camunda:type="external" camunda:topic="math" camunda:taskPriority="{priority}"/>'
    '<boundaryEvent id="b" attachedToRef="A"><errorEventDefinition errorRef="E"/></boundaryEvent>'
    '<userTask id="U" name="核对" zc:owner="post:经办@unit"/><userTask id="V" name="另办" zc:owner="post:经办@unit"/>'
    '<sequenceFlow id="f" sourceRef="s" targetRef="A"/><sequenceFlow id="g" sourceRef="A" targetRef="U"/>'
    '<sequenceFlow id="h" sourceRef="b" targetRef="V"/></process></definitions>'
)
FETCH = {"workerId": "w1", "maxTasks": 5, "topics": [{"topicName": "math", "lockDuration": 60_000}]}


@pytest.fixture
def worker(door: Door) -> Caller:
    """A program that works for the district ws."""
    city = door.city
    city.run(create_person, "robot", username="robot", name="测算程序", actor=city.actor("sysadmin"))
    city.run(grant_role, "robot", "worker", "ws", actor=city.actor("secadmin"))
    door.deploy(FileContent("calc.bpmn", DIAGRAM.replace("{priority}", "7").encode()))
    return door.caller("robot")


def begin(door: Door, unit: str = "ws", **variables: Any) -> str:
    return str(door.start(door.holder(unit, "经办"), unit, "calc", variables=variables)["id"])


def fetch(worker: Caller, path: str = "/external-tasks/fetch-and-lock", **changes: Any) -> list[dict[str, Any]]:
    answer = worker.post(path, {**FETCH, **changes})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json
    return found


def open_tasks(store: Store) -> list[str]:
    return list(store.session.scalars(select(Task.name).where(Task.status == "open")))


def test_a_worker_fetches_works_and_completes(door: Door, worker: Caller):
    case = begin(door, amount=12, share=0.5, list=[1, 2.5, "二"], day=None)
    begin(door, "yc", amount=1)  # of another district: not for this worker
    assert jobs.run_due(door.city.application) == 0  # the house leaves it alone

    (task,) = fetch(worker, usePriority=True, asyncResponseTimeout=10_000)

    assert (task["topicName"], task["workerId"], task["processInstanceId"]) == ("math", "w1", case)
    assert (task["processDefinitionKey"], task["tenantId"], task["activityId"]) == ("calc", "ws", "A")
    assert (task["priority"], task["retries"], task["suspended"]) == (7, None, False)
    assert task["lockExpirationTime"].endswith("+0000")
    assert task["variables"]["amount"] == {"type": "Integer", "value": 12, "valueInfo": {}}
    assert task["variables"]["share"] == {"type": "Double", "value": 0.5, "valueInfo": {}}
    assert task["variables"]["list"] == {"type": "Json", "value": '[1,2.5,"二"]', "valueInfo": {}}
    assert fetch(worker, workerId="w2") == []
    address = f"/external-tasks/{task['id']}"
    problem(worker.post(f"{address}/complete", {"workerId": "w2"}), 409, "external-task-of-other")

    told = {
        "result": {"value": 42, "type": "Integer"},
        "parts": {"value": '{"a": [1, 2.5]}', "type": "Json"},
        "at": {"value": "2026-03-02T09:00:00.000+0800", "type": "Date"},
    }
    assert worker.post(f"{address}/complete", {"workerId": "w1", "variables": told}).status_code == 204

    values = door.city.read(lambda store: variables_of(store, store.need(Case, case)))
    assert values["result"] == 42
    assert values["parts"] == {"a": [1, Decimal("2.5")]}
    assert values["at"] == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert door.city.read(open_tasks) == ["核对"]
    problem(worker.post(f"{address}/complete", {"workerId": "w1"}), 404, "external-task-not-found")


def test_a_lock_expires_is_extended_and_given_up(door: Door, worker: Caller):
    begin(door)
    (task,) = fetch(worker)
    address = f"/external-tasks/{task['id']}"
    problem(worker.post(f"{address}/lock", {"workerId": "w2", "lockDuration": 1_000}), 409, "external-task-of-other")
    assert worker.post(f"{address}/extend-lock", {"workerId": "w1", "newDuration": 120_000}).status_code == 204
    door.city.pass_time(seconds=119)
    assert fetch(worker, workerId="w2") == []

    door.city.pass_time(seconds=2)

    problem(
        worker.post(f"{address}/extend-lock", {"workerId": "w1", "newDuration": 1}), 409, "external-task-lock-expired"
    )
    assert [each["id"] for each in fetch(worker, workerId="w2")] == [task["id"]]
    assert worker.post(f"{address}/unlock").status_code == 204
    assert worker.get(address).json["workerId"] is None
    assert worker.post(f"{address}/lock", {"workerId": "w3", "lockDuration": 1_000}).status_code == 204
    assert worker.post(f"{address}/complete", {"workerId": "w3"}).status_code == 204


def test_what_fails_is_tried_again_and_then_waits_behind_an_incident(door: Door, worker: Caller):
    case = begin(door)
    (task,) = fetch(worker)
    address = f"/external-tasks/{task['id']}"
    failed = {"workerId": "w1", "errorMessage": "算不出", "errorDetails": "栈", "retries": 1, "retryTimeout": 60_000}

    assert worker.post(f"{address}/failure", failed).status_code == 204
    assert fetch(worker) == []
    door.city.pass_time(minutes=1)
    (again,) = fetch(worker)
    assert (again["retries"], again["errorMessage"]) == (1, "算不出")
    assert worker.post(f"{address}/failure", {**failed, "retries": 0}).status_code == 204

    door.city.pass_time(minutes=5)
    assert fetch(worker) == []
    problem(worker.post(f"{address}/complete", {"workerId": "w1"}), 409, "external-task-failed")
    incidents = door.caller("flowadmin").get(f"/incidents?case={case}").json["items"]
    (incident,) = [each for each in incidents if each["code"] == "job-failed"]
    assert door.caller("flowadmin").post(f"/incidents/{incident['id']}/retry").status_code == 200
    (third,) = fetch(worker)
    assert third["retries"] is None
    assert worker.post(f"{address}/complete", {"workerId": "w1"}).status_code == 204


def test_clients_of_camunda_7_work_unchanged_with_basic_authentication(door: Door, worker: Caller):
    case = begin(door)
    secret = worker.post("/me/tokens", {"name": "robot", "days": 30}).json["token"]
    basic = {"Authorization": "Basic " + base64.b64encode(f"robot:{secret}".encode()).decode()}
    client = door.app.test_client()

    def post(path: str, body: dict[str, Any], headers: dict[str, str] = basic) -> Any:
        return client.post(f"/engine-rest/external-task{path}", json=body, headers=headers)

    (task,) = post("/fetchAndLock", FETCH).json
    assert post("/fetchAndLock", FETCH, {}).status_code == 401
    assert client.get("/api/v1/me", headers=basic).status_code == 401
    thrown = {"workerId": "w1", "errorCode": "broken", "variables": {"why": {"value": "坏"}}}
    assert post(f"/{task['id']}/bpmnError", thrown).status_code == 204

    assert door.city.read(lambda store: [job.status for job in store.session.query(Job)]) == ["done"]
    assert door.city.read(open_tasks) == ["另办"]
    assert door.city.read(lambda store: variables_of(store, store.need(Case, case)))["why"] == "坏"


def test_workers_read_and_do_no_more_than_their_jobs(door: Door, worker: Caller):
    case = begin(door)
    problem(worker.get(f"/cases/{case}"), 404, "case-not-found")
    problem(door.caller("flowadmin").post("/external-tasks/fetch-and-lock", FETCH), 403, "missing-role")
    foreign = begin(door, "yc")
    ids = door.city.read(lambda store: {job.case_id: job.id for job in store.session.query(Job)})
    for action in ("complete", "unlock", "failure"):
        body = {} if action == "unlock" else {"workerId": "w1"}
        problem(worker.post(f"/external-tasks/{ids[foreign]}/{action}", body), 404, "external-task-not-found")
    door.classify(case, "confidential")
    assert fetch(worker) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**FETCH, "maxTasks": 0},
        {**FETCH, "topics": [{"topicName": "math"}]},
        {**FETCH, "topics": [{"topicName": "math", "lockDuration": "long"}]},
        {**FETCH, "surprise": 1},
    ],
)
def test_malformed_requests_are_refused_by_field(worker: Caller, body: dict[str, Any]):
    problem(worker.post("/external-tasks/fetch-and-lock", body), 422, "invalid-request")


def test_an_external_task_without_topic_is_found_at_upload(door: Door):
    drawn = DIAGRAM.replace('camunda:type="external" camunda:topic="math"', 'zc:operation="external"')
    files = [FileContent("calc.bpmn", drawn.encode())]
    codes = {finding.code for finding in door.city.run(check_files, files, profile=Profile.STANDARD)}
    assert "external-topic-missing" in codes

    accepted = [FileContent("calc.bpmn", DIAGRAM.encode())]
    codes = {finding.code for finding in door.city.run(check_files, accepted, profile=Profile.DUTY)}
    assert not codes & {"operation-unknown", "external-topic-missing", "service-operation-missing"}

"""The OpenAPI document is true: every operation answers as it says, whatever it is sent, and its file is up to date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.door_scene import Door
from tests.api.rights_scene import operations

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
ACTORS = {"definitions": "flowadmin", "incidents": "flowadmin", "cases": "supervisor", "ledger": "auditor"}
WRITTEN = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES = 8
CONTRACT = """
GET /healthz | GET /readyz | GET /metrics | GET /me | POST /definitions | GET /definitions
GET /definitions/{key}/{version} | POST /definitions/{key}/{version}/activate
POST /definitions/{key}/{version}/retire | POST /cases | GET /cases | GET /cases/{case_id}
GET /cases/{case_id}/events | GET /cases/{case_id}/diagram | POST /cases/{case_id}/suspend
POST /cases/{case_id}/resume | POST /cases/{case_id}/cancel | POST /cases/{case_id}/messages | GET /tasks
GET /tasks/{task_id} | POST /tasks/{task_id}/claim | POST /tasks/{task_id}/release | POST /tasks/{task_id}/complete
POST /tasks/{task_id}/transfer | POST /tasks/{task_id}/return | POST /tasks/{task_id}/urge
POST /tasks/{task_id}/extend | GET /tasks/{task_id}/draft | PUT /tasks/{task_id}/draft | GET /tasks/{task_id}/form
POST /cases/{case_id}/attachments | GET /cases/{case_id}/attachments | POST /cases/{case_id}/clock-stops
GET /escalations | POST /escalations/{escalation_id}/approve | POST /escalations/{escalation_id}/reject
GET /duties | GET /duties/{duty_id}/occurrences | GET /calendar/days | GET /calendar/deadline | GET /units
GET /people | GET /incidents | POST /incidents/{incident_id}/retry | GET /ledger/checkpoints
GET /cases/{case_id}/proof | POST /tokens
"""


@dataclass
class Scene:
    """The door, and the ids that addresses may name."""

    door: Door
    parts: dict[str, Any]


@pytest.fixture
def found(door: Door) -> Scene:
    """The city with a case that waits and a request for time, for every operation to find something."""
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    task_id = door.task(case_id)
    asked = clerk.post(f"/tasks/{task_id}/extend", {"workdays": 1, "ground": "会议冲突", "reason": "未齐"})
    door.settle()
    parts = {
        "case_id": case_id,
        "task_id": task_id,
        "escalation_id": asked.json["escalation_id"],
        "attachment_id": clerk.upload(f"/cases/{case_id}/attachments", ("a.txt", b"a")).json["items"][0]["id"],
        "duty_id": clerk.get("/duties?limit=1").json["items"][0]["id"],
        "key": "dual_reporting",
        "version": 1,
        "code": "task-not-found",
    }
    return Scene(door, parts)


def described() -> dict[str, Any]:
    return dict(json.loads(WRITTEN.read_text(encoding="utf-8")))


def test_the_written_document_is_what_the_routes_say(door: Door):
    served = door.stranger().get("/openapi.json").json

    assert described() == served, "Run: make docs"


def test_the_contract_is_kept(door: Door):
    served = {f"{method} {path}".replace("/api/v1", "") for method, path in operations(described())}
    wanted = {each.strip() for line in CONTRACT.strip().splitlines() for each in line.split("|")}

    assert wanted - served == set()


def test_every_operation_is_summed_up_and_told_apart():
    names = [
        (item["summary"], method, path)
        for path, entry in described()["paths"].items()
        for method, item in entry.items()
        if method != "parameters"
    ]

    assert all(summary.endswith(".") for summary, _, _ in names), names


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("operation", list(operations(described())), ids=" ".join)
def test_an_operation_answers_as_it_says(found: Scene, operation: tuple[str, str], mode: GenerationMode):
    """Generated requests: no fault of ours, and only answers that the document describes."""
    method, path = operation
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", found.door.app)
    asked = schema[path][method]
    names = {parameter.name for parameter in asked.path_parameters}
    known = {name: found.parts[name] for name in names if name in found.parts}
    caller = found.door.caller(ACTORS.get(path.split("/")[3] if path.startswith("/api") else "", "clerk"))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked.as_strategy(mode, path_parameters=known if known.keys() == names and names else None))
    def check(case: Any) -> None:
        case.validate_response(case.call(headers=caller.headers), checks=CHECKS)

    check()

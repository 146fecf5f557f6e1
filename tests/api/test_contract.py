"""The OpenAPI document is true: every operation answers as it says, whatever it is sent, and its file is up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
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

from tests.api.door_scene import Caller, Door, Template, open_door
from tests.api.rights_scene import _list_of, operations
from tests.api.test_cases import WAITS
from workflows.engine.types import FileContent

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
ACTORS = {"definitions": "flowadmin", "incidents": "flowadmin", "cases": "supervisor", "ledger": "auditor"}
WRITTEN = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES = 5
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
    """The door and what describes it, read once: reading takes longer than any answer."""

    door: Door
    schema: Any

    def parts(self) -> dict[str, Any]:
        """Return ids that addresses may name: of a case that waits, with a request for time and a file."""
        door, clerk = self.door, self.door.caller("clerk")
        case_id = door.start(clerk, "ws")["id"]
        task_id = door.task(case_id)
        asked = clerk.post(f"/tasks/{task_id}/extend", {"workdays": 1, "ground": "会议冲突", "reason": "未齐"})
        door.settle()
        return {
            "case_id": case_id,
            "task_id": task_id,
            "escalation_id": asked.json["escalation_id"],
            "attachment_id": clerk.upload(f"/cases/{case_id}/attachments", ("a.txt", b"a")).json["items"][0]["id"],
            "duty_id": clerk.get("/duties?limit=1").json["items"][0]["id"],
            "checklist_id": door.city.run(_list_of, case_id),
            "problem_id": "nope",
            "key": "waits",
            "version": 1,
            "code": "task-not-found",
        }


@pytest.fixture(scope="module")
def found(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("contract")
    with open_door(template.copy(folder / "door.db"), folder / "var") as door:
        door.deploy(FileContent("waits.bpmn", WAITS))
        yield Scene(door, schemathesis.openapi.from_wsgi("/api/v1/openapi.json", door.app))


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


@pytest.mark.parametrize("operation", list(operations(described())), ids=" ".join)
def test_an_operation_answers_as_it_says(found: Scene, operation: tuple[str, str]):
    """Generated requests, right and wrong: no fault of ours, and only answers that the document describes."""
    method, path = operation
    asked = found.schema[path][method]
    names = {parameter.name for parameter in asked.path_parameters}
    known = found.parts() if names else {}
    caller = found.door.caller(ACTORS.get(path.split("/")[3] if path.startswith("/api") else "", "clerk"))
    fixed = {name: known[name] for name in names} if names <= known.keys() and names else None
    strategies = [asked.as_strategy(GenerationMode.POSITIVE, path_parameters=fixed)]
    if asked.query or asked.body:
        strategies.append(asked.as_strategy(GenerationMode.NEGATIVE, path_parameters=fixed))

    for strategy in strategies:
        _try(strategy, caller)


def _try(strategy: Any, caller: Caller) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def check(case: Any) -> None:
        case.validate_response(case.call(headers=caller.headers), checks=CHECKS)

    check()

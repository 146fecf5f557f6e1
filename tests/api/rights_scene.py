"""Somebody of each role over one district, and one thing of each kind: own, foreign, of a unit below, confidential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.api.door_scene import Caller, Door
from tests.api.test_cases import WAITS
from tests.law.law_files import LAW
from workflows.access import system_actor
from workflows.calendars import load_calendar
from workflows.engine.types import FileContent
from workflows.feedback import give_feedback
from workflows.people import create_person, grant_role
from workflows.proxies import grant_proxy
from workflows.store import Store
from workflows.store.definitions import resolve_definition
from workflows.tables import Case, Checklist, Incident, Migration, Problem

ROLES = ("nobody", "clerk", "supervisor", "flowadmin", "auditor", "sysadmin", "secadmin")
KINDS = ("own", "foreign", "child", "confidential")
DISTRICT = "ws"
UNITS = {"own": DISTRICT, "foreign": "yc", "child": "", "confidential": DISTRICT}
STARTS = ("/api/v1/cases", "/cases/new")
OBJECTS = ("case_id", "task_id", "escalation_id", "incident_id", "attachment_id", "checklist_id", "problem_id")
PARTS = {
    "key": "waits",
    "version": "1",
    "token_id": "nope",
    "feed_id": "nope",
    "secret": "nope",
    "external_id": "nope",
    "filter_id": "nope",
    "list_name": "todo",
    "phrase_id": "nope",
    "number": "1",
    "code": "task-not-found",
    "person_code": "p001",
    "topic": "tasks",
    "unit_code": DISTRICT,
    "post_key": "书记",
}
# an invented correction of a year in force: it waits for a second person
CORRECTED_2026 = (
    (LAW / "calendars" / "2026.yaml")
    .read_text(encoding="utf-8")
    .replace("version: 1", "version: 2")
    .replace("off_days:", "off_days:\n  2026-12-31: 更正（虚构）")
)
ALLOWED = {200, 201, 202, 204, 409, 412, 422}
WORDS = {401: "login", 403: "refused", 404: "hidden"}
NEVER = {"If-Match": '"999999"'}


class Matrix:
    """The scene. ``ask`` makes one request that changes nothing, whoever is allowed to make it."""

    roles: tuple[str, ...] = ROLES

    def __init__(self, door: Door) -> None:
        self.door = door
        self.units = dict(UNITS, child=self._unit_below())
        door.deploy(FileContent("waits.bpmn", WAITS), activate=False)
        self.things = {kind: self._furnish(kind) for kind in KINDS}
        self.callers = {role: self._caller(role) for role in ROLES}
        duty = door.caller("clerk").get("/duties?limit=1").json["items"][0]["id"]
        waiting = door.city.run(load_calendar, CORRECTED_2026, actor=system_actor("test")).version.id
        request = door.caller("clerk").get(f"/approvals?subject={waiting}").json["items"][0]["id"]
        proxy = door.city.run(_stand_in, door.city.holder("yc", "经办").code)
        told = door.city.run(give_feedback, "按钮太小", actor=door.city.holder("yc", "经办")).id
        order = door.city.run(_order)
        self._parts = {
            **PARTS,
            "proxy_id": proxy,
            "feedback_id": told,
            "duty_id": duty,
            "version_id": waiting,
            "approval_id": request,
            "migration_id": order,
        }

    def _unit_below(self) -> str:
        units = self.door.caller("clerk").get(f"/units?under={DISTRICT}&limit=200").json["items"]
        return str(next(unit["code"] for unit in units if unit["kind"] == "committee" and unit["code"] != DISTRICT))

    def _furnish(self, kind: str) -> dict[str, str]:
        door, unit = self.door, self.units[kind]
        clerk = door.holder(unit, "经办")
        case_id = door.start(clerk, unit)["id"]
        task_id = door.task(case_id)
        made = clerk.upload(f"/cases/{case_id}/attachments", ("a.txt", b"a"))
        asked = clerk.post(f"/tasks/{task_id}/extend", {"workdays": 1, "ground": "会议冲突", "reason": "未齐"})
        door.settle()
        found = {
            "case_id": case_id,
            "task_id": task_id,
            "attachment_id": made.json["items"][0]["id"],
            "escalation_id": asked.json["escalation_id"],
            "incident_id": door.city.run(_break, case_id),
            "checklist_id": door.city.run(_list_of, case_id),
        }
        found["problem_id"] = door.city.run(_problem_of, found["checklist_id"])
        if kind == "confidential":
            door.classify(case_id, kind)
            door.classify(found["escalation_id"], kind)
        return found

    def _caller(self, role: str) -> Caller:
        if role == "nobody":
            return self.door.stranger()
        if role == "clerk":
            return self.door.caller("clerk")
        name = self._username(role)
        city = self.door.city
        city.run(create_person, name, username=name, name=f"区{role}", actor=city.actor("sysadmin"))
        city.run(grant_role, name, role, DISTRICT, actor=city.actor("secadmin"))
        return self.door.caller(name)

    def _username(self, role: str) -> str:
        return f"{role}-of-the-district"

    def ask(self, role: str, method: str, path: str, kind: str) -> str:
        """Return what a role meets at a route: allowed, refused, hidden or login."""
        address = _with_query(self._address(path, kind))
        answer = self.callers[role].send(method, address, self._body(method, path, kind), headers=NEVER)
        if answer.status_code in WORDS:
            return WORDS[answer.status_code]
        assert answer.status_code in ALLOWED, (method, path, role, kind, answer.text)
        return "allowed"

    def _address(self, path: str, kind: str) -> str:
        parts = {**self._parts, **self.things[kind]}
        return re.sub(r"{(\w+)}", lambda found: parts[found[1]], path)

    def _body(self, method: str, path: str, kind: str) -> Any:
        """A body that the route would refuse, or (to start) a version that is not in force."""
        if method in {"GET", "DELETE"}:
            return None
        return {"definition": "waits:1", "unit": self.units[kind]} if path.endswith("/cases") else {"nonsense": 1}

    def row(self, method: str, path: str) -> dict[str, str]:
        """Return one row of the matrix: for each role one word, or one for each kind of thing."""
        is_about_things = method == "POST" and path in STARTS
        is_about_things |= any(f"{{{name}}}" in path for name in OBJECTS)
        kinds = KINDS if is_about_things else ("own",)
        return {role: " ".join(self.ask(role, method, path, kind) for kind in kinds) for role in self.roles}

    def listed(self, role: str, path: str) -> str:
        """Return the kinds of things that a role finds in a list."""
        name = {"cases": "case_id", "tasks": "task_id", "escalations": "escalation_id", "incidents": "incident_id"}
        key = name[path.rpartition("/")[2]]
        query = "?limit=200&scope=all" if key == "task_id" else "?limit=200"
        ids = {item["id"] for item in self.callers[role].get(f"{path}{query}").json["items"]}
        return " ".join(kind for kind in KINDS if self.things[kind][key] in ids) or "nothing"


def _with_query(address: str) -> str:
    if address.endswith("/calendar/days"):
        return f"{address}?from=2026-03-01&to=2026-03-02"
    if address.endswith("/calendar/deadline"):
        return f"{address}?start=2026-03-01&workdays=1"
    if address.endswith("/ledger/events"):
        return f"{address}?stream=access"
    return f"{address}?path=waits.bpmn" if address.endswith("/file") else address


def _order(store: Store) -> str:
    """An order that moved nothing: from a version to itself."""
    definition = resolve_definition(store, "waits:1")
    made = Migration(
        key=definition.key,
        from_definition_id=definition.id,
        to_definition_id=definition.id,
        mapping={},
        limits="keep",
        with_children=False,
        chosen=True,
        status="done",
        reason="试验",
        asked_at=store.now,
        ended_at=store.now,
    )
    return store.add(made).id


def _break(store: Store, case_id: str) -> str:
    case = store.need(Case, case_id)
    incident = Incident(
        case_id=case_id,
        element_id="Draft",
        code="timer-failed",
        message="broken",
        owner_role="flowadmin",
        unit_id=case.unit_id,
        status="open",
        opened_at=store.now,
    )
    return store.add(incident).id


def _stand_in(store: Store, person: str) -> str:
    given: dict[str, Any] = {"to_day": date(2026, 12, 31), "ground": "外出学习", "actor": system_actor("test")}
    return grant_proxy(store, person, DISTRICT, "书记", **given).id


def _list_of(store: Store, case_id: str) -> str:
    """A list that nobody has published: only its case says who reads it."""
    unit_id = store.need(Case, case_id).unit_id
    made = Checklist(
        unit_id=unit_id, year=2026, inspector_id=unit_id, case_id=case_id, status="drafting", created_at=store.now
    )
    return store.add(made).id


def _problem_of(store: Store, checklist_id: str) -> str:
    checklist = store.need(Checklist, checklist_id)
    made = Problem(
        checklist_id=checklist.id,
        unit_id=checklist.unit_id,
        year=2026,
        number=checklist.id,
        fact="事实",
        basis="规定",
        severity="normal",
        traced=False,
        supervising_unit_id=checklist.unit_id,
        case_id=checklist.case_id,
        found_at=store.now,
    )
    return store.add(made).id


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation of an OpenAPI document."""
    for path, item in document["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield method.upper(), path

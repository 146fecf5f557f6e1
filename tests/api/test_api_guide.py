"""docs/api.md: every request in it is taken as it is written."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from api.auth import SESSION_COOKIE
from api.wording import known_codes
from tests.api.door_scene import Door
from tests.city_scene import PASSWORD
from tests.use_cases.law_scene import SYSTEM, small
from web.blueprint import COOKIE
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent
from workflows.store import Store

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line.startswith("curl")]
FILES = {"report.pdf": b"%PDF-1.7\n", **{file.path: file.content for file in small()}}


def run(door: Door, command: str, names: dict[str, str]) -> int:
    """Make the request of a curl command, and return its status."""
    if "small/2/" in command:
        deploy_second(door)
    if "$MIGRATION" in command:
        names["MIGRATION"] = door.caller("flowadmin").get("/migrations").json["items"][0]["id"]
    filled = re.sub(r"\$(\w+)", lambda found: names[found[1]], command)
    words = shlex.split(filled)
    method, address = "GET", ""
    headers: dict[str, str] = {}
    body: str | None = None
    files: list[str] = []
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        elif word == "-F":
            method = "POST"
            files.append(words.pop(0).partition("=@")[2])
        elif word.startswith("http"):
            address = word.removeprefix("http://zecheng")
    if files:
        caller = door.caller("flowadmin" if "definitions" in address else "clerk")
        return caller.upload(address, *((name, FILES[name]) for name in files)).status_code
    if "definitions" in address:
        headers = door.caller("flowadmin").headers
    if "/reset" in address:
        headers = door.caller("supervisor").headers
    more: dict[str, str] = {} if body is None else {"data": body, "content_type": "application/json"}
    return door.stranger().send(method, address, headers=headers, **more).status_code


def deploy_second(door: Door) -> None:
    """Put a second version of the guide's process into force, whose step has another id."""
    second = [FileContent(file.path, file.content.replace(b'"Do"', b'"Handle"')) for file in small()]

    def put(store: Store) -> None:
        for each, _ in deploy_files(store, second, actor=SYSTEM):
            activate_definition(store, each.key, each.version, actor=SYSTEM)

    door.city.run(put)


def test_every_request_of_the_guide_is_taken(door: Door):
    clerk = door.caller("clerk")
    case_id = door.start(clerk, "ws")["id"]
    token = clerk.headers["Authorization"].removeprefix("Bearer ")
    names = {
        "URL": "http://zecheng",
        "PASSWORD": PASSWORD,
        "TOKEN": token,
        "AUTH": f"Authorization: Bearer {token}",
        "JSON": "Content-Type: application/json",
        "CASE": case_id,
        "TASK": door.task(case_id),
    }

    statuses = {command: run(door, command, names) for command in COMMANDS}

    assert len(statuses) > 8
    assert all(status in {200, 201} for status in statuses.values()), statuses


def test_the_problem_that_is_shown_is_one():
    shown = json.loads(re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0])

    assert shown["code"] in set(known_codes())
    assert shown["type"] == f"/problems/{shown['code']}"


@pytest.mark.parametrize("code", sorted(set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", GUIDE))))
def test_a_code_that_is_named_exists(code: str):
    assert code in set(known_codes())


def test_pages_and_api_read_the_same_session():
    assert SESSION_COOKIE == COOKIE

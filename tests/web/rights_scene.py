"""Somebody of each role with a browser's session, before every page and form of the URL map.

Forms are sent filled in, so that whoever is allowed really acts; afterwards the database is as it was before. Whoever
is not allowed must meet the same with an empty form: a missing field may not speak before a missing right.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.api.door_scene import Door
from tests.api.rights_scene import CORRECTED_2026, ROLES, STARTS, WORDS, Matrix
from tests.city_scene import PASSWORD
from tests.web.page_scene import Reader
from workflows.accounts import set_password

# roles over the whole tree: law, calendars and the ledger concern everybody and are theirs alone
EVERYWHERE = {"city_flowadmin": "flowadmin", "city_auditor": "auditor"}
READERS = (*ROLES, *EVERYWHERE)
PASSING = {200, 201, 302, 409, 412, 422}
SHARED = {"web.static"}  # files of the build, the same for everybody
FILLED = {
    "reason": "会议冲突",
    "ground": "会议冲突",
    "workdays": "1",
    "from": "2026-03-01",
    "to": "2026-03-02",
    "target": "starter",
    "act": "save",
    "field": "v/nothing",
    "username": "clerk",
    "password": PASSWORD,
    "name": "zecheng_large",
    "value": "1",
    "content": CORRECTED_2026.replace("version: 2", "version: 3"),
}
FILES = {
    "/definitions/upload": ("nothing.bpmn", b"<nothing/>"),
    "/calendar/preview": ("2026.yaml", FILLED["content"].encode()),
}


class PageMatrix(Matrix):
    """The scene of the API's matrix, with sessions and forms."""

    roles = READERS

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._clients = {role: self._open(role) for role in READERS}
        self._asked_empty: set[tuple[str, ...]] = set()
        self._tokens = {role: _token(client) for role, client in self._clients.items()}
        self._database = sqlite3.connect(door.application.settings.database_url.removeprefix("sqlite:///"))
        self._kept = sqlite3.connect(":memory:")
        self._database.backup(self._kept)

    def _open(self, role: str) -> FlaskClient:
        client = self.door.app.test_client()
        if role == "nobody":
            return client
        username = EVERYWHERE.get(role, "clerk" if role == "clerk" else self._username(role))
        if username not in {"clerk", *EVERYWHERE.values()}:
            self.door.city.run(set_password, username, PASSWORD, actor=self.door.city.actor("sysadmin"))
        assert Reader(client).log_in(username).heading == "工作台"
        return client

    def close(self) -> None:
        self._database.close()
        self._kept.close()

    def ask(self, role: str, method: str, path: str, kind: str) -> str:
        """Return what a role meets; refusals and looks commit nothing, and what is done is undone."""
        before = self._commits()
        met = self._send(role, method, path, kind, filled=True)
        has_changed = self._commits() != before
        if method == "GET" or met != "allowed":
            assert not has_changed, f"{method} {path} as {role} was {met} and wrote to the database."
        if has_changed:
            self._kept.backup(self._database)
        if method == "POST" and met in {"refused", "hidden"} and (role, path, met) not in self._asked_empty:
            self._asked_empty.add((role, path, met))
            assert self._send(role, method, path, kind, filled=False) == met, "A missing right speaks first."
        return met

    def _commits(self) -> int:
        """Return a number that every commit of another connection moves."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def _send(self, role: str, method: str, path: str, kind: str, *, filled: bool) -> str:
        client, address = self._clients[role], self._address(path, kind)
        cookies = {name: client.get_cookie(name) for name in ("zecheng_session", "zecheng_csrf")}
        form = self._form(role, path, kind, filled=filled)
        answer = client.open(address, method=method, data=form, headers={"Accept": "text/plain"})  # no menu to draw
        for name, cookie in cookies.items():
            if cookie is not None:
                client.set_cookie(name, cookie.value)
        met = _word(answer, (method, path, role, kind))
        answer.close()  # a download
        return met

    def _form(self, role: str, path: str, kind: str, *, filled: bool) -> dict[str, object]:
        form: dict[str, object] = {"csrf_token": self._tokens[role]}
        if path in STARTS:
            form |= {"definition": "dual_reporting", "unit": self.units[kind]}
        if filled:
            name, content = FILES.get(path, ("a.txt", b"a"))
            form = {**FILLED, "to": self._receiver(path), "file": (io.BytesIO(content), name), **form}
        return form

    def _receiver(self, path: str) -> str:
        return self.callers["clerk"].code if path.endswith("/transfer") else FILLED["to"]

    def shown(self, role: str, path: str) -> str:
        """Return the kinds of things that a role finds linked on a page that lists."""
        answer = self._clients[role].get(path, query_string={"scope": "all"})
        page = html.document_fromstring(answer.text)
        links = " ".join(str(link.get("href")) for link in page.iterfind(".//main//a"))
        name = {"cases": "case_id", "tasks": "task_id", "escalations": "escalation_id"}[path.strip("/")]
        return " ".join(kind for kind, things in self.things.items() if things[name] in links) or "nothing"


def _word(answer: TestResponse, place: object) -> str:
    if answer.status_code in WORDS:
        return WORDS[answer.status_code]
    if answer.status_code == 302 and answer.headers["Location"].startswith("/login?next="):
        return "login"
    assert answer.status_code in PASSING, (place, answer.status_code, answer.text)
    return "allowed"


def _token(client: FlaskClient) -> str:
    page = client.get("/help")
    return str(html.document_fromstring(page.text).xpath("string(//input[@name='csrf_token']/@value)"))


def pages_of(app: Flask) -> Iterator[str]:
    """Yield method and path of every page and form, written as OpenAPI writes paths."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("web.") and rule.endpoint not in SHARED:
            path = re.sub(r"<(?:[a-z]+:)?(\w+)>", r"{\1}", rule.rule)
            yield from (f"{method} {path}" for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))

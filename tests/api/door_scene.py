"""The HTTP door on the demo city with the shipped law: real database, real tokens, a clock that stands still."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.test import encode_multipart

import api
from tests.city_scene import START, UNDER_LAW, City, share_bundles
from tests.databases import Databases
from workflows.access import system_actor
from workflows.accounts import create_token
from workflows.application import Application, open_application
from workflows.clock import VirtualClock
from workflows.definitions import activate_definition, deploy_files
from workflows.engine.types import FileContent, Profile
from workflows.inbox import advance_waiting
from workflows.jobs import run_due
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import Case, Person, Task
from workflows.timers import fire_due

V1 = "/api/v1"
OUTSIDE = ("/healthz", "/readyz", "/metrics", "/problems/", "/engine-rest/")
DUTY = {"category": "deploy", "matter": "专题研究", "done_on": "2026-03-01", "result": "已部署"}
INTAKE: dict[str, Any] = {"zero_claimed": "no", "duties_done": [DUTY]}
ZERO = {"zero_claimed": "yes", "zero_scope": ["ledger"], "zero_items": 0, "zero_reason": "无"}
SIGNED_ZERO = {"zero_outcome": "sign", "zero_note": "属实", "zero_signature": True}


def settings_for(folder: Path, database_url: str, **more: Any) -> Settings:
    """Cheap passwords; everything else as shipped."""
    return Settings(var=folder, database_url=database_url, password_memory_kib=8, password_passes=1, **more)


class Reply(Protocol):
    """An answer as tests read it."""

    status_code: int
    headers: Headers
    data: bytes
    text: str
    json: Any
    mimetype: str


class Caller:
    """Somebody with a token. ``get`` and the others return answers as they are."""

    def __init__(self, client: FlaskClient, token: str | None, person_code: str = "") -> None:
        self._client = client
        self.code = person_code
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **more: Any) -> Reply:
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Reply:
        return self.send("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Reply:
        return self.send("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> Reply:
        return self.send("DELETE", path, **more)

    def send(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **more: Any
    ) -> Reply:
        if body is not None:
            more["json"] = body
        address = path if path.startswith((V1, *OUTSIDE)) else f"{V1}{path}"
        answer = self._client.open(address, method=method, headers={**self.headers, **(headers or {})}, **more)
        answer.get_data()
        answer.close()
        return cast("Reply", answer)

    def upload(self, path: str, *files: tuple[str, bytes], headers: dict[str, str] | None = None) -> Reply:
        parts = [("file", FileStorage(io.BytesIO(content), filename=name)) for name, content in files]
        boundary, body = encode_multipart(MultiDict(parts))
        media_type = f"multipart/form-data; boundary={boundary}"
        return self.send("POST", path, headers=headers, data=body, content_type=media_type)


class _Templates(BytecodeCache):
    """The compiled templates of the pages, kept from one application of this process to the next."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Templates()


class Door:
    """The application behind its door. ``caller`` is somebody of the city; ``pass_time`` lets due work happen."""

    def __init__(self, application: Application, clock: VirtualClock) -> None:
        self.city = City(application, clock)
        self.application = application
        self.clock = clock
        self.app: Flask = api.create_app(application)
        self.app.testing = False
        self.app.jinja_env.bytecode_cache = _TEMPLATES
        self._tokens: dict[str, str] = {}

    def stranger(self) -> Caller:
        return Caller(self.app.test_client(), None)

    def caller(self, username: str) -> Caller:
        actor = self.city.actor(username)
        if username not in self._tokens:
            self._tokens[username] = self.city.run(create_token, name="test", actor=actor).secret
        return Caller(self.app.test_client(), self._tokens[username], actor.code)

    def holder(self, unit: str, post: str) -> Caller:
        """The first holder of a post at a unit."""
        code = self.city.holder(unit, post).code
        find = select(Person.username).where(Person.code == code)
        return self.caller(self.city.read(lambda store: store.session.scalars(find).one()))

    def pass_time(self, **duration: int) -> None:
        self.city.pass_time(**duration)
        self.settle()

    def settle(self) -> None:
        """Let everything happen that is due now."""
        while fire_due(self.application) + run_due(self.application) + advance_waiting(self.application):
            pass

    def start(self, caller: Caller, unit: str, definition: str = "dual_reporting", **more: Any) -> dict[str, Any]:
        body = {"definition": definition, "unit": unit, "variables": {"year": 2026}, **more}
        answer = caller.post("/cases", body)
        assert answer.status_code == 201, answer.text
        self.settle()
        return dict(answer.json or {})

    def task(self, case_id: str, element_id: str | None = None) -> str:
        """The id of the newest open task of a case."""
        found = select(Task.id).where(Task.case_id == case_id, Task.done_at.is_(None)).order_by(Task.id.desc())
        if element_id is not None:
            found = found.where(Task.element_id == element_id)
        return self.city.read(lambda store: store.session.scalars(found.limit(1)).one())

    def classify(self, case_id: str, classification: str) -> None:
        def change(store: Store) -> None:
            store.need(Case, case_id).classification = classification

        self.city.run(change)

    def deploy(self, *files: FileContent, activate: bool = True) -> str:
        """Deploy a small process, and return its key."""
        definition = self.city.run(deploy_files, list(files), actor=system_actor("test"))[0][0]
        if activate:
            self.city.run(
                activate_definition,
                definition.key,
                definition.version,
                actor=system_actor("test"),
                profile=Profile.STANDARD,
            )
        return definition.key

    def fingerprint(self) -> dict[str, list[Any]]:
        """Every row of every table that a refused request must leave alone; logins may count failures."""

        def everything(store: Store) -> dict[str, list[Any]]:
            connection = store.session.connection()
            names = [table for table in Case.metadata.sorted_tables if table.name not in {"token", "session"}]
            return {
                table.name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table.name}"')).all()))
                for table in names
            }

        return self.city.read(everything)


@contextmanager
def open_door(database_url: str, folder: Path, **more: Any) -> Iterator[Door]:
    """Open the door on a database that holds the city under its law already."""
    clock = VirtualClock(START)
    application = open_application(settings_for(folder, database_url, **more), clock)
    share_bundles(application)
    yield Door(application, clock)
    application.database.dispose()


class Template:
    """One SQLite database with the city under the shipped law, to copy."""

    def __init__(self, databases: Databases) -> None:
        url = databases.make("sqlite", filled=UNDER_LAW)
        self._file = Path(url.removeprefix("sqlite:///"))

    def copy(self, to: Path) -> str:
        shutil.copyfile(self._file, to)
        return f"sqlite:///{to}"


def problem(answer: Reply, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this problem, and return it."""
    document = answer.json if answer.mimetype == "application/problem+json" else None
    assert document is not None, answer.text
    assert (answer.status_code, document["code"]) == (status, code), answer.text
    assert document["status"] == status
    assert document["type"] == f"/problems/{code}"
    assert document["title"]
    assert document["detail"]
    return dict(document)


def pointers(document: dict[str, Any]) -> dict[str, str]:
    """Return the codes of a problem's fields by their pointers."""
    return {fault["pointer"]: fault["code"] for fault in document.get("errors", [])}

"""The pages as a reader meets them: forms filled in from their own HTML, by a client without scripts or by Chromium."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests.api.door_scene import Door
from tests.city_scene import PASSWORD

AXE = Path(__file__).resolve().parents[2] / "web/frontend/node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Sheet:
    """One page: its status, heading, links and forms."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.tree: Any = (
            html.document_fromstring(answer.text) if answer.text.strip() else html.document_fromstring("<p>")
        )

    @property
    def heading(self) -> str:
        return " ".join(self.tree.xpath("string(//h1)").split())

    @property
    def text(self) -> str:
        return " ".join(self.tree.xpath("string(//main)").split())

    @property
    def faults(self) -> list[str]:
        return [" ".join(item.text_content().split()) for item in self.tree.xpath("//*[@class='faults']//li")]

    def links(self) -> set[str]:
        return set(self.tree.xpath("//a/@href"))

    def actions(self) -> set[str]:
        return set(self.tree.xpath("//main//form[@method='post']/@action"))

    def fields(self, action: str) -> dict[str, list[str]]:
        """What a browser would send with the form of ``action``, no button pressed."""
        (form,) = self.tree.xpath(f"//form[@action='{action}']")
        found: dict[str, list[str]] = {}
        for name, value in form.form_values():
            found.setdefault(name, []).append(value.removeprefix("\n"))  # HTML drops the first line break of a text
        return found


class Reader:
    """Somebody at the pages, without scripts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> Sheet:
        return Sheet(self.client.get(path, follow_redirects=True, **more))

    def send(self, page: Sheet, action: str, given: Mapping[str, Any] | None = None) -> Sheet:
        """Fill in ``given`` and hand in the form of ``action``; a value None takes the field away."""
        fields: dict[str, Any] = dict(page.fields(action))
        for name, value in (given or {}).items():
            fields.pop(name, None)
            if value is not None:
                fields[name] = value
        return Sheet(self.client.post(action, data=fields, content_type="multipart/form-data", follow_redirects=True))

    def log_in(self, username: str, password: str = PASSWORD) -> Sheet:
        return self.send(self.get("/login"), "/login", {"username": username, "password": password})


def reader(door: Door, username: str) -> Reader:
    """Return somebody who is logged in."""
    found = Reader(door.app.test_client())
    sheet = found.log_in(username)
    assert sheet.heading == "工作台", sheet.text
    return found


def username_of(door: Door, unit: str, post: str) -> str:
    """Return the user name of the first holder of a post."""
    from sqlalchemy import select  # noqa: PLC0415 - only here

    from workflows.tables import Person  # noqa: PLC0415

    code = door.city.holder(unit, post).code
    return door.city.read(lambda store: store.session.scalars(select(Person.username).where(Person.code == code)).one())


def file(name: str, content: bytes = b"%PDF-1.7\n%%EOF\n") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


# ------------------------------------------------------------------ a real browser


@dataclass
class Served:
    """The pages behind a real server."""

    door: Door
    address: str


@contextmanager
def serve(door: Door) -> Iterator[Served]:
    server = make_server("127.0.0.1", 0, door.app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(door, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@dataclass
class Tab:
    """A page of the browser that remembers whatever went wrong on it."""

    page: Page
    context: BrowserContext
    address: str
    wrongs: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    def is_wide(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def violations(self) -> list[str]:
        """What Deque's axe finds on the page: WCAG 2.2 AA and good practice."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        result = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']} {each['nodes'][0]['html'][:100]}" for each in result["violations"]]

    def log_in(self, username: str) -> None:
        self.go("/login")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.address}/")


_LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective));"


@contextmanager
def open_tab(browser: Browser, address: str, *, width: int = 1366, scripts: bool = True) -> Iterator[Tab]:
    """Open a fresh context; its console errors, policy violations and foreign requests are collected."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=scripts)
    if scripts:
        context.add_init_script(_LISTEN)
    context.set_default_timeout(8000)
    tab = Tab(context.new_page(), context, address)
    expected = ("status of 422", "status of 412", "status of 404")
    tab.page.on(
        "console",
        lambda message: (
            tab.wrongs.append(message.text)
            if message.type == "error" and not any(part in message.text for part in expected)
            else None
        ),
    )
    tab.page.on("pageerror", lambda error: tab.wrongs.append(str(error)))
    tab.page.on(
        "request",
        lambda request: (
            tab.wrongs.append(f"foreign: {request.url}") if not request.url.startswith((address, "data:")) else None
        ),
    )
    yield tab
    context.close()
    assert tab.wrongs == []

"""Somebody's step done on its page: found in their own list, filled in from its HTML, signed where it asks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.city_scene import PASSWORD
from tests.web.page_scene import Reader, Served, Sheet, file, open_tab, username_of
from tests.world import World


class Walk:
    """A city walked through by its people, each with a session of their own."""

    def __init__(self, served: Served, browser: Browser) -> None:
        self._door = served.door
        self.world = World(served.door.application, served.door.clock)
        self._served, self._browser = served, browser
        self._people: dict[str, Reader] = {}

    def at(self, username: str) -> Reader:
        """Somebody at the pages; logs in anew when the session has run out."""
        person = self._people.setdefault(username, Reader(self._door.app.test_client()))
        if person.get("/").heading != "工作台":
            assert person.log_in(username).heading == "工作台", username
        return person

    def holder(self, unit: str, post: str) -> str:
        """The user name of the first holder of a post."""
        return username_of(self._door, unit, post)

    @contextmanager
    def tab(self, username: str, path: str, width: int = 1366) -> Iterator[Page]:
        """Somebody in Chromium, with a context of their own; the page must not be wider than its window."""
        with open_tab(self._browser, self._served.address, width=width) as opened:
            opened.log_in(username)
            opened.go(path)
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not opened.page.evaluate(wide), (path, width)
            yield opened.page

    def look(self, name: str, username: str, path: str) -> None:
        """Take pictures of a stage, wide and narrow, when ZECHENG_SHOTS names a folder."""
        folder = os.environ.get("ZECHENG_SHOTS")
        for width in (1366, 320) if folder else ():
            with self.tab(username, path, width) as page:
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)

    def open(self, name: str, case: str) -> tuple[Reader, str, Sheet]:
        """Find a step in the list of who holds it and open its page."""
        task = self.world.task(name, case=case)
        person = self.at(task.candidates()[0])
        path = f"/tasks/{task.id}"
        assert path in person.get("/tasks").links(), f"{name} stands in no list"
        page = person.get(path)
        assert page.heading == name
        return person, path, page

    def do(self, name: str, case: str, **values: Any) -> Sheet:
        """Do a step on its page; return the page as it was opened."""
        person, path, opened = self.open(name, case)
        given = flat(values)
        kept = person.send(opened, path, {"act": "save", **given})
        assert kept.status == 200, kept.text
        missing = {field for field in given if field not in kept.fields(path)}
        assert not missing, f"{name} has no fields {missing}"
        answer = person.send(kept, path, {"act": "submit"})
        if answer.heading.startswith("签署"):
            answer = person.send(answer, f"{path}/sign", {"password": PASSWORD})
        assert answer.heading == "待办", (name, answer.faults or answer.text)
        self.world.settle()
        return opened

    def sign(self, page: Page) -> None:
        """Hand in a filled form in Chromium: the page shows what is signed and takes the password."""
        page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_contain_text("签署：")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="签署并提交").click()
        expect(page.locator("h1")).to_have_text("待办")


def flat(values: Mapping[str, Any], place: str = "v") -> dict[str, Any]:
    """Nested values as the names that the fields of a page have."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{place}/{key}"
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            found[f"{name}#row"] = [str(number) for number in range(len(value))]
            for number, row in enumerate(value):
                found |= flat(row, f"{name}/{number}")
        else:
            found[name] = value if isinstance(value, list | tuple) else str(value)
    return found


def paper(name: str) -> Any:
    """A file to hand in."""
    return file(name)

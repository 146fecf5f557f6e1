"""待办, 已办, 我发起的, 抄送我的 without scripts; filters that are kept; phrases, copies and words of a draft."""

from __future__ import annotations

import pytest

from tests.api.door_scene import Door
from tests.web.page_scene import Reader, Sheet, reader
from workflows.store import Store
from workflows.tables import Draft, Task


@pytest.fixture
def begun(door: Door) -> tuple[Reader, list[str]]:
    """The clerk, who has started three reports; two of them wait for anybody of the office, one for a colleague."""
    clerk = door.caller("clerk")
    cases = [door.start(clerk, "ws")["id"] for _ in range(3)]
    door.settle()
    door.city.run(_hold, door.task(cases[2]), door.city.holder("ws", "书记").code)
    return reader(door, "clerk"), cases


def _hold(store: Store, task_id: str, code: str) -> None:
    """A colleague is quicker, between the look at the list and the press of the button."""
    from workflows.store import people  # noqa: PLC0415 - only here

    task = store.need(Task, task_id)
    task.assignee_id, task.status = people.need_person(store, code).id, "claimed"


def ticks(page: Sheet) -> list[str]:
    return list(page.tree.xpath("//input[@name='id']/@value"))


def test_what_is_ticked_is_claimed_and_what_is_refused_is_told(door: Door, begun):
    clerk, cases = begun
    page = clerk.get("/tasks")
    tasks = [door.task(case) for case in cases]

    assert sorted(ticks(page)) == sorted(tasks[:2])
    none = clerk.send(page, "/tasks/claim")
    done = Sheet(
        clerk.client.post(
            "/tasks/claim",
            data={**page.fields("/tasks/claim"), "id": tasks},
            follow_redirects=True,
        )
    )

    assert "没有勾选任何一行" in none.text
    assert "已签收 2 件" in done.text
    assert "没有办成：" in done.text
    assert "已签收" in clerk.get("/tasks?scope=mine").text
    assert len(clerk.get("/tasks?scope=mine").tree.xpath("//tbody/tr")) == 2


def test_a_filter_stands_in_the_address_is_kept_and_opens_the_list(door: Door, begun):
    clerk, _ = begun
    address = "/tasks?q=%E5%B9%B4%E5%BA%A6&left_to=400&sort=-title&scope=todo"
    page = clerk.get(address)

    assert len(page.tree.xpath("//tbody/tr")) == 2
    assert page.tree.xpath("//input[@name='q']/@value") == ["年度"]
    assert page.tree.xpath("//th[@aria-sort='descending']")
    kept = clerk.send(page, "/tasks/filters/todo", {"name": "今年的", "is_default": "1"})
    assert "已保存筛选“今年的”" in kept.text
    opened = clerk.get("/tasks")
    assert opened.answer.request.full_path.startswith("/tasks?left_to=400&q=")
    assert clerk.get("/tasks?scope=todo").answer.request.full_path == "/tasks?scope=todo"
    (change,) = [action for action in opened.actions() if action.startswith("/tasks/filters/one/")]
    plain = clerk.send(opened, change, {"act": "plain", "back": "/tasks/done"})
    assert plain.heading == "已办"
    assert clerk.get("/tasks").answer.request.full_path == "/tasks?"
    gone = clerk.send(clerk.get("/tasks"), change, {"act": "remove"})
    assert "已删除筛选“今年的”" in gone.text
    assert "筛选没有保存" in clerk.send(clerk.get("/tasks/done"), "/tasks/filters/done", {"name": " "}).text


def test_started_cases_say_where_they_stand_and_every_page_leads_back(door: Door, begun):
    clerk, cases = begun

    page = clerk.get("/tasks/started?status=active&light=normal")

    assert {f"/cases/{case}" for case in cases} <= page.links()
    assert "登记年度履责事项" in page.text
    assert "没有符合条件的事项" in clerk.get("/tasks/started?status=cancelled").text
    assert "没有抄送给您的办件" in clerk.get("/tasks/copied").text
    for wrong in ("after=nonsense", "before=nonsense"):
        assert clerk.get(f"/tasks?{wrong}").status == 422


def test_a_copy_is_sent_by_name_and_marked_as_read(door: Door, begun):
    clerk, cases = begun
    path = f"/cases/{cases[0]}/copies"
    other = door.city.holder("yc", "经办")
    colleague = reader(door, username(door, other.code))

    refused = clerk.send(clerk.get(path), path, {"copies": "无此人、"})
    sent = clerk.send(clerk.get(path), path, {"copies": f"{other.name}（{other.code}）"})

    assert (refused.status, refused.faults) == (422, ["没有“无此人”这个人，或者账号已停用"])
    assert "已抄送 1 人" in sent.text
    page = colleague.get("/tasks/copied")
    assert f"/cases/{cases[0]}" in page.links()
    read = Sheet(
        colleague.client.post(
            "/tasks/copied/read",
            data={**page.fields("/tasks/copied/read"), "id": ticks(page)},
            follow_redirects=True,
        )
    )
    assert "已阅 1 件" in read.text
    assert path not in colleague.get(path).actions(), "Whoever only got a copy hands none on."
    assert "已阅 2026-" in clerk.get(path).text


def username(door: Door, code: str) -> str:
    from sqlalchemy import select  # noqa: PLC0415 - only here

    from workflows.tables import Person  # noqa: PLC0415

    return door.city.read(lambda store: store.session.scalars(select(Person.username).where(Person.code == code)).one())


def test_a_draft_holds_the_words_beside_the_form_and_copies_go_with_the_step(door: Door, begun):
    clerk, cases = begun
    task = door.task(cases[0])
    path = f"/tasks/{task}"
    head = door.city.holder("ws", "书记")
    clerk.send(clerk.get("/phrases"), "/phrases", {"text": "情况属实。", "act": "add"})
    (phrase,) = clerk.get(path).tree.xpath("//button[starts-with(@value, 'phrase:')]/@value")

    page = clerk.send(
        clerk.get(path), path, {"act": phrase, "comment": "已核对", "copies": head.code, "v/zero_claimed": "yes"}
    )
    again = clerk.get(path).fields(path)

    assert again["comment"] == ["已核对\n情况属实。"]
    assert again["copies"] == [head.code]
    done = clerk.send(
        page, path, {"act": "submit", "v/zero_reason": "本年度没有发生应当报告的事项", "copies": "无此人"}
    )
    assert done.status == 422
    assert any("无此人" in fault for fault in done.faults)
    assert done.tree.xpath("//input[@id='f-copies'][@aria-invalid='true']")


def test_what_an_older_form_held_is_shown_until_the_step_is_handed_in(door: Door, begun):
    clerk, cases = begun
    task = door.task(cases[0])
    path = f"/tasks/{task}"
    clerk.send(clerk.get(path), path, {"act": "save", "v/zero_claimed": "yes"})

    def grow(store: Store) -> None:
        draft = store.need(Draft, task)
        draft.content = {**draft.content, "column_of_last_year": "去年写的一段话"}

    door.city.run(grow)
    first = clerk.get(path)
    saved = clerk.send(first, path, {"act": "save"})

    assert "去年写的一段话" in first.text
    assert "去年写的一段话" in saved.text
    assert "去年写的一段话" in clerk.get(path).text


def test_a_page_that_is_behind_shows_what_it_holds_and_decides_when_pressed_again(door: Door, begun):
    clerk, cases = begun
    path = f"/tasks/{door.task(cases[0])}"
    old = clerk.get(path)
    clerk.send(old, path, {"act": "save", "comment": "另一个页面"})

    behind = clerk.send(old, path, {"act": "save", "comment": "这个页面"})
    pressed = clerk.send(behind, path, {"act": "save"})

    assert behind.status == 412
    assert behind.fields(path)["comment"] == ["这个页面"]
    assert pressed.status == 200
    assert clerk.get(path).fields(path)["comment"] == ["这个页面"]

"""Every page by every role: it is there or refused, it has a heading, and it offers nothing that is not allowed."""

from __future__ import annotations

import pytest

from tests.api.door_scene import Door
from tests.web.page_scene import Reader, Sheet, reader

ACCOUNTS = ("clerk", "supervisor", "flowadmin", "auditor", "sysadmin", "secadmin")
FOR_ALL = {
    "/": "工作台",
    "/tasks": "待办",
    "/tasks/done": "已办",
    "/tasks/started": "我发起的",
    "/tasks/copied": "抄送我的",
    "/phrases": "常用语",
    "/cases": "办件",
    "/cases/new": "发起办件",
    "/notices": "消息",
    "/escalations": "升级审批",
    "/overview": "进度总览",
    "/year": "年历",
    "/supervision": "督办台账",
    "/definitions": "流程库",
    "/calendar": "日历",
    "/organisation": "组织",
    "/incidents": "异常",
    "/help": "帮助",
}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_role_finds_the_pages_that_all_share(door: Door, account):
    somebody = reader(door, account)

    found = {path: somebody.get(path) for path in FOR_ALL}

    assert {path: page.status for path, page in found.items()} == dict.fromkeys(FOR_ALL, 200)
    assert {path: page.heading for path, page in found.items() if not page.heading.startswith(FOR_ALL[path])} == {}
    assert all(page.tree.xpath("//html/@lang") == ["zh-CN"] for page in found.values())


@pytest.mark.parametrize("account", ACCOUNTS)
def test_only_the_auditor_reads_the_ledger(door: Door, account):
    somebody = reader(door, account)

    page = somebody.get("/ledger")

    assert page.status == (200 if account == "auditor" else 403)
    assert ("/ledger" in somebody.get("/").links()) == (account == "auditor")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_only_the_flow_administrator_is_offered_to_upload_and_to_activate(door: Door, account):
    somebody = reader(door, account)
    page = somebody.get("/definitions/escalation/1")

    offered = page.actions() | somebody.get("/definitions").links()

    assert page.status == 200
    assert page.heading == "督办升级 第 1 版"
    expected = {"/definitions/escalation/1/retire", "/definitions/upload"} if account == "flowadmin" else set()
    assert {link for link in offered if link.endswith(("/retire", "/activate", "/upload"))} == expected


def test_refused_acts_are_refused_even_when_their_form_is_made_up(door: Door):
    clerk = reader(door, "clerk")
    page = clerk.get("/tasks")
    token = page.fields("/logout")["csrf_token"]

    for path in ("/definitions/escalation/1/retire", "/ledger/verify", "/calendar/load", "/definitions/upload"):
        answer = Sheet(clerk.client.post(path, data={"csrf_token": token, "content": "year: 2027"}))
        assert (path, answer.status) == (path, 403)
        assert answer.heading == "不能这样做"


def test_strangers_are_sent_to_the_login_and_come_back_where_they_wanted_to_go(door: Door):
    stranger = Reader(door.app.test_client())

    page = stranger.get("/calendar?month=2026-10")
    back = stranger.send(page, "/login", {"username": "clerk", "password": "an-invented-password"})

    assert page.heading == "登录"
    assert back.heading == "日历"
    assert back.answer.request.full_path == "/calendar?month=2026-10"


def test_nobody_is_sent_to_a_foreign_site_after_the_login(door: Door):
    for address in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        stranger = Reader(door.app.test_client())
        page = stranger.get("/login", query_string={"next": address})

        back = stranger.send(page, "/login", {"username": "clerk", "password": "an-invented-password"})

        assert back.answer.request.path == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(door: Door):
    stranger = Reader(door.app.test_client())

    wrong = stranger.log_in("clerk", "not-the-password")
    unknown = stranger.log_in("nobody", "not-the-password")

    assert wrong.status == unknown.status == 401
    assert wrong.faults == unknown.faults
    assert "用户名或密码不对" in wrong.faults[0]


def test_logging_out_ends_the_session(door: Door):
    clerk = reader(door, "clerk")

    page = clerk.send(clerk.get("/"), "/logout")

    assert page.heading == "登录"
    assert clerk.get("/tasks").heading == "登录"


def test_a_post_without_the_forgery_token_changes_nothing(door: Door):
    clerk = reader(door, "clerk")
    before = door.fingerprint()

    answer = Sheet(clerk.client.post("/cases/new", data={"definition": "dual_reporting", "unit": "ws"}))

    assert answer.status == 400
    assert answer.heading == "请刷新后再试"
    assert door.fingerprint() == before


@pytest.mark.parametrize("path", ["/nowhere", "/tasks/nope", "/cases/nope", "/escalations/nope", "/attachments/nope"])
def test_what_is_not_there_is_told_on_a_page_with_a_way_back(door: Door, path):
    page = reader(door, "clerk").get(path)

    assert page.status == 404
    assert page.heading == "没有找到"
    assert "/tasks" in page.links()


def test_every_answer_carries_the_strict_policy(door: Door):
    clerk = reader(door, "clerk")

    for path in ("/", "/login", "/lights.css", "/nowhere"):
        headers = clerk.client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_carries_a_style_or_script_of_its_own(door: Door):
    clerk = reader(door, "clerk")

    for path in FOR_ALL:
        tree = clerk.get(path).tree
        assert tree.xpath("//*[@style] | //style | //script[not(@src)]") == []
        assert not [name for element in tree.iter() for name in element.attrib if str(name).startswith("on")]


def test_the_reader_chooses_type_size_contrast_and_language(door: Door):
    clerk = reader(door, "clerk")

    large = clerk.client.post("/preferences", data=_preference(clerk, "zecheng_large", "1"))
    english = clerk.client.post("/preferences", data=_preference(clerk, "zecheng_locale", "en"))
    page = clerk.get("/tasks")

    assert large.status_code == english.status_code == 302
    assert page.tree.xpath("//html/@class") == ["large"]
    assert page.tree.xpath("//html/@lang") == ["en"]
    assert page.heading == "To do"


def _preference(somebody: Reader, name: str, value: str) -> dict[str, str]:
    token = somebody.get("/help").fields("/logout")["csrf_token"][0]
    return {"csrf_token": token, "name": name, "value": value, "back": "/tasks"}

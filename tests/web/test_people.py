"""组织与人员 on pages: appoint, stand in, hand everything over; faults are told where they belong."""

from __future__ import annotations

from tests.api.door_scene import Door
from tests.web.page_scene import reader, username_of


def test_a_post_gets_a_holder_a_proxy_and_an_end(door: Door):
    administrator = reader(door, "sysadmin")
    deputy = door.city.holder("ws", "经办").code
    unit = administrator.get("/units/ws")
    path = "/units/ws/posts/%E4%B9%A6%E8%AE%B0"

    late = administrator.send(unit, f"{path}/proxies", {"person": deputy, "to": "2026-03-01", "ground": "出差"})
    granted = administrator.send(unit, f"{path}/proxies", {"person": deputy, "to": "2026-03-09", "ground": "出差"})

    assert (late.status, late.faults) == (422, ["代理应从今天或以后开始，止应晚于起"])
    assert "已设代理" in granted.text
    (ending,) = [action for action in granted.actions() if action.startswith("/proxies/")]
    ended = administrator.send(granted, ending)
    assert "代理已结束" in ended.text
    assigned = administrator.send(ended, f"{path}/holdings", {"person": deputy, "from": "2026-04-01"})
    assert "将任" in assigned.text
    wrong = administrator.send(ended, f"{path}/holdings", {"person": "nobody-here", "from": "4月1日"})
    assert wrong.status == 422
    assert wrong.faults


def test_a_holder_names_their_own_proxy_and_a_stranger_is_not_offered_it(door: Door):
    path = "/units/ws/posts/%E4%B9%A6%E8%AE%B0"
    secretary = username_of(door, "ws", "书记")
    from tests.city_scene import PASSWORD  # noqa: PLC0415
    from workflows.accounts import set_password  # noqa: PLC0415 - only here

    door.city.run(set_password, door.city.holder("ws", "书记").code, PASSWORD, actor=door.city.actor("sysadmin"))

    mine, others = reader(door, secretary).get("/units/ws"), reader(door, "clerk").get("/units/ws")

    assert f"{path}/proxies" in mine.actions()
    assert f"{path}/holdings" not in mine.actions()
    assert f"{path}/proxies" not in others.actions()


def test_the_wizard_tells_faults_at_the_item_and_then_hands_everything_over(door: Door):
    leaver, heir = door.city.holder("ws", "经办").code, door.city.holder("ws", "分管领导").code
    door.start(door.holder("ws", "经办"), "ws")
    administrator = reader(door, "sysadmin")
    path = f"/people/{leaver}/hand-over"
    page = administrator.get(path)
    assert "发起的在办件" in page.text
    item = next(name for name in page.fields(path) if name.startswith("item/case:"))

    refused = administrator.send(page, path, {"reason": "调任", "leaves": "1", item: "nobody-here"})
    done = administrator.send(refused, path, {"to": heir, "reason": "调任", "leaves": "1", item: heir})

    assert (refused.status, refused.faults) == (422, ["没有找到这个人"])
    assert refused.tree.xpath("//td[@class='wrong']//input/@value") == ["nobody-here"]
    assert "已交接：职务 1 个" in done.text
    assert "已离任" in done.text


def test_a_person_is_registered_given_a_password_and_a_role(door: Door):
    administrator, keeper = reader(door, "sysadmin"), reader(door, "secadmin")
    page = administrator.get("/people/new")
    bad = administrator.send(page, "/people", {"code": "新", "username": "xin", "name": "舒知远"})
    made = administrator.send(page, "/people", {"code": "n-1", "username": "xin", "name": "舒知远"})

    assert bad.status == 422
    assert "已登记人员" in made.text
    person = administrator.get("/people/n-1")
    weak = administrator.send(person, "/people/n-1/password", {"password": "1"})
    assert weak.status == 422
    assert "已设新密码" in administrator.send(person, "/people/n-1/password", {"password": "a-long-invented-one"}).text
    given = keeper.send(keeper.get("/people/n-1"), "/people/n-1/roles", {"role": "supervisor", "unit": "ws"})
    assert "已授予角色" in given.text
    assert "已收回角色" in keeper.send(given, "/people/n-1/roles/revoke").text
    seen = reader(door, "clerk").get("/people/n-1")
    assert "用户名" not in seen.text

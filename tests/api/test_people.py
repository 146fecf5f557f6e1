"""People over HTTP: what the pages do, in JSON."""

from __future__ import annotations

from tests.api.door_scene import Door, problem


def test_a_unit_a_post_and_its_holders_are_kept_over_http(door: Door):
    keeper = door.caller("sysadmin")
    code = keeper.code
    unit = {"code": "xx", "name": "中共新区委", "kind": "committee", "level": "district", "parent": "yt"}

    assert keeper.post("/units", unit).status_code == 201
    assert keeper.post("/units/xx/posts", {"key": "书记", "name": "新区委书记"}).json["items"][0]["vacant"] is True
    assert keeper.post("/people", {"code": "n-1", "username": "xin", "name": "舒知远"}).status_code == 201
    assert keeper.post("/units/xx/posts/书记/holdings", {"person": "n-1", "from": "2026-03-02"}).status_code == 204
    proxy = keeper.post("/units/xx/posts/书记/proxies", {"person": code, "to": "2026-03-09", "ground": "出差"})

    (post,) = keeper.get("/units/xx/posts").json["items"]
    assert [(row["person"], row["proxy_id"]) for row in post["periods"]] == [("n-1", None), (code, proxy.json["id"])]
    assert keeper.post(f"/proxies/{proxy.json['id']}/end").status_code == 204
    assert keeper.post("/units/xx/posts/书记/holdings/end", {"person": "n-1"}).status_code == 204
    problem(keeper.post("/units/xx/posts/书记/proxies", {"person": "n-1"}), 422, "invalid-request")


def test_everything_is_handed_over_over_http(door: Door):
    leaver, heir = door.city.holder("ws", "经办").code, door.city.holder("ws", "分管领导").code
    door.start(door.holder("ws", "经办"), "ws")
    keeper = door.caller("sysadmin")
    held = keeper.get(f"/people/{leaver}/belongings").json
    assert {item["kind"] for item in held["items"]} >= {"post", "case"}

    bad = keeper.post(f"/people/{leaver}/hand-over", {"reason": "调任", "receivers": {"post:ws/经办": "nobody"}})
    done = keeper.post(f"/people/{leaver}/hand-over", {"reason": "调任", "to": heir, "leaves": True})

    assert problem(bad, 422, "handover-refused")["errors"][0]["pointer"] == "#/receivers/post:ws~1经办"
    assert done.json["posts"] == 1
    assert keeper.get(f"/people/{leaver}").json["status"] == "left"
    assert door.caller("supervisor").get(f"/people/{heir}").json["account"] is None

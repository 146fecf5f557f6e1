"""Help for every screen, opinions and their answers, and how somebody reads the pages."""

from __future__ import annotations

from tests.api.door_scene import Door, problem
from tests.web.page_scene import Reader, Sheet, reader
from web.help_topics import NO_SCREEN, TOPIC_OF, TOPICS


def test_every_screen_of_the_url_map_has_a_help_page(door: Door):
    screens = {
        rule.endpoint.removeprefix("web.")
        for rule in door.app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "GET" in (rule.methods or ())
    }
    assert screens - NO_SCREEN == set(TOPIC_OF), "Name the topic of a new page in web/help_topics.py."
    assert set(TOPIC_OF.values()) == set(TOPICS)

    stranger, clerk = Reader(door.app.test_client()), reader(door, "clerk")

    assert "/help/login" in stranger.get("/login").links()
    assert "/help/tasks" in clerk.get("/tasks").links()
    for key, topic in TOPICS.items():
        with door.app.test_request_context():
            title = str(topic.title)
        assert stranger.get(f"/help/{key}").heading == f"帮助：{title}"
    assert stranger.get("/help/nothing").status == 404


def test_an_opinion_is_given_answered_and_seen_by_nobody_else(door: Door):
    clerk, other, keeper = reader(door, "clerk"), reader(door, "supervisor"), reader(door, "flowadmin")
    page = clerk.get("/feedback?about=/tasks")

    empty = clerk.send(page, "/feedback", {"text": " "})
    kept = clerk.send(page, "/feedback", {"text": "按钮太小"})
    seen = keeper.get("/feedback")
    (action,) = [each for each in seen.actions() if each.endswith("/answer")]
    bare = keeper.send(seen, action, {"status": "declined", "answer": ""})
    answered = keeper.send(seen, action, {"status": "done", "answer": "已放大"})

    assert (empty.status, empty.faults) == (422, ["请填写此项"])
    assert "按钮太小" in kept.text
    assert "/tasks" in kept.text
    assert "按钮太小" not in other.get("/feedback").text
    assert bare.status == 422
    assert "已解决" in answered.text
    assert "已放大" in clerk.get("/notices").text
    identity = action.split("/")[2]
    assert other.client.post(action, data={}).status_code in {400, 403}
    problem(door.caller("supervisor").post(f"/feedback/{identity}/answer", {"status": "done"}), 403, "missing-role")
    assert door.caller("supervisor").get("/feedback").json["items"] == []
    assert door.caller("sysadmin").get("/feedback?status=done").json["items"][0]["answer"] == "已放大"


def test_what_somebody_prefers_follows_them_to_another_browser(door: Door):
    first = Reader(door.app.test_client())
    page = first.get("/login")
    first.client.post("/preferences", data={**_token(page), "name": "zecheng_large", "value": "1"})
    first.log_in("clerk")

    second = Reader(door.app.test_client())
    assert "large" not in second.get("/login").tree.get("class", "")
    second.log_in("clerk")

    assert "large" in second.get("/").tree.get("class")
    assert door.caller("clerk").get("/me/preferences").json == {"large": True, "contrast": False, "locale": None}
    changed = door.caller("clerk").put("/me/preferences", {"large": False, "locale": "en"})
    assert changed.json["locale"] == "en"
    problem(door.caller("clerk").put("/me/preferences", {"locale": "fr"}), 422, "invalid-request")
    third = Reader(door.app.test_client())
    third.log_in("clerk")
    assert third.get("/").heading == "Desk"


def _token(page: Sheet) -> dict[str, str]:
    return {"csrf_token": page.tree.xpath("string(//input[@name='csrf_token']/@value)")}

"""The year over HTTP, and the feed that a calendar program reads without logging in."""

from __future__ import annotations

from datetime import date

from icalendar import Calendar

from tests.api.door_scene import Door


def test_a_calendar_program_reads_the_dates_of_the_year_by_the_address_alone(door: Door):
    clerk, stranger = door.caller("clerk"), door.stranger()
    made = clerk.post("/me/calendar-feeds", {"unit": "ws-caizheng"})
    path = made.json["address"].partition("/api/v1")[2]

    feed = stranger.get(path)
    year = clerk.get("/units/ws-caizheng/year?year=2026").json
    listed = clerk.get("/me/calendar-feeds").json["items"]

    assert (made.status_code, feed.status_code) == (201, 200)
    assert feed.headers["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(feed.data).walk("VEVENT")
    told = {(str(each["UID"]), each.decoded("DTSTART")) for each in events}
    wanted = {
        (f"{each['duty_id']}.{each['period']}.ws-caizheng@zecheng", date.fromisoformat(each["due_on"]))
        for each in year["entries"]
    }
    assert wanted
    assert wanted <= told
    provisional = {str(each["UID"]): str(each["STATUS"]) for each in events}
    assert {"TENTATIVE", "CONFIRMED"} == set(provisional.values())
    for each in year["entries"]:
        status = provisional[f"{each['duty_id']}.{each['period']}.ws-caizheng@zecheng"]
        assert status == ("TENTATIVE" if each["provisional"] else "CONFIRMED")
    assert [each["unit"] for each in listed] == ["ws-caizheng"]
    assert "address" not in listed[0]

    assert clerk.delete(f"/me/calendar-feeds/{listed[0]['id']}").status_code == 204
    assert stranger.get(path).status_code == 404
    assert stranger.get("/calendar-feeds/zcf_guess.ics").status_code == 404
    assert clerk.get("/units/nowhere/year").status_code == 404
    assert clerk.get("/units/ws/year?year=19").status_code == 422
    assert clerk.post("/me/calendar-feeds", {"unit": "nowhere"}).status_code == 404

"""Each row shows its light as the region nearest above its unit names and colours it, on pages and in the API."""

from __future__ import annotations

from tests.api.door_scene import V1, Door
from tests.web.page_scene import Reader, reader
from workflows.access import system_actor
from workflows.regions import load_regions
from workflows.store import Store, people
from workflows.store import definitions as rows

NORMAL = '{name: 在途, shape: ring, colour: "#123456", background: "#fedcba", chart: "#abcdef"}'
FAR = f"name: 远市\nlights:\n  levels:\n    normal: {NORMAL}\n"


def begin(clerk: Reader, door: Door) -> str:
    page = clerk.get("/cases/new")
    page = clerk.send(page, "/cases/new", {"definition": "dual_reporting", "unit": "ws", "act": "choose"})
    started = clerk.send(page, "/cases/new", {"v/year": "2026", "act": "start"})
    door.settle()
    return str(started.answer.request.path).rpartition("/")[2]


def move_to_region(door: Door, unit: str, region: str) -> str:
    door.city.run(load_regions, {f"regions/{region}.yaml": FAR.encode()}, actor=system_actor("test"))

    def change(store: Store) -> str:
        people.need_unit(store, unit).region = region
        newest = rows.newest_region(store, region)
        assert newest is not None
        return newest.id

    return str(door.city.run(change))


def test_a_list_shows_each_row_in_the_words_and_colours_of_its_region(door: Door):
    clerk = reader(door, "clerk")
    begin(clerk, door)
    version = move_to_region(door, "ws", "far")
    begin(clerk, door)

    page = clerk.get("/tasks")
    shown = [
        " ".join(each.text_content().split()) for each in page.tree.xpath("//tbody//span[contains(@class,'light')]")
    ]
    styles = page.tree.xpath("//tbody//span[contains(@class,'light')]/@class")
    css = clerk.client.get("/lights.css").text

    assert sorted(text.split(" ")[0] for text in shown) == ["在途", "正常"]
    assert sorted(styles) == ["light normal", f"light normal of-{version}"]
    assert f".light.normal.of-{version}{{color:#123456;background:#fedcba;border-color:#123456}}" in css
    assert f".light.overdue.of-{version}" not in css


def test_the_api_and_the_page_of_a_case_agree(door: Door):
    clerk = reader(door, "clerk")
    move_to_region(door, "ws", "far")
    case_id = begin(clerk, door)

    told = door.caller("clerk").get(f"{V1}/cases/{case_id}").json["light"]
    page = clerk.get(f"/cases/{case_id}")

    assert told == {"key": "normal", "name": "在途", "colour": "#abcdef", "shape": "ring"}
    assert "在途" in " ".join(page.tree.xpath("//div[@class='title']//span[contains(@class,'light')]//text()"))

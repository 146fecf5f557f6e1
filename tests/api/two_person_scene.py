"""A city whose law wants two persons to put a version into force and to take it out, and the second person."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api.door_scene import Door, Template, open_door
from tests.city_scene import PASSWORD
from tests.law.law_files import LAW
from workflows.accounts import set_password
from workflows.people import create_person, grant_role

DEFAULT = "two_persons: [calendar_correction]"


def strict_law(folder: Path, acts: str = "activation, retirement") -> Path:
    """Return a copy of the shipped law that wants two persons for ``acts``."""
    law = shutil.copytree(LAW, folder / "law")
    told = (law / "organisation.yaml").read_text(encoding="utf-8")
    assert DEFAULT in told
    (law / "organisation.yaml").write_text(told.replace(DEFAULT, f"two_persons: [{acts}]"), encoding="utf-8")
    return law


@contextmanager
def open_strict_door(template: Template, folder: Path) -> Iterator[Door]:
    """Open the door of such a city; ``second`` is another flow administrator of all of it."""
    with open_door(template.copy(folder / "strict.db"), folder / "var", law=strict_law(folder)) as door:
        city, root = door.city, door.caller("clerk").get("/units?limit=1").json["items"][0]["code"]
        city.run(create_person, "second", username="second", name="第二管理员", actor=city.actor("sysadmin"))
        city.run(grant_role, "second", "flowadmin", root, actor=city.actor("secadmin"))
        city.run(set_password, "second", PASSWORD, actor=city.actor("sysadmin"))
        yield door

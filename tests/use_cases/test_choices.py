"""Whom a form offers in a city with more people than a list should hold."""

from __future__ import annotations

import pytest

from tests.city_scene import City
from tests.world import CLERK, UNIT
from workflows.queries import choices


def test_people_around_the_unit_come_first_and_who_is_chosen_is_never_left_out(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = dict(city.read(choices.person_choices))
    far, near = next(iter(everybody)), city.actor(CLERK).code
    monkeypatch.setattr(choices, "_MOST", 200)

    cut = dict(city.read(choices.person_choices))
    offered = dict(city.read(choices.person_choices, near=UNIT, chosen=[far, "nobody"]))
    elsewhere = city.read(choices.people_told, [far, near, "nobody"])

    assert len(cut) < len(everybody)
    assert next(iter(offered)) != far, "the head of the city stands first only where everybody does"
    assert offered[near] == everybody[near]
    assert offered[far] == everybody[far]
    assert elsewhere == {far: everybody[far], near: everybody[near]}
    assert city.read(choices.people_told, []) == {}

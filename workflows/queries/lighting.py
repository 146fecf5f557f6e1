"""How lights look: words, colours and shapes are data of each region. No light is named or coloured in Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workflows.deadlines.errors import DeadlineError
from workflows.deadlines.lights import Lights, plain_lights, read_lights
from workflows.region_files import read_region
from workflows.store import Store
from workflows.store import definitions as rows
from workflows.store.definitions import DEFAULT_REGION


def lights_of_city(store: Store) -> Lights:
    """Return the newest lights of the default region; before any was loaded those of its file."""
    found = rows.newest_region(store, DEFAULT_REGION)
    lights = store.application.law.region(store, found.id).lights if found is not None else None
    return lights or lights_of_law(store.application.settings.law)


def lights_of_regions(store: Store) -> Mapping[str, Lights]:
    """Return how each version of a region shows lights, by the id that cases pin."""
    law, city = store.application.law, lights_of_city(store)
    return {version: law.region(store, version).lights or city for version in rows.region_versions(store)}


@cache
def lights_of_law(folder: Path) -> Lights:
    """Return the lights that the default region's file below ``folder`` tells; without one, lights without looks."""
    file = folder / "regions" / f"{DEFAULT_REGION}.yaml"
    try:
        told = read_region(file.read_bytes(), file.name)["lights"]
    except (OSError, DeadlineError):
        return plain_lights()
    return read_lights(told, file=file.name) if told else plain_lights()

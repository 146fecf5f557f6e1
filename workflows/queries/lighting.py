"""The lights that pages show: those of the default region, whose words and colours are data."""

from __future__ import annotations

from workflows.deadlines.lights import Lights
from workflows.law import DEFAULT_REGION
from workflows.store import Store
from workflows.store import definitions as rows


def lights_of_city(store: Store) -> Lights | None:
    """Return the newest lights of the default region, None before any region was loaded."""
    found = rows.newest_region(store, DEFAULT_REGION)
    return store.application.law.region(store, found.id).lights if found is not None else None

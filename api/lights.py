"""Lights as answers show them: key, word, colour and shape of the case's region."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workflows.deadlines.lights import LightKey, Lights
from workflows.queries.case_lights import lights_of_cases
from workflows.queries.lighting import lights_of_city
from workflows.store import Store

LightDocument = Mapping[str, str]


class CaseLights:
    """The lights of some cases, asked for in one query."""

    def __init__(self, store: Store, case_ids: Collection[str]) -> None:
        self._of_case = lights_of_cases(store, case_ids)
        self._city = lights_of_city(store)

    def show(self, case_id: str, key: str) -> LightDocument:
        """Return the light ``key`` as the region of ``case_id`` shows it."""
        return describe_light(self._of_case.get(case_id, self._city), LightKey(key))


def describe_light(lights: Lights, key: LightKey) -> LightDocument:
    """Return a light as JSON."""
    shown = lights.show(key)
    return {"key": key.value, "name": shown.name, "colour": shown.chart, "shape": shown.shape.value}

"""Lights as answers show them: key, word, colour and shape of the case's region."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workflows.deadlines.lights import LightKey, Lights, Shape
from workflows.queries.case_lights import lights_of_cases
from workflows.store import Store

LightDocument = Mapping[str, str]
_PLAIN: Mapping[LightKey, tuple[str, str, Shape]] = {  # before any region is loaded
    LightKey.NOT_STARTED: ("未开始", "#4a5562", Shape.RING),
    LightKey.NORMAL: ("正常", "#00694f", Shape.ROUND),
    LightKey.NEAR: ("临期", "#6b3f00", Shape.TRIANGLE),
    LightKey.OVERDUE: ("逾期", "#b3270b", Shape.OCTAGON),
    LightKey.DONE: ("已办结", "#00694f", Shape.TICK),
}


class CaseLights:
    """The lights of some cases, asked for in one query."""

    def __init__(self, store: Store, case_ids: Collection[str]) -> None:
        self._of_case = lights_of_cases(store, case_ids)

    def show(self, case_id: str, key: str) -> LightDocument:
        """Return the light ``key`` as the region of ``case_id`` shows it."""
        return describe_light(self._of_case.get(case_id), LightKey(key))


def describe_light(lights: Lights | None, key: LightKey) -> LightDocument:
    """Return a light as JSON."""
    if lights is None:
        name, colour, shape = _PLAIN[key]
        return {"key": key.value, "name": name, "colour": colour, "shape": shape.value}
    shown = lights.show(key)
    return {"key": key.value, "name": shown.name, "colour": shown.chart, "shape": shown.shape.value}

"""Lights 灯 on pages: shape, word, number and colour, each as the region of its row has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Response, g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from web.blueprint import ask, pages
from workflows.deadlines.lights import Light, LightKey, Lights
from workflows.queries.lighting import lights_of_city, lights_of_regions
from workflows.store import Store

# what the shipped regions call their lights, so that translators find the words; others are shown as they stand
_SHIPPED = (_("未开始"), _("正常"), _("临期"), _("逾期"), _("已办结"))


@dataclass(frozen=True, slots=True)
class Looks:
    """How every region shows lights, by the version that cases pin; ``city`` stands for what belongs to no case."""

    city: Lights
    regions: Mapping[str, Lights]

    def show(self, key: str, region: str | None) -> Light:
        """Return a light as a region shows it."""
        return (self.regions.get(region, self.city) if region else self.city).show(LightKey(key))


@dataclass(frozen=True, slots=True)
class ShownLight:
    """One light for a template: its word, the name of its shape, and the class that colours it."""

    name: str
    shape: str
    style: str


def _looks(store: Store) -> Looks:
    return Looks(lights_of_city(store), lights_of_regions(store))


def looks() -> Looks:
    """Return how lights look, asked once a request."""
    if "lights" not in g:
        g.lights = ask(_looks)
    found: Looks = g.lights
    return found


def show_light(key: str, region: str | None = None) -> ShownLight:
    """Return a light as the version ``region`` shows it; None is the default region."""
    known = looks()
    light = known.show(key, region)
    own = region is not None and light != known.show(key, None)
    return ShownLight(str(gettext(light.name)), str(light.shape), f"{key} of-{region}" if own else key)


@pages.get("/lights.css")
def lights_css() -> Response:
    """Serve the colours of the lights: they are data of the regions, and pages may carry no style of their own."""
    answer = Response("\n".join(_rules(looks())), mimetype="text/css")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _rules(known: Looks) -> Iterator[str]:
    for key in LightKey:
        yield _rule(f".light.{key}", known.show(key, None))
    for region in known.regions:
        for key in LightKey:
            light = known.show(key, region)
            if light != known.show(key, None):
                yield _rule(f".light.{key}.of-{region}", light)


def _rule(selector: str, light: Light) -> str:
    edge = min(light.colour, light.background, key=_brightness)
    return f"{selector}{{color:{light.colour};background:{light.background};border-color:{edge}}}"


def _brightness(colour: str) -> int:
    return sum(bytes.fromhex(colour[1:])) if colour.startswith("#") else 0

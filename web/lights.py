"""Lights 灯 on pages: shape, word, number and colour, as the reader's region has them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, g
from flask_babel import gettext

from web.blueprint import ask, pages
from workflows.deadlines.lights import LightKey, Lights, Shape
from workflows.queries.lighting import lights_of_city

SHAPES: Mapping[str, str] = {
    LightKey.NOT_STARTED: Shape.RING,
    LightKey.NORMAL: Shape.ROUND,
    LightKey.NEAR: Shape.TRIANGLE,
    LightKey.OVERDUE: Shape.OCTAGON,
    LightKey.DONE: Shape.TICK,
}
COLOURS: Mapping[str, tuple[str, str]] = {
    LightKey.NOT_STARTED: ("#4a5562", "#ffffff"),
    LightKey.NORMAL: ("#00694f", "#e2f3ec"),
    LightKey.NEAR: ("#6b3f00", "#fff3d6"),
    LightKey.OVERDUE: ("#ffffff", "#b3270b"),
    LightKey.DONE: ("#00694f", "#ffffff"),
}


def city_lights() -> Lights | None:
    """Return the lights of the default region, asked once a request."""
    if "lights" not in g:
        g.lights = ask(lights_of_city)
    found: Lights | None = g.lights
    return found


def light_name(key: str) -> str:
    """Return the word of a light."""
    names = {
        LightKey.NOT_STARTED: gettext("未开始"),
        LightKey.NORMAL: gettext("正常"),
        LightKey.NEAR: gettext("临期"),
        LightKey.OVERDUE: gettext("逾期"),
        LightKey.DONE: gettext("已办结"),
    }
    lights, own = city_lights(), names[LightKey(key)]
    told = lights.show(LightKey(key)).name if lights else own
    return str(gettext(told))


def light_shape(key: str) -> str:
    """Return the name of a light's shape."""
    lights = city_lights()
    return str(lights.show(LightKey(key)).shape) if lights else str(SHAPES[key])


@pages.get("/lights.css")
def lights_css() -> Response:
    """Serve the colours of the lights: they are data of the region, and pages may carry no style of their own."""
    lights = city_lights()
    rules = []
    for key in LightKey:
        colour, background = COLOURS[key]
        if lights:
            shown = lights.show(key)
            colour, background = shown.colour, shown.background
        edge = background if key == LightKey.OVERDUE else colour
        rules.append(f".light.{key}{{color:{colour};background:{background};border-color:{edge}}}")
    answer = Response("\n".join(rules), mimetype="text/css")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
import yaml

from workflows.deadlines.errors import DataFaultsError
from workflows.deadlines.explanation import Threshold, Unit
from workflows.deadlines.lights import LightKey, Shape, light_key, read_lights

DEFAULT = Path(__file__).parents[2] / "bpmn" / "regions" / "default.yaml"
T = datetime(2026, 11, 1, tzinfo=UTC)
START, NEAR, DUE = T, T + timedelta(days=3), T + timedelta(days=5)
TICK = timedelta(microseconds=1)


@pytest.fixture
def section():
    return yaml.safe_load(DEFAULT.read_text())["lights"]


@pytest.fixture
def lights(section):
    return read_lights(section)


@pytest.mark.parametrize(
    ("now", "key"),
    [
        (START - TICK, LightKey.NOT_STARTED),
        (START, LightKey.NORMAL),
        (NEAR - TICK, LightKey.NORMAL),
        (NEAR, LightKey.NEAR),
        (DUE - TICK, LightKey.NEAR),
        (DUE, LightKey.OVERDUE),
    ],
)
def test_a_light_changes_at_its_very_instant(now, key):
    assert light_key(START, NEAR, DUE, None, now) is key


def test_done_is_done_however_late():
    assert light_key(START, NEAR, DUE, DUE + timedelta(days=9), DUE + timedelta(days=9)) is LightKey.DONE


def test_work_without_limit_or_with_a_standing_clock_is_normal():
    assert light_key(START, None, None, None, DUE) is LightKey.NORMAL
    assert light_key(START, NEAR, None, None, DUE) is LightKey.NORMAL


def test_a_limit_without_threshold_is_never_near():
    assert light_key(START, DUE, DUE, None, DUE - TICK) is LightKey.NORMAL


def test_every_combination_has_a_light():
    moments = [None, START, NEAR, DUE]
    rows = product(moments, moments, moments, moments, (START, NEAR, DUE))
    found = {light_key(started, near, due, done, now) for started, near, due, done, now in rows}

    assert found == set(LightKey)


def test_the_default_region_tells_all_levels_by_word_and_shape(lights):
    assert {lights.show(key).name for key in LightKey} == {"未开始", "正常", "临期", "逾期", "已办结"}
    assert {lights.show(key).shape for key in LightKey} == set(Shape)
    assert lights.near == Threshold(3, Unit.WORKDAY)


def _luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_words_can_be_read_and_charts_survive_grey_printing(lights):
    for key in LightKey:
        light = lights.show(key)
        dark, bright = sorted((_luminance(light.colour), _luminance(light.background)))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, key

    normal, near, overdue = (_luminance(lights.show(key).chart) for key in ("normal", "near", "overdue"))
    assert normal > near + 0.1 > overdue + 0.2


def test_a_region_names_only_what_it_does_otherwise(lights):
    region = read_lights({"levels": {"overdue": {"name": "红灯", "colour": "#FFFFFF"}}}, over=lights)

    assert region.show(LightKey.OVERDUE).name == "红灯"
    assert region.show(LightKey.OVERDUE).background == lights.show(LightKey.OVERDUE).background
    assert region.show(LightKey.NORMAL) == lights.show(LightKey.NORMAL)
    assert region.near == lights.near


def test_a_region_may_do_with_three_levels(lights):
    region = read_lights({"levels": {"near": None}}, over=lights)

    assert region.show(LightKey.NEAR).key is LightKey.NORMAL


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda section: section["levels"].pop("overdue"), "missing"),
        (lambda section: section["levels"].update(overdue=None), "wrong-type"),
        (lambda section: section["levels"].update(purple={}), "unknown-value"),
        (lambda section: section["levels"]["near"].update(colour="red"), "not-a-colour"),
        (lambda section: section["levels"]["near"].update(shape="star"), "unknown-value"),
        (lambda section: section["levels"]["near"].pop("name"), "missing"),
        (lambda section: section["levels"]["near"].update(blink=True), "unknown-field"),
        (lambda section: section.update(near={"amount": 2, "unit": "年"}), "unknown-value"),
        (lambda section: section.update(lamps={}), "unknown-field"),
    ],
)
def test_faulty_lights_are_refused(section, change, code):
    change(section)

    with pytest.raises(DataFaultsError) as caught:
        read_lights(section)
    assert code in {fault.code for fault in caught.value.faults}


def test_lights_that_are_no_mapping_are_refused():
    with pytest.raises(DataFaultsError, match="wrong-type"):
        read_lights(["red"])

"""Lights: the state of a limit at a moment, and how a region shows it.

`light_key` is a pure function of five instants, and queries compute the same in SQL; nothing is ever recoloured by a
job. Names, colours and shapes are data (``lights:`` of `bpmn/regions/*.yaml`); a key's meaning never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from workflows.deadlines.data_files import Faults, Reader
from workflows.deadlines.explanation import Threshold
from workflows.deadlines.rule_files import read_threshold

_COLOUR = re.compile(r"^#[0-9a-f]{6}$")


class LightKey(StrEnum):
    NOT_STARTED = "not_started"
    NORMAL = "normal"
    NEAR = "near"
    OVERDUE = "overdue"
    DONE = "done"


_OPTIONAL = {LightKey.NOT_STARTED, LightKey.NEAR}  # a region with fewer levels shows these as normal


class Shape(StrEnum):
    """Drawn beside the word, so that nobody needs to see colours."""

    RING = "ring"  # dashed
    ROUND = "round"  # with a tick
    TRIANGLE = "triangle"  # with "!"
    OCTAGON = "octagon"  # filled, with "×"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Light:
    """How one level looks: its word, text colour and background, its colour in charts, and its shape."""

    key: LightKey
    name: str
    colour: str
    background: str
    chart: str
    shape: Shape


@dataclass(frozen=True)
class Lights:
    """The lights of one region. ``near`` is its threshold for rules that state none."""

    levels: Mapping[LightKey, Light]
    near: Threshold | None = None

    def show(self, key: LightKey) -> Light:
        """Return the light for ``key``; a level that this region does without shows as normal."""
        return self.levels.get(key) or self.levels[LightKey.NORMAL]


def plain_lights() -> Lights:
    """Return lights without looks, for a city whose files tell none: the key as word, the colours of the text."""
    levels = {key: Light(key, key.value, "currentcolor", "transparent", "currentcolor", Shape.RING) for key in LightKey}
    return Lights(levels)


def light_key(
    started_at: datetime | None,
    near_at: datetime | None,
    due_at: datetime | None,
    done_at: datetime | None,
    now: datetime,
) -> LightKey:
    """Tell the state at ``now``. ``due_at`` is exclusive: at that very instant the limit is overdue.

    Work without a limit, or whose clock stands (``due_at`` None), is normal.
    """
    if done_at is not None and done_at <= now:
        return LightKey.DONE
    if started_at is None or started_at > now:
        return LightKey.NOT_STARTED
    if due_at is None:
        return LightKey.NORMAL
    if due_at <= now:
        return LightKey.OVERDUE
    if near_at is not None and near_at <= now and near_at != due_at:
        return LightKey.NEAR
    return LightKey.NORMAL


def read_lights(data: Any, *, over: Lights | None = None, file: str = "region") -> Lights:
    """Return the lights that the ``lights`` section of a region file tells, or raise `DataFaultsError`.

    With ``over`` (the default region's lights) a region names only what it does otherwise; ``near: null`` under
    ``levels`` takes a level away.
    """
    faults = Faults(file)
    reader = Reader(data, "lights", faults)
    near = read_threshold(reader.mapping("near")) or (over.near if over else None)
    levels = dict(over.levels) if over else {}
    section = reader.mapping("levels")
    for name, value in section.fields() if section else ():
        _read_level(name, value, levels, faults)
    reader.close()
    for key in LightKey:
        if key not in levels and key not in _OPTIONAL:
            faults.add(
                f"lights.levels.{key}", "missing", f"Expected the level {key}, but it is missing.", level=key.value
            )
    faults.check()
    return Lights(levels, near)


def _read_level(name: str, value: Any, levels: dict[LightKey, Light], faults: Faults) -> None:
    path = f"lights.levels.{name}"
    if name not in {key.value for key in LightKey}:
        faults.add(
            path,
            "unknown-value",
            f"Expected one of {', '.join(LightKey)}, but found {name!r}.",
            value=name,
            allowed=", ".join(LightKey),
        )
        return
    key = LightKey(name)
    if value is None and key in _OPTIONAL:
        levels.pop(key, None)
        return
    before = levels.get(key)
    reader = Reader(value, path, faults)
    shape = reader.choice("shape", {shape.value: shape for shape in Shape}, *_default(before, "shape"))
    light = Light(
        key,
        name=reader.text("name", *_default(before, "name")),
        colour=_colour(reader, "colour", before),
        background=_colour(reader, "background", before),
        chart=_colour(reader, "chart", before),
        shape=shape or Shape.ROUND,
    )
    reader.close()
    levels[key] = light


def _default(before: Light | None, name: str) -> tuple[str, ...]:
    return () if before is None else (str(getattr(before, name)),)


def _colour(reader: Reader, name: str, before: Light | None) -> str:
    value = reader.text(name, *_default(before, name)).lower()
    if value and not _COLOUR.match(value):
        reader.fault(
            name,
            "not-a-colour",
            f"Expected a colour of six hexadecimal digits behind a #, but found {value!r}.",
            value=value,
        )
    return value

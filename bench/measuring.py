"""How a number is measured: alternating pairs in one run, and their ratio as minimum, median and maximum.

A shared machine is noisy; two things measured one right after the other meet the same noise. So nothing here is told
in milliseconds alone: every promise is a ratio of two times of one pair.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

MILLISECONDS = 1000


@dataclass
class Times:
    """Seconds spent, on the clock on the wall and by this process."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add what the block takes."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu

    def per(self, count: int) -> Times:
        """Return what one of ``count`` took."""
        return Times(self.wall / count, self.cpu / count)


@dataclass(frozen=True)
class Spread:
    """The smallest, middle and largest of some values."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(min(values), median(values), max(values))

    def __str__(self) -> str:
        return f"{_short(self.minimum)} / {_short(self.median)} / {_short(self.maximum)}"


@dataclass(frozen=True)
class Line:
    """One result: what was measured, in which unit, over how many pairs. ``aim`` is what the house promises."""

    name: str
    unit: str
    spread: Spread
    pairs: int
    aim: str = ""


@dataclass
class Result:
    """What one benchmark found. ``facts`` are sizes and other numbers that the lines rest on."""

    name: str
    lines: list[Line] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, unit: str, values: Sequence[float], *, aim: str = "") -> None:
        """Add a line over the values of all pairs."""
        self.lines.append(Line(name, unit, Spread.of(values), len(values), aim))


def measure(work: Callable[[], object], *, clean: bool = True) -> Times:
    """Run ``work`` once and return what it took; ``clean`` first puts the garbage of what ran before out of the way."""
    if clean:
        gc.collect()
    times = Times()
    with times.running():
        work()
    return times


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are enough

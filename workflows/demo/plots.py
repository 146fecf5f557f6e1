"""Plots as inline SVG: stacked bars with their legend, readable without colour (each part carries its number)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_LABEL, _WIDE, _ROW, _BAR = 190, 620, 26, 18
_NARROWEST_WITH_NUMBER = 22


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a stack: its key in the data, what it is called, and how it looks."""

    key: str
    name: str
    fill: str
    ink: str = ""  # the page's own unless told


def stacked_bars(title: str, rows: Sequence[tuple[str, Mapping[str, int]]], parts: Sequence[Part]) -> str:
    """Return a figure of horizontal bars, one a row, on one scale."""
    most = max((sum(numbers.values()) for _, numbers in rows), default=0) or 1
    height = _ROW * len(rows) + 6
    bars = "".join(_bar(at, name, numbers, parts, most) for at, (name, numbers) in enumerate(rows))
    width = _LABEL + _WIDE + 60
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{_legend(parts)}"
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{bars}</svg></figure>'
    )


def _bar(at: int, name: str, numbers: Mapping[str, int], parts: Sequence[Part], most: int) -> str:
    top, left = at * _ROW + 4, float(_LABEL)
    middle = top + _BAR - 5
    drawn = [f'<text x="{_LABEL - 8}" y="{middle}" text-anchor="end" class="name">{escape(name)}</text>']
    for part in parts:
        number = numbers.get(part.key, 0)
        if not number:
            continue
        width = number / most * _WIDE
        hint = f"{escape(name)} · {escape(part.name)} {number}"
        drawn.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{part.fill}"'
            f"><title>{hint}</title></rect>"
        )
        if width >= _NARROWEST_WITH_NUMBER:
            ink = f' style="fill:{part.ink}"' if part.ink else ""
            place = f'x="{left + width / 2:.1f}" y="{middle}" text-anchor="middle"'
            drawn.append(f'<text {place}{ink} class="number">{number}</text>')
        left += width
    drawn.append(f'<text x="{left + 6:.1f}" y="{middle}" class="total">{sum(numbers.values())}</text>')
    return "".join(drawn)


def _legend(parts: Sequence[Part]) -> str:
    shown = "".join(f'<span><i style="background:{part.fill}"></i>{escape(part.name)}</span>' for part in parts)
    return f'<p class="legend">{shown}</p>'
